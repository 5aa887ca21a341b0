"""Whole texts written anew by a model, and brought back to edits."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UserError
from harness.perturb import rewrite
from harness.perturb.severity import perturb
from harness.text import Example, Span, Variant, example

TEXT = "Ada did not buy 12 old houses in Bergen yesterday."
SPANS = (Span(0, 3, "PER"), Span(33, 39, "LOC"))


class Said:
    """Stands for a model whose answers are known."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers

    def write(self, text: str) -> str:
        return self.answers.get(text, "")


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch):
    """Lets models say what a test wants: ``says(model={"text": "answer"})``."""

    def let(**models: dict[str, str]) -> None:
        rewrite._said.cache_clear()
        monkeypatch.setattr(rewrite, "_writer", lambda name, prompt: Said(models[name]))

    yield let
    rewrite._said.cache_clear()


def rephrased(source: Example) -> Variant:
    return perturb(source, rewrite.rephrase, 0, seed=0, options={"model": "m"})


def test_a_rewrite_comes_back_as_edits_that_carry_the_labels(says) -> None:
    """What is the same stays untouched, so that entities are found again; all edits are made, also next to each other."""
    after = "Yesterday, Ada did not purchase 12 ancient houses in Bergen!"
    says(m={TEXT: after})
    variant = rephrased(
        example("a", f"  {TEXT}\n", tuple(Span(s.start + 2, s.end + 2, s.label) for s in SPANS))
    )
    assert variant.example.text == f"  {after}\n"
    assert [variant.example.text[s.start : s.end] for s in variant.example.spans] == ["Ada", "Bergen"]
    assert variant.refusal == ""


def test_a_rewrite_that_breaks_an_entity_is_refused(says) -> None:
    """Its edits stand or fall together."""
    says(m={TEXT: "She did not buy 12 old houses in Bergen yesterday."})
    assert rephrased(example("a", TEXT, SPANS)).refusal != ""


@pytest.mark.parametrize(
    "after",
    [
        "",
        TEXT,
        "Ada did buy 12 old houses in Bergen yesterday.",
        "Ada did not buy 11 old houses in Bergen yesterday.",
        "Ada did not buy 12 old houses there yesterday.",
        "Ada did not.",
        f"{TEXT} {TEXT}",
        "The text says that " + TEXT * 3,
    ],
)
def test_a_rewrite_that_says_something_else_is_none(says, after: str) -> None:
    """Numbers, names and negations are counted, and the length is compared."""
    says(m={TEXT: after})
    assert rephrased(example("a", TEXT, "x")).noop


def test_the_question_is_rewritten_rather_than_the_context(says) -> None:
    """The context holds the answer."""
    says(m={"Who came?": "Who was it that came?", TEXT: "no"})
    source = Example("a", {"question": "Who came?", "context": TEXT}, (Span(0, 3, "Ada", "context"),))
    assert rephrased(source).example.fields == {"question": "Who was it that came?", "context": TEXT}


def test_a_translation_is_translated_back(says) -> None:
    """By two models, one after the other; if either has nothing to say, nothing changes."""
    says(en_de={"It is late.": "Es ist spät."}, de_en={"Es ist spät.": "It's late."})
    options = {"there": "en_de", "back": "de_en"}
    variant = perturb(example("a", "It is late."), rewrite.back_translation, 0, seed=0, options=options)
    assert variant.example.text == "It's late."
    assert perturb(example("a", "So."), rewrite.back_translation, 0, seed=0, options=options).noop


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({}, "there names no model"),
        ({"there": "x"}, "back names no model"),
        ({"there": "x", "back": "y", "prompts": ("a",)}, "two prompts, found 1"),
    ],
)
def test_back_translation_needs_two_models(options: dict[str, object], fault: str) -> None:
    """The fault says which one is missing."""
    with pytest.raises(UserError, match=fault):
        perturb(example("a", TEXT), rewrite.back_translation, 0, seed=0, options=options)


@pytest.mark.parametrize("text", ["", " \n", "\ud83d broken", "12 not"])
def test_real_weights_rewrite_odd_texts_or_leave_them(
    tiny_decoder: Path, tiny_seq2seq: Path, text: str
) -> None:
    """Whatever models without training say, the edits lead to it or there are none; twice the same."""
    for model in (tiny_decoder, tiny_seq2seq):
        made = [
            perturb(example("a", text), rewrite.rephrase, 0, seed=0, options={"model": str(model)})
            for _ in range(2)
        ]
        assert made[0] == made[1]


def test_relations_are_not_for_rewriting() -> None:
    """Both need weights besides the package."""
    for operator in (rewrite.rephrase, rewrite.back_translation):
        assert not operator.suits("relation")
        assert operator.needs
        assert operator.whole
