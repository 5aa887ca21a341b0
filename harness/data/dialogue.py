"""Conversations: turns by turns, each of which is a reply to those before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from harness.data.check import gather
from harness.data.jsonl import each
from harness.data.lines import shown
from harness.data.reader import reader
from harness.data.records import Wrong, references, scalar, typed
from harness.errors import Fault, UserError
from harness.text import SPEAKER, Example

LINE = re.compile(r"\s*(?P<speaker>[^:]*?\S[^:]*?)\s*:\s*(?P<text>.*\S)\s*")


class Turn(NamedTuple):
    """What one speaker says before another one does."""

    speaker: str
    text: str


@dataclass(frozen=True)
class Chosen:
    """Which turns count as replies, and what is known of the turns before them.

    Args:
        by: Only those of this speaker; empty for all.
        before: Turns before the reply at least.
        most: Turns before the reply at most, the nearest; 0 for all.
        every: Each how manieth of them.
        last: Only the last of a conversation.
    """

    by: str
    before: int
    most: int
    every: int
    last: bool

    def replies(self, turns: Sequence[Turn]) -> list[int]:
        """The numbers of these turns, counted from 0."""
        found = [at for at, one in enumerate(turns) if at >= self.before and self.by in ("", one.speaker)]
        return found[-1:] if self.last else found[:: self.every]

    def example(self, talk: str, turns: Sequence[Turn], reply: Sequence[str], speaker: str) -> Example:
        """The reply, one text or several of which any is right, to these turns."""
        seen = turns[-self.most :] if self.most else turns
        fields = {f"{number:02} {one.speaker}": one.text for number, one in enumerate(seen, 1)}
        meta = {SPEAKER: speaker, "turn": str(len(turns) + 1)}
        return Example(f"{talk}:{len(turns) + 1}", fields, tuple(reply), talk, meta)


@reader("dialogue")
def dialogue(
    path: str,
    *,
    turns: str = "turns",
    reply: str = "reply",
    speaker: str = "speaker",
    id: str = "id",
    by: str = "",
    before: int = 1,
    most: int = 0,
    every: int = 1,
    last: bool = False,
) -> list[Example]:
    """Conversations as JSON objects, one a line, with their turns and, if it is not among them, the reply.

    A conversation without a reply of its own is read as many examples: each turn is a reply to those
    before it. They belong to one group, so that resampling keeps them together.

    Args:
        path: The file. Blank lines are skipped.
        turns: The key of the turns: a list of ``{"speaker": …, "text": …}``, or a text with a line
            ``speaker: text`` for each of them. Number signs around a speaker are left out.
        reply: The key of the reply: a text, a list of texts of which any is right, or an object with
            ``speaker`` and ``text``.
        speaker: The key of who replies. Without it, it is who spoke last but for the last speaker.
        id: The key of the id of the conversation; without it, it is ``<file>:<line>``.
        by: Only replies of this speaker. Empty: of all.
        before: Turns before a reply at least.
        most: Turns before a reply at most; 0: all of them.
        every: Take each how manieth reply: with 1 all, with 2 every other.
        last: Take only the last turn of each conversation.

    Raises:
        UserError: If a turn has no speaker or no text, or the file is not like that; with its lines.
    """
    least = {"before": (before, 1), "most": (most, 0), "every": (every, 1)}
    faults = [
        Fault(f"{name} should be at least {minimum}, found {value}", path, field=name)
        for name, (value, minimum) in least.items()
        if value < minimum
    ]
    if faults:
        raise UserError(faults)
    chosen = Chosen(by, before, most, every, last)

    def read(row: Mapping[str, Any], name: str) -> Iterator[Example]:
        talk = scalar(row, id) if id in row else name
        said = _turns(row, turns)
        if reply in row:
            texts, who = _reply(row, reply, speaker, said)
            yield chosen.example(talk, said, texts, who)
            return
        for at in chosen.replies(said):
            yield chosen.example(talk, said[:at], [said[at].text], said[at].speaker)

    return gather(path, each(path, read))


def _turns(row: Mapping[str, Any], key: str) -> list[Turn]:
    if isinstance(row.get(key), str):
        lines = row[key].splitlines()
        found = [_line(line, f"{key}.{at}") for at, line in enumerate(lines) if line.strip()]
    else:
        should = "a list of turns, or a text of lines 'speaker: text'"
        found = [_turn(one, f"{key}.{at}") for at, one in enumerate(typed(row, key, list, should))]
    if not found:
        raise Wrong(key, "has no turns")
    return found


def _line(line: str, place: str) -> Turn:
    match = LINE.fullmatch(line)
    if match is None or not _name(match["speaker"]):
        raise Wrong(place, f"should be 'speaker: text', found {shown(line)}")
    return Turn(_name(match["speaker"]), match["text"])


def _turn(value: Any, place: str) -> Turn:
    if not isinstance(value, dict):
        raise Wrong(place, f"should be an object with speaker and text, found {shown(value)}")
    try:
        who, text = (typed(value, name, str, "a string") for name in ("speaker", "text"))
    except Wrong as wrong:
        raise Wrong(f"{place}.{wrong.key}", wrong.message, wrong.hint) from None
    for name, given in (("speaker", _name(who)), ("text", text)):
        if not given.strip():
            raise Wrong(f"{place}.{name}", "is empty")
    return Turn(_name(who), text)


def _name(speaker: str) -> str:
    return " ".join(speaker.strip().strip("#").split())


def _reply(row: Mapping[str, Any], key: str, speaker: str, said: Sequence[Turn]) -> tuple[list[str], str]:
    """The reply's texts, and who gives it."""
    if isinstance(row[key], dict):
        one = _turn(row[key], key)
        return [one.text], one.speaker
    texts = references(row, key)
    if speaker in row:
        who = _name(typed(row, speaker, str, "a string"))
        if not who:
            raise Wrong(speaker, "is empty")
        return texts, who
    others = [one.speaker for one in said if one.speaker != said[-1].speaker]
    if not others:
        raise Wrong(speaker, "is missing, and the turns have one speaker only: who replies?")
    return texts, others[-1]
