"""What an answer does between a text and the same text with one word replaced, at word embeddings (methods, 2.8).

A network is continuous there, so that its answer goes from one text to the other without a gap; but it may
do so evenly, or fall off a cliff. Two words may also simply lie far apart: then the answer moves far in the
end, but as gently as it may. Points between two words are no words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from harness.errors import Fault, UserError
from harness.explain.gradients import no_word
from harness.probe.embedding import unfit
from harness.probe.probe import Found, Reading, Scene, probe
from harness.text import Example, Variant, vary

if TYPE_CHECKING:
    import torch

    from harness.models.transformer import Window
    from harness.probe.network import View

Array = NDArray[np.float64]

LEVEL = 0.05
"""A jump below it is no jump."""
CENTRAL = 0.8
"""Share of the change whose width is measured."""
STILL = 0.01
"""Change below which there is no transition to measure."""
DEEP = 30
"""Halvings after which single precision cannot tell two points apart."""
STRETCH = 16
"""Tokens that one word may be, on either side."""


# -- formulas ------------------------------------------------------------------------------------


def max_slope(steps: Array) -> float:
    """The largest change from point to point, ``(T,)``, over the distance of two points on a path of length 1."""
    return float(steps.max() * len(steps))


def transition_width(at: Array, steps: Array) -> float:
    """The stretch of a path in which its central 80 % of change happens; NaN if it hardly changes.

    Args:
        at: Increasing places along the path, ``(T + 1,)``.
        steps: How far the output moves from each to the next, ``(T,)``.
    """
    done = np.concatenate([[0.0], np.cumsum(steps)])
    if done[-1] < STILL:
        return nan
    left, right = (_first(at, done / done[-1], share) for share in (0.5 - CENTRAL / 2, 0.5 + CENTRAL / 2))
    return right - left


def _first(at: Array, done: Array, share: float) -> float:
    """Where so much of the change has been made, between two points by straight lines."""
    after = int(np.searchsorted(done, share))
    part = (share - done[after - 1]) / (done[after] - done[after - 1])
    return float(at[after - 1] + part * (at[after] - at[after - 1]))


def label_changes(answers: NDArray[np.int64]) -> int:
    """How often an answer changes along a path, shape ``(T + 1, rows)``; of several rows the most."""
    return int((answers[1:] != answers[:-1]).sum(0).max(initial=0))


def halvings(moved: Callable[[float, float], float], left: float, right: float) -> int:
    """How often the step between two places has to be halved until its larger half is no jump any more.

    Args:
        moved: How far the output is apart at two places.
        left: Where the largest step of a path begins.
        right: Where it ends.
    """
    for count in range(DEEP):
        if moved(left, right) < LEVEL:
            return count
        middle = (left + right) / 2
        left, right = max(((left, middle), (middle, right)), key=lambda two: moved(*two))
    return DEEP


# -- the probe -----------------------------------------------------------------------------------


@probe(
    "interpolation",
    Reading("max_slope", "slope", bounds=(0.0, inf)),
    Reading("max_slope_p95", "slope", "p95", bounds=(0.0, inf)),
    Reading("transition_width", "width", direction="higher"),
    Reading("interpolation_change", "net", direction="none"),
    Reading("label_changes", "changes", bounds=(0.0, inf)),
    Reading("halvings", "halvings", bounds=(0.0, float(DEEP))),
    unfit=unfit,
    edits=True,
)
def interpolation(scene: Scene, *, points: int = 20) -> Iterator[Found]:
    """The answer on the straight line between a text and one with a word replaced: glide or cliff.

    For each operator and text the first of its edits that leaves the number of words as it is. Where the
    new word has another number of tokens than the old one, the shorter is filled up with masks, or with padding if the tokenizer has none. Of taggers
    what moves is the mean over the words of the clean text.

    Args:
        scene: The texts.
        points: Steps of the line, at least 2.

    Raises:
        UserError: If there are too few points.
    """
    if points < 2:
        raise UserError(Fault(f"at least 2 points are needed, found {points}", field="points"))
    from harness.models.embedded import vectors
    from harness.probe.network import View

    model: Any = scene.model
    _, mask = no_word(model.tokenizer)
    for operator, variants in scene.edited.items():
        for example in scene.examples:
            edited = replaced(example, variants[example.id]) if example.id in variants else None
            if edited is None:
                continue
            clean, other = ([piece.data for piece in own] for own in model.encode([example, edited]))
            both = aligned(clean, other, mask)
            if both is None:
                continue
            here, there = (View(model, windows) for windows in both)
            way = vectors(model, there.inputs["input_ids"]) - here.at
            yield Found(example.id, _walk(here, way, points), operator)


def replaced(example: Example, variant: Variant) -> Example | None:
    """The example with one edit only, the first that replaces a word by a word; None if none does."""
    for one in sorted(variant.edits, key=lambda edit: (edit.field, edit.start)):
        edited = vary(example, [one]).example
        before, after = example.fields[one.field].split(), edited.fields[one.field].split()
        if len(before) == len(after) and before != after:
            return edited
    return None


def aligned(
    clean: Sequence[Window], edited: Sequence[Window], mask: int
) -> tuple[list[Window], list[Window]] | None:
    """The windows of two texts with as many tokens each, of which all lie in the same place but one stretch.

    Returns:
        None if there is no difference, or more than a word.
    """
    if len(clean) != len(edited):
        return None
    pairs = [_aligned(one, two, mask) for one, two in zip(clean, edited, strict=True)]
    if None in pairs or all(one.ids == two.ids for one, two in zip(clean, edited, strict=True)):
        return None
    found = [pair for pair in pairs if pair is not None]
    return [one for one, _ in found], [two for _, two in found]


def _aligned(one: Window, two: Window, mask: int) -> tuple[Window, Window] | None:
    both = min(len(one.ids), len(two.ids))
    start = next((at for at in range(both) if one.ids[at] != two.ids[at]), both)
    tail = next((at for at in range(both - start) if one.ids[-1 - at] != two.ids[-1 - at]), both - start)
    stretches = len(one.ids) - start - tail, len(two.ids) - start - tail
    if max(stretches) > STRETCH or (min(stretches) == 0 < max(stretches) and start == 0):
        return None
    size = max(stretches)
    return _filled(one, start + stretches[0], size - stretches[0], mask), _filled(
        two, start + stretches[1], size - stretches[1], mask
    )


def _filled(window: Window, at: int, count: int, mask: int) -> Window:
    """A window with masks put in, which belong to what stands before them."""

    def put(values: list[int], value: int | None = None) -> list[int]:
        return [*values[:at], *[values[at - 1] if value is None else value] * count, *values[at:]]

    if not count:
        return window
    types = put(window.types) if window.types else []
    return replace(window, ids=put(window.ids, mask), types=types, owner=put(window.owner))


def _walk(view: View, way: torch.Tensor, points: int) -> dict[str, float]:
    import torch

    from harness.probe.network import variation

    at = np.linspace(0, 1, points + 1)
    along = torch.tensor(at).to(view.at).view(-1, 1, 1, 1)
    said = view.asked(view.at + along * way)
    steps = variation(said[:-1], said[1:]).cpu().numpy().astype(float)
    known = dict(zip(at.tolist(), said, strict=True))

    def moved(left: float, right: float) -> float:
        for place in (left, right):
            if place not in known:
                known[place] = view.asked((view.at + place * way).unsqueeze(0))[0]
        return float(variation(known[left], known[right]))

    largest = int(steps.argmax())
    return {
        "slope": max_slope(steps),
        "width": transition_width(at, steps),
        "net": float(variation(said[0], said[-1])),
        "changes": float(label_changes(said.argmax(-1).cpu().numpy())),
        "halvings": float(halvings(moved, float(at[largest]), float(at[largest + 1]))),
    }
