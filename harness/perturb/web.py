"""What people put into texts on the web: emphasis, hashtags, handles, addresses and pictures.

All of it is neutral: it names nobody, judges nothing and means nothing, so that labels stay true. A
translation would have to bring it along, so that there the references become untrue. Gold spans stay as
they are: marks around a name would belong neither to it nor to the text (methods, sections 9.2 and 9.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial

from harness.errors import Fault, UserError, nearest
from harness.perturb.format import formatting
from harness.perturb.sites import in_any_order, in_span, lines, pick, shuffled
from harness.perturb.splitting import sentences
from harness.rng import Random
from harness.text import Edit, Example

web = partial(formatting, inside_spans=False, invalid_for=frozenset({"translation"}))

EMPHASIS: Mapping[str, tuple[str, ...]] = {
    "markdown": ("**", "*", "__", "_"),
    "html": ("<b>", "<i>", "<em>", "<strong>", "<u>"),
}
INNER = re.compile(r"\w(?:\S*\w)?")
"""A word without the marks before and behind it."""


@web("markup")
def markup(example: Example, rng: Random, *, style: str = "markdown") -> Iterator[Edit]:
    """Emphasise a word as in Markdown or HTML: ``**word**``, ``<em>word</em>``.

    Args:
        style: ``markdown`` or ``html``.

    Raises:
        UserError: If the style is unknown.
    """
    if style not in EMPHASIS:
        raise UserError(Fault(f"unknown style {style!r}", hint=nearest(style, tuple(EMPHASIS))))
    for word in shuffled(example, rng, INNER):
        mark = pick(rng, EMPHASIS[style])
        yield word.edit(0, len(word.text), f"{mark}{word.text}{mark.replace('<', '</')}")


@web("hashtag")
def hashtag(example: Example, rng: Random) -> Iterator[Edit]:
    """Make a hashtag of a word: ``#word``; never of a part of a name."""
    for word in shuffled(example, rng):
        if _taggable(word.text) and not in_span(word, example):
            yield word.edit(0, 0, "#")


TAG = re.compile(r"[^\W\d_]{3,}[.,;:!?]*")


@lru_cache(maxsize=2**16)
def _taggable(word: str) -> bool:
    return TAG.fullmatch(word) is not None


@web("emoji", level="character")
def emoji(example: Example, rng: Random) -> Iterator[Edit]:
    """Put an emoji without a feeling, such as a paper clip, after a word."""
    for word in shuffled(example, rng):
        yield word.edit(len(word.text), len(word.text), f" {pick(rng, lines('emoji'))}")


aside = partial(web, graded=False, reference="Ribeiro et al. 2020, Beyond Accuracy (CheckList)")


@aside("mention")
def mention(example: Example, rng: Random) -> Iterator[Edit]:
    """Put a handle, such as ``@reader``, before the longest field or after one of its sentences."""
    yield from _inserted(example, rng, pick(rng, lines("handles")), start=True)


@aside("url")
def url(example: Example, rng: Random) -> Iterator[Edit]:
    """Put the address of a page that does not exist after a sentence of the longest field."""
    yield from _inserted(example, rng, pick(rng, lines("urls")), start=False)


def _inserted(example: Example, rng: Random, new: str, start: bool) -> Iterator[Edit]:
    """Insert it after some sentence, or before the first, where no gold span is in the way."""
    name = max(example.fields, key=lambda name: len(example.fields[name].strip()))
    found = sentences(example.fields[name], name)
    if not found:
        return
    places = [Edit(one.end, one.end, f" {new}", name) for one in found]
    if start:
        places.append(Edit(found[0].start, found[0].start, f"{new} ", name))
    for edit in in_any_order(places, rng):
        if not example.touched(name, edit.start, edit.end):
            yield edit
            return
