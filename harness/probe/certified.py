"""Certified continuity of the smoothed model: how many edits of words surely leave an answer as it is.

A smoothed model says what a model says most often of a text whose words are deleted, masked or drawn anew at
random. Its certificates (:mod:`harness.probe.certificates`) hold for any model, as nothing is asked of it but
its answers. They say nothing about the model by itself, and each may be wrong with probability ``alpha``.

What is certified:

- Of labels (one, several, or the best candidate): that the smoothed answer stays the same. Words are those
  between white space of all fields that are read; the words of marked arguments are never touched.
- Of entities: that one which the model finds in the text is still found in most cases, with its label and
  exactly its words. Its own words are never touched, and edits are of the words around it. Nothing is said
  about entities that are not found, nor about edits of the entity.

A word that is replaced is replaced by one word, and how words are spaced does not count.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import inf

import numpy as np

from harness.errors import Fault, UserError
from harness.explain.ask import blank
from harness.models.model import Model
from harness.perturb import thesaurus
from harness.probe.certificates import (
    deletion_radius,
    insertion_radius,
    masking_radius,
    overlap,
    removal_radius,
    swap_radius,
)
from harness.probe.probe import Found, Reading, Scene, probe
from harness.probe.smoothing import RADII, THROUGHOUT, Ints, Mechanism, certify
from harness.tasks.task import Form, Task


def unfit(model: Model, task: Task) -> str:
    """Certificates are for answers out of a few, and for entities."""
    if task.form in (Form.ANSWER, Form.TEXT):
        return "labels and entities are certified; what is picked from a text or written is not"
    return ""


NOTE = "of the smoothed model"


def certificates(note: str) -> tuple[Reading, ...]:
    """What is read off of radii: the share of texts for each of them, their mean and their median."""
    return (
        *(
            Reading(
                measure, f"{column} {radius}", condition={"radius": radius}, direction="higher", note=note
            )
            for measure, column in (
                ("certified_accuracy", "accurate"),
                ("certified_consistency", "consistent"),
            )
            for radius in RADII
        ),
        Reading("certified_radius", "radius", direction="higher", bounds=(0.0, inf), note=note),
        Reading(
            "certified_radius_median", "radius", "median", direction="higher", bounds=(0.0, inf), note=note
        ),
    )


def throughout(note: str) -> Reading:
    """The share of texts for which no number of edits is too many."""
    return Reading("certified_throughout", THROUGHOUT, direction="higher", note=note)


READINGS = (
    *certificates(NOTE),
    Reading("abstention", "abstained", note=NOTE),
    Reading("smoothed_score", "right", direction="higher", note=NOTE),
)


@probe(
    "deletion",
    *READINGS,
    Reading("certified_insertions", "inserted", direction="higher", bounds=(0.0, inf), note=NOTE),
    Reading("certified_removals", "removed", direction="higher", bounds=(0.0, inf), note=NOTE),
    unfit=unfit,
    version=2,
)
def deletion(scene: Scene, *, rate: float = 0.8, samples: int = 200, alpha: float = 0.001) -> list[Found]:
    """Certified radius under random deletion: words inserted, deleted or replaced, in any mix.

    Huang et al. 2023 (methods, section 2.11 a). A radius of 1 or more needs a ``rate`` above one half: the
    model has to do with less than half of the words. The model is asked about empty texts too. Who only puts
    words in, or only takes them out, is withstood for longer than who replaces them; that is told beside.

    Args:
        scene: The texts.
        rate: With which each word is deleted, in (0, 1).
        samples: Of each text, to certify; a quarter more choose the answer. The default is what a CPU can
            afford; a paper would use 1,000 or more, which raises the bound of what is always said from
            0.966 to 0.993.
        alpha: Probability that a certificate is wrong.

    Raises:
        UserError: If an option is out of range.
    """

    def draw(generator: np.random.Generator, count: int, sizes: Ints) -> Ints:
        return (generator.random((count, len(sizes))) < rate).astype(np.int64)

    _check(rate, samples, alpha)
    mechanism = Mechanism(
        "deletion",
        lambda word: (word, ""),
        draw,
        lambda mu, free: deletion_radius(mu, rate),
        further={
            "inserted": lambda mu, free: insertion_radius(mu, rate),
            "removed": lambda mu, free: min(len(free), removal_radius(mu, rate)),
        },
    )
    return certify(scene, mechanism, samples, alpha)


@probe("masking", *READINGS, unfit=unfit)
def masking(scene: Scene, *, rate: float = 0.8, samples: int = 200, alpha: float = 0.001) -> list[Found]:
    """Certified radius under random masking: words replaced by others, one by one.

    Levine and Feizi 2020, Zeng et al. 2021 (methods, section 2.11 b). Of ``n`` words ``(1 - rate) n`` are
    shown, but at least one; the others become the tokenizer's mask. To certify one word a ``rate`` above
    one half is needed.

    Args:
        scene: The texts.
        rate: Share of the words to mask, in (0, 1).
        samples: Of each text, to certify; see :data:`deletion`.
        alpha: Probability that a certificate is wrong.

    Raises:
        UserError: If an option is out of range.
    """

    def kept(free: int) -> int:
        return max(1, round((1 - rate) * free))

    def draw(generator: np.random.Generator, count: int, sizes: Ints) -> Ints:
        order = generator.random((count, len(sizes))).argsort(axis=1).argsort(axis=1)
        return (order >= kept(len(sizes))).astype(np.int64)

    _check(rate, samples, alpha)
    mask = blank(scene.model)
    mechanism = Mechanism(
        "masking",
        lambda word: (word, mask),
        draw,
        lambda mu, free: masking_radius(mu, len(free), kept(len(free))),
    )
    return certify(scene, mechanism, samples, alpha)


@probe(
    "synonyms",
    *READINGS,
    throughout(NOTE),
    unfit=unfit,
)
def synonyms(
    scene: Scene, *, source: str = "embedded", samples: int = 200, alpha: float = 0.001
) -> list[Found]:
    """Certified radius under random synonyms: English words replaced by what stands for them in a thesaurus.

    Ye et al. 2020 (methods, section 2.11 c). Each word is drawn evenly from itself and its synonyms. An
    attacker may replace any word by one of its synonyms; texts without such words are left out. Words that
    are all synonyms of each other may be swapped at will, as this changes nothing of what is drawn.

    Args:
        scene: The texts.
        source: Of synonyms, as for the operator ``synonym``: ``embedded`` or ``wordnet``.
        samples: Of each text, to certify; see :data:`deletion`.
        alpha: Probability that a certificate is wrong.

    Raises:
        UserError: If an option is out of range, the source unknown or WordNet not found.
    """
    options = swaps(source)

    @cache
    def least(word: str) -> float:
        return min(overlap(options(word), options(other)) for other in options(word))

    def draw(generator: np.random.Generator, count: int, sizes: Ints) -> Ints:
        return (generator.random((count, len(sizes))) * sizes).astype(np.int64)

    _check(0.5, samples, alpha)
    mechanism = Mechanism(
        "synonyms", options, draw, lambda mu, free: swap_radius(mu, [least(word) for word in free]), True
    )
    return certify(scene, mechanism, samples, alpha)


def swaps(source: str) -> Callable[[str], tuple[str, ...]]:
    """What tells what may stand for a word: first the word itself, then its synonyms of one word.

    Raises:
        UserError: If the source is unknown or WordNet not found.
    """
    changes = thesaurus.synonyms(source)

    @cache
    def options(word: str) -> tuple[str, ...]:
        others = {word[: one.start] + one.text + word[one.end :] for one in changes(word)}
        return word, *sorted(other for other in others - {word} if len(other.split()) == 1)

    return options


def _check(rate: float, samples: int, alpha: float) -> None:
    for name, value in (("rate", rate), ("alpha", alpha)):
        if not 0 < value < 1:
            raise UserError(Fault(f"a number between 0 and 1 is needed, found {value}", field=name))
    if samples < 1:
        raise UserError(Fault(f"at least 1 sample is needed, found {samples}", field="samples"))
