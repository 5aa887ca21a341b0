"""How a training run differs from the main ones, apart from its seed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

HOME = "home"
"""What the suite's own data set is called beside :attr:`Variation.source` of others."""
PLAIN = "as-written"
"""What the options are called that a suite gives a model, beside its ``settings``."""


@dataclass(frozen=True)
class Variation:
    """One step aside from the suite's main runs, which differ by nothing but their seed.

    Args:
        fraction: Share of the training data, in (0, 1].
        subset: Which draw of that share; 0 is the first, and of the whole there is no other.
        order: Seed of the order of the data; None: the run's own seed.
        setting: Name of the options laid over the model's; empty: none.
        source: Name of the data set it was trained on; empty: the suite's own.
        checkpoint: Share of the steps of training after which it stopped, in (0, 1].
        shuffled: Whether the gold that it learned from was dealt out anew.
        part: Kind of part of its examples that it was trained on alone; empty: on all of them.
    """

    fraction: float = 1.0
    subset: int = 0
    order: int | None = None
    setting: str = ""
    source: str = ""
    checkpoint: float = 1.0
    shuffled: bool = False
    part: str = ""

    @classmethod
    def of(cls, record: Any) -> Variation:
        """What a record says that has these fields too."""
        return cls(*(getattr(record, one.name) for one in fields(cls)))

    @property
    def main(self) -> bool:
        """Whether nothing is varied."""
        return self == MAIN

    @property
    def told(self) -> dict[str, str | int | float]:
        """What is varied, by axis, as rows and titles name it; empty for a main run."""
        return {one.name: value for one in fields(self) if (value := getattr(self, one.name)) != one.default}


MAIN = Variation()
