"""How a text is generated: the settings, what they may be, and where a checkpoint keeps them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from harness.errors import nearest

FILE = "generation.json"
"""Beside the weights; what the library knows of it is in its own ``generation_config.json`` too."""


@dataclass(frozen=True, kw_only=True)
class Generation:
    """The keys of ``generation:`` under ``training:``, for tasks whose answer is a text.

    Args:
        max_new_tokens: Tokens of the output at most; longer outputs are cut, and say so.
        max_source_tokens: Tokens of the input at most, prompt included. Documents lose their end,
            dialogues their beginning; predictions say how much was lost.
        beams: Width of the beam search; 1: greedy, or sampling.
        length_penalty: The exponent of the length that the score of a beam is divided by.
        no_repeat_ngram: Length of the shortest sequence of tokens that may not be said twice; 0: no limit.
        sample: Whether to draw tokens rather than to take the most probable one.
        temperature: What logits are divided by before drawing.
        top_p: Drawn are only the most probable tokens that together have this probability
            (nucleus sampling, Holtzman et al. 2020).
        seed: Keys the draws, together with the input and nothing else.

    Raises:
        ValueError: If values are not allowed; names all of them, with what is.
    """

    max_new_tokens: int = 64
    max_source_tokens: int = 512
    beams: int = 1
    length_penalty: float = 1.0
    no_repeat_ngram: int = 0
    sample: bool = False
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if faults := [f"generation.{fault}" for fault in self._faults()]:
            raise ValueError("; ".join(faults))

    @property
    def arguments(self) -> dict[str, Any]:
        """The settings as ``generate`` of transformers calls them."""
        drawn: dict[str, Any] = {"temperature": self.temperature, "top_p": self.top_p, "top_k": 0}
        return {
            "max_new_tokens": self.max_new_tokens,
            "num_beams": self.beams,
            "do_sample": self.sample,
            "length_penalty": self.length_penalty,
            "no_repeat_ngram_size": self.no_repeat_ngram,
            "early_stopping": self.beams > 1,
            **(drawn if self.sample else {}),
        }

    def _faults(self) -> Iterator[str]:
        yield from self._wrong("max_new_tokens", int, "a whole number of at least 1", least=1)
        yield from self._wrong("max_source_tokens", int, "a whole number of at least 8", least=8)
        yield from self._wrong("beams", int, "a whole number of at least 1", least=1)
        yield from self._wrong("length_penalty", float, "a number")
        yield from self._wrong("no_repeat_ngram", int, "a whole number of at least 0", least=0)
        yield from self._wrong("sample", bool, "true or false")
        yield from self._wrong("temperature", float, "a number above 0", above=0)
        yield from self._wrong("top_p", float, "above 0 and at most 1", above=0, most=1)
        yield from self._wrong("seed", int, "a whole number")
        if self.sample is True and self.beams != 1:
            yield f"sample goes with one beam, found beams: {self.beams!r}"
        if self.sample is False and (self.temperature, self.top_p) != (1, 1):
            yield "temperature and top_p say how to draw: set sample: true, or leave them out"

    def _wrong(
        self,
        name: str,
        kind: type,
        wanted: str,
        least: float = -math.inf,
        above: float = -math.inf,
        most: float = math.inf,
    ) -> Iterator[str]:
        found = getattr(self, name)
        right = type(found) is kind or (kind is float and type(found) is int)
        if not (right and math.isfinite(found) and above < found and least <= found <= most):
            yield f"{name} should be {wanted}, found {found!r}"


def parse(given: Mapping[str, Any]) -> Generation:
    """The settings that a suite or a checkpoint gives; what is left out has its default.

    Raises:
        ValueError: If a key is unknown or a value is not allowed.
    """
    known = tuple(one.name for one in fields(Generation))
    faults = [
        f"generation has no key {key!r}; {nearest(str(key), known)}" for key in given if key not in known
    ]
    if faults:
        raise ValueError("; ".join(faults))
    return Generation(**given)


def write(folder: Path, settings: Generation) -> None:
    """Keep the settings with a checkpoint."""
    (folder / FILE).write_text(json.dumps(asdict(settings), indent=1) + "\n", "utf-8")


def read(folder: Path) -> Generation | None:
    """The settings kept with a checkpoint; None if there are none.

    Raises:
        ValueError: If what is there cannot be read.
    """
    try:
        told = (folder / FILE).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    given = json.loads(told)
    if not isinstance(given, dict):
        raise ValueError(f"{folder / FILE} should hold a JSON object, found {type(given).__name__}")
    return parse(given)
