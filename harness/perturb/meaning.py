"""Whether perturbed texts still mean the same, as a sentence encoder sees it (methods, section 8.1).

Encoders react weakly to negations and numbers, and strongly to typos, so this flags what should be
looked at; what is valid is for people to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from harness.text import Example, Variant


class Judge(Protocol):
    """What compares texts; :class:`harness.models.encoder.Encoder` does."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, ``(texts, dimensions)``."""

    def fragments(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Sub-words per word, ``(texts,)``."""


def judged(
    variants: Sequence[Variant], sources: Mapping[str, Example], judge: Judge, least: float, drop: bool
) -> list[Variant]:
    """Variants with their similarity to the source and how much finer they are cut into sub-words.

    Args:
        variants: All of an operator and a severity; those that changed nothing are left as they are.
        sources: The clean examples by id.
        judge: What compares them.
        least: Cosine below which a variant counts as broken.
        drop: Whether a broken variant is refused.
    """
    changed = [v for v in variants if not v.noop]
    before, after = ([_read(e) for e in es] for es in _pairs(changed, sources))
    cosines = (judge.embed(before) * judge.embed(after)).sum(axis=1) if changed else np.zeros(0)
    shifts = judge.fragments(after) / judge.fragments(before) if changed else np.zeros(0)
    told = iter(zip(cosines.tolist(), shifts.tolist(), strict=True))
    return [v if v.noop else _judged(v, *next(told), least, drop) for v in variants]


def apart(before: Sequence[str], after: Sequence[str], judge: Judge) -> NDArray[np.float64]:
    """How far the meanings of written texts are apart: one minus their cosine, in [0, 1].

    Args:
        before: Texts.
        after: As many. Two empty ones mean the same, and an empty one nothing that another means.
        judge: What compares them.
    """
    cosines = (judge.embed(before) * judge.embed(after)).sum(axis=1) if before else np.zeros(0)
    empty = np.array([[not one.strip() for one in texts] for texts in (before, after)], bool).reshape(2, -1)
    same = np.array([one == other for one, other in zip(before, after, strict=True)], bool)
    found = np.where(empty.any(axis=0), 1.0, np.clip(1 - cosines.astype(float), 0, 1))
    return np.where(same | empty.all(axis=0), 0.0, found)


def _pairs(
    variants: Sequence[Variant], sources: Mapping[str, Example]
) -> tuple[list[Example], list[Example]]:
    return [sources[v.example.id] for v in variants], [v.example for v in variants]


def _read(example: Example) -> str:
    return "\n".join(example.fields.values())


def _judged(variant: Variant, cosine: float, shift: float, least: float, drop: bool) -> Variant:
    why = variant.refusal
    if drop and not why and cosine < least:
        why = f"its meaning is another one: similarity {cosine:.2f}, at least {least:g} wanted"
    return variant._replace(similarity=cosine, fragmentation=shift, refusal=why)
