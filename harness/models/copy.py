"""The source as the answer: what a model has to beat to have written anything."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from harness.models.model import Piece, piece
from harness.prediction import Prediction, Text
from harness.tasks.task import Task
from harness.text import Example

CARD = "copy.json"
END = re.compile(r"[.!?…。！？]+[\"'”’)\]]*(?=\s|$)\s*|\n+")
"""Where a sentence ends, by its marks alone: abbreviations end sentences too."""
NO_WORDS = np.zeros((0, 2), np.int32)


def beginning(text: str, sentences: int) -> str:
    """The first so many sentences of a text; all of it for 0."""
    if not sentences:
        return text
    text = text.strip()
    ends = [match.end() for match in END.finditer(text)][:sentences]
    return text[: ends[-1]].strip() if len(ends) == sentences else text


class Copy:
    """Says the last of the texts that it is given: the source, or the last turn of a dialogue.

    Args:
        sentences: How many of its sentences, from the first; 0 for all.
        task: Which task it answers.
    """

    def __init__(self, sentences: int, task: Task) -> None:
        self.sentences, self.task = sentences, task

    @classmethod
    def load(cls, where: str | Path, task: Task, device: str) -> Copy:
        """Read what :meth:`save` wrote; the device does not matter."""
        return cls(json.loads((Path(where) / CARD).read_text("utf-8"))["sentences"], task)

    def save(self, where: Path) -> None:
        """Write down the only thing that there is to know."""
        (where / CARD).write_text(json.dumps({"sentences": self.sentences}), "utf-8")

    @property
    def labels(self) -> tuple[str, ...]:
        """There are none."""
        return ()

    def encode(self, examples: Sequence[Example]) -> list[list[Piece]]:
        """One piece per example."""
        texts = [list(example.fields.values())[-1] for example in examples]
        return [[piece(len(text), text, text)] for text in texts]

    def forward(self, pieces: Sequence[Piece]) -> list[Text]:
        """The texts."""
        return [Text(beginning(one.data, self.sentences)) for one in pieces]

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """Hand the text to the task."""
        return self.task.decode(example, NO_WORDS, outputs[0], ())
