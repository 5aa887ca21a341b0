"""Labels of a model beside those of the data: where they differ, and how."""

from __future__ import annotations

from collections.abc import Sequence


def comparison(model: Sequence[str], data: Sequence[str], ordered: bool = True) -> str:
    """A table of the labels of both that differ, a line each; empty if there is nothing to tell.

    A label that only one of them has is paired with one of the other that differs in case or in a
    prefix alone (``B-PER`` and ``PER``). Labels that both have are told of if their places differ.

    Args:
        model: Labels of a checkpoint, in order.
        data: Labels that the data asks for, in order.
        ordered: Whether the order matters, and so do labels of the model that the data lacks.
    """
    rows: list[tuple[str, str, str]] = []
    strange = [label for label in model if label not in data]
    for at, label in enumerate(data):
        if label in model:
            if ordered and model.index(label) != at:
                rows.append((label, label, f"number {model.index(label)} of the model, {at} of the data"))
            continue
        twin = next((one for one in strange if _bare(one) == _bare(label)), "")
        if twin:
            strange.remove(twin)
        rows.append((twin or "-", label, _why(twin, label)))
    if ordered:
        rows += [(label, "-", "the data lacks it") for label in strange]
    elif rows:
        rows += [(label, "-", "the data lacks it, which is allowed") for label in strange]
    if not rows:
        return ""
    head = ("model", "data", "difference")
    widths = [max(len(row[at]) for row in (head, *rows)) for at in (0, 1)]
    lines = [f"  {a:<{widths[0]}}  {b:<{widths[1]}}  {why}" for a, b, why in (head, *rows)]
    return "\n".join(lines)


def _why(twin: str, label: str) -> str:
    if not twin:
        return "the model lacks it"
    return "other case" if twin.casefold() == label.casefold() else "other prefix"


def _bare(label: str) -> str:
    """Without case and without what stands before a hyphen, an underscore or a colon."""
    folded = label.casefold()
    for mark in ("-", "_", ":"):
        folded = folded.rpartition(mark)[2] or folded
    return folded
