"""Examples and explanations of every form, as the report shows them, made by the code that makes them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np

from harness.execute.shown import dump
from harness.passage import gold, heat, on_page, passage
from harness.prediction import Classes, Prediction, Spans, Text
from harness.rows import Explained, Results, Shown
from harness.tasks.candidates import SLOTS
from harness.tasks.task import Form
from harness.text import Edit, Example, Span, Variant, vary, words

from .sample import results

LONG = (
    "The lighthouse of Aberwick was built in 1871 by the engineer Ines Falk, who had before that designed two "
    "bridges over the river Tam. It stands on a rock of slate about three hundred metres from the shore and can "
    "only be reached at low tide. During the great storm of 1903 its lantern was destroyed, and for eleven "
    "months the keeper burnt tar in an iron basket. The lamp that replaced it was given by the town of Port "
    "Louis and is still in use. Since 1988 the light has been automatic; the house of the keeper is a small "
    "museum now, which shows the log books, the old clockwork, and the boat in which Falk herself used to row "
    "over from the shore in order to inspect the masonry."
)
DIALOGUE = {
    "01 customer": "Hello, my parcel arrived yesterday with three broken glasses.",
    "02 agent": "I am sorry to hear that. Do you have the order number at hand?",
    "03 customer": "Yes, it is K-2291. I would like new glasses rather than the money.",
}
REPLIES = (
    "Thank you, I have ordered three new glasses for you.",
    "Please restart the router and wait for the green light.",
    "Your appointment is on Tuesday at nine.",
    "We open at ten on Sundays.",
)


def at(text: str, part: str, label: str, field: str = "text") -> Span:
    """The span of a part of a text."""
    return Span(text.index(part), text.index(part) + len(part), label, field)


def swap(fields: dict[str, str], name: str, old: str, new: str) -> Edit:
    """An edit of one field."""
    start = fields[name].index(old)
    return Edit(start, start + len(old), new, name)


def answered(text: str, *found: tuple[Span, float]) -> Spans:
    """What a model for question answering says."""
    offsets = np.array([(0, 0), *words(text)], np.int32)
    rows = np.full((len(offsets), 2), 1 / len(offsets), np.float32)
    spans = tuple(span for span, _ in found[:1])
    return Spans(("start", "end"), spans, offsets, rows, found)


def classes(said: dict[str, float], exclusive: bool = True) -> Classes:
    """A distribution by label."""
    return Classes(tuple(said), np.array(list(said.values()), np.float32), exclusive)


def slots(*odds: float) -> Classes:
    """A distribution over candidates."""
    return Classes(SLOTS, np.array([*odds, *[0.0] * (10 - len(odds))], np.float32))


def shown(form: Form, source: Example, edits: list[Edit], before: Prediction, after: Prediction) -> Shown:
    """An example as a run keeps it: through JSON, as attacks are."""
    variant: Variant = vary(source, edits, alternatives=form is Form.ANSWER)
    kept: list[Any] = [json.loads(json.dumps(dump(one), allow_nan=False)) for one in (before, after)]
    return Shown(
        kind="perturbation",
        model="minilm",
        seed=0,
        condition={"operator": f"misspell ({form})", "family": "word", "severity": 3},
        id=source.id,
        edits=on_page(source, variant.edits),
        gold=gold(form, source),
        before=passage(form, source, kept[0]),
        after=passage(form, variant.example, kept[1]),
        distance=0.5,
        rate=round(variant.rate, 4),
    )


def examples() -> tuple[Shown, ...]:
    """One or more of every form that reads or says more than a text and a label."""
    qa = {"question": "Who built the lighthouse of Aberwick?", "context": LONG}
    falk, built = at(LONG, "Ines Falk", "Ines Falk", "context"), at(LONG, "1871", "1871", "context")
    missing = {"question": "Which king paid for it?", "context": LONG}
    relation = "In 1871 Ines Falk founded the Northwind Works in the harbour of Aberwick."
    marks = (at(relation, "Ines Falk", "head"), at(relation, "Northwind Works", "tail"))
    ranked = DIALOGUE | {f"candidate {n}": reply for n, reply in enumerate(REPLIES, 1)}
    clicks = {"history": "cast-iron pan; bread knife; linen apron"} | {
        f"candidate {n}": item for n, item in enumerate(("wooden spoon | kitchen", "USB cable | office"), 1)
    }
    pair = {"premise": "A woman rows over from the shore.", "hypothesis": "Somebody is in a boat."}
    summary = (
        "A lighthouse of 1871 near Aberwick, damaged in 1903, is automatic since 1988; the house is a museum."
    )
    entails = {"entailment": 0.94, "neutral": 0.05, "contradiction": 0.01}
    doubts = {"entailment": 0.31, "neutral": 0.66, "contradiction": 0.03}
    topics = {"delivery": 0.97, "damage": 0.88, "refund": 0.22, "account": 0.01}
    fewer = {"delivery": 0.44, "damage": 0.31, "refund": 0.12, "account": 0.02}
    works, own = {"founder(e1,e2)": 0.9, "Other": 0.1}, {"founder(e2,e1)": 0.6, "Other": 0.4}
    german = "Das Haus des Wärters ist jetzt ein kleines Museum."
    return (
        shown(
            Form.ANSWER,
            Example("question-7", qa, (falk, at(LONG, "the engineer Ines Falk", "x", "context"))),
            [swap(qa, "question", "built", "biult"), swap(qa, "context", "engineer", "enginere")],
            answered(LONG, (falk, 0.82), (built, 0.07)),
            answered(LONG, (built, 0.41), (falk, 0.33)),
        ),
        shown(
            Form.ANSWER,
            Example("question-8", missing, ()),
            [swap(missing, "question", "king", "knig")],
            answered(LONG),
            answered(LONG, (at(LONG, "town of Port Louis", "x", "context"), 0.52)),
        ),
        shown(
            Form.LABEL,
            Example("relation-3", {"text": relation}, "founder(e1,e2)", marks=marks),
            [swap({"text": relation}, "text", "founded", "fuonded")],
            classes(works),
            classes(own),
        ),
        shown(
            Form.LABEL,
            Example("pair-1", pair, "entailment"),
            [swap(pair, "hypothesis", "boat", "baot")],
            classes(entails),
            classes(doubts),
        ),
        shown(
            Form.LABELS,
            Example("ticket-5", {"text": DIALOGUE["01 customer"]}, ("damage", "delivery")),
            [swap(DIALOGUE | {"text": DIALOGUE["01 customer"]}, "text", "broken", "borken")],
            classes(topics, False),
            classes(fewer, False),
        ),
        shown(
            Form.CHOICE,
            Example("response-2", ranked, ("1",)),
            [
                swap(ranked, "candidate 2", "router", "rooter"),
                swap(ranked, "03 customer", "glasses", "glases"),
            ],
            slots(0.81, 0.12, 0.05, 0.02),
            slots(0.37, 0.45, 0.1, 0.08),
        ),
        shown(
            Form.CHOICE,
            Example("clicks-9", clicks, ("1",)),
            [swap(clicks, "history", "knife", "knief")],
            Classes(SLOTS, slots(0.7, 0.2).probabilities, exclusive=False),
            Classes(SLOTS, slots(0.4, 0.43).probabilities, exclusive=False),
        ),
        shown(
            Form.TEXT,
            Example("dialogue-4", DIALOGUE, (REPLIES[0],), meta={"speaker": "agent"}),
            [swap(DIALOGUE, "03 customer", "glasses", "galsses")],
            Text("Thank you, I have ordered three new glasses.", -6.0, 10),
            Text("Thank you, I have sent back the money.", -9.0, 10),
        ),
        shown(
            Form.TEXT,
            Example("summary-6", {"source": LONG}, (summary, "The lighthouse of Aberwick and its history.")),
            [swap({"source": LONG}, "source", "lantern", "lanternn")],
            Text(summary, -12.0, 30),
            Text(summary.replace("damaged in 1903", "destroyed by tar"), -20.0, 30),
        ),
        shown(
            Form.TEXT,
            Example("translation-1", {"source": "The house of the keeper is a small museum now."}, (german,)),
            [Edit(4, 9, "hosue", "source")],
            Text(german, -3.0, 12),
            Text("", float("nan"), 0),
        ),
    )


def explanations() -> tuple[Explained, ...]:
    """Attributions over the words of several fields."""
    fields = {"question": "Who built the lighthouse of Aberwick?", "context": LONG}
    features = [(start, end, name) for name, text in fields.items() for start, end in words(text)]
    weights = [float(np.sin(7 * at)) for at in range(len(features))]
    return (
        Explained(
            model="minilm",
            id="question-7",
            method="integrated-gradients",
            target="Ines Falk",
            clean=heat(fields, features, weights, 1.0),
            edited=None,
            faithfulness=0.61,
            stability=None,
        ),
    )


def of_every_form() -> Results:
    """The usual results with these examples."""
    return replace(results(), examples=examples(), explanations=explanations())
