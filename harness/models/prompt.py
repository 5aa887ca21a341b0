"""What a model that writes is given to read: token ids of sources and prompts within a limit.

What does not fit is left out: of documents the end, of dialogues the earliest turns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from harness.tasks.reading import Reading, speaker
from harness.tasks.task import Task
from harness.text import SPEAKER, TURN, Example

USER, ASSISTANT = "user", "assistant"


@dataclass(frozen=True)
class Source:
    """What is read, as token ids.

    Args:
        ids: With special tokens and, for decoders, instruction and template.
        types: For each token which of two segments it belongs to, as the tokenizer says; else empty.
        lost: Tokens that did not fit.
    """

    ids: list[int]
    types: list[int] = field(default_factory=list)
    lost: int = 0


def dialogue(reading: Reading) -> bool:
    """Whether what is read are turns."""
    parts = [part for segment in reading for part in segment.parts]
    return bool(parts) and all(TURN.fullmatch(part.field) for part in parts)


# -- for encoders --------------------------------------------------------------------------------


def sources(tokenizer: Any, readings: Sequence[Reading], limit: int) -> list[Source]:
    """Readings for an encoder, of at most so many tokens; of a pair, both parts get the same share."""
    return [_source(tokenizer, [segment.text for segment in one], dialogue(one), limit) for one in readings]


def _source(tokenizer: Any, texts: list[str], left: bool, limit: int) -> Source:
    room = limit - tokenizer.num_special_tokens_to_add(len(texts) > 1)
    shares = [room // len(texts)] * len(texts)
    if len(texts) > 1:  # what one text does not need is the other's
        need = [_count(tokenizer, text) for text in texts]
        shares = [max(share, room - other) for share, other in zip(shares, reversed(need), strict=True)]
    kept, lost = zip(
        *(_cut(tokenizer, text, share, left) for text, share in zip(texts, shares, strict=True)), strict=True
    )
    told = tokenizer(*kept)
    types = told.get("token_type_ids", []) if len(texts) > 1 else []
    return Source(told["input_ids"], types, sum(lost))


# -- for decoders --------------------------------------------------------------------------------

Said = list[tuple[str, str]]
"""Who says what, in order."""


def prompts(tokenizer: Any, task: Task, examples: Sequence[Example], limit: int) -> list[Source]:
    """Prompts for a decoder, of at most so many tokens: the instruction, then what is read.

    Where the tokenizer has a chat template, the user says the instruction and the text, and the
    assistant is about to speak; the turns of a dialogue are the assistant's if the speaker is who
    replies. Without a template, instruction and text stand one below the other.
    """
    return [
        _prompt(tokenizer, task.instruction, example, task.inputs(example)[0], limit) for example in examples
    ]


def _prompt(tokenizer: Any, instruction: str, example: Example, reading: Reading, limit: int) -> Source:
    left = dialogue(reading)
    if tokenizer.chat_template and left:
        said = _turns(example, reading)
    else:
        said = [(USER, "\n".join(segment.text for segment in reading))]
    write = _chat if tokenizer.chat_template else _plain
    ids = write(tokenizer, instruction, said)
    lost = 0
    while len(ids) > limit and said:
        before, said = said, _shorter(tokenizer, said, len(ids) - limit, left)
        lost += sum(_count(tokenizer, text) for _, text in before)
        lost -= sum(_count(tokenizer, text) for _, text in said)
        ids = write(tokenizer, instruction, said)
    return Source(ids[-limit:], lost=lost)


def _turns(example: Example, reading: Reading) -> Said:
    found = [
        (speaker(part.field), segment.text[part.start : part.end])
        for segment in reading
        for part in segment.parts
    ]
    last = found[-1][0]
    others = [name for name, _ in found if name != last]
    replies = example.meta.get(SPEAKER) or (others[-1] if others else "")
    return [(ASSISTANT if name == replies else USER, text) for name, text in found]


def _chat(tokenizer: Any, instruction: str, said: Said) -> list[int]:
    """The ids of a chat in which the user speaks first and nobody twice running."""
    messages: list[dict[str, str]] = []
    for role, text in [(USER, instruction), *said] if instruction else said:
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += f"\n{text}"
        else:
            messages.append({"role": role, "content": text})
    whole = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    ids: list[int] = tokenizer(whole, add_special_tokens=False)["input_ids"]
    return ids


def _plain(tokenizer: Any, instruction: str, said: Said) -> list[int]:
    lines = [text for text in (instruction, *(text for _, text in said)) if text]
    ids: list[int] = tokenizer("\n".join(lines) + "\n")["input_ids"]
    return ids[:-1] if ids[-1] == end(tokenizer) else ids


def _shorter(tokenizer: Any, said: Said, excess: int, left: bool) -> Said:
    """Without at least so many tokens: of the first turns, or of the last."""
    rest = list(said) if left else list(reversed(said))
    while rest and excess > 0:
        role, text = rest.pop(0)
        have = _count(tokenizer, text)
        if have > excess:
            rest.insert(0, (role, _cut(tokenizer, text, have - excess, left)[0]))
        excess -= have
    return rest if left else list(reversed(rest))


# -- tokens --------------------------------------------------------------------------------------


def end(tokenizer: Any) -> int | None:
    """The id of the token that ends a text."""
    found: int | None = tokenizer.eos_token_id
    return tokenizer.sep_token_id if found is None else found


def _count(tokenizer: Any, text: str) -> int:
    return len(tokenizer(text, add_special_tokens=False)["input_ids"])


def _cut(tokenizer: Any, text: str, most: int, left: bool) -> tuple[str, int]:
    """The text with at most so many tokens, its end or its beginning gone, and how many that were."""
    offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    whole, keep = len(offsets), most
    while len(offsets) > most:
        keep = min(keep, most)
        if keep <= 0:
            return "", whole
        kept = text[offsets[-keep][0] :] if left else text[: offsets[keep - 1][1]]
        if (now := _count(tokenizer, kept)) <= most:  # a cut word may take more tokens than it did
            return kept, whole - now
        keep -= now - most
    return text, 0
