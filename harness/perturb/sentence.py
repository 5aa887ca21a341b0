"""Whole sentences: put in, said twice, moved, cut off.

What is put in comes from fixed banks without names and without judgements, or from other examples with
the same label, so that labels stay true; all of it is outside of every span (methods, sections 3.11 and
9.3). A translation would have to translate it too, so that there the references become untrue.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import lru_cache, partial

from harness.errors import Fault, UserError
from harness.perturb.operator import operator
from harness.perturb.peers import Identity
from harness.perturb.sites import in_any_order, lines, pick
from harness.perturb.splitting import free, sentences
from harness.rng import Random
from harness.tasks.qa import QUESTION
from harness.tasks.scoring.answers import CONTEXT
from harness.text import WORD, Edit, Example

distractor = partial(operator, level="sentence", graded=False, invalid_for=frozenset({"translation"}))


@distractor("prefix-distractor")
def prefix_distractor(example: Example, rng: Random) -> Iterator[Edit]:
    """Put a neutral sentence before the longest field."""
    for name in longest(example):
        yield Edit(0, 0, f"{pick(rng, lines('distractors'))} ", name)


@distractor("suffix-distractor")
def suffix_distractor(example: Example, rng: Random) -> Iterator[Edit]:
    """Put a neutral sentence after the longest field."""
    for name in longest(example):
        yield _appended(example.fields[name], pick(rng, lines("distractors")), name)


@distractor("infix-distractor")
def infix_distractor(example: Example, rng: Random) -> Iterator[Edit]:
    """Put a neutral sentence between two sentences of the longest field."""
    for name in longest(example):
        ends = [one.end for one in sentences(example.fields[name], name)[:-1] if one.finished]
        ends = [at for at in ends if not example.touched(name, at, at)]
        if ends:
            at = pick(rng, ends)
            yield Edit(at, at, f" {pick(rng, lines('distractors'))}", name)


@distractor("boilerplate")
def boilerplate(example: Example, rng: Random) -> Iterator[Edit]:
    """Put what web pages and mail programs add before or after the longest field: a cookie notice, a footer."""
    for name in longest(example):
        place, _, said = pick(rng, lines("boilerplate")).partition(": ")
        text = example.fields[name].rstrip()
        yield (
            Edit(0, 0, f"{said}\n", name)
            if place == "before"
            else Edit(len(text), len(text), f"\n{said}", name)
        )


@operator("duplicate-sentence", level="sentence", invalid_for=frozenset({"translation"}))
def duplicate_sentence(example: Example, rng: Random) -> Iterator[Edit]:
    """Say a sentence twice, unless it holds a gold span: its double would have to be gold too."""
    found = [one for name in example.fields for one in free(example, name)]
    for one in in_any_order(found, rng):
        yield Edit(one.end, one.end, f"{'' if one.finished else '.'}{one.gap}{one.text}", one.field)


REORDERED = frozenset({"translation", "summarization", "dialogue", "response", "relation"})
"""Tasks in which it matters what is said first."""


@operator("sentence-shuffle", level="sentence", graded=False, inside_spans=False, invalid_for=REORDERED)
def sentence_shuffle(example: Example, rng: Random) -> Iterator[Edit]:
    """Put the sentences of a text in another order; those that hold gold spans stay where they are."""
    for name in example.fields:
        # A sentence without an end would run into the next one.
        movable = [one for one in free(example, name) if one.finished]
        order = list(in_any_order(list(movable), rng))
        if order == movable:
            order = order[1:] + order[:1]
        moved = [
            Edit(old.start, old.end, new.text, name)
            for old, new in zip(movable, order, strict=True)
            if old != new
        ]
        yield from joined(moved)


def joined(edits: Sequence[Edit]) -> Iterator[Edit]:
    """Edits in order of place, those that touch each other as one: apart, only one of them would be made."""
    last: Edit | None = None
    for one in edits:
        if last is not None and last.end == one.start:
            last = Edit(last.start, one.end, last.text + one.text, one.field)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


@operator("truncate", level="sentence", graded=False, only_for=frozenset({"ner", "qa"}))
def truncate(example: Example, rng: Random, *, share: float = 0.25) -> Iterator[Edit]:
    """Cut off the end of the longest field as far as it holds no gold span, as limits on length do.

    For other tasks the end may be what the label is about.

    Args:
        share: How much of the words are cut off at most. Sentences that hold an answer stay whole.

    Raises:
        UserError: If the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise UserError(Fault(f"truncate: share should lie between 0 and 1, found {share}"))
    for name in longest(example):
        text = example.fields[name]
        ends = [match.end() for match in WORD.finditer(text)]
        kept, least = len(ends) - int(share * len(ends)), _needed(example, name)
        cut = next((at for at in ends[kept - 1 :] if at >= least), len(text))
        if ends[-1] > cut:
            yield Edit(cut, len(text), "", name)


def _needed(example: Example, name: str) -> int:
    """Up to where a field has to stay: to its last gold span, and to the end of a sentence with an answer."""
    last = max((span.end for span in example.anchors if span.field == name), default=0)
    if last and QUESTION in example.fields:
        return next((one.end for one in sentences(example.fields[name], name) if one.end >= last), last)
    return last


# -- other examples ------------------------------------------------------------------------------

JOINED = frozenset({"classification", "multilabel", "ner", "qa"})
TRIES = 20
"""How many paragraphs are looked at for one that does not hold the answer."""


@operator("concatenate", level="sentence", graded=False, peers=True, only_for=JOINED)
def concatenate(example: Example, rng: Random, peers: Sequence[Example]) -> Iterator[Edit]:
    """Append another example of the data set that leaves the label true.

    That is one with the same labels, or without entities; to a context, one of another group, such as
    another article, which does not hold the answer. Questions without an answer might get one, and of
    texts in pairs nobody knows how the longer one relates to the other: these are left alone.
    """
    asked = QUESTION in example.fields
    if (asked and not example.spans) or (not asked and len(example.fields) > 1):
        return
    name = CONTEXT if asked else next(iter(example.fields), "")
    if not example.fields.get(name, "").strip():
        return
    suited = peers if asked else _alike(Identity(peers)).get(_kind(example), ())
    for _ in range(min(TRIES, len(suited))):
        other = pick(rng, suited)
        if _joins(other, example, name):
            yield _appended(example.fields[name], other.fields[name].strip(), name)
            return


def _joins(other: Example, example: Example, name: str) -> bool:
    """Whether another example can be told apart, says something, and holds no answer."""
    if other.id == example.id or not other.fields.get(name, "").strip():
        return False
    if name != CONTEXT:
        return True
    own, text = example.fields[name], other.fields[name].casefold()
    near = text == own.casefold() or (other.group and other.group == example.group)
    return not near and not any(own[span.start : span.end].casefold() in text for span in example.spans)


def _kind(example: Example) -> Hashable:
    """What has to be the same in an example that is appended."""
    return example.target if isinstance(example.target, str) else frozenset(example.references)


@lru_cache(maxsize=2)
def _alike(peers: Identity) -> Mapping[Hashable, Sequence[Example]]:
    """The examples by what has to be the same; those with gold spans are never appended."""
    found: dict[Hashable, list[Example]] = {}
    for one in peers.of:
        if not one.anchors:
            found.setdefault(_kind(one), []).append(one)
    return found


# -- places --------------------------------------------------------------------------------------


def _appended(text: str, said: str, name: str) -> Edit:
    """Put something behind a text that says something."""
    text = text.rstrip()
    return Edit(len(text), len(text), f"{'.' if text[-1].isalnum() else ''} {said}", name)


def longest(example: Example) -> list[str]:
    """The longest field that says anything: the context of a question, the only text of others."""
    said = [name for name, text in example.fields.items() if text.strip()]
    return sorted(said, key=lambda name: -len(example.fields[name]))[:1]
