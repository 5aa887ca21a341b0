"""Answers for a stream: in order, a batch at a time, one JSON object a line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from harness.after.stream import Line, batches
from harness.execute.shown import confidence
from harness.inference import answered
from harness.models.model import Model
from harness.prediction import Classes, Prediction, Spans, Text
from harness.tasks.task import Form, Task
from harness.text import Example

BATCH = 256
"""Lines held at a time."""
PLACES = 6
"""Decimal places of probabilities."""


def answers(
    model: Model, lines: Iterable[Line], batch: int = BATCH
) -> Iterator[tuple[Line, Prediction | None]]:
    """What the model says to each line, in order; None for a line that has a fault.

    A line that the model cannot answer gets a fault, and the others of its batch are asked again
    without it. At most ``batch`` lines are held at a time.
    """
    for held in batches(lines, batch):
        readable = [line.example for line in held if line.example is not None]
        said = iter(answered(model, readable))
        for line in held:
            if line.example is None:
                yield line, None
                continue
            answer = next(said)
            if isinstance(answer, Exception):
                why = f"has no answer: {type(answer).__name__}: {answer}"
                yield replace(line, example=None, fault=why), None
            else:
                yield line, answer


def told(line: Line, prediction: Prediction | None, task: Task) -> dict[str, Any]:
    """A line's answer as JSON holds it.

    ``line`` and, if given, ``id``; then by the task's form: ``label`` or ``labels`` with
    ``probabilities``; ``spans``; ``answer`` with its place and the ``n_best``; ``ranking``; or ``text``.
    A line with a fault has an ``error`` instead.
    """
    if prediction is None or line.example is None:
        return line.name | {"error": line.fault}
    return line.name | shown(line.example, prediction, task.form)


def shown(example: Example, prediction: Prediction, form: Form) -> dict[str, Any]:
    """An answer as JSON holds it."""
    if isinstance(prediction, Text):
        return _text(prediction)
    if isinstance(prediction, Spans):
        return _answer(prediction) if form is Form.ANSWER else _spans(example, prediction)
    if form is Form.CHOICE:
        return {"ranking": _ranking(example, prediction)}
    chances = dict(zip(prediction.labels, map(_rounded, prediction.probabilities), strict=True))
    if prediction.exclusive:
        return {"label": prediction.label, "probabilities": chances}
    return {"labels": list(prediction.chosen), "probabilities": chances}


def _text(prediction: Text) -> dict[str, Any]:
    known = np.isfinite(prediction.logprob)
    return {
        "text": prediction.text,
        "logprob": _rounded(prediction.logprob) if known else None,
        "tokens": prediction.tokens,
        "cut": prediction.cut,
    }


def _spans(example: Example, prediction: Spans) -> dict[str, Any]:
    return {
        "spans": [
            {
                "start": span.start,
                "end": span.end,
                "label": span.label,
                "text": example.fields[span.field][span.start : span.end],
                "field": span.field,
                "probability": _rounded(confidence(span, prediction)),
            }
            for span in prediction.spans
        ]
    }


def _answer(prediction: Spans) -> dict[str, Any]:
    """The answer, or None; the probability that there is none; and the best candidates."""
    best = [
        {"answer": span.label, "start": span.start, "end": span.end, "field": span.field, "probability": p}
        for span, chance in prediction.ranked
        for p in [_rounded(chance)]
    ]
    nothing = {"answer": None, "start": None, "end": None, "field": None}
    span = prediction.spans[0] if prediction.spans else None
    said: dict[str, Any] = nothing
    if span is not None:
        said = {"answer": span.label, "start": span.start, "end": span.end, "field": span.field}
    none = _rounded(float(prediction.probabilities[0].prod())) if len(prediction.probabilities) else None
    return said | {
        "probability": _rounded(confidence(span, prediction)) if span is not None else none,
        "no_answer": none,
        "n_best": best,
    }


def _ranking(example: Example, prediction: Classes) -> list[dict[str, Any]]:
    """The candidates that the example has, best first; equal ones in their order."""
    there = {m[1] for name in example.fields if (m := re.fullmatch(r"candidate (\d+)", name))}
    chances = dict(zip(prediction.labels, map(float, prediction.probabilities), strict=True))
    order = sorted((slot for slot in chances if slot in there), key=lambda slot: -chances[slot])
    return [{"candidate": int(slot), "probability": _rounded(chances[slot])} for slot in order]


def _rounded(value: float) -> float:
    return round(float(value), PLACES)
