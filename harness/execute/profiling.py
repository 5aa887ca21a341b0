"""What there is to know of examples without a model, worked out once and kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness import payload
from harness.data.check import known
from harness.data.features import features
from harness.data.near import nearly_known
from harness.execute.bench import Bench, Emit
from harness.execute.files import PROFILE
from harness.units import Profile

FEATURE = "feature "
"""What the columns of features are called, before their names."""


def profile(unit: Profile, folder: Path, bench: Bench, emit: Emit) -> None:
    """Write the features of each example and whether training has it, or nearly."""
    examples = bench.examples(unit.examples)
    train = bench.examples(unit.train) if unit.train is not None else []
    same = known(train, examples)
    near = nearly_known(train, examples)
    columns: dict[str, Any] = {
        "id": [e.id for e in examples],
        "known": [float(one) for one in same],
        "near": [float(one or other) for one, other in zip(same, near, strict=True)],
    }
    columns |= {FEATURE + name: values for name, values in features(examples, train).items()}
    payload.write_table(folder / PROFILE, columns)
