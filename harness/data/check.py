"""What must hold of examples before anything is computed from them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from harness.data.lines import capped, shown
from harness.data.others import labels
from harness.errors import Fault, UserError, nearest
from harness.text import Example, Span

Found = Fault | tuple[int, Example]
"""What a reader finds on its way through a file: a fault, or an example and its first line. The line
is 0 in files that are not made of lines; faults then name the example instead."""


def gather(path: str, found: Iterable[Found], alternatives: bool = False) -> list[Example]:
    """The examples of one file, or everything that is wrong with it.

    Args:
        path: The file, as faults should name it.
        found: What its reader finds in it.
        alternatives: See :func:`problems`.

    Raises:
        UserError: If there was any fault, no example, an id twice or an example that
            :func:`problems` objects to: the first five faults and the number of the others.
    """
    examples: list[Example] = []
    faults: list[Fault] = []
    lines: dict[str, int] = {}
    for one in found:
        if isinstance(one, Fault):
            faults.append(one)
            continue
        line, example = one
        for name, message in problems(example, alternatives):
            faults.append(Fault(message, path, line, field=name if line else f"{example.id}.{name}"))
        if (first := lines.setdefault(example.id, line)) != line:
            message = f"id {shown(example.id)} is that of line {first}; ids should be unique"
            faults.append(Fault(message, path, line, field="id"))
        examples.append(example)
    if not examples and not faults:
        faults.append(Fault("no examples", file=path))
    if faults:
        raise UserError(capped(sorted(faults, key=lambda fault: fault.line)))
    return examples


def problems(example: Example, alternatives: bool = False) -> Iterator[tuple[str, str]]:
    """What is wrong with one example by itself: the part concerned, and what was found.

    Texts, labels and ids should not be blank and should be encodable as UTF-8 without NUL. Spans
    should be sorted, not empty, inside their field and apart from each other, and so should marks.

    Args:
        example: The example.
        alternatives: Whether its spans are answers of which one is enough; then they may overlap.
    """
    told = [("id", example.id), *example.fields.items()]
    if isinstance(example.target, str):
        told.append(("label", example.target))
    else:
        told += [(f"target.{at}", text) for at, text in enumerate(example.references)]
    for name, value in told:
        if flaw := _flaw(value):
            yield name, flaw
    for what, spans, apart in (("spans", example.spans, not alternatives), ("marks", example.marks, True)):
        for at, span in enumerate(spans):
            yield from _of_span(f"{what}.{at}", span, example.fields.get(span.field))
        for at, (left, right) in enumerate(pairwise(sorted(spans) if what == "marks" else spans)):
            if apart and left.field == right.field and right.start < left.end:
                yield f"{what}.{at + 1}", f"{_place(right)} overlaps or precedes {_place(left)}"


def _of_span(name: str, span: Span, text: str | None) -> Iterator[tuple[str, str]]:
    if flaw := _flaw(span.label):
        yield f"{name}.label", flaw
    if text is None:
        yield name, f"lies in the field {span.field!r}, which the example does not have"
    elif not 0 <= span.start <= span.end <= len(text):
        yield name, f"[{span.start}, {span.end}) is not inside a text of {len(text)} characters"
    elif span.start == span.end:
        yield name, f"[{span.start}, {span.end}) is empty"


def _place(span: Span) -> str:
    return f"{shown(span.label)} [{span.start}, {span.end})"


def _flaw(value: str) -> str:
    if not value.strip():
        return "is empty" if not value else "is nothing but white space"
    if "\0" in value:
        return "holds a NUL character"
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        return "holds half of a surrogate pair, which is not a character"
    return ""


# -- splits --------------------------------------------------------------------------------------


def check_splits(
    splits: Mapping[str, Sequence[Example]],
    trained: bool = True,
    labelled: bool = True,
    alternatives: bool = False,
) -> tuple[Fault, ...]:
    """What is wrong with the data of a suite, taken together.

    Args:
        splits: Examples by split: ``train``, ``validation``, ``test`` and the names of the shifts.
        trained: Whether a model will be fitted to ``train``. If so, it should be there, and know
            every label of the other splits. If not, labels are the business of the checkpoint.
        labelled: Whether targets are labels that training has to know; not so for answers and texts.
        alternatives: See :func:`problems`.

    Returns:
        Faults whose field is ``data.<split>``, at most six of a kind in each split; empty if all is
        well. Checked are: empty splits, examples by themselves (:func:`problems`), ids that occur
        twice, missing targets, labels next to spans, span data without a single span, and labels
        that ``train`` does not have.
    """
    faults = (
        [Fault("there is nothing to train on", field="data.train")]
        if trained and not splits.get("train")
        else []
    )
    kinds = [
        _kind(example)
        for examples in splits.values()
        for example in examples
        if example.target not in (None, ())
    ]
    known = sorted(labels(splits.get("train", ())))
    for name, examples in splits.items():
        place = f"data.{name}"
        if examples:
            faults += _alone(place, examples, alternatives)
            faults += _targets(place, examples, kinds[0] if kinds else "")
            faults += _unseen(place, examples, known) if trained and known and labelled else ()
        elif name != "train" or not trained:
            faults.append(Fault("no examples", field=place))
    return tuple(faults)


def check_outliers(place: str, examples: Sequence[Example], test: Sequence[Example]) -> Iterator[Fault]:
    """What is wrong with inputs that no model should be sure about: whether a model can read them at all.

    Args:
        place: What faults name as their field.
        examples: Without targets.
        test: What models read otherwise: its fields and marks are what they need.
    """
    if not examples:
        yield Fault("no examples", field=place)
    yield from _alone(place, examples, alternatives=False)
    wanted = {tuple(example.fields) for example in test}
    if len(wanted) == 1:  # where fields are turns, examples differ
        other = [e for e in examples if tuple(e.fields) not in wanted]
        (names,) = wanted
        hint = f"the reader should give them: {', '.join(names)}"
        yield from _together(place, other, "has other fields than the test data", hint)
    if test and all(example.marks for example in test):
        bare = [e for e in examples if not e.marks]
        yield from _together(place, bare, "has no arguments, which the test data have", "see data.test")


def _alone(place: str, examples: Sequence[Example], alternatives: bool) -> Iterator[Fault]:
    seen: set[str] = set()
    twice = []
    for example in examples:
        if example.id in seen:
            twice.append(example)
        seen.add(example.id)
    yield from _together(place, twice, "has the id of an earlier one; ids should be unique")
    yield from capped(
        [
            Fault(f"example {shown(example.id)}: {part} {message}", field=place)
            for example in examples
            for part, message in problems(example, alternatives)
        ]
    )


def _targets(place: str, examples: Sequence[Example], kind: str) -> Iterator[Fault]:
    yield from _together(place, [e for e in examples if e.target is None], "has no target")
    mixed = [e for e in examples if e.target not in (None, ()) and _kind(e) != kind]
    yield from _together(place, mixed, f"has another kind of target than the first of the data, {kind}")
    if kind in ("spans", "") and {e.target for e in examples} == {()}:
        yield Fault("has no span at all, so that there is nothing to learn or to score", field=place)


def _unseen(place: str, examples: Sequence[Example], known: Sequence[str]) -> Iterator[Fault]:
    unseen: dict[str, list[Example]] = {}
    for example in examples:
        for label in sorted(labels([example]).difference(known)):
            unseen.setdefault(label, []).append(example)
    found: list[Fault] = []
    for label, holders in unseen.items():
        found += _together(
            place, holders, f"has the label {shown(label)}, which train does not have", nearest(label, known)
        )
    yield from capped(found)


def _together(place: str, examples: Sequence[Example], complaint: str, hint: str = "") -> Iterator[Fault]:
    """One fault for all the examples that share a complaint; none if there are none."""
    if examples:
        others = f" (and {len(examples) - 1} more)" if len(examples) > 1 else ""
        yield Fault(f"example {shown(examples[0].id)}{others} {complaint}", field=place, hint=hint)


def _kind(example: Example) -> str:
    if isinstance(example.target, tuple):
        return "labels or texts" if example.references else "spans"
    return "label"


# -- leakage -------------------------------------------------------------------------------------


def known(train: Sequence[Example], evaluation: Sequence[Example]) -> list[bool]:
    """Which evaluation examples have a text that also occurs in training.

    Texts are compared in Unicode form NFKC, in lower case and with white space squeezed (methods,
    section 5.0). Examples of several fields have to agree in all of them.
    """
    texts = {_normal(example) for example in train}
    return [_normal(example) in texts for example in evaluation]


def _normal(example: Example) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, " ".join(unicodedata.normalize("NFKC", text).lower().split()))
        for name, text in sorted(example.fields.items())
    )
