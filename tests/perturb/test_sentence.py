"""Sentences that have nothing to do with the rest."""

from __future__ import annotations

from harness.perturb import sentence
from harness.perturb.severity import perturb
from harness.perturb.sites import lines, negates
from harness.text import Example, Span, example


def test_a_distractor_leaves_the_text_and_its_labels_as_they_were() -> None:
    """The old text is the end or the beginning of the new one, and entities are found in their place."""
    source = example("a", "Ada met Bob", (Span(0, 3, "PER"), Span(8, 11, "PER")))
    before = perturb(source, sentence.prefix_distractor, 0, seed=0).example
    after = perturb(source, sentence.suffix_distractor, 0, seed=0).example
    assert before.text.endswith(". Ada met Bob")
    assert after.text.startswith("Ada met Bob. ")
    for variant in (before, after):
        assert [variant.text[s.start : s.end] for s in variant.spans] == ["Ada", "Bob"]


def test_a_distractor_joins_the_longest_field() -> None:
    """It comes into the context of a question, not into the question."""
    source = Example("a", {"question": "Who?", "context": "It was she, they said."})
    variant = perturb(source, sentence.suffix_distractor, 0, seed=0)
    assert [edit.field for edit in variant.edits] == ["context"]
    assert variant.example.fields["context"].startswith("It was she, they said. ")


def test_the_bank_is_free_of_names_numbers_and_negations() -> None:
    """Only the first letter of a sentence is a capital; nothing in it is denied or counted."""
    bank = lines("distractors")
    assert len(set(bank)) >= 20
    for line in bank:
        assert line.endswith(".")
        assert line[1:] == line[1:].lower()
        assert not any(c.isdigit() for c in line)
        assert not any(negates(word) for word in line.split())
