"""Sentences put in, said twice, moved and cut off, and other examples behind one."""

from __future__ import annotations

import pytest

from harness.errors import UserError
from harness.perturb import sentence
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.perturb.sites import lines, negates
from harness.text import Edit, Example, Span, Variant, example

STORY = "The sun rose. Ada met Bob. They had tea. It rained."
NAMED = example("a", STORY, (Span(14, 17, "PER"), Span(22, 25, "PER")))
ASKED = Example(
    "q",
    {"question": "Who met Bob?", "context": STORY},
    (Span(14, 17, "Ada", "context"),),
    group="one",
)


def vary(source: Example, operator: Operator, severity: int = 0, draw: int = 0, **more: object) -> Variant:
    return perturb(source, operator, severity, seed=0, draw=draw, **more)  # type: ignore[arg-type]


def surfaces(one: Example) -> list[str]:
    return [one.fields[s.field][s.start : s.end] for s in one.spans]


def test_a_distractor_leaves_the_text_and_its_labels_as_they_were() -> None:
    """The old text is the end or the beginning of the new one, and entities are found in their place."""
    source = example("a", "Ada met Bob", (Span(0, 3, "PER"), Span(8, 11, "PER")))
    before = vary(source, sentence.prefix_distractor).example
    after = vary(source, sentence.suffix_distractor).example
    assert before.text.endswith(". Ada met Bob")
    assert after.text.startswith("Ada met Bob. ")
    assert surfaces(before) == surfaces(after) == ["Ada", "Bob"]


def test_a_distractor_joins_the_longest_field() -> None:
    """It comes into the context of a question, not into the question."""
    variant = vary(ASKED, sentence.suffix_distractor)
    assert [edit.field for edit in variant.edits] == ["context"]
    assert variant.example.fields["context"].startswith(f"{STORY} ")


def test_an_infix_stands_between_two_sentences() -> None:
    """Anywhere between the first and the last, where a sentence has ended; never in a single one."""
    seen = set()
    for draw in range(20):
        (edit,) = vary(NAMED, sentence.infix_distractor, draw=draw).edits
        assert edit.text.strip() in lines("distractors")
        seen.add(edit.start)
    assert seen == {13, 26, 40}
    assert vary(example("a", "Only one here."), sentence.infix_distractor).noop
    assert vary(example("a", "A heading\n\nA text."), sentence.infix_distractor).noop


def test_boilerplate_stands_on_a_line_of_its_own() -> None:
    """Before or after the text, as its line in the bank says."""
    bank = {tuple(line.split(": ", 1)) for line in lines("boilerplate")}
    for draw in range(30):
        variant = vary(NAMED, sentence.boilerplate, draw=draw)
        before, old, after = variant.example.text.partition(STORY)
        assert old
        assert ("before", before.strip()) in bank or ("after", after.strip()) in bank
        assert surfaces(variant.example) == ["Ada", "Bob"]


@pytest.mark.parametrize("name", ["distractors", "boilerplate"])
def test_the_banks_are_free_of_numbers_and_negations(name: str) -> None:
    """Nothing in them is denied or counted."""
    assert len(set(lines(name))) >= 20
    for line in lines(name):
        assert not any(c.isdigit() for c in line)
        assert not any(negates(word) for word in line.split())


def test_distractors_are_free_of_names() -> None:
    """Only the first letter of a sentence is a capital."""
    for line in lines("distractors"):
        assert line.endswith(".")
        assert line[1:] == line[1:].lower()


def test_a_sentence_with_an_entity_is_not_said_twice() -> None:
    """Its double would hold an entity that the gold does not know."""
    said = {e.text for draw in range(20) for e in vary(NAMED, sentence.duplicate_sentence, 5, draw).edits}
    assert said == {" The sun rose.", " They had tea.", " It rained."}


def test_a_double_follows_its_sentence() -> None:
    """A sentence without an end gets one first, and scripts without spaces no space."""
    assert vary(example("a", "So it is"), sentence.duplicate_sentence, 5, 3).example.text in (
        "So it is",
        "So it is. So it is",
    )
    edits = list(sentence.duplicate_sentence.function(example("a", "そうです。"), _rng()))
    assert edits == [Edit(5, 5, "そうです。")]


def _rng() -> object:
    from harness.rng import Random

    return Random(0)


def test_sentences_that_hold_no_entity_change_places() -> None:
    """All others come back in another order; what holds gold spans stays where it is in the order."""
    for draw in range(20):
        variant = vary(NAMED, sentence.sentence_shuffle, draw=draw)
        parts = variant.example.text.split(". ")
        assert parts[1] == "Ada met Bob"
        assert sorted(variant.example.text.rstrip(".").split(". ")) == sorted(STORY.rstrip(".").split(". "))
        assert variant.example.text != STORY
        assert surfaces(variant.example) == ["Ada", "Bob"]


def test_sentences_without_a_gap_change_places_in_one_edit() -> None:
    """Of edits that touch each other only one would be made, and a sentence would be lost."""
    text = "一つ。二つ。三つ。"
    for draw in range(10):
        after = vary(example("a", text), sentence.sentence_shuffle, draw=draw).example.text
        assert sorted(after) == sorted(text)
        assert after != text


def test_a_text_is_cut_behind_its_last_entity() -> None:
    """A share of the words goes, but never a gold span, nor the sentence that answers a question."""
    assert vary(NAMED, sentence.truncate).example.text == "The sun rose. Ada met Bob. They had tea."
    assert (
        vary(NAMED, sentence.truncate, options={"share": 0.99}).example.text == "The sun rose. Ada met Bob."
    )
    late = example("a", STORY, (Span(41, 43, "X"),))
    assert vary(late, sentence.truncate, options={"share": 0.5}).example.text == f"{STORY[:43]}"
    variant = vary(ASKED, sentence.truncate, options={"share": 0.99})
    assert variant.example.fields["context"] == "The sun rose. Ada met Bob."
    assert vary(example("a", "Short."), sentence.truncate).noop


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, 2.0])
def test_a_share_lies_between_nothing_and_all(share: float) -> None:
    """The fault names what was found."""
    with pytest.raises(UserError, match=f"between 0 and 1, found {share}"):
        vary(NAMED, sentence.truncate, options={"share": share})


def test_an_example_of_the_same_label_is_appended() -> None:
    """Of a data set with two labels, only those with the same one, and never the example itself."""
    peers = [example(str(at), f"Text {at}.", "good" if at % 2 else "bad") for at in range(10)]
    added = {vary(peers[1], sentence.concatenate, draw=d, peers=peers).example.text for d in range(50)}
    assert added - {"Text 1."} == {f"Text 1. Text {at}." for at in (3, 5, 7, 9)}


def test_the_labels_of_an_example_of_several_are_the_same() -> None:
    """Whatever their order."""
    peers = [
        example("a", "One", ("x", "y")),
        example("b", "Two", ("y", "x")),
        example("c", "Three", ("x",)),
        example("d", "Four", ()),
    ]
    texts = {vary(peers[0], sentence.concatenate, draw=d, peers=peers).example.text for d in range(20)}
    assert texts == {"One", "One. Two"}


def test_what_is_appended_to_entities_holds_none() -> None:
    """Peers with gold spans are left out, so that all entities of the result are known."""
    peers = [NAMED, example("b", "It snowed.", ()), example("c", "Bob sang.", (Span(0, 3, "PER"),))]
    texts = {vary(NAMED, sentence.concatenate, draw=d, peers=peers).example.text for d in range(20)}
    assert texts == {f"{STORY} It snowed."}


def test_a_context_is_joined_by_one_of_another_group_without_the_answer() -> None:
    """The same article and paragraphs that hold the answer, in any casing, are not appended."""
    others = {
        "same group": ("one", "It is late."),
        "answer": ("two", "ADA is here."),
        "fine": ("two", "It is old."),
    }
    peers = [ASKED] + [
        Example(name, {"question": "Who?", "context": text}, (), group=group)
        for name, (group, text) in others.items()
    ]
    found = {
        vary(ASKED, sentence.concatenate, draw=d, peers=peers, alternatives=True).example.fields["context"]
        for d in range(20)
    }
    assert found <= {STORY, f"{STORY} It is old."}
    assert f"{STORY} It is old." in found
    assert vary(Example("n", ASKED.fields, ()), sentence.concatenate, peers=peers).noop


def test_pairs_and_lone_examples_are_left_alone() -> None:
    """Nobody knows how a longer text relates to the other of its pair, and one label may have one example."""
    pair = Example("a", {"premise": "It rains.", "hypothesis": "It is wet."}, "entailment")
    assert vary(pair, sentence.concatenate, peers=[pair, pair]).noop
    assert vary(example("a", "One", "x"), sentence.concatenate, peers=[]).noop


def test_tasks_that_would_become_untrue_are_ruled_out() -> None:
    """A translation follows what is put in, an order of events does not, and an end may be the point."""
    assert not any(one.suits("translation") for one in vars(sentence).values() if isinstance(one, Operator))
    assert not any(
        sentence.sentence_shuffle.suits(task) for task in ("relation", "summarization", "dialogue")
    )
    assert sentence.truncate.suits("ner")
    assert not sentence.truncate.suits("classification")
    assert not sentence.concatenate.suits("response")
