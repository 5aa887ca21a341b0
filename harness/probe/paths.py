"""Probes that only ask: along paths of single edits, and of each edit alone (methods, 2.5, 2.6, 2.9, 2.13)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import Fault, UserError
from harness.prediction import Prediction
from harness.probe.probe import Found, Jump, Reading, Scene, columns, probe
from harness.rng import rng
from harness.text import Edit, Example, Variant, after, vary

Array = NDArray[np.float64]

CLIFF = 0.25
"""Distance beyond which a single edit makes the output jump."""
STILL = 0.01
"""Length of a path below which it makes no sense to ask where the output moved."""
BACK = 0.05
"""Net distance below which it makes no sense to ask how much of a path was detour."""


# -- formulas ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """How an output moved along a path of K edits.

    Args:
        steps: Distance from each text to the next, ``(K,)`` in [0, 1].
        peaks: The same of the part of the answer that moved most, ``(K,)`` in [0, 1].
        flips: Whether the answer is another one than a step before, ``(K,)``.
        net: Distance from the clean text to the last.
    """

    steps: Array
    peaks: Array
    flips: NDArray[np.bool_]
    net: float

    @property
    def length(self) -> float:
        """All that it moved, at least ``net`` where distances are a metric."""
        return float(self.steps.sum())

    @property
    def jump(self) -> float:
        """The most that a single edit moved it, in [0, 1]."""
        return float(self.steps.max())

    @property
    def concentration(self) -> float:
        """0 if all edits moved it alike, 1 if one did it all; NaN if it hardly moved (methods, 2.6)."""
        size = len(self.steps)
        if self.length < STILL or size == 1:
            return math.nan
        return (self.jump / self.length - 1 / size) / (1 - 1 / size)

    @property
    def tortuosity(self) -> float:
        """Its length over how far it got: 1 if it went straight; NaN if it got nowhere."""
        return self.length / self.net if self.net > BACK else math.nan

    @property
    def first_flip(self) -> int:
        """The edit at which the answer became another one, counted from 1; K + 1 if it did not."""
        found = np.flatnonzero(self.flips)
        return int(found[0]) + 1 if len(found) else len(self.flips) + 1


def sensitivity(moved: Sequence[float], flips: Sequence[bool]) -> dict[str, float]:
    """Mean and largest distance over the places of single edits, and the share of them that flip (2.13)."""
    return {
        "average": float(np.mean(moved)),
        "worst": float(np.max(moved)),
        "flipping": float(np.mean(flips)),
    }


# -- paths ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Path:
    """Texts that each have one edit more than the one before, the clean one first.

    Args:
        operator: Whose edits they are.
        texts: K + 1 of them.
        edits: Those of the clean text, in the order in which they are made.
        rate: The share of the text that one of them edits, on average.
    """

    operator: str
    texts: tuple[Example, ...]
    edits: tuple[Edit, ...]
    rate: float

    def between(self, start: int, stop: int) -> tuple[Edit, ...]:
        """The edits that lead from one of the texts to a later one."""
        return after(self.edits[start:stop], self.edits[:start])


def path_of(
    source: Example, operator: str, variant: Variant, steps: int, seed: int, number: int = 0
) -> Path | None:
    """A path of so many of a variant's edits, in an order of its own; None if it has too few.

    The order is drawn by the seed, the example and the number of the path, so that a longer path goes on
    where a shorter one ends.
    """
    size = len(variant.edits)
    if size < steps:
        return None
    order = rng(seed, "path", source.id, number).permutation(size)[:steps]
    edits = tuple(variant.edits[at] for at in order)
    texts = [source, *(vary(source, edits[: at + 1]).example for at in range(steps))]
    return Path(operator, tuple(texts), edits, variant.rate / size)


@dataclass(frozen=True)
class _Walk:
    """What the model says along a path, and how far that moves."""

    path: Path
    said: Sequence[Prediction]
    scene: Scene

    def moved(self, stop: int) -> float:
        """Distance from the clean text to one of the others."""
        clean, edits = self.path.texts[0], self.path.edits[:stop]
        return self.scene.distance(self.said[0], self.said[stop], edits, clean)[0]

    @property
    def course(self) -> Course:
        """How the output moved from text to text."""
        steps = [
            (self.said[at], self.said[at + 1], self.path.between(at, at + 1), source)
            for at, source in enumerate(self.path.texts[:-1])
        ]
        stepped = [self.scene.distance(*step) for step in steps]
        soft = np.array([soft for soft, *_ in stepped])
        words = self.scene.task.scoring.peak is not None
        peaks = np.array([self.scene.peak(*step) for step in steps]) if words else soft
        return Course(soft, peaks, np.array([flip for *_, flip in stepped], bool), self.moved(len(steps)))

    def jump(self, course: Course) -> Jump:
        """The edit that moved the output most."""
        at = int(course.peaks.argmax())
        return Jump(
            self.path.edits[:at],
            self.path.between(at, at + 1),
            (self.said[at], self.said[at + 1]),
            float(course.peaks[at]),
            f"edit {at + 1} of {len(self.path.edits)}",
        )


def _walked(scene: Scene, paths: Sequence[Path]) -> list[_Walk]:
    """All texts of all paths, in one question."""
    said = iter(scene.ask([text for path in paths for text in path.texts]))
    return [_Walk(path, [next(said) for _ in path.texts], scene) for path in paths]


def _floor(scene: Scene, asked: int) -> dict[str, float]:
    """By example, how far the output moves at most when the same text is read again and again.

    The texts are asked for once more by themselves, so in other batches; only if that moves anything are
    they asked for as often as a path is long.
    """

    def apart(before: Sequence[Prediction], now: Sequence[Prediction]) -> Array:
        pairs = zip(scene.examples, before, now, strict=True)
        return np.array([scene.distance(one, two, (), e)[0] for e, one, two in pairs], float)

    first, last = scene.ask(scene.examples), scene.ask(scene.examples[::-1])[::-1]
    most = apart(first, last)
    for _ in range(asked - 1 if most.any() else 0):
        again = scene.ask(scene.examples)
        most, last = np.maximum(most, apart(last, again)), again
    return {e.id: float(noise) for e, noise in zip(scene.examples, most, strict=True)}


# -- the probe of paths --------------------------------------------------------------------------


def _by_step(options: Mapping[str, Any]) -> list[Reading]:
    """What there is for each number of edits."""
    steps = int(options["steps"])
    for name in ("steps", "orders"):
        if options[name] < 1:
            raise UserError(
                Fault(f"{name} of the probe path should be at least 1, found {options[name]}", field="probe")
            )
    found = [
        Reading(
            "edits_to_flip",
            "first flip",
            "median",
            direction="higher",
            bounds=(1, steps + 1),
            distance="flip",
            note=f"{steps + 1} stands for more than {steps}",
        )
    ]
    for step in range(1, steps + 1):
        of = {"step": step}
        found.append(Reading("flip_hazard", f"flip {step}", "ratio", f"risk {step}", of, distance="flip"))
        found.append(
            Reading("answer_survival", f"held {step}", condition=of, direction="higher", distance="flip")
        )
        found.append(Reading("modulus", f"moved {step}", "p95", condition=of, distance="soft"))
    return found


@probe(
    "path",
    Reading("smoothness", "smooth", direction="higher", distance="soft"),
    Reading("largest_jump", "jump", "p95", distance="soft"),
    Reading("jump_rate", "jumped", distance="soft"),
    Reading("jump_concentration", "concentration", distance="soft"),
    Reading("path_length", "length", bounds=(0, math.inf), distance="soft"),
    Reading("tortuosity", "tortuosity", "median", bounds=(1, math.inf), distance="soft"),
    Reading("cliff_share", "cliffs", "ratio", "flips", distance="soft"),
    Reading("lipschitz_edit", "slope", "p95", bounds=(0, math.inf), distance="soft"),
    Reading("noise_floor", "noise", distance="soft"),
    Reading("paths_skipped", "skipped", direction="none"),
    also=_by_step,
    edits=True,
)
def path(scene: Scene, *, steps: int = 8, orders: int = 1, jump: float = CLIFF) -> Iterator[Found]:
    """Jumps of the output along a path of single edits, and the edit at which the answer changes."""
    nothing = dict.fromkeys(columns(path.read({"steps": steps, "orders": orders})), math.nan)
    sources, paths = {e.id: e for e in scene.examples}, []
    for operator, variants in scene.edited.items():
        for id, variant in variants.items():
            own = [path_of(sources[id], operator, variant, steps, scene.seed, at) for at in range(orders)]
            paths += [one for one in own if one is not None]
            yield Found(id, nothing | {"skipped": float(None in own)}, operator)
    floor = _floor(scene, steps) if paths else {}
    for walk in _walked(scene, paths):
        id, operator, course = walk.path.texts[0].id, walk.path.operator, walk.course
        moved = [walk.moved(k) for k in range(1, steps + 1)]
        told = _told(course, moved, floor[id], jump)
        yield Found(id, nothing | told, operator, jump=walk.jump(course))
        for edits, d in [*((1, d) for d in course.steps), *enumerate(moved[1:], start=2)]:
            yield Found(id, nothing | {"slope": float(d) / (edits * walk.path.rate)}, operator)


def _told(course: Course, moved: Sequence[float], noise: float, cliff: float) -> dict[str, float]:
    """The columns of a path; of the largest jump, what noise alone jumps is taken off."""
    jump, steep = max(0.0, course.jump - noise), course.peaks > cliff + noise
    flips, first = course.flips, course.first_flip
    found = {
        "smooth": 1 - jump,
        "jump": jump,
        "jumped": float(steep.any()),
        "concentration": course.concentration,
        "length": course.length,
        "tortuosity": course.tortuosity,
        "cliffs": float((flips & steep).sum()),
        "flips": float(flips.sum()),
        "noise": noise,
        "first flip": float(first),
    }
    for step, d in enumerate(moved, start=1):
        found |= {f"flip {step}": float(step == first), f"risk {step}": float(step <= first)}
        found |= {f"held {step}": float(step < first), f"moved {step}": d}
    return found


# -- the probe of single edits ---------------------------------------------------------------------


@probe(
    "first-edit",
    Reading("average_sensitivity", "average", distance="soft"),
    Reading("worst_sensitivity", "worst", distance="soft"),
    Reading("sensitive_positions", "flipping", distance="flip"),
    edits=True,
)
def first_edit(scene: Scene, *, positions: int = 30) -> Iterator[Found]:
    """What a single edit does, wherever in the text it is made."""
    sources, asked = {e.id: e for e in scene.examples}, []
    for operator, variants in scene.edited.items():
        for id, variant in variants.items():
            order = rng(scene.seed, "first edit", id).permutation(len(variant.edits))[:positions]
            asked.append((operator, id, [variant.edits[at] for at in sorted(order)]))
    clean = dict(zip(sources, scene.ask(list(sources.values())), strict=True))
    said = iter(scene.ask([vary(sources[id], [e]).example for _, id, edits in asked for e in edits]))
    for operator, id, edits in asked:
        moved = [scene.distance(clean[id], next(said), [e], sources[id]) for e in edits]
        yield Found(id, sensitivity([m[0] for m in moved], [m[2] for m in moved]), operator)
