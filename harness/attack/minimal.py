"""The smallest part of an adversarial script that still does it.

What a search finds is seldom minimal: words edited early stay edited although a later one would have been
enough. Edits that can be taken back without losing the success are taken back here.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from harness.text import Edit

Shrinking = Generator[list[tuple[Edit, ...]], list[bool], tuple[Edit, ...]]


def shrink(script: Sequence[Edit]) -> Shrinking:
    """Take back edits, many at a time and then one by one (ddmin of Zeller & Hildebrandt 2002, complements).

    Yields scripts to try and is sent whether each still succeeds. Of several that do, the first is
    taken, so the result depends on nothing else.

    Returns:
        A script of which no single edit can be taken back any more: one-minimal, never empty.
    """
    kept, size = tuple(script), max(1, len(script) // 2)
    while len(kept) > 1:
        parts = [kept[:at] + kept[at + size :] for at in range(0, len(kept), size)]
        tries = [part for part in parts if part]
        held = yield tries
        smaller = next((part for part, holds in zip(tries, held, strict=True) if holds), None)
        if smaller is not None:
            kept = smaller
            size = min(size, max(1, len(kept) // 2))
        elif size > 1:
            size //= 2
        else:
            break
    return kept
