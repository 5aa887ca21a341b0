"""Texts as people see them: the fields of an example on one page, with what is right, said or attributed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from harness.rows import Passage
from harness.tasks.task import Form
from harness.text import Edit, Example

CHOICES, LEAST = 5, 0.01
"""Labels or candidates that are shown beside the best, and their least probability."""
SHORT = 60
"""Characters of a candidate that are shown beside its slot, and of the texts that are explained."""
NOTHING = {Form.ANSWER: "no answer", Form.LABELS: "no label", Form.TEXT: "an empty text"}
"""How it is called that nothing was said."""


class Page(NamedTuple):
    """The fields of an example as one text, and where each of them starts in it."""

    text: str
    starts: Mapping[str, int]

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> Page:
        """One field as it is; several one below the other, each after its name."""
        if len(fields) == 1:
            ((name, text),) = fields.items()
            return cls(text, {name: 0})
        text, starts = "", {}
        for name, value in fields.items():
            text += f"{name}: " if not text else f"\n{name}: "
            starts[name] = len(text)
            text += value
        return cls(text, starts)


def on_page(source: Example, edits: Iterable[Edit]) -> tuple[tuple[int, int, str], ...]:
    """Edits of an example where they lie on its page."""
    at = Page.of(source.fields).starts
    return tuple(sorted((e.start + at[e.field], e.end + at[e.field], e.text) for e in edits))


def gold(form: Form, source: Example) -> Passage:
    """A text with what is right."""
    page = Page.of(source.fields)
    marks = tuple(
        (s.start + page.starts[s.field], s.end + page.starts[s.field], _name(form, source, s.label), 1.0)
        for s in source.anchors
    )
    right = [_name(form, source, one) for one in source.references]
    between = " + " if form is Form.LABELS else " | "
    nothing = NOTHING.get(form, "") if source.target == () else ""
    written = form is Form.TEXT
    return Passage(text=page.text, label=between.join(right) or nothing, marks=marks, written=written)


def _name(form: Form, example: Example, label: str) -> str:
    """What a label is called: that of an answer is its text, that of a candidate its slot."""
    if form is Form.CHOICE:
        said = " ".join(example.fields.get(f"candidate {label}", "").split())
        return f"candidate {label}: {said if len(said) <= SHORT else said[: SHORT - 1] + '…'}"
    return "answer" if form is Form.ANSWER else label


def passage(form: Form, example: Example, said: Mapping[str, Any]) -> Passage:
    """A text with what the model said of it, as :func:`harness.execute.perform.dump` wrote it."""
    page, nothing = Page.of(example.fields), NOTHING.get(form, "")
    if "spans" in said:
        marks = tuple(
            (a + page.starts[f], b + page.starts[f], _name(form, example, label), round(p, 4))
            for a, b, label, f, p in said["spans"]
            if a < b
        )
        placeless = " | ".join(label for a, b, label, *_ in said["spans"] if a == b)  # not in the context
        return Passage(text=page.text, marks=marks, label="" if marks else placeless or nothing)
    sure = said["probability"]
    confidence = None if sure is None else round(sure, 4)
    if "text" in said:
        text = said["text"].strip()
        return Passage(text=page.text, label=text or nothing, confidence=confidence, written=bool(text))
    ranked = said["ranked"] if form in (Form.LABELS, Form.CHOICE) else ()
    choices = tuple((_name(form, example, label), round(p, 4)) for label, p in ranked[:CHOICES] if p >= LEAST)
    best = said["ranked"][0][0] if form is Form.CHOICE and ranked else said["label"]
    label = _name(form, example, best) if best else nothing
    return Passage(text=page.text, label=label, confidence=confidence, choices=choices)


def heat(
    fields: Mapping[str, str], words: Sequence[tuple[int, int, str]], weights: Sequence[float], top: float
) -> Passage:
    """Attributions as shares of the largest one."""
    page = Page.of(fields)
    marks = (
        (start + page.starts[name], end + page.starts[name], "", round(weight / top, 4))
        for (start, end, name), weight in zip(words, weights, strict=True)
    )
    return Passage(text=page.text, marks=tuple(marks))
