"""The two arguments of a relation, and texts that mark them with tags: ``<e1>…</e1>`` and ``<e2>…</e2>``."""

from __future__ import annotations

import re

from harness.text import Span

HEAD, TAIL = "head", "tail"
TAGS = ("<e1>", "</e1>", "<e2>", "</e2>")
TAG = re.compile("|".join(TAGS))


def tagged(text: str) -> bool:
    """Whether a text holds any of the tags."""
    return TAG.search(text) is not None


def untagged(text: str) -> tuple[str, tuple[Span, Span]]:
    """The text without its tags, and where head and tail lie in it, without white space around them.

    Raises:
        ValueError: If not every tag is there exactly once, or one closes before it opens.
    """
    places: dict[str, int] = {}
    plain, at = "", 0
    for found in TAG.finditer(text):
        plain += text[at : found.start()]
        at = found.end()
        if found.group() in places:
            raise ValueError(f"{found.group()} is there twice")
        places[found.group()] = len(plain)
    plain += text[at:]
    if missing := [tag for tag in TAGS if tag not in places]:
        raise ValueError(f"{' and '.join(missing)} should be there once, found none")
    return plain, (
        _mark(plain, places["<e1>"], places["</e1>"], HEAD),
        _mark(plain, places["<e2>"], places["</e2>"], TAIL),
    )


def _mark(text: str, start: int, end: int, label: str) -> Span:
    if end < start:
        raise ValueError(f"the tag of the {label} closes before it opens")
    inside = text[start:end]
    if not inside.strip():
        raise ValueError(f"the {label} is empty")
    return Span(start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip()), label)
