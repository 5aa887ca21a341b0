"""Logs of what users were shown and what they clicked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from harness.data.check import Found, gather
from harness.data.delimited import records
from harness.data.jsonl import objects
from harness.data.lines import shown
from harness.data.reader import reader
from harness.data.records import Wrong
from harness.errors import Fault, nearest
from harness.rng import rng
from harness.text import Example

MOST = 10
CLICKED = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@reader("clicks")
def clicks(
    path: str,
    *,
    user: str = "user",
    slate: str = "slate",
    item: str = "item",
    history: str = "history",
    clicked: str = "clicked",
    columns: tuple[str, ...] = (),
    newcomer: str = "nothing yet",
    sample: bool = False,
    seed: int = 0,
) -> list[Example]:
    """A log with a row for each item that was shown: one example for each slate, that is shown together.

    The items of a slate stand in the order of the file. Slates without a click, or with one item only,
    are left out: they say nothing about an order. Slates belong to the group of their user, so that
    resampling keeps them together.

    Args:
        path: JSON objects, one a line, if the file's name ends in ``.jsonl``; tab-separated values if
            it ends in ``.tsv``; otherwise comma-separated values with a header.
        user: The column or key of the user.
        slate: That of the slate or session.
        item: That of the item's text.
        history: That of what the user did before, a text or, in JSON, a list of texts. It is the same
            for all items of a slate.
        clicked: That of whether the item was clicked: 1 or 0, true or false, yes or no.
        columns: Others that are put after the item's text as ``name: value``.
        newcomer: What stands for an empty history.
        sample: What becomes of slates with more than ten items: with true all that were clicked are
            kept, and others are drawn by a key; with false they are faults.
        seed: Keys which items are drawn.

    Raises:
        UserError: If the file is not like that; with its lines.
    """
    wanted = Wanted(user, slate, item, history, clicked, columns, newcomer)
    names = [user, slate, item, history, clicked, *columns]
    rows = objects(path) if path.endswith(".jsonl") else records(path, names)
    return gather(path, _examples(path, rows, wanted, sample, seed))


class Shown(NamedTuple):
    """An item that was shown to a user, and whether it was clicked."""

    line: int
    user: str
    slate: str
    text: str
    history: str
    clicked: bool


class Wanted(NamedTuple):
    """Where to find what; see :func:`clicks`."""

    user: str
    slate: str
    item: str
    history: str
    clicked: str
    columns: tuple[str, ...]
    newcomer: str

    def read(self, line: int, row: Mapping[str, Any]) -> Shown:
        """What a row says.

        Raises:
            Wrong: At the first value that is missing or not what it should be.
        """
        more = [f"{name}: {_told(row, name)}" for name in self.columns]
        past = row.get(self.history)
        listed = isinstance(past, list) and all(isinstance(one, str) for one in past)
        history = "\n".join(past or ()) if listed else _told(row, self.history)
        given = _told(row, self.clicked).strip().lower()
        if given not in CLICKED:
            raise Wrong(self.clicked, f"should be 0 or 1, found {shown(row[self.clicked])}")
        return Shown(
            line,
            _told(row, self.user),
            _told(row, self.slate),
            "; ".join([_told(row, self.item), *more]),
            history if history.strip() else self.newcomer,
            CLICKED[given],
        )


def _told(row: Mapping[str, Any], key: str) -> str:
    if key not in row:
        raise Wrong(key, "is missing", nearest(key, list(row)))
    if not isinstance(row[key], str | int | float):
        raise Wrong(key, f"should be a text or a number, found {shown(row[key])}")
    return str(row[key])


def _examples(
    path: str,
    rows: Iterator[Fault | tuple[int, Mapping[str, Any]]] | Sequence[Fault | tuple[int, Mapping[str, Any]]],
    wanted: Wanted,
    sample: bool,
    seed: int,
) -> Iterator[Found]:
    slates: dict[str, list[Shown]] = {}
    for row in rows:
        if isinstance(row, Fault):
            yield row
            continue
        try:
            one = wanted.read(*row)
        except Wrong as wrong:
            yield Fault(wrong.message, path, row[0], field=wrong.key, hint=wrong.hint)
            continue
        first = slates.setdefault(one.slate, []) or [one]
        if (one.user, one.history) != (first[0].user, first[0].history):
            what = wanted.user if one.user != first[0].user else wanted.history
            message = f"differs from line {first[0].line} of the same slate {shown(one.slate)}"
            yield Fault(message, path, one.line, field=what)
        slates[one.slate].append(one)
    for items in slates.values():
        if len(items) > 1 and any(one.clicked for one in items):
            yield _slate(path, items, wanted, sample, seed)


def _slate(path: str, items: Sequence[Shown], wanted: Wanted, sample: bool, seed: int) -> Found:
    """The example of a slate, or why it cannot be one."""
    line, user, slate, _, history, _ = items[0]
    taken = [at for at, one in enumerate(items) if one.clicked]
    if len(items) > MOST and (not sample or len(taken) > MOST):
        hint = "" if sample else "with sample: true, items that were not clicked are drawn to make ten"
        what = "clicked items" if sample else "items"
        count = len(taken) if sample else len(items)
        message = f"the slate {shown(slate)} has {count} {what}, at most {MOST} are possible"
        return Fault(message, path, line, field=wanted.slate, hint=hint)
    if len(items) > MOST:
        rest = [at for at, one in enumerate(items) if not one.clicked]
        drawn = rng("slate", seed, slate).permutation(len(rest))[: MOST - len(taken)]
        items = [items[at] for at in sorted([*taken, *(rest[at] for at in drawn)])]
    fields = {"history": history} | {f"candidate {at}": one.text for at, one in enumerate(items, 1)}
    right = tuple(str(at) for at, one in enumerate(items, 1) if one.clicked)
    return line, Example(slate, fields, right, group=user)
