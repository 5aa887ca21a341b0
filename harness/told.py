"""What models said of the clean splits, as measures need it: entities by what training knows, probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from harness import payload
from harness.data.mentions import CASES, FOLDED, Known, confusable, counted, found_confusable, known
from harness.execute.files import PREDICTIONS
from harness.measure.tables import Mentions
from harness.plan import Plan
from harness.prediction import Classes, Prediction, Spans, from_table
from harness.store import Blobs
from harness.tasks.task import Form
from harness.units import Predict


class Told:
    """Reads predictions of a plan.

    Args:
        plan: What was done.
        blobs: Where predictions are.
    """

    def __init__(self, plan: Plan, blobs: Blobs) -> None:
        self.plan, self.blobs = plan, blobs
        self._names: dict[str, frozenset[str]] = {}

    @property
    def tagged(self) -> bool:
        """Whether there are entities, and training data to have seen them in."""
        return self.plan.task.form is Form.WORDS and "train" in self.plan.data

    @property
    def classified(self) -> bool:
        """Whether each text has one label."""
        return self.plan.task.form is Form.LABEL

    @cached_property
    def _known(self) -> dict[str, Known]:
        return {case: known(self.plan.data["train"], case == FOLDED) for case in CASES}

    def _confusable(self, split: str) -> frozenset[str]:
        if split not in self._names:
            self._names[split] = confusable(self.plan.data[split])
        return self._names[split]

    def _said(self, unit: Predict) -> dict[str, Prediction]:
        return from_table(payload.read_table(self.blobs.open(unit.key, PREDICTIONS))[0])

    def of(self, said: Mapping[str, Predict]) -> tuple[dict[str, Mentions], dict[str, NDArray[np.float64]]]:
        """Of a run, by split: its entities if it is a tagger, its probabilities if it is a classifier."""
        entities = {
            split: self._mentions(split, self._said(unit)) for split, unit in said.items() if self.tagged
        }
        classes = {
            split: self._probabilities(split, self._said(unit))
            for split, unit in said.items()
            if self.classified
        }
        return entities, classes

    def _mentions(self, split: str, said: Mapping[str, Prediction]) -> Mentions:
        examples, names = self.plan.data[split], self._confusable(split)
        spans = [one.spans if isinstance(one := said[e.id], Spans) else () for e in examples]
        counts = {
            case: np.array([counted(e, s, of) for e, s in zip(examples, spans, strict=True)], float)
            for case, of in self._known.items()
        }
        pairs = [found_confusable(e, s, names) for e, s in zip(examples, spans, strict=True)]
        return Mentions(counts, np.array(pairs, float))

    def _probabilities(self, split: str, said: Mapping[str, Prediction]) -> NDArray[np.float64]:
        rows = [said[e.id] for e in self.plan.data[split]]
        return np.array([one.probabilities for one in rows if isinstance(one, Classes)], float)
