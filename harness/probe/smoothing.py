"""What a smoothed model says of texts, and how many edits of words cannot change it: the sampling.

The answer is chosen by some samples and certified by others, as the bound on how often it is said holds only
for samples that had no part in the choice. An entity is chosen by the model, without any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness.explain.goal import Word, read
from harness.prediction import Classes, Prediction, Spans
from harness.probe.certificates import HALF, lower_bound
from harness.probe.probe import Found, Scene
from harness.rng import rng
from harness.tasks.task import Form, Task
from harness.text import Example, Span, words

Ints = NDArray[np.int64]

RADII = range(6)
THROUGHOUT = "throughout"
"""The column that says whether no number of edits is too many."""
CHOOSING = 4
"""The answer is chosen by one sample for so many that certify it."""


@dataclass(frozen=True)
class Mechanism:
    """How texts are changed at random, and what is certain then.

    Args:
        name: For keys.
        options: What may stand for a word: first the word itself; empty for nothing.
        draw: ``draw(generator, count, sizes)``: which option stands for each free word, of ``sizes`` there
            are, shape ``(count, free)``.
        radius: ``radius(mu, free)``: the most edits of free words that are survived; negative if none is sure.
        once: Whether there can be no more edits than free words.
        further: By column the most edits of some kind alone, as ``radius`` tells them.
    """

    name: str
    options: Callable[[str], Sequence[str]]
    draw: Callable[[np.random.Generator, int, Ints], Ints]
    radius: Callable[[float, Sequence[str]], int]
    once: bool = False
    further: Mapping[str, Callable[[float, Sequence[str]], int]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Case:
    """What is to be certified.

    Args:
        example: A text.
        words: All of its words that are read.
        options: What may stand for each of them; for those that stay nothing but themselves.
        entity: What has to be found in it; None if the answer is a label.
    """

    example: Example
    words: Sequence[Word]
    options: Sequence[Sequence[str]]
    entity: Span | None

    @cached_property
    def free(self) -> Ints:
        """Which words may be changed."""
        return np.array([at for at, own in enumerate(self.options) if len(own) > 1], np.int64)

    @cached_property
    def under(self) -> Mapping[Span, Sequence[Word]]:
        """The words under each stretch that has to stay."""
        held = _held(self.example, self.entity)
        return {span: [word for word in self.words if _touch(word, span)] for span in held}

    @property
    def changeable(self) -> list[str]:
        """Those words."""
        return [self.options[at][0] for at in self.free]


def certify(scene: Scene, mechanism: Mechanism, samples: int, alpha: float) -> list[Found]:
    """What is certain of each text, or of each entity that the model finds.

    Args:
        scene: The texts.
        mechanism: How they are changed at random.
        samples: Of each, to certify.
        alpha: Probability that a certificate is wrong.

    Returns:
        An item with a column for each radius; none for texts of which no word may be changed.
    """
    cases = [case for case in _cases(scene, mechanism) if len(case.free)]
    choosing = [_changed(scene.seed, mechanism, case, -(-samples // CHOOSING), "choose") for case in cases]
    deciding = [_changed(scene.seed, mechanism, case, samples, "certify") for case in cases]
    said = iter(scene.ask([text for one in (*choosing, *deciding) for text, _, _ in one]))
    chosen = [_counted(own, said) for own in choosing]
    decided = [_counted(own, said) for own in deciding]
    return [
        _found(scene.task, mechanism, case, first, then, alpha)
        for case, first, then in zip(cases, chosen, decided, strict=True)
    ]


def _cases(scene: Scene, mechanism: Mechanism) -> Iterator[_Case]:
    """A text, or each entity that the model finds in it."""
    if scene.task.form is not Form.WORDS:
        yield from (_case(scene.task, mechanism, example, None) for example in scene.examples)
        return
    for example, said in zip(scene.examples, scene.ask(scene.examples), strict=True):
        assert isinstance(said, Spans)
        yield from (_case(scene.task, mechanism, example, span) for span in said.spans)


def _case(task: Task, mechanism: Mechanism, example: Example, entity: Span | None) -> _Case:
    held = _held(example, entity)
    own = [
        Word(start, end, name) for name in read(task, example) for start, end in words(example.fields[name])
    ]
    options = [
        (text,) if any(_touch(word, span) for span in held) else mechanism.options(text)
        for word in own
        for text in (example.fields[word.field][word.start : word.end],)
    ]
    return _Case(example, own, options, entity)


def by_radius(radius: int, throughout: bool, gold: bool) -> dict[str, float]:
    """The columns that say of each radius whether it is survived, and whether by what is right."""
    survived = {r: throughout or radius >= r for r in RADII}
    return {
        **{f"consistent {r}": float(holds) for r, holds in survived.items()},
        **{f"accurate {r}": float(gold and holds) for r, holds in survived.items()},
    }


def _held(example: Example, entity: Span | None) -> tuple[Span, ...]:
    """The stretches of a text that have to stay."""
    return (*example.marks, *((entity,) if entity is not None else ()))


def _touch(word: Word, span: Span) -> bool:
    return word.field == span.field and word.start < span.end and span.start < word.end


_Changed = list[tuple[Example, Span | None, int]]
"""Different texts that are made of one, where its entity lies there, and how often each was drawn."""


def _changed(seed: int, mechanism: Mechanism, case: _Case, count: int, purpose: str) -> _Changed:
    entity = (case.entity.start, case.entity.end) if case.entity is not None else ()
    generator = rng(seed, mechanism.name, purpose, case.example.id, *entity)
    picks = np.zeros((count, len(case.words)), np.int64)
    sizes = np.array([len(case.options[at]) for at in case.free], np.int64)
    picks[:, case.free] = mechanism.draw(generator, count, sizes)
    rows, counts = np.unique(picks, axis=0, return_counts=True)
    return [(*_made(case, row.tolist()), int(often)) for row, often in zip(rows, counts, strict=True)]


def _made(case: _Case, picks: Sequence[int]) -> tuple[Example, Span | None]:
    """What is made of a text, its words one space apart, so that nothing but words can matter."""
    parts: dict[str, list[str]] = {word.field: [] for word in case.words}
    length = dict.fromkeys(parts, 0)
    starts: dict[Word, int] = {}
    for word, options, pick in zip(case.words, case.options, picks, strict=True):
        if part := options[pick]:
            starts[word] = length[word.field]
            parts[word.field].append(part)
            length[word.field] += len(part) + 1

    def moved(span: Span) -> Span:
        own = case.under[span]
        if not own:
            return replace(span, start=0, end=0)
        first, last = own[0], own[-1]
        start = starts[first] + max(span.start - first.start, 0)
        return replace(span, start=start, end=starts[last] + min(span.end, last.end) - last.start)

    fields = {**case.example.fields, **{name: " ".join(own) for name, own in parts.items()}}
    marks = tuple(moved(mark) for mark in case.example.marks)
    made = replace(case.example, fields=fields, target=None, marks=marks)
    return made, moved(case.entity) if case.entity is not None else None


@dataclass(frozen=True)
class _Counted:
    """How often each answer was said, and one prediction that says it."""

    often: Mapping[Hashable, int]
    such: Mapping[Hashable, Prediction]


def _counted(changed: _Changed, said: Iterator[Prediction]) -> _Counted:
    often: Counter[Hashable] = Counter()
    such: dict[Hashable, Prediction] = {}
    for _, entity, count in changed:
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
    radius = mechanism.radius(mu, case.changeable) if mu > HALF else -1
    throughout = mechanism.once and radius >= len(case.free)
    sure = f"radius {radius}" if radius >= 0 else "abstained"
    return Found(
        case.example.id,
        {
            "radius": float(max(radius, 0)),
            "abstained": float(radius < 0),
            "right": right,
            **by_radius(radius, throughout, gold),
            **{
                column: float(max(of(mu, case.changeable), 0) if mu > HALF else 0)
                for column, of in mechanism.further.items()
            },
            **({THROUGHOUT: float(throughout)} if mechanism.once else {}),
        },
        note=f"{name}: {sure}, share above {mu:.3f}",
    )
