"""Parts of examples, to ask a model what it knows without the rest (methods, section 5.7).

What a model scores on a part that should not be enough says how far the data reward shortcuts. The answer
stays that of the whole, and so do the places of gold spans. Nothing here knows a language.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from harness.errors import nearest
from harness.text import CANDIDATE, Edit, Example, vary, words

PART = "partial:"
"""How the data sets of a plan begin that hold parts of the test data."""
ONLY = "only-"
"""How a kind begins that keeps one field of several."""
BLANK = "_"
"""What stands for a word that is not to be seen: a blank as in a form. It is a word of no language, has no case,
and tokenizers take it for one token, other than ``[MASK]``, which some read as a request and some as letters."""
BETWEEN = " , "
"""What keeps names apart that nothing is left between: white space alone would make one name of two."""

Splitter = Callable[[str, str], Sequence[tuple[int, int, str, str]]]
"""Where the sentences of a field begin and end, given its text and its name."""


def _first_sentence(example: Example, split: Splitter) -> Example | None:
    found = {name: split(text, name) for name, text in example.fields.items()}
    ends = {name: own[0][1] for name, own in found.items() if len(own) > 1}
    return _edited(example, [Edit(end, len(example.fields[name]), "", name) for name, end in ends.items()])


def _entities(example: Example, split: Splitter) -> Example | None:
    if not example.anchors:
        return None
    edits = []
    for name, stretches in _anchored(example).items():
        text, at = example.fields[name], 0
        for start, end in stretches:
            between = text[at:start]
            if not at:
                edits.append(Edit(0, start, "", name))
            elif between.strip():
                edits.append(Edit(at, start, BETWEEN, name))
            at = end
        edits.append(Edit(at, len(text), "", name))
    return _edited(example, edits)


def _context(example: Example, split: Splitter) -> Example | None:
    return _edited(
        example,
        [
            Edit(start + a, start + b, BLANK, name)
            for name, stretches in _anchored(example).items()
            for start, end in stretches
            for a, b in words(example.fields[name][start:end])
        ],
    )


def _candidates(example: Example, split: Splitter) -> Example | None:
    return _without(example, [name for name in example.fields if not name.startswith(CANDIDATE)])


def _nothing(example: Example, split: Splitter) -> Example | None:
    return replace(example, fields=dict.fromkeys(example.fields, ""))


@dataclass(frozen=True)
class Kind:
    """A kind of part: the tasks that it is made for, and what it leaves of an example, if anything."""

    tasks: frozenset[str]
    cut: Callable[[Example, Splitter], Example | None]


LABELLING, NAMING = frozenset({"classification", "multilabel"}), frozenset({"ner", "relation"})
CHOOSING = frozenset({"response", "recommendation"})
WRITING = frozenset({"translation", "summarization", "dialogue"})
SEVERAL = LABELLING | {"qa"}
"""Tasks whose examples may have several fields of which one can be asked alone."""

KINDS: Mapping[str, Kind] = {
    "first-sentence": Kind(LABELLING | {"relation", "summarization"}, _first_sentence),
    "entities": Kind(NAMING, _entities),
    "context": Kind(NAMING, _context),
    "only-candidates": Kind(CHOOSING, _candidates),
    "empty": Kind(LABELLING | WRITING, _nothing),
}
"""By name; besides, ``only-`` and the name of a field."""


def problem(kind: str, task: str) -> str:
    """Why a task cannot be asked parts of this kind; empty if it can, as far as the data have any.

    Args:
        kind: As a suite names it.
        task: The task's name.
    """
    if kind in KINDS:
        return _unsuited(kind, KINDS[kind].tasks, task)
    if not kind.startswith(ONLY):
        return f"expected one of {', '.join(KINDS)}, or {ONLY} and the name of a field, found {kind!r}"
    if task in CHOOSING:
        return (
            f"without the candidates there is nothing to choose from: {ONLY}candidates is what can be asked"
        )
    if task == "qa" and kind != f"{ONLY}context":
        return (
            f"answers are taken from the context, so that nothing else can be asked alone: {ONLY}context can"
        )
    return _unsuited(kind, SEVERAL, task)


def _unsuited(kind: str, tasks: Collection[str], task: str) -> str:
    if task in tasks:
        return ""
    own = [name for name, one in KINDS.items() if task in one.tasks]
    for_it = f"; for {task} there is {', '.join(own)}" if own else ""
    return f"{kind} is made for {', '.join(sorted(tasks))}{for_it}"


def parts(kind: str, examples: Sequence[Example], split: Splitter, whole: bool = False) -> list[Example]:
    """Each example cut to its part, with its id and its gold.

    Left out is what has no such part, and what loses its gold with the rest.

    Args:
        kind: One of :data:`KINDS`, or ``only-`` and the name of a field.
        examples: What to cut.
        split: How to find sentences.
        whole: Whether examples that are nothing but the part stay; for training, not for asking.
    """
    cut = ((one, _part(kind, one, split)) for one in examples)
    return [made for one, made in cut if made is not None and (whole or made.fields != one.fields)]


def absent(kind: str, examples: Sequence[Example]) -> tuple[str, str]:
    """Why examples have no part of this kind, and what may have been meant."""
    names = list(dict.fromkeys(name for example in examples for name in example.fields))
    if kind not in KINDS and kind.removeprefix(ONLY) not in names:
        known = [ONLY + name for name in names]
        return f"no example of the test data has the field {kind.removeprefix(ONLY)!r}", nearest(kind, known)
    return f"no example of the test data has a part of the kind {kind} that is not all of it", ""


def _part(kind: str, example: Example, split: Splitter) -> Example | None:
    if kind in KINDS:
        return KINDS[kind].cut(example, split)
    return _without(example, [name for name in example.fields if name != kind.removeprefix(ONLY)])


def _without(example: Example, names: Collection[str]) -> Example | None:
    """The example with these fields emptied; None if its gold lies in one of them, or nothing is left."""
    fields = {name: "" if name in names else text for name, text in example.fields.items()}
    lost = any(span.field in names for span in example.anchors)
    return None if lost or not any(map(str.strip, fields.values())) else replace(example, fields=fields)


def _edited(example: Example, edits: Sequence[Edit]) -> Example | None:
    made = vary(example, edits)
    return None if made.refusal else made.example


def _anchored(example: Example) -> dict[str, list[tuple[int, int]]]:
    """By field the stretches that gold spans and arguments cover, in order and apart from each other."""
    return {name: list(_joined(example, name)) for name in {span.field for span in example.anchors}}


def _joined(example: Example, name: str) -> Iterator[tuple[int, int]]:
    own = sorted((span.start, span.end) for span in example.anchors if span.field == name)
    start, end = own[0]
    for a, b in own[1:]:
        if a < end:
            end = max(end, b)
        else:
            yield start, end
            start, end = a, b
    yield start, end
