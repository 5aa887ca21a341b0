"""Conversations with several replies to choose from, of which one was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.data.dialogue import dialogue
from harness.data.jsonl import each
from harness.data.lines import capped
from harness.data.reader import reader
from harness.data.records import Wrong, scalar, strings
from harness.errors import Fault, UserError
from harness.rng import rng
from harness.text import Example

MOST = 10


@reader("responses")
def responses(
    path: str,
    *,
    turns: str = "turns",
    reply: str = "reply",
    speaker: str = "speaker",
    id: str = "id",
    distractors: str = "distractors",
    candidates: int = 10,
    by: str = "",
    before: int = 1,
    most: int = 0,
    every: int = 1,
    last: bool = False,
    seed: int = 0,
) -> list[Example]:
    """Conversations as for ``dialogue``, each reply among others that were not given.

    The others are those that a line brings along, and then replies in other conversations of the file,
    drawn by a key of their own for each example; none has the text of another candidate. So has the
    slot of the right one: it says nothing. With a second or third reference, the first is the reply.

    Args:
        path: The file. Blank lines are skipped.
        turns: As for ``dialogue``, and so are ``reply``, ``speaker``, ``id``, ``by``, ``before``,
            ``most``, ``every`` and ``last``.
        distractors: The key of a list of other replies. Lines need not have it.
        candidates: How many replies there are to choose from, 2 to 10; fewer if the file has no more.
        seed: Keys which replies are drawn and where they stand.

    Raises:
        UserError: If the file is not like that, or has too few replies to choose from; with its lines.
    """
    if not 2 <= candidates <= MOST:
        raise UserError(
            Fault(f"candidates should be from 2 to {MOST}, found {candidates}", path, field="candidates")
        )
    found = dialogue.function(
        path, turns=turns, reply=reply, speaker=speaker, id=id, by=by, before=before, most=most, every=every,
        last=last,
    )  # fmt: skip
    own = _own(path, id, distractors)
    pool = Pool.of(found)
    faults = []
    examples = []
    for one in found:
        others = pool.others(one, own.get(one.group, ()), candidates - 1, seed)
        if not others:
            message = f"there is no other reply to choose from for {one.id}"
            faults.append(Fault(message, path, hint=f"give some under the key {distractors!r}"))
        examples.append(_among(one, others, seed))
    if faults:
        raise UserError(capped(faults))
    return examples


def _own(path: str, id: str, key: str) -> Mapping[str, Sequence[str]]:
    """The distractors that conversations bring along, by the conversation's id."""
    found: dict[str, list[str]] = {}

    def read(row: Mapping[str, Any], name: str) -> Iterator[Example]:
        if key in row:
            texts = strings(row, key)
            for at, text in enumerate(texts):
                if not text.strip():
                    raise Wrong(f"{key}.{at}", "is empty")
            found[scalar(row, id) if id in row else name] = texts
        return iter(())

    faults = [one for one in each(path, read) if isinstance(one, Fault)]
    if faults:
        raise UserError(capped(faults))
    return found


@dataclass(frozen=True)
class Pool:
    """All replies of a file.

    Args:
        texts: Each once, in order.
        talks: The conversations in which each occurs, by its text with case and white space evened out.
    """

    texts: tuple[str, ...]
    talks: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, examples: Sequence[Example]) -> Pool:
        """The first reference of each example."""
        talks: dict[str, set[str]] = {}
        texts: dict[str, str] = {}
        for one in examples:
            said = one.references[0]
            texts.setdefault(_even(said), said)
            talks.setdefault(_even(said), set()).add(one.group)
        return cls(tuple(sorted(texts.values())), {key: frozenset(found) for key, found in talks.items()})

    def others(self, example: Example, own: Sequence[str], count: int, seed: int) -> list[str]:
        """So many texts, if there are, that are no reply of the same conversation: first its own."""
        taken = {_even(one) for one in example.references}
        found: list[str] = []
        order = rng("distractors", seed, example.id).permutation(len(self.texts))
        for text in (*own, *(self.texts[at] for at in order)):
            given = text not in own and example.group in self.talks.get(_even(text), frozenset())
            if len(found) == count:
                break
            if not given and _even(text) not in taken:
                taken.add(_even(text))
                found.append(text)
        return found


def _even(text: str) -> str:
    return " ".join(text.casefold().split())


def _among(example: Example, others: Sequence[str], seed: int) -> Example:
    """The example with its reply and others in slots, in an order of its own."""
    texts = [example.references[0], *others]
    order = rng("slots", seed, example.id).permutation(len(texts)).tolist()
    slots = {f"candidate {slot}": texts[at] for slot, at in enumerate(order, 1)}
    return replace(example, fields={**example.fields, **slots}, target=(str(order.index(0) + 1),))
