"""What an attack did to an example, as it is kept: plain values, one record a line or a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from harness.attack.goal import Seen
from harness.attack.goals import fate, invented, kept
from harness.attack.outcome import Outcome, Status
from harness.payload import dump_target
from harness.prediction import Prediction, Spans
from harness.tasks.task import Form, Task
from harness.text import Edit, Example, Variant, vary, words


def told(
    example: Example, outcome: Outcome, task: Task, labels: tuple[str, ...], other: Example | None = None
) -> dict[str, Any]:
    """An outcome with what measures need of it.

    Args:
        example: The clean example.
        outcome: What became of it.
        task: What the model does.
        labels: The model's.
        other: An unrelated example, for chance.

    Returns:
        The fields of :class:`~harness.attack.outcome.Outcome` but for the predictions, and

        - ``rate``, ``changed`` and their likes for the minimal edits: share and number of words edited;
        - ``fields`` and ``target``: the edited text and its gold;
        - ``clean_stats`` and ``stats``: the task's statistics before and after; None after an error;
        - ``entities``: see :func:`entities`.
    """
    after = _varied(example, outcome.edits, task)
    least = _varied(example, outcome.minimal, task)
    size = sum(len(words(text)) for text in example.fields.values())
    clean, final = outcome.clean, outcome.final
    known = outcome.status is not Status.ERROR and clean is not None and final is not None
    return {
        "id": outcome.id,
        "status": str(outcome.status),
        "queries": outcome.queries,
        "note": outcome.note,
        "stage": outcome.stage,
        "truncated": outcome.truncated,
        "candidates": outcome.candidates,
        "refused": {label: count for label, count in outcome.refused.items() if count},
        "unstable": outcome.unstable,
        "control": outcome.control,
        "seconds": round(outcome.seconds, 4),
        "edits": edits(after.edits),
        "minimal": edits(least.edits),
        "rate": after.rate,
        "minimal_rate": least.rate,
        "words": size,
        "changed": after.rate * size,
        "minimal_changed": least.rate * size,
        "harm_before": outcome.harm_before if known else None,
        "harm_after": outcome.harm_after if known else None,
        "fields": dict(after.example.fields),
        "target": dump_target(after.example.target),
        "clean_stats": task.scoring.row(example, clean, labels, other).tolist() if known and clean else None,
        "stats": task.scoring.row(after.example, final, labels, other).tolist() if known and final else None,
        "entities": entities(Seen(example, clean), Seen(after.example, final))
        if known and clean and final and task.form is Form.WORDS
        else None,
    }


def edits(script: Sequence[Edit]) -> list[list[Any]]:
    """Edits as JSON holds them: start, end, text, field."""
    return [[e.start, e.end, e.text, e.field] for e in script]


def _varied(example: Example, script: Sequence[Edit], task: Task) -> Variant:
    return vary(example, script, by_word=True, alternatives=task.alternatives)


def entities(before: Seen, after: Seen) -> list[int]:
    """Counts for entity-level rates (methods, section 3.5).

    Returns:
        Gold entities that were found before; how many of them are missed, mistyped and have other
        bounds after; entities that are found where none is and were not before; words outside of
        entities.
    """
    was, now = _spans(before.prediction), _spans(after.prediction)
    found = [span for span, known in kept(before, after) if known]
    fates = [fate(span, now) for span in found]
    # Where the text has been edited, what was invented before is recognised by what it says.
    known = {(s.label, before.example.fields[s.field][s.start : s.end]) for s in was}
    new = [
        s
        for s in invented(after.example, now)
        if (s.label, after.example.fields[s.field][s.start : s.end]) not in known
    ]
    outside = sum(
        not after.example.touched(name, start, end)
        for name, text in after.example.fields.items()
        for start, end in words(text)
    )
    return [len(found), *(fates.count(one) for one in ("missed", "mistyped", "split")), len(new), outside]


def _spans(said: Prediction) -> tuple[Any, ...]:
    assert isinstance(said, Spans)
    return said.spans
