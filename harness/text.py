"""Examples, spans and edits, and the algebra that keeps gold labels true through edits.

All offsets are Unicode code points. A perturbation *is* a list of edits: aligned labels, diffs
in the report, edit rates and the path from the clean to the perturbed text follow from it.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

TEXT, SOURCE = "text", "source"
"""The field that labels are about, and the one that a text is to be made from."""
SPEAKER = "speaker"
"""The column that says who replies in a dialogue."""
CANDIDATE = "candidate "
"""How the fields begin that hold candidates to choose from; the slot follows."""
TURN = re.compile(r"\d+ \S.*")
"""What the field of a turn is called: its number and its speaker."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A labelled stretch ``[start, end)`` of one field."""

    start: int
    end: int
    label: str
    field: str = TEXT


class Edit(NamedTuple):
    """Replace ``[start, end)`` of one field by ``text``; ``start == end`` inserts."""

    start: int
    end: int
    text: str
    field: str = TEXT


Target = str | tuple[Span, ...] | tuple[str, ...] | None


@dataclass(frozen=True)
class Example:
    """One unit of data, immutable.

    Args:
        id: Unique within its data set and stable across runs.
        fields: Named texts, such as ``{"text": ...}`` or ``{"question": ..., "context": ...}``.
        target: The gold answer: a label; the gold spans; several labels, or reference texts of
            which any is right; or None if there is none.
        group: The cluster the example belongs to (document, author, template); resampling keeps
            clusters together. Empty means that the example stands for itself.
        meta: Columns for slicing, such as ``{"pattern": "hire-3"}``.
        marks: What the question is about, such as the two arguments of a relation; carried through
            edits as gold spans are.
    """

    id: str
    fields: Mapping[str, str]
    target: Target = None
    group: str = ""
    meta: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        """The field that most tasks have only one of."""
        return self.fields[TEXT]

    @property
    def cluster(self) -> str:
        """Its group; an example without one is a cluster of its own."""
        return self.group or f"\0{self.id}"

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """The gold spans; empty for tasks whose target is not made of spans."""
        found = self.target if isinstance(self.target, tuple) else ()
        return tuple(one for one in found if isinstance(one, Span))

    @cached_property
    def anchors(self) -> tuple[Span, ...]:
        """All that edits have to carry along: the marks and the gold spans."""
        return self.marks + self.spans

    def touched(self, name: str, start: int, end: int) -> list[Span]:
        """The anchors of a field that an edit of ``[start, end)`` touches: not those it only borders on."""
        if not self.anchors:
            return []
        spans, starts, reach = self._index.get(name, ((), (), ()))
        at, found = bisect_left(starts, end) - 1, []
        while at >= 0 and reach[at] > start:
            if spans[at].end > start:
                found.append(spans[at])
            at -= 1
        return found

    @cached_property
    def _index(self) -> dict[str, tuple[Sequence[Span], Sequence[int], Sequence[int]]]:
        """By field its anchors in order, where each starts, and how far those up to it reach."""
        ordered = {name: sorted(s for s in self.anchors if s.field == name) for name in self.fields}
        return {
            name: (spans, [s.start for s in spans], list(accumulate((s.end for s in spans), max)))
            for name, spans in ordered.items()
        }

    @property
    def references(self) -> tuple[str, ...]:
        """The gold labels or texts; empty for tasks whose target is made of spans."""
        found = self.target if isinstance(self.target, tuple) else (self.target,)
        return tuple(one for one in found if isinstance(one, str))


def clusters(examples: Iterable[Example]) -> list[list[Example]]:
    """Examples by :attr:`Example.cluster`, in the order in which the first of each comes."""
    found: dict[str, list[Example]] = {}
    for example in examples:
        found.setdefault(example.cluster, []).append(example)
    return list(found.values())


def example(id: str, text: str, target: Target = None) -> Example:
    """An example with the single field ``text``."""
    return Example(id, {TEXT: text}, target)


# -- scripts: sorted, non-overlapping edits of one text ------------------------------------------


def script(edits: Iterable[Edit], length: int | None = None) -> tuple[Edit, ...]:
    """Sort the edits of one field and check that they can be applied at once.

    Adjacent edits are allowed; an insertion may touch a replacement.

    Raises:
        ValueError: If edits overlap, insert twice at one place, or leave ``[0, length]``.
    """
    ordered = tuple(sorted(edits))
    for one in ordered:
        if one.start < 0 or one.end < one.start or (length is not None and one.end > length):
            raise ValueError(f"{one} lies outside a text of {length} characters")
    for left, right in pairwise(ordered):
        if right.start < left.end or (right.start, right.end) == (left.start, left.end):
            raise ValueError(f"{left} and {right} overlap")
    return ordered


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text after the edits, all of whose offsets refer to the text before them."""
    return _applied(text, script(edits, len(text)))


def _applied(text: str, ordered: Sequence[Edit]) -> str:
    parts, at = [], 0
    for one in ordered:
        parts += [text[at : one.start], one.text]
        at = one.end
    return "".join(parts) + text[at:]


def invert(text: str, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits that lead back: ``apply(apply(text, e), invert(text, e)) == text``."""
    back: list[Edit] = []
    shift = 0
    for one in script(edits, len(text)):
        start = one.start + shift
        back.append(Edit(start, start + len(one.text), text[one.start : one.end], one.field))
        shift += len(one.text) - (one.end - one.start)
    return tuple(_merged(back))  # adjacent deletions come back as one insertion


def compose(text: str, first: Iterable[Edit], second: Iterable[Edit]) -> tuple[Edit, ...]:
    """One script on ``text`` that does what ``first`` and then ``second`` does.

    ``apply(text, compose(text, f, s)) == apply(apply(text, f), s)``.
    """
    first, middle = script(first, len(text)), apply(text, first)
    second = script(second, len(middle))
    if not second:
        return first
    if not first:
        return second
    name = (first or second)[0].field
    # Blocks of the middle text that some edit has touched, grown until none touch each other.
    touched = [(b.start, b.end) for b in invert(text, first)] + [(e.start, e.end) for e in second]
    blocks: list[tuple[int, int]] = []
    for start, end in sorted(touched):
        if blocks and start <= blocks[-1][1]:
            blocks[-1] = (blocks[-1][0], max(end, blocks[-1][1]))
        else:
            blocks.append((start, end))
    back = invert(text, first)
    composed = []
    for start, end in blocks:
        before, after = _offset(back, start, False), _offset(back, end, True)
        inner = [
            e._replace(start=e.start - start, end=e.end - start)
            for e in second
            if start <= e.start and e.end <= end
        ]
        new = apply(middle[start:end], inner)
        if text[before:after] != new:
            composed.append(Edit(before, after, new, name))
    return script(composed, len(text))


def _offset(edits: Sequence[Edit], at: int, after: bool) -> int:
    """Where offset ``at``, not strictly inside an edit, comes to lie once the edits are applied."""
    shift = 0
    for one in edits:
        left = one.end <= at if after else one.end <= at and one.start < at
        if left:
            shift += len(one.text) - (one.end - one.start)
    return at + shift


def after(edits: Iterable[Edit], made: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits of a text as a script on what others, that could be made beside them, have made of it.

    ``apply(apply(text, made), after(edits, made)) == apply(text, [*made, *edits])``. Insertions at the two
    ends of what was deleted become one.
    """
    found: list[Edit] = []
    made = tuple(made)
    for one in sorted(edits, key=lambda e: (e.field, e.start, e.end)):
        shift = sum(
            len(other.text) - (other.end - other.start)
            for other in made
            if other.field == one.field and (other.start, other.end) < (one.start, one.end)
        )
        moved = one._replace(start=one.start + shift, end=one.end + shift)
        last = found[-1] if found else None
        same = last and (last.start, last.end, last.field) == (moved.start, moved.end, moved.field)
        if last and same and moved.start == moved.end:
            found[-1] = last._replace(text=last.text + moved.text)
        else:
            found.append(moved)
    return tuple(sorted(found))


def path(edits: Sequence[Edit]) -> Iterator[tuple[Edit, ...]]:
    """Growing scripts on the original text: the first edit, the first two, and so on."""
    for count in range(1, len(edits) + 1):
        yield script(edits[:count])


# -- carrying spans ------------------------------------------------------------------------------


class Fate(StrEnum):
    """What a script did to a span (methods, section 9.2)."""

    KEPT = "kept"
    TOUCHED = "touched"
    DROPPED = "dropped"
    REFUSED = "refused"


def carry(span: Span, edits: Iterable[Edit], swaps: bool = True) -> tuple[Span | None, Fate]:
    """Where a span lies after the script, and what happened to it.

    Args:
        span: A span of the original text.
        edits: A script on the original text; edits of other fields are ignored.
        swaps: Whether replacing exactly the whole span keeps its label. Operators that put
            something of another type in its place say no.

    Returns:
        ``(span, KEPT | TOUCHED)``, ``(None, DROPPED)`` if exactly the span was deleted, or
        ``(None, REFUSED)`` if an edit crosses its boundary or swallows it with its surroundings.
    """
    return _carried(span, script(e for e in edits if e.field == span.field), 0, swaps)


FEW = 64
"""Pairs of spans and edits up to which looking at all of them is cheapest."""


def _few(edits: Sequence[Edit]) -> Callable[[Span, bool], tuple[Span | None, Fate]]:
    """Carries spans by looking at all edits of their field."""
    ordered = sorted(edits)
    return lambda span, swaps: _carried(span, [e for e in ordered if e.field == span.field], 0, swaps)


class _Carrier:
    """Carries spans through a script; each costs what touches it, not what the script holds."""

    def __init__(self, edits: Iterable[Edit]) -> None:
        by_field: dict[str, list[Edit]] = {}
        for one in edits:
            by_field.setdefault(one.field, []).append(one)
        self._edits = {name: script(own) for name, own in by_field.items()}
        self._starts = {name: [e.start for e in own] for name, own in self._edits.items()}
        self._ends = {name: [e.end for e in own] for name, own in self._edits.items()}
        self._shifts = {
            name: list(accumulate((len(e.text) - (e.end - e.start) for e in own), initial=0))
            for name, own in self._edits.items()
        }

    def carry(self, span: Span, swaps: bool) -> tuple[Span | None, Fate]:
        """See :func:`carry`."""
        if span.field not in self._edits:
            return span, Fate.KEPT
        first = bisect_left(self._ends[span.field], span.start)  # all before it end left of the span
        last = bisect_left(self._starts[span.field], span.end)
        near = self._edits[span.field][first:last]
        return _carried(span, near, self._shifts[span.field][first], swaps)


def _carried(span: Span, near: Sequence[Edit], shift: int, swaps: bool) -> tuple[Span | None, Fate]:
    """Carry a span, shifted already, through the edits that border on it or touch it."""
    start, end, fate = span.start + shift, span.end + shift, Fate.KEPT
    for one in near:
        delta = len(one.text) - (one.end - one.start)
        if one.end <= span.start and (one.start < span.start or one.start == one.end):
            start, end = start + delta, end + delta
        elif one.start >= span.end:
            break
        elif (one.start, one.end) == (span.start, span.end):
            if not one.text:
                return None, Fate.DROPPED
            if not swaps:
                return None, Fate.REFUSED
            end, fate = end + delta, Fate.TOUCHED
        elif span.start <= one.start and one.end <= span.end:
            end, fate = end + delta, Fate.TOUCHED
        else:
            return None, Fate.REFUSED
    if (start, end) == (span.start, span.end):
        return span, fate
    if end <= start:  # several edits, none of them covering it, have together deleted it
        return None, Fate.DROPPED
    return Span(start, end, span.label, span.field), fate


def carry_all(
    spans: Sequence[Span], edits: Sequence[Edit], swaps: bool = True, alternatives: bool = False
) -> tuple[tuple[Span, ...], str]:
    """Carry every span; the second value says why the result cannot be used, or is empty.

    Where the spans are ``alternatives``, each of which is a right answer, those that are lost are
    left out as long as one remains (methods, section 9.4).
    """
    carried, why = [], ""
    carrying = _Carrier(edits).carry if len(spans) * len(edits) > FEW else _few(edits)
    for span in spans:
        moved, fate = carrying(span, swaps)
        if fate is Fate.REFUSED:
            why = f"an edit crosses the boundary of {span.label} [{span.start}, {span.end})"
            if not alternatives:
                return (), why
        if moved is not None:
            carried.append(moved)
    if alternatives and spans and not carried:
        return (), why or "an edit deletes every right answer"
    return tuple(carried), ""


# -- from strings back to edits ------------------------------------------------------------------

WORD = re.compile(r"\S+")
TOKEN = re.compile(r"\w+|[^\w\s]|\s+")


def words(text: str) -> list[tuple[int, int]]:
    """Offsets of the whitespace-separated words."""
    return [match.span() for match in WORD.finditer(text)]


def tokens(text: str) -> list[tuple[int, int]]:
    """Offsets of runs of letters and digits, of single marks, and of runs of white space."""
    spans, at = [], 0
    for match in TOKEN.finditer(text):
        if match.start() > at:
            spans.append((at, match.start()))
        spans.append(match.span())
        at = match.end()
    return spans + ([(at, len(text))] if at < len(text) else [])


def diff(before: str, after: str, name: str = TEXT) -> tuple[Edit, ...]:
    """A small word-aligned script with ``apply(before, diff(before, after)) == after``.

    For libraries that return whole strings. Words that did not change are never part of an edit;
    within a changed word the common prefix and suffix are left alone.
    """
    olds, news = tokens(before), tokens(after)
    matcher = difflib.SequenceMatcher(
        None, [before[a:b] for a, b in olds], [after[a:b] for a, b in news], autojunk=False
    )
    edits: list[Edit] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        if i2 - i1 == j2 - j1:  # the same number of tokens: word against word
            pairs = [(olds[i1 + k], news[j1 + k]) for k in range(i2 - i1)]
        else:
            start = olds[i1][0] if i1 < len(olds) else len(before)
            onset = news[j1][0] if j1 < len(news) else len(after)
            stop = olds[i2 - 1][1] if i2 > i1 else start
            offset = news[j2 - 1][1] if j2 > j1 else onset
            pairs = [((start, stop), (onset, offset))]
        for (a, b), (c, d) in pairs:
            edits += _trimmed(before, after, a, b, c, d, name)
    return script(_merged(edits), len(before))


def _trimmed(x: str, y: str, a: int, b: int, c: int, d: int, name: str) -> list[Edit]:
    while a < b and c < d and x[a] == y[c]:
        a, c = a + 1, c + 1
    while a < b and c < d and x[b - 1] == y[d - 1]:
        b, d = b - 1, d - 1
    return [Edit(a, b, y[c:d], name)] if a < b or c < d else []


def _merged(edits: Sequence[Edit]) -> list[Edit]:
    """Join an insertion with the edit that starts or ends where it stands; edits are in order of place."""
    merged: list[Edit] = []
    for one in edits:
        last = merged[-1] if merged else None
        if last is not None and last.end == one.start and (last.start == last.end or one.start == one.end):
            merged[-1] = Edit(last.start, one.end, last.text + one.text, one.field)
        else:
            merged.append(one)
    return merged


# -- how much was edited -------------------------------------------------------------------------


def distance(before: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    """Levenshtein distance of two sequences, in elements.

    What they begin or end with in common, pure insertions and replacements by elements that are
    new to the sequence are counted without the table, which leaves little to it in practice.
    """
    if len(before) < len(after):
        before, after = after, before
    if len(after) < 2:
        return len(before) - (len(after) == 1 and after[0] in before)
    start, stop, tail = 0, len(after), 0
    while start < stop and before[start] == after[start]:
        start += 1
    while tail < stop - start and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    before, after = before[start : len(before) - tail], after[start : stop - tail]
    if not after:
        return len(before)
    if len(before) == len(after):
        if len(before) == 2:  # neither the first nor the last are the same
            return 2
        pairs = [(x, y) for x, y in zip(before, after, strict=True) if x != y]
        # Every element that the other sequence has not costs at least one edit, whatever the alignment.
        if {y for _, y in pairs}.isdisjoint(before) or {x for x, _ in pairs}.isdisjoint(after):
            return len(pairs)
    else:
        rest = iter(before)
        if all(y in rest for y in after):
            return len(before) - len(after)
    return _levenshtein(after, before)


def _levenshtein(pattern: Sequence[Hashable], text: Sequence[Hashable]) -> int:
    """The table a column at a time, each held as the bits of two numbers (Myers 1999; Hyyrö 2003)."""
    where: dict[Hashable, int] = {}
    for at, x in enumerate(pattern):
        where[x] = where.get(x, 0) | 1 << at
    size = len(pattern)
    full, last = (1 << size) - 1, 1 << (size - 1)
    rises, falls, found = full, 0, size
    for y in text:
        same = where.get(y, 0)
        level = same | falls
        across = (((same & rises) + rises) ^ rises) | same
        up, down = (falls | ~(across | rises)) & full, rises & across
        found += bool(up & last) - bool(down & last)
        up = up << 1 | 1
        rises, falls = (down << 1 | ~(level | up)) & full, up & level
    return found


def edit_rate(before: str, edits: Iterable[Edit], by_word: bool) -> float:
    """Share of ``before`` that the script edits: Levenshtein distance over length.

    Args:
        before: The text before the edits.
        edits: A script on it.
        by_word: Whether to count whitespace words instead of characters.

    Returns:
        At least 0; above 1 only if more was inserted than there was.
    """
    return changed(before, script(edits, len(before)), by_word) / max(1, _size(before, by_word))


def _size(text: str, by_word: bool) -> int:
    return len(text.split()) if by_word else len(text)


def changed(before: str, edits: Sequence[Edit], by_word: bool) -> int:
    """How many words or characters a script changes: the sum of the distances where it does something.

    Costs what is edited and the words it lies in, however long the text is.

    Args:
        before: The text before the edits.
        edits: A script on it, in order.
        by_word: Whether to count whitespace words instead of characters.
    """
    if not by_word:
        return sum(distance(before[e.start : e.end], e.text) for e in edits)
    total, at = 0, 0
    while at < len(edits):
        one, stop = edits[at], at + 1
        while stop < len(edits) and not _apart(before, edits[stop - 1].end, edits[stop].start):
            stop += 1
        alone = _alone(before, one) if stop == at + 1 else UNKNOWN
        if alone != UNKNOWN:
            total += alone
        else:
            start, end = _begin(before, one.start), _end(before, edits[stop - 1].end)
            inner = [Edit(e.start - start, e.end - start, e.text) for e in edits[at:stop]]
            window = before[start:end]
            total += distance(window.split(), _applied(window, inner).split())
        at = stop
    return total


UNKNOWN = -1


def _alone(text: str, one: Edit) -> int:
    """How many words a single edit changes, where that is seen at once; else :data:`UNKNOWN`."""
    old = text[one.start : one.end]
    both = old + one.text
    if both.isalnum() or both.split() == [both]:
        return 1  # something within one word, or a whole word
    if not both:
        return 0
    before, after = text[one.start - 1 : one.start].strip(), text[one.end : one.end + 1].strip()
    if old and one.text:
        return UNKNOWN if before or after else distance(old.split(), one.text.split())
    if before and after:
        return UNKNOWN if both.strip() else 2  # a word is cut in two, or two become one
    apart = (not before or both[0].isspace()) and (not after or both[-1].isspace())
    return len(both.split()) if apart else UNKNOWN  # whole words are put in, or taken away


SPACE = re.compile(r"\s")


def _apart(text: str, start: int, end: int) -> bool:
    """Whether there is white space between two places, so that they lie in different words."""
    gap = text[start:end]
    return " " in gap or SPACE.search(gap) is not None


def _all_apart(text: str, edits: Sequence[Edit]) -> bool:
    last = -1
    for one in edits:
        if last >= 0 and not _apart(text, last, one.start):
            return False
        last = one.end
    return True


def _begin(text: str, at: int) -> int:
    """Where the word starts that a place lies in or ends."""
    space = text.rfind(" ", max(0, at - 40), at) + 1
    if space and SPACE.search(text, space, at) is None:
        return space
    while at > 0 and not text[at - 1].isspace():
        at -= 1
    return at


def _end(text: str, at: int) -> int:
    """Where the word ends that a place lies in or starts."""
    found = SPACE.search(text, at)
    return found.start() if found else len(text)


# -- variants ------------------------------------------------------------------------------------


class Variant(NamedTuple):
    """An example after edits.

    Args:
        example: The edited example with its carried target; the id is that of its source.
        edits: The script that leads from the source to it.
        rate: The realised share of the text that was edited.
        refusal: Why its label is no longer valid; empty if it is.
        similarity: Cosine to the source, as a sentence encoder sees it, in [-1, 1]; None if none was asked.
        fragmentation: Sub-words per word over those of the source; None likewise.
    """

    example: Example
    edits: tuple[Edit, ...]
    rate: float
    refusal: str = ""
    similarity: float | None = None
    fragmentation: float | None = None

    @property
    def noop(self) -> bool:
        """Whether nothing changed; such a variant is not evidence of anything."""
        return not self.edits


def vary(
    source: Example,
    edits: Iterable[Edit],
    *,
    by_word: bool = False,
    swaps: bool = True,
    alternatives: bool = False,
    check: Callable[[Example, Sequence[Edit]], str] | None = None,
) -> Variant:
    """Apply edits to an example and carry its gold along.

    Args:
        source: The example before.
        edits: Edits of any of its fields, in any order.
        by_word: Whether the edit rate counts words instead of characters.
        swaps: See :func:`carry`.
        alternatives: Whether one of the gold spans is enough, so that those which are lost may be.
        check: What else invalidates the label: returns a reason, or an empty string.

    Raises:
        ValueError: If the edits overlap or lie outside their field.
    """
    by_field: dict[str, tuple[Edit, ...]] = {}
    edits = tuple(edits)
    for name, text in source.fields.items():
        own = [e for e in edits if e.field == name and text[e.start : e.end] != e.text]
        if own:
            by_field[name] = script(own, len(text))
    return variant(source, by_field, by_word=by_word, swaps=swaps, alternatives=alternatives, check=check)


def variant(
    source: Example,
    scripts: Mapping[str, Sequence[Edit]],
    *,
    by_word: bool = False,
    size: int | None = None,
    costs: Mapping[str, int] | None = None,
    swaps: bool = True,
    alternatives: bool = False,
    check: Callable[[Example, Sequence[Edit]], str] | None = None,
) -> Variant:
    """As :func:`vary`, for scripts by field that are known to be in order, and to change something.

    ``size`` is that of all fields in words or characters, and ``costs`` what the edits of each field
    change one by one, if that is known.
    """
    fields = dict(source.fields)
    spent, refusal = 0, ""
    if size is None:
        size = sum(_size(text, by_word) for text in source.fields.values())
    for name, text in source.fields.items():
        if own := scripts.get(name):
            fields[name] = after = _applied(text, own)
            known = (costs or {}).get(name)
            # One by one is together, unless two of them are in one word.
            alone = known is not None and (not by_word or _all_apart(text, own))
            spent += known if known is not None and alone else changed(text, own, by_word)
            if not after.strip() and text.strip() and not TURN.fullmatch(name):
                refusal = f"nothing is left of {name}"
    flat = tuple(chain.from_iterable(scripts[name] for name in source.fields if name in scripts))
    target, marks = source.target, source.marks
    if flat and source.anchors and not refusal:
        if source.spans:
            target, refusal = carry_all(source.spans, flat, swaps, alternatives)
        if marks and not refusal:
            marks, refusal = carry_all(marks, flat, swaps)
            if len(marks) < len(source.marks) and not refusal:
                refusal = "an edit deletes what the question is about"
    if not refusal and check is not None:
        refusal = check(source, flat)
    edited = Example(source.id, fields, target, source.group, source.meta, marks)
    return Variant(edited, flat, spent / max(1, size), refusal)
