"""Certified continuity of the smoothed model: how many edits of words surely leave an answer as it is.

A smoothed model says what a model says most often of a text whose words are deleted, or masked, at random.
Its certificates (:mod:`harness.probe.certificates`) hold for any model, as nothing is asked of it but its
answers. They say nothing about the model by itself, and each may be wrong with probability ``alpha``.

What is certified:

- Of labels (one, several, or the best candidate): that the smoothed answer stays the same. Words are those
  between white space of all fields that are read; the words of marked arguments are never touched.
- Of entities: that one which the model finds in the text is still found in most cases, with its label and
  exactly its words. Its own words are never touched, and edits are of the words around it. Nothing is said
  about entities that are not found, nor about edits of the entity.

A word that is replaced is replaced by one word, and how words are spaced does not count.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from harness.errors import Fault, UserError
from harness.explain.ask import blank
from harness.explain.goal import Word, read
from harness.models.model import Model
from harness.prediction import Classes, Prediction, Spans
from harness.probe.certificates import HALF, deletion_radius, lower_bound, masking_radius
from harness.probe.probe import Found, Reading, Scene, Summary, probe
from harness.rng import rng
from harness.rows import Direction
from harness.tasks.task import Form, Task
from harness.text import Example, Span, words

Bools = NDArray[np.bool_]

RADII = range(6)
CHOOSING = 4
"""The answer is chosen by one sample for so many that certify it."""


def unfit(model: Model, task: Task) -> str:
    """Certificates are for answers out of a few, and for entities."""
    if task.form in (Form.ANSWER, Form.TEXT):
        return "labels and entities are certified; what is picked from a text or written is not"
    return ""


def _reading(
    measure: str, column: str, summary: Summary = "mean", direction: Direction = "higher", most: float = 1.0
) -> Reading:
    return Reading(measure, column, summary, "", {}, direction, (0.0, most), note=NOTE)


NOTE = "of the smoothed model"
READINGS = (
    *(
        replace(_reading(measure, f"{column} {radius}"), condition={"radius": radius})
        for measure, column in (("certified_accuracy", "accurate"), ("certified_consistency", "consistent"))
        for radius in RADII
    ),
    _reading("certified_radius", "radius", most=inf),
    _reading("certified_radius_median", "radius", "median", most=inf),
    _reading("abstention", "abstained", direction="lower"),
    _reading("smoothed_score", "right"),
)


@probe("deletion", *READINGS, unfit=unfit)
def deletion(scene: Scene, *, rate: float = 0.8, samples: int = 200, alpha: float = 0.001) -> list[Found]:
    """Certified radius under random deletion: words inserted, deleted or replaced, in any mix.

    Huang et al. 2023 (methods, section 2.11 a). A radius of 1 or more needs a ``rate`` above one half: the
    model has to do with less than half of the words. The model is asked about empty texts too.

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

    def draw(generator: np.random.Generator, count: int, free: int) -> Bools:
        shown: Bools = generator.random((count, free)) >= rate
        return shown

    mechanism = Mechanism("deletion", "", draw, lambda mu, free: deletion_radius(mu, rate))
    return _certify(scene, mechanism, rate, samples, alpha)


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

    def draw(generator: np.random.Generator, count: int, free: int) -> Bools:
        order = generator.random((count, free)).argsort(axis=1).argsort(axis=1)
        shown: Bools = order < kept(free)
        return shown

    mechanism = Mechanism(
        "masking", blank(scene.model), draw, lambda mu, free: masking_radius(mu, free, kept(free))
    )
    return _certify(scene, mechanism, rate, samples, alpha)


@dataclass(frozen=True)
class Mechanism:
    """How texts are thinned out, and what is certain then.

    Args:
        name: For keys.
        filler: What stands for a word that is not shown; empty if nothing does.
        draw: ``draw(generator, count, free)``: which of the free words are shown, ``(count, free)``.
        radius: ``radius(mu, free)``: the most edits that are survived; negative if none is sure.
    """

    name: str
    filler: str
    draw: Callable[[np.random.Generator, int, int], Bools]
    radius: Callable[[float, int], int]


@dataclass(frozen=True)
class _Case:
    """What is to be certified.

    Args:
        example: A text.
        words: All of its words that are read.
        free: Which of them may go.
        entity: What has to be found in it; None if the answer is a label.
    """

    example: Example
    words: Sequence[Word]
    free: NDArray[np.int64]
    entity: Span | None


def _certify(scene: Scene, mechanism: Mechanism, rate: float, samples: int, alpha: float) -> list[Found]:
    _check(rate, samples, alpha)
    cases = [case for case in _cases(scene) if len(case.free)]
    choosing = [_thinned(scene.seed, mechanism, case, -(-samples // CHOOSING), "choose") for case in cases]
    deciding = [_thinned(scene.seed, mechanism, case, samples, "certify") for case in cases]
    said = iter(scene.ask([text for one in (*choosing, *deciding) for text, _, _ in one]))
    chosen = [_counted(case, own, said) for case, own in zip(cases, choosing, strict=True)]
    decided = [_counted(case, own, said) for case, own in zip(cases, deciding, strict=True)]
    return [
        _found(scene.task, mechanism, case, first, then, alpha)
        for case, first, then in zip(cases, chosen, decided, strict=True)
    ]


def _check(rate: float, samples: int, alpha: float) -> None:
    for name, value in (("rate", rate), ("alpha", alpha)):
        if not 0 < value < 1:
            raise UserError(Fault(f"a number between 0 and 1 is needed, found {value}", field=name))
    if samples < 1:
        raise UserError(Fault(f"at least 1 sample is needed, found {samples}", field="samples"))


def _cases(scene: Scene) -> Iterator[_Case]:
    """A text, or each entity that the model finds in it."""
    if scene.task.form is not Form.WORDS:
        yield from (_case(scene.task, example, None) for example in scene.examples)
        return
    for example, said in zip(scene.examples, scene.ask(scene.examples), strict=True):
        assert isinstance(said, Spans)
        yield from (_case(scene.task, example, span) for span in said.spans)


def _case(task: Task, example: Example, entity: Span | None) -> _Case:
    held = (*example.marks, *((entity,) if entity is not None else ()))
    own = [
        Word(start, end, name) for name in read(task, example) for start, end in words(example.fields[name])
    ]
    free = [at for at, word in enumerate(own) if not any(_touch(word, span) for span in held)]
    return _Case(example, own, np.array(free, int), entity)


def _touch(word: Word, span: Span) -> bool:
    return word.field == span.field and word.start < span.end and span.start < word.end


_Thinned = list[tuple[Example, Span | None, int]]
"""Different texts that are left of one, where its entity lies there, and how often each was drawn."""


def _thinned(seed: int, mechanism: Mechanism, case: _Case, count: int, purpose: str) -> _Thinned:
    entity = (case.entity.start, case.entity.end) if case.entity is not None else ()
    generator = rng(seed, mechanism.name, purpose, case.example.id, *entity)
    shown = np.ones((count, len(case.words)), bool)
    shown[:, case.free] = mechanism.draw(generator, count, len(case.free))
    rows, counts = np.unique(shown, axis=0, return_counts=True)
    return [
        (*_left(case, row.tolist(), mechanism.filler), int(often))
        for row, often in zip(rows, counts, strict=True)
    ]


def _left(case: _Case, shown: Sequence[bool], filler: str) -> tuple[Example, Span | None]:
    """What is left of a text, its words one space apart, so that nothing but words can matter."""
    parts: dict[str, list[str]] = {word.field: [] for word in case.words}
    length = dict.fromkeys(parts, 0)
    starts: dict[Word, int] = {}
    for word, kept in zip(case.words, shown, strict=True):
        if part := case.example.fields[word.field][word.start : word.end] if kept else filler:
            starts[word] = length[word.field]
            parts[word.field].append(part)
            length[word.field] += len(part) + 1

    def moved(span: Span) -> Span:
        own = [word for word in case.words if _touch(word, span)]
        if not own:
            return replace(span, start=0, end=0)
        first, last = own[0], own[-1]
        start = starts[first] + max(span.start - first.start, 0)
        return replace(span, start=start, end=starts[last] + min(span.end, last.end) - last.start)

    fields = {**case.example.fields, **{name: " ".join(own) for name, own in parts.items()}}
    marks = tuple(moved(mark) for mark in case.example.marks)
    left = replace(case.example, fields=fields, target=None, marks=marks)
    return left, moved(case.entity) if case.entity is not None else None


@dataclass(frozen=True)
class _Counted:
    """How often each answer was said, and one prediction that says it."""

    often: Mapping[Hashable, int]
    such: Mapping[Hashable, Prediction]


def _counted(case: _Case, thinned: _Thinned, said: Iterator[Prediction]) -> _Counted:
    often: Counter[Hashable] = Counter()
    such: dict[Hashable, Prediction] = {}
    for _, entity, count in thinned:
        prediction = next(said)
        if isinstance(prediction, Classes):
            answer: Hashable = prediction.said
        else:
            assert isinstance(prediction, Spans)
            answer = entity in prediction.spans
        often[answer] += count
        such[answer] = prediction
    return _Counted(often, such)


def _found(
    task: Task, mechanism: Mechanism, case: _Case, chosen: _Counted, decided: _Counted, alpha: float
) -> Found:
    if case.entity is not None:  # chosen by the model itself, without a draw
        answer: Hashable = True
        name, gold = (
            f"{case.entity.label} [{case.entity.start}, {case.entity.end})",
            case.entity in case.example.spans,
        )
        stays = 2 * chosen.often.get(True, 0) > sum(chosen.often.values())
        right = float(gold) if stays else float("nan")
    else:
        answer = max(sorted(chosen.often, key=str), key=lambda one: chosen.often[one])
        name, gold = str(answer), not task.scoring.broken(case.example, chosen.such[answer])
        right = float(gold)
    mu = lower_bound(decided.often.get(answer, 0), sum(decided.often.values()), alpha)
    radius = mechanism.radius(mu, len(case.free)) if mu > HALF else -1
    sure = f"radius {radius}" if radius >= 0 else "abstained"
    return Found(
        case.example.id,
        {
            "radius": float(max(radius, 0)),
            "abstained": float(radius < 0),
            "right": right,
            **{f"consistent {r}": float(radius >= r) for r in RADII},
            **{f"accurate {r}": float(gold and radius >= r) for r in RADII},
        },
        note=f"{name}: {sure}, share above {mu:.3f}",
    )
