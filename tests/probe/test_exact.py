"""What synonyms cannot change of a bag of words: certificates against all replacements that there are."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from harness.errors import UserError
from harness.inference import predict
from harness.models.bag import Bag
from harness.models.features import text_features
from harness.probe.certified import swaps
from harness.probe.exact import bounds
from harness.probe.probe import Scene
from harness.tasks import classification, multilabel, ner
from harness.text import Example, example

WIDTH = 1 << 12
SENTENCES = (
    "They buy a big car and shout.",
    "Big clever dogs: they choose what annoyed them!",
    "we recall, and reveal, huge things",
)
CASES = [
    (task, labels, seed)
    for task, labels in (
        (classification.TASK, ("negative", "positive")),
        (classification.TASK, ("a", "b", "c")),
        (multilabel.TASK, ("a", "b")),
    )
    for seed in range(4)
]


def bag(task=classification.TASK, labels=("negative", "positive"), seed: int | None = 0) -> Bag:
    """With weights at random; without a seed they are all 0."""
    shape = WIDTH, len(labels)
    weights = np.zeros(shape) if seed is None else np.random.default_rng(seed).standard_normal(shape)
    return Bag(weights.astype(np.float32), labels, task)


def certified(model: Bag, *texts: Example):
    """What the probe finds."""
    return bounds.function(Scene(model, model.task, texts, {}, 0))


def replaced(text: str) -> list[tuple[int, str]]:
    """All texts that synonyms make of one, and how many words were replaced."""
    options = [swaps("embedded")(word) for word in text.split()]
    return [
        (sum(pick > 0 for pick in picks), " ".join(own[at] for own, at in zip(options, picks, strict=True)))
        for picks in itertools.product(*(range(len(own)) for own in options))
    ]


@pytest.mark.parametrize(("task", "labels", "seed"), CASES)
@pytest.mark.parametrize("text", SENTENCES)
def test_a_radius_is_the_most_words_that_no_replacement_turns(text, task, labels, seed):
    """Of all texts that synonyms make, none within the radius is answered otherwise, and one just beyond it is."""
    model = bag(task, labels, seed)
    (found,) = certified(model, example("a", text, ("a",) if task is multilabel.TASK else labels[0]))
    before, *said = predict(model, [example("a", text), *(example("b", one) for _, one in replaced(text))])
    turned = [
        many for (many, _), one in zip(replaced(text), said, strict=True) if one.chosen != before.chosen
    ]
    free = max(many for many, _ in replaced(text))
    assert found.values["radius"] == min(turned, default=free + 1) - 1
    assert found.values["throughout"] == (not turned)
    assert [found.values[f"consistent {r}"] for r in range(6)] == [
        float(not turned or r < min(turned)) for r in range(6)
    ]


def test_cases_are_of_both_kinds():
    """Some answers are turned by few words, some by none: the test above has something to find."""
    radii = {
        (found.values["radius"], found.values["throughout"])
        for task, labels, seed in CASES
        for text in SENTENCES
        for found in certified(
            bag(task, labels, seed), example("a", text, labels[0] if task is not multilabel.TASK else ("a",))
        )
    }
    assert {0.0, 1.0} <= {radius for radius, whole in radii if not whole}
    assert any(whole for _, whole in radii)


def test_accuracy_asks_whether_the_answer_is_right():
    """An answer that surely stays but is wrong is consistent, and not accurate."""
    model = bag(seed=None)
    model.weights[text_features("they", WIDTH)[1], 1] = 5.0  # only "they" counts, which has no synonym
    right, wrong = certified(
        model, example("a", "they buy it", "positive"), example("b", "they buy it", "negative")
    )
    assert [right.values[f"{kind} 1"] for kind in ("consistent", "accurate")] == [1, 1]
    assert [wrong.values[f"{kind} 1"] for kind in ("consistent", "accurate")] == [1, 0]
    assert right.values["radius"] == right.values["throughout"] == 1
    assert right.note == "positive: radius 1 of 1"


def test_a_tie_is_not_certain():
    """Both labels are equally likely, so that rounding may turn any other text."""
    (found,) = certified(bag(seed=None), example("a", "they buy it", "negative"))
    assert (found.values["radius"], found.values["throughout"], found.values["consistent 0"]) == (0, 0, 1)


def test_texts_without_synonyms_and_sources_that_are_not_known_are_told_apart():
    """The first have nothing to certify, the second are a mistake."""
    assert not certified(bag(), example("a", "qwrt zxcv", "negative"))
    with pytest.raises(UserError, match="unknown source of words 'wordnot'"):
        bounds.function(Scene(bag(), classification.TASK, [], {}, 0), source="wordnot")


def test_words_of_all_fields_may_be_replaced_but_none_that_the_task_adds():
    """The names of speakers are no part of what is said, even if they have synonyms."""
    talk = Example("a", {"first": "they buy it", "01 big": "we shout", "02 huge": "so what"}, "negative")
    (found,) = certified(bag(), talk)
    assert found.note.endswith("of 2")


def test_only_labels_of_a_bag_of_words_are_certified(tiny):
    """It says what would be needed, and why networks are not looked at."""
    assert "too wide to say anything" in bounds.unfit(tiny("classification"), classification.TASK)
    assert bounds.unfit(bag(ner.TASK), ner.TASK) == "it is about labels of texts"
    assert not bounds.unfit(bag(), classification.TASK)
