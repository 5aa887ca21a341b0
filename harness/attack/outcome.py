"""What an attack did to an example."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harness.prediction import Prediction
from harness.text import Edit

GOLD = "gold"
"""What refuses a candidate whose gold cannot be carried, beside the constraints."""


class Status(StrEnum):
    """What became of an example."""

    SUCCESS = "success"
    """The model was right, and the goal is reached on the edited text."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """The model was wrong already, or there was nothing to attack."""
    ERROR = "error"
    """The model or the search broke on one of its texts."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an attack did to one example.

    Args:
        id: The example's.
        status: What became of it.
        queries: Distinct texts that the model saw, the clean one included, or as many as a search with
            a count of its own says.
        edits: The successful script, or else the most harmful candidate; empty if none did harm.
        minimal: Of a successful script the part that is needed; otherwise empty.
        least: The prediction for the text with no more than that.
        harm_before: Harm of the clean text, in [0, 1].
        harm_after: Harm of the edited text, in [0, 1].
        clean: The prediction for the clean text; None if there is none.
        final: The prediction for the edited text; None likewise.
        note: Why the example was skipped, the search was cut short or something broke.
        stage: The part of the attack that succeeded, if it has several.
        truncated: Whether the budget of queries or seconds ended the search.
        candidates: Scripts that were proposed, probes not included.
        refused: How many of them what refused, by label of the constraint.
        unstable: Whether the model gave another answer when asked once more.
        control: Whether edits at random succeed with as many queries; None if that was not tried.
        seconds: Time spent on it: its share of the model's, by texts, and its own.
    """

    id: str
    status: Status
    queries: int
    edits: tuple[Edit, ...] = ()
    minimal: tuple[Edit, ...] = ()
    harm_before: float = math.nan
    harm_after: float = math.nan
    clean: Prediction | None = None
    final: Prediction | None = None
    least: Prediction | None = None
    note: str = ""
    stage: str = ""
    truncated: bool = False
    candidates: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    unstable: bool = False
    control: bool | None = None
    seconds: float = 0.0

    @property
    def success(self) -> bool:
        """Whether the attack succeeded."""
        return self.status is Status.SUCCESS

    @property
    def skipped(self) -> bool:
        """Whether it was not attacked."""
        return self.status is Status.SKIPPED
