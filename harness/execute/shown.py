"""Predictions for people."""

from __future__ import annotations

from typing import Any

from harness.prediction import Prediction, Spans, Text

SHOWN = 10
"""Labels that are kept for people with their probabilities."""


def seen(said: Prediction | None) -> dict[str, Any] | None:
    """A prediction for people, if there is one."""
    return None if said is None else dump(said)


def dump(prediction: Prediction) -> dict[str, Any]:
    """A prediction for people: the label, the spans or the text, with confidences."""
    if isinstance(prediction, Spans):
        return {
            "spans": [[s.start, s.end, s.label, s.field, confidence(s, prediction)] for s in prediction.spans]
        }
    if isinstance(prediction, Text):
        known = float(prediction.probabilities[0])
        return {"text": prediction.text, "probability": known or None}
    ranked = sorted(
        zip(prediction.labels, prediction.probabilities.tolist(), strict=True), key=lambda x: -x[1]
    )
    return {
        "label": prediction.said,
        "probability": ranked[0][1] if prediction.exclusive else None,
        "ranked": [[label, p] for label, p in ranked[:SHOWN] if p > 0],
    }


def confidence(span: Any, prediction: Spans) -> float:
    """Probability of an answer; of an entity, the mean over its words of the most probable tag's."""
    if prediction.ranked:
        return next((score for one, score in prediction.ranked if one == span), 0.0)
    inside = (prediction.words[:, 0] < span.end) & (prediction.words[:, 1] > span.start)
    return float(prediction.probabilities[inside].max(-1).mean()) if inside.any() else 0.0
