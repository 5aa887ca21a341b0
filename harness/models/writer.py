"""A model that is given one text and writes another: a paraphrase, a translation. Imports torch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.errors import Fault, UserError
from harness.models.generation import Generation
from harness.models.generator import Generator, Sheet
from harness.models.model import piece
from harness.models.prompt import Source, prompts
from harness.models.weights import local, safe
from harness.tasks.summarization import TASK
from harness.text import SOURCE, Example

DEVICE = "cpu"
"""Where texts are written, so that they are the same on every machine."""
AT_LEAST, MOST = 16, 512
"""Tokens that may be written, whatever the length of the text."""


class Writer:
    """An encoder-decoder or a decoder that writes the most probable token each time.

    Args:
        network: Its network.
        tokenizer: Its tokenizer. That of an encoder-decoder need not be a fast one.
        prompt: What a decoder is told to do; what an encoder-decoder reads before the text.
    """

    def __init__(self, network: Any, tokenizer: Any, prompt: str) -> None:
        self.network, self.tokenizer, self.prompt = network, tokenizer, prompt
        self.task = replace(TASK, instruction=prompt)

    @classmethod
    def load(cls, name: str, prompt: str) -> Writer:
        """Read weights as :func:`harness.models.weights.resolve` knows them.

        Raises:
            UserError: If they are not found, would have to be unpickled, or are not those of a model that writes.
        """
        place = local(name)
        if Path(place).is_dir():
            safe(place)
        try:
            model = Generator.load(place, TASK, DEVICE)
        except (OSError, ValueError, KeyError) as error:
            raise UserError(Fault(f"cannot load {name!r} to write texts: {error}")) from error
        return cls(model.network, model.tokenizer, prompt)

    def write(self, text: str) -> str:
        """What the model writes; empty if the text is too long for it, or it gets to no end in twice its length."""
        if _broken(text):
            return ""
        size = len(self.tokenizer(text)["input_ids"])
        room = min(MOST, AT_LEAST + 2 * size)
        try:
            model = Generator(
                self.network,
                self.tokenizer,
                self.task,
                DEVICE,
                Generation(max_new_tokens=room, max_source_tokens=MOST),
            )
        except ValueError:  # it cannot write so much
            return ""
        source = self._source(model, text)
        if source.lost or len(source.ids) > model.length:
            return ""
        (output,) = model.forward([piece(len(source.ids), source.ids, Sheet(source, [], ""))])
        said: str = self.tokenizer.decode(output.ids, skip_special_tokens=True)
        return "" if output.cut else said.strip()

    def _source(self, model: Generator, text: str) -> Source:
        if model.paired:
            return Source(self.tokenizer(self.prompt + text)["input_ids"])
        return prompts(self.tokenizer, self.task, [Example("", {SOURCE: text})], model.length)[0]


def _broken(text: str) -> bool:
    """Whether a text holds half a character, which no tokenizer takes."""
    return any("\ud800" <= char <= "\udfff" for char in text)
