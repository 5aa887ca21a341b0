"""Asks a model about clean texts once more: how far answers move by themselves (methods, section 2.3)."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.execute.bench import Bench, Emit
from harness.execute.files import REPEAT
from harness.models.generation import Generation
from harness.models.model import Model
from harness.units import Repeat


def repeat(unit: Repeat, folder: Path, bench: Bench, emit: Emit) -> None:
    """The distance of second answers to first ones, text by text.

    What should not matter is another: texts share batches of half the size with others, and a model that
    draws its texts draws anew. All else is as before.
    """
    from harness.inference import TOKENS, predict

    scoring = bench.task(unit.task).scoring
    first, examples = bench.predictions(unit.first), bench.examples(unit.data)
    model = drawing_anew(bench.model(unit.first.model))
    second = predict(model, examples, getattr(model, "budget", TOKENS) // 2)
    told = [
        {"id": one.id, "moved": [float(x) for x in scoring.moved(first[one.id], answer, (), one)]}
        for one, answer in zip(examples, second, strict=True)
    ]
    (folder / REPEAT).write_text(json.dumps(told, allow_nan=False), "utf-8")


def drawing_anew(model: Model) -> Model:
    """The same model, whose draws are others if it makes any."""
    settings = getattr(model, "settings", None)
    if not isinstance(settings, Generation) or not settings.sample:
        return model
    other: Any = copy.copy(model)
    other.settings = replace(settings, seed=settings.seed + 1)
    return other  # type: ignore[no-any-return]
