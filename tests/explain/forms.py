"""The least tasks of each form that reads several fields, for tiny transformers with random heads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import softmax

from harness.prediction import Classes, Spans
from harness.tasks import classification, multilabel, ner
from harness.tasks.reading import field, marked
from harness.tasks.task import Form
from harness.text import Example, Span

SLOTS = tuple(str(at) for at in range(1, 11))
AROUND = (("( ", " )"), ("[ ", " ]"))


def _answer(example, words, said, labels):
    """The most probable pair of words in order; no answer if the first row is likelier."""
    pairs = np.triu(np.outer(said[:, 0], said[:, 1])[1:, 1:])
    start, end = np.unravel_index(pairs.argmax(), pairs.shape)
    spans = ()
    if pairs.max() > said[0, 0] * said[0, 1]:
        left, right = int(words[start, 0]), int(words[end, 1])
        spans = (Span(left, right, example.fields["context"][left:right], "context"),)
    return Spans(("start", "end"), spans, np.vstack([[(0, 0)], words]).astype(np.int32), said)


def _rank(example, words, odds, labels):
    row = np.zeros(len(labels), np.float32)
    row[: len(odds)] = softmax(odds)
    return Classes(labels, row)


PAIR = replace(classification.TASK, name="pair")
MARKED = replace(classification.TASK, name="marked", inputs=lambda e: [(marked(e, AROUND),)])
SEVERAL = multilabel.TASK
WORDS = ner.TASK
ANSWER = replace(
    ner.TASK,
    name="answer",
    form=Form.ANSWER,
    function=lambda examples: ("start", "end"),
    inputs=lambda e: [(field(e, "question"), field(e, "context"))],
    decode=_answer,
)
CHOICE = replace(
    classification.TASK,
    name="choice",
    form=Form.CHOICE,
    function=lambda examples: SLOTS,
    inputs=lambda e: [(field(e, "query"), field(e, name)) for name in e.fields if name.startswith("can")],
    decode=_rank,
)
TASKS = {task.name: task for task in (PAIR, MARKED, SEVERAL, WORDS, ANSWER, CHOICE)}
LABELS = {"ner": ("O", "B-PER", "I-PER"), "choice": ("score",), "answer": ("start", "end")}

QUESTION, CONTEXT = "who went to paris ?", "today alice went to rome . bob went to paris , said dave ."
SENTENCE = "in the end , alice saw bob in rome ."
EXAMPLES = {
    "pair": Example("a", {"first": "the food was good .", "second": "it was a sad day , said bob ."}),
    "marked": Example(
        "a", {"text": SENTENCE}, marks=(Span(13, 18, "head"), Span(SENTENCE.index("bob"), 26, "tail"))
    ),
    "multilabel": Example("a", {"text": "the food was good and the day was sad ."}),
    "ner": Example("a", {"text": SENTENCE}),
    "answer": Example("a", {"question": QUESTION, "context": CONTEXT}),
    "choice": Example(
        "a",
        {
            "query": "was it a good day ?",
            "candidate 1": "bob was sad .",
            "candidate 2": "the food was great .",
        },
    ),
}
