"""Questions of the embedded world: answers lie where they are said to lie, and some are not there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import pytest

from harness.data.world import COLLECTIONS
from harness.data.world.qa import ASKED, QUESTIONS
from harness.text import Example

Read = Callable[..., Sequence[Example]]
SPLITS = COLLECTIONS["world/qa"].splits


@pytest.mark.parametrize("split", SPLITS)
def test_answers_are_cut_out_of_the_paragraph(split: str, read: Read) -> None:
    """A span's label is the text at its place; the forms of one answer differ and lie on whole words."""
    for one in read("world/qa", split, 120):
        context = one.fields["context"]
        for span in one.spans:
            assert (span.field, context[span.start : span.end]) == ("context", span.label)
            assert not (context[: span.start][-1:] + context[span.end :][:1]).strip(" .,").isalnum()
        assert len({span.label for span in one.spans}) == len(one.spans)


@pytest.mark.parametrize("split", SPLITS)
def test_a_quarter_has_no_answer(split: str, read: Read) -> None:
    """Every kind of question is asked, and of each kind some have no answer where that is possible."""
    examples = read("world/qa", split, 300)
    assert 0.18 <= sum(not one.spans for one in examples) / len(examples) <= 0.34
    assert {one.meta["kind"] for one in examples} == {f"{kind}-{asked}" for kind, asked, _ in ASKED}
    assert all((one.meta["answerable"] == "yes") is bool(one.spans) for one in examples)


@pytest.mark.parametrize(
    ("kind", "unit"), [("staff-staff", " people"), ("makes-cost", " euros"), ("bought-price", " million")]
)
def test_what_is_not_told_of_one_is_told_of_another(kind: str, unit: str, read: Read) -> None:
    """Where a question has no answer, the paragraph mostly holds one to the same about another firm."""
    open_ = [one for one in read("world/qa") if one.meta["kind"] == kind and not one.spans]
    assert len(open_) >= 10
    assert sum(unit in one.fields["context"] for one in open_) >= 0.65 * len(open_)


def test_a_paragraph_holds_other_names_besides_the_answer(read: Read) -> None:
    """In many paragraphs that say what something costs, where it is or when it was, another is named too."""
    examples = [one for one in read("world/qa") if one.spans and one.meta["kind"] == "makes-cost"]
    assert len(examples) >= 100
    assert sum(one.fields["context"].count(" euros") > 1 for one in examples) >= 0.3 * len(examples)


def test_full_and_short_forms_are_both_right(read: Read) -> None:
    """People, firms, products, dates and numbers of people are right in a short form, too."""
    short = Counter(one.meta["kind"] for one in read("world/qa") if len(one.spans) > 1)
    assert {
        "founded-founder",
        "bought-target",
        "makes-product",
        "launch-launched",
        "staff-staff",
    } <= short.keys()


def test_questions_about_one_paragraph_differ(read: Read) -> None:
    """A group is a paragraph with three questions."""
    asked = defaultdict(list)
    for one in read("world/qa")[: 300 * QUESTIONS]:
        asked[one.fields["context"]].append((one.group, one.fields["question"]))
    assert all(len(many) == len(set(many)) == QUESTIONS for many in asked.values())
    assert all(len({group for group, _ in many}) == 1 for many in asked.values())


def test_longer_paragraphs_are_longer(read: Read) -> None:
    """About seven sentences in training, about fifteen in the shift."""
    sizes = {
        split: [len(one.fields["context"].split()) for one in read("world/qa", split, 120)]
        for split in ("train", "longer")
    }
    assert max(sizes["train"]) < 120
    assert sum(sizes["longer"]) >= 1.8 * sum(sizes["train"])


def test_the_same_name_has_the_same_numbers_everywhere(read: Read) -> None:
    """A firm is as old in one paragraph as in the next."""
    years = defaultdict(set)
    for one in read("world/qa"):
        if one.meta["kind"] == "founded-year" and one.spans and "when was" in one.fields["question"].lower():
            years[one.fields["question"]].add(one.spans[0].label)
    assert len(years) >= 20
    assert all(len(many) == 1 for many in years.values())
