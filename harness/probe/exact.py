"""Certified continuity of a bag of words itself: replacements by synonyms that surely leave its answer as it is.

A bag of words adds up weights of words and of pairs of neighbours, so that the worst of all replacements can be
found exactly (:func:`harness.probe.bounds.worst`), without smoothing, sampling, or a chance to be wrong. Networks
of many layers would need bounds that hold for all of them (methods, section 2.11 d), which say nothing there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from harness.models.bag import Bag
from harness.models.features import TOKEN, bias, text_features
from harness.models.model import Model
from harness.prediction import HALF, Classes
from harness.probe.bounds import worst
from harness.probe.certified import certificates, swaps, throughout
from harness.probe.probe import Found, Scene, probe
from harness.probe.smoothing import THROUGHOUT, by_radius
from harness.tasks.task import Form, Task
from harness.text import words

Array = NDArray[np.float64]

SLACK = 1e-4
"""A sum of weights has to be above it, for the probabilities to differ in single precision as well."""
NOTE = "of the model itself"


def unfit(model: Model, task: Task) -> str:
    """Only a bag of words adds up."""
    if not isinstance(model, Bag):
        return "it needs a bag of words: bounds of a network of many layers are too wide to say anything"
    if task.form not in (Form.LABEL, Form.LABELS):
        return "it is about labels of texts"
    return ""


@probe(
    "bounds",
    *certificates(NOTE),
    throughout(NOTE),
    unfit=unfit,
)
def bounds(scene: Scene, *, source: str = "embedded") -> list[Found]:
    """How many words a bag of words surely lets be replaced by their synonyms.

    The radius is exact: no replacement of so many words, whichever they are, changes the answer, and some
    replacement of one more does, unless there are no more words that have synonyms. Texts without such words
    are left out, and so are those with marked arguments, whose weights depend on where words stand.

    Args:
        scene: The texts.
        source: Of synonyms, as for the operator ``synonym``: ``embedded`` or ``wordnet``.

    Raises:
        UserError: If the source is unknown or WordNet not found.
    """
    options, model = swaps(source), scene.model
    assert isinstance(model, Bag)
    found = []
    for example, said in zip(scene.examples, scene.ask(scene.examples), strict=True):
        assert isinstance(said, Classes)
        own = [
            options(segment.text[start:end])[: None if segment.place(start, end) else 1]
            for reading in scene.task.inputs(example)
            for segment in reading
            for start, end in words(segment.text)
        ]
        free = sum(len(one) > 1 for one in own)
        if example.marks or not free:
            continue
        safe = (margins(model, own, said) > SLACK).all(axis=-1)
        radius = free if safe.all() else max(int(safe.argmin()) - 1, 0)
        gold, always = not scene.task.scoring.broken(example, said), radius == free
        numbers = {"radius": float(radius), THROUGHOUT: float(always), **by_radius(radius, always, gold)}
        found.append(Found(example.id, numbers, note=f"{said.said}: radius {radius} of {free}"))
    return found


def margins(model: Bag, options: Sequence[Sequence[str]], said: Classes) -> Array:
    """By how much an answer is ahead at worst, as a sum of weights.

    Of one label, ahead of each other label; of several, how far each of them is on its side.

    Args:
        model: Its features are those of :func:`harness.models.features.text_features`.
        options: Of each word of a text, what may stand for it, first the word itself.
        said: The answer to the text.

    Returns:
        Shape ``(1 + n, rivals)``, by how many of the ``n`` words that have synonyms are replaced at most.
    """
    width, ahead = len(model.weights), _ahead(said)

    def total(features: Sequence[int]) -> Array:
        return ahead(model.weights[features].astype(float).sum(axis=0))

    @cache
    def alone(word: str) -> Array:
        return total(text_features(word, width)[1:])

    @cache
    def joined(word: str, following: str) -> Array:
        pair = f"{TOKEN.findall(word)[-1]} {TOKEN.findall(following)[0]}"
        return total(text_features(pair, width)[-1:])

    single = [np.stack([alone(word) for word in own]) for own in options]
    single[0] = single[0] + total([bias(width)])
    double = [
        np.stack([[joined(word, other) for other in following] for word in own])
        for own, following in pairwise(options)
    ]
    return worst(single, double)


def _ahead(said: Classes) -> Callable[[Array], Array]:
    """What makes margins of the scores of all labels."""
    if said.exclusive:
        best = int(said.probabilities.argmax())
        return lambda scores: scores[best] - np.delete(scores, best)
    side = np.where(said.probabilities > HALF, 1.0, -1.0)
    return lambda scores: scores * side
