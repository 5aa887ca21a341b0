"""Certified continuity: what is thinned out, what is certified, and that no edit within the radius overturns it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from harness.errors import UserError
from harness.inference import predict
from harness.models.function import Function
from harness.probe.certificates import deletion_radius, lower_bound, masking_radius
from harness.probe.certified import deletion, masking, synonyms, unfit
from harness.probe.probe import Scene
from harness.tasks import classification, multilabel, ner, qa, relation
from harness.text import Example, Span, example
from tests.explain.forms import EXAMPLES, TASKS

PROBES = pytest.mark.parametrize("probe", [deletion, masking], ids=lambda one: one.name)
LABELS = ("negative", "positive")


def tone(text: str) -> str:
    """Negative if more words are bad than good."""
    return "negative" if text.split().count("bad") > text.split().count("good") else "positive"


def scene(says, examples, task=classification.TASK, labels=LABELS, seed=0) -> Scene:
    """Of a black box that answers each input by itself."""
    return Scene(
        Function(lambda inputs: [says(one) for one in inputs], labels, task), task, examples, {}, seed
    )


def names(text: str) -> list[tuple[int, int, str]]:
    """Finds ``Bob``, and ``New York`` where ``in`` stands before it."""
    found = [(text.index("Bob"), text.index("Bob") + 3, "PER")] if "Bob" in text else []
    at = text.find("in New York")
    return [*found, (at + 3, at + 11, "LOC")] if at >= 0 else found


NER = ner.labels([Example("x", {"text": "a b"}, (Span(0, 1, "PER"), Span(2, 3, "LOC")))])
SENTENCE = "Today  Bob went from his house to an office in New York, they say."
PER, LOC = Span(7, 10, "PER"), Span(SENTENCE.index("New"), SENTENCE.index("New") + 8, "LOC")


@PROBES
def test_an_answer_that_never_changes_has_the_radius_of_certainty(probe):
    """All of 100 samples say the same: mu = .001 ** .01."""
    (found,) = probe.function(
        scene(lambda _: "positive", [example("a", "one two three four", "positive")]), samples=100
    )
    mu = lower_bound(100, 100, 0.001)
    radius = {"deletion": deletion_radius(mu, 0.8), "masking": masking_radius(mu, 4, 1)}[probe.name]
    assert radius >= 1
    assert found.values["radius"] == radius
    assert [found.values[f"consistent {r}"] for r in range(6)] == [float(r <= radius) for r in range(6)]
    assert [found.values[f"accurate {r}"] for r in range(6)] == [float(r <= radius) for r in range(6)]
    assert (found.values["abstained"], found.values["right"]) == (0, 1)


@PROBES
def test_a_sure_answer_that_is_wrong_is_consistent_but_not_accurate(probe):
    """Consistency does not look at gold."""
    (found,) = probe.function(scene(lambda _: "positive", [example("a", "one two three four", "negative")]))
    assert found.values["consistent 1"] == 1
    assert found.values["accurate 0"] == found.values["right"] == 0


@PROBES
def test_what_no_answer_has_half_of_the_samples_for_is_abstained_from(probe):
    """Three answers that are about equally likely: none is certified, not even for the text itself."""
    labels = ("a", "b", "c")
    box = scene(
        lambda text: labels[hash_of(text) % 3], [example("x", "k l m n o p q r s t", "a")], labels=labels
    )
    (found,) = probe.function(box, rate=0.5)
    assert found.values["abstained"] == 1
    assert found.values["radius"] == found.values["consistent 0"] == found.values["accurate 0"] == 0


def hash_of(text: str) -> int:
    """Of characters, the same in all processes."""
    return sum(at * ord(one) for at, one in enumerate(text, 1))


@pytest.mark.parametrize("text", ["good so bad so", "so so bad", "good good bad", "good so so"])
def test_no_edit_within_the_radius_of_deletion_overturns_the_smoothed_answer(text):
    """Against the exact share of every text that so many edits can make of it."""
    rate = 0.8
    (found,) = deletion.function(scene(tone, [example("a", text, "positive")]), rate=rate, samples=2000)
    answer, radius = found.note.partition(":")[0], int(found.values["radius"])
    assert radius >= 1
    for edited in _edited(tuple(text.split()), radius):
        share = sum(
            rate ** (len(edited) - sum(kept)) * (1 - rate) ** sum(kept)
            for kept in itertools.product((0, 1), repeat=len(edited))
            if tone(" ".join(itertools.compress(edited, kept))) == answer
        )
        assert share > 0.5


def test_who_only_puts_in_or_takes_out_is_withstood_for_longer():
    """Of a text of one mind; no more words can be taken out than there are."""
    found = {}
    for text in ("good good good", " ".join(["good"] * 30)):
        (one,) = deletion.function(scene(tone, [example("a", text, "positive")]), rate=0.9, samples=1000)
        found[text] = one.values
    long, short = found.pop(" ".join(["good"] * 30)), found.popitem()[1]
    assert 0 < long["radius"] <= long["inserted"] < long["removed"]
    assert short["removed"] <= 3


def _edited(text: tuple[str, ...], edits: int) -> set[tuple[str, ...]]:
    """All that up to so many insertions, deletions and replacements make of a text."""
    reached = {text}
    for _ in range(edits):
        for one in list(reached):
            for at in range(len(one) + 1):
                reached |= {(*one[:at], word, *one[at:]) for word in ("good", "bad")}
                reached |= {(*one[:at], *rest, *one[at + 1 :]) for rest in ((), ("good",), ("bad",))}
    return reached


@PROBES
def test_an_entity_is_looked_for_where_its_words_have_come_to_lie(probe):
    """One that does not need its context is always found; one that needs it seldom."""
    box = scene(names, [Example("a", {"text": SENTENCE}, (PER,))], ner.TASK, NER)
    one, other = sorted(probe.function(box), key=lambda found: found.note, reverse=True)
    assert one.note.startswith("PER [7, 10): radius")
    assert one.values["accurate 1"] == one.values["right"] == 1
    assert other.note.startswith("LOC")
    assert other.values["abstained"] == 1
    assert np.isnan(other.values["right"]), "the smoothed model does not say it"


@PROBES
def test_the_words_of_an_entity_are_never_taken_away(probe):
    """Nor the marks that cling to them."""
    seen: list[str] = []

    def says(text: str) -> list[tuple[int, int, str]]:
        seen.append(text)
        return [(text.index("New York"), text.index("New York") + 8, "LOC")]

    (found,) = probe.function(scene(says, [Example("a", {"text": SENTENCE}, (LOC,))], ner.TASK, NER))
    assert len(seen) > 20
    assert all("New York," in text for text in seen)
    assert found.values["accurate 1"] == 1


def test_words_of_one_circle_of_synonyms_may_be_swapped_at_will():
    """What is drawn stays the same whichever of them stands there: nothing that a swap could change."""
    seen: list[str] = []

    def says(text: str) -> str:
        seen.append(text)
        return "positive"

    (found,) = synonyms.function(scene(says, [example("a", "they buy a car", "positive")]))
    assert "they purchase a car" in seen
    assert all(text.startswith("they ") for text in seen)
    assert found.values["throughout"] == found.values["consistent 5"] == found.values["accurate 5"] == 1
    assert found.values["radius"] == len(
        [word for word in ["they", "buy", "a", "car"] if _varies(word, seen)]
    )


def _varies(word: str, seen: list[str]) -> bool:
    """Whether a word was drawn anew in any of the texts."""
    at = ["they", "buy", "a", "car"].index(word)
    return len({text.split()[at] for text in seen}) > 1


def test_an_answer_that_hangs_on_a_word_is_abstained_from_under_its_synonyms():
    """Said of half of the texts only."""
    (found,) = synonyms.function(
        scene(
            lambda text: "negative" if "purchase" in text else "positive",
            [example("a", "they buy it", "positive")],
        )
    )
    assert found.values["abstained"] == 1
    assert found.values["throughout"] == found.values["consistent 0"] == 0


def test_texts_without_synonyms_and_sources_that_are_not_known_are_told_apart():
    """The first have nothing to certify, the second are a mistake."""
    assert not synonyms.function(scene(tone, [example("a", "qwrt zxcv", "positive")]))
    with pytest.raises(UserError, match="unknown source of words 'wordnot'"):
        synonyms.function(scene(tone, []), source="wordnot")


def test_an_entity_without_context_has_nothing_to_certify():
    """No word can be edited but its own, so that there is no number for it."""
    assert not masking.function(scene(names, [Example("a", {"text": "Bob"})], ner.TASK, NER))


@PROBES
def test_the_arguments_of_a_relation_stay_and_their_marks_with_them(probe):
    """A relation is asked for between the same two words, wherever they are then."""
    text = "alice met bob in rome"
    marks = (Span(0, 5, "head"), Span(10, 13, "tail"))

    def says(asked) -> str:
        head, tail = (asked["text"][mark["start"] : mark["end"]] for mark in asked["marks"])
        assert (head, tail) == ("alice", "bob")
        return "met"

    one = Example("a", {"text": text}, "met", marks=marks)
    (found,) = probe.function(scene(says, [one], relation.TASK, ("met", "none")))
    assert found.values["accurate 1"] == 1


@PROBES
def test_several_labels_are_certified_as_one_answer(probe):
    """The set as a whole stays, or it does not."""
    one = Example("a", {"text": "one two three four"}, ("x", "y"))
    (found,) = probe.function(scene(lambda _: ["x", "y"], [one], multilabel.TASK, ("x", "y", "z")))
    assert found.values["accurate 1"] == 1
    assert found.note.startswith("x + y")


@PROBES
def test_all_fields_that_are_read_are_thinned_out(probe):
    """A pair is one sequence of words to the certificate, whichever of the texts they stand in."""
    seen: list[dict[str, str]] = []

    def says(asked: dict[str, str]) -> str:
        seen.append(asked)
        return "negative"

    probe.function(scene(says, [Example("a", {"first": "one two", "second": "three four"}, "negative")]))
    assert len({asked["first"] for asked in seen}) > 1
    assert len({asked["second"] for asked in seen}) > 1


@PROBES
def test_what_is_found_of_a_text_depends_on_no_other_text(probe):
    """Each has draws of its own."""
    texts = [example(str(at), f"good bad bad {'so ' * at}", "negative") for at in range(4)]
    together = probe.function(scene(tone, texts))
    alone = [probe.function(scene(tone, [one]))[0] for one in reversed(texts)]
    assert together == alone[::-1]


@PROBES
def test_how_words_are_spaced_does_not_count(probe):
    """Otherwise a space more would be an edit that nothing is certified against."""
    text = "good bad bad so bad"
    spaced = example("a", text.replace(" ", "\n  "), "negative")
    assert probe.function(scene(tone, [example("a", text, "negative")])) == probe.function(
        scene(tone, [spaced])
    )


def test_the_answer_is_chosen_by_samples_that_do_not_certify_it():
    """The model says one thing on the samples that choose, and another on those that certify."""
    one = example("a", " ".join(f"w{at}" for at in range(40)), "negative")
    asked: list[int] = []

    def says(texts: list[str]) -> list[str]:
        first = not asked
        asked.append(len(texts))
        return ["negative" if first and at < 50 else "positive" for at, _ in enumerate(texts)]

    class Plain(Scene):
        def ask(self, examples):
            return [
                classification.answer(e, s, LABELS)
                for e, s in zip(examples, says([e.text for e in examples]), strict=True)
            ]

    (found,) = deletion.function(
        Plain(Function(lambda _: [], LABELS, classification.TASK), classification.TASK, [one], {}, 0)
    )
    assert found.note.startswith("negative: abstained, share above 0.000")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"rate": 1.0}, "rate"),
        ({"rate": 0.0}, "rate"),
        ({"samples": 0}, "samples"),
        ({"alpha": 1.5}, "alpha"),
    ],
)
def test_an_option_out_of_range_is_refused(options, word):
    """The message names it and what was found."""
    with pytest.raises(UserError, match=rf"{word}: .*found {options[word]}"):
        deletion.function(scene(tone, [example("a", "good", "positive")]), **options)


def test_answers_in_a_text_and_texts_are_not_certified():
    """It says so before anything is asked."""
    box = scene(tone, []).model
    assert unfit(box, qa.TASK)
    assert not unfit(box, classification.TASK)
    assert not unfit(box, replace(ner.TASK))


@PROBES
@pytest.mark.parametrize("name", sorted(set(TASKS) - {"answer"}))
def test_a_tiny_transformer_is_asked_about_texts_of_which_nothing_is_left(probe, name, tiny):
    """Of every form that can be certified; an empty text has an answer too."""
    model, one = tiny(name), EXAMPLES[name]
    found = probe.function(Scene(model, TASKS[name], [one], {}, 0), rate=0.95, samples=20)
    assert len(found) == (len(predict(model, [one])[0].spans) if name == "ner" else 1) > 0
    assert all(np.isfinite(item.values["radius"]) for item in found)
