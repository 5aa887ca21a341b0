"""Word tags (BIO, IOB1, BIOES) to spans and back.

Methods, sections 9.3.1 and 9.3.8: spans are characters, tags are only a format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from harness.text import Span

OUTSIDE = "O"
SCHEMES: Mapping[str, str] = {"auto": "BIES", "bio": "BI", "iob1": "BI", "bioes": "BIES"}
"""The prefixes of each scheme. ``bio`` (IOB2) and ``bioes`` are strict, the others lenient."""

Offsets = tuple[int, int]


def join(words: Sequence[str]) -> tuple[str, list[Offsets]]:
    """The words with one space between them, and where in that text each of them lies."""
    offsets, at = [], 0
    for word in words:
        offsets.append((at, at + len(word)))
        at += len(word) + 1
    return " ".join(words), offsets


def to_tags(words: Sequence[Offsets], spans: Sequence[Span]) -> list[str]:
    """BIO tags of words, given where words and spans lie in one text.

    A word belongs to the first span that it shares a character with. Spans that do not start and
    end where words do are thereby widened to whole words: reading the tags back then gives other
    spans, which is how a caller notices.

    Args:
        words: Character offsets ``[start, end)`` of each word, in order, without overlap.
        spans: Spans of the same field, without overlap.

    Returns:
        One tag for each word.
    """
    ordered, tags, at, opened = sorted(spans), [], 0, False
    for start, end in words:
        while at < len(ordered) and ordered[at].end <= start:
            at, opened = at + 1, False
        if at < len(ordered) and ordered[at].start < end and start < end:
            tags.append(f"{'I' if opened else 'B'}-{ordered[at].label}")
            opened = True
        else:
            tags.append(OUTSIDE)
    return tags


def from_tags(words: Sequence[Offsets], tags: Sequence[str]) -> tuple[Span, ...]:
    """The spans that tags describe, read leniently as by ``conlleval``.

    B- and S- start an entity; so does any other tag after O, after E- or S-, or after another type.
    An entity lasts as long as its type goes on, up to E-. This reads BIO, IOB1 and BIOES alike.

    Args:
        words: Character offsets ``[start, end)`` of each word.
        tags: One for each word: ``O``, or a prefix and a type such as ``B-person``.

    Raises:
        ValueError: If there are more or fewer tags than words, or one is malformed.
    """
    spans: list[Span] = []
    running = ""
    for (start, end), tag in zip(words, tags, strict=True):
        prefix, label = _split(tag)
        if prefix == OUTSIDE:
            running = ""
            continue
        if prefix in "IE" and label == running:
            spans[-1] = Span(spans[-1].start, end, label)
        else:
            spans.append(Span(start, end, label))
        running = "" if prefix in "ES" else label
    return tuple(spans)


def tag_problems(tags: Sequence[str], scheme: str = "auto") -> Iterator[tuple[int, str]]:
    """What is wrong with the tags of one sentence.

    Malformed tags and foreign prefixes are wrong under every scheme. Under ``bio`` and ``bioes`` it
    is also wrong to go on with an entity that has not begun; under ``bioes``, to leave one open.

    Args:
        tags: The tags of one sentence.
        scheme: A key of :data:`SCHEMES`.

    Yields:
        The index of a tag, and what it should be instead.
    """
    prefixes = SCHEMES[scheme]
    running = ""  # the type of the entity that has begun and not ended
    for at, tag in enumerate(tags):
        try:
            prefix, label = _split(tag)
        except ValueError as error:
            yield at, str(error)
            running = ""
            continue
        if prefix not in OUTSIDE + prefixes:
            yield at, f"tag {tag!r} is not of scheme {scheme}, which has {', '.join(prefixes)} and O"
        elif scheme in ("bio", "bioes") and prefix in "IE" and label != running:
            yield at, f"{tag} does not go on with anything: it should follow B-{label} or I-{label}"
        elif scheme == "bioes" and running and prefix not in "IE":
            yield at, f"{tag} cuts an entity short: E-{running} should come first"
        running = label if prefix in "BI" else ""
    if scheme == "bioes" and running:
        yield len(tags) - 1, f"the sentence ends inside an entity: E-{running} or S-{running} should end it"


def _split(tag: str) -> tuple[str, str]:
    prefix, dash, label = tag.partition("-")
    if tag == OUTSIDE:
        return OUTSIDE, ""
    if prefix not in ("B", "I", "E", "S") or not dash or not label.strip():
        shown = tag if len(tag) <= 40 else f"{tag[:39]}…"
        raise ValueError(f"tag {shown!r} should be O, or one of B-, I-, E-, S- and a type")
    return prefix, label
