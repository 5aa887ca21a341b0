"""What there is to know of examples without a model: the features that slices are made of (methods, 5.5).

Numbers are cut into buckets later, texts are categories as they are. What an example does not have is
NaN, or an empty text. Which features there are follows from the shape of the examples alone.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from harness.data.answers import CONTEXT, QUESTION
from harness.text import TURN, Example, Span

Feature = list[float] | list[str]
WORD = re.compile(r"\w+")
LONGEST = 64
"""Characters of a category; what follows does not tell two apart."""
MANY = 8
"""Above so many labels their frequency in the training data is a feature as well."""


def features(examples: Sequence[Example], train: Sequence[Example]) -> dict[str, Feature]:
    """Features by name, a value for each example.

    ``length``: words. ``unseen_words``: share of the words that training does not have. ``rarest``:
    how often training has the rarest of the words. ``label``, or the number of ``labels``.
    ``label_frequency``: how often training has the label, where there are many. ``entity_density``:
    gold spans per word, of texts with any. ``overlap``: share of the question's words that are in its context. ``answer``
    and ``arguments``: whether training has the answer, or the arguments of the relation, as such.
    ``turns``: of a dialogue.

    Args:
        examples: What to describe.
        train: What a model has learned from; features that need it are missing if it is empty.
    """
    if not examples:
        return {}
    found: dict[str, Feature] = {"length": [float(len(words(e))) for e in examples]}
    if train:
        known = Counter(word for e in train for word in words(e))
        found["unseen_words"] = [_mean([float(word not in known) for word in words(e)]) for e in examples]
        found["rarest"] = [float(min((known[word] for word in words(e)), default=0)) for e in examples]
    for own in (_of_labels, _of_spans, _of_questions, _of_relations, _of_dialogues):
        found |= own(examples, train)
    return found


def columns(examples: Sequence[Example], names: Sequence[str]) -> dict[str, Feature]:
    """The columns of one's own: numbers where all that is there is a number, else categories."""
    found: dict[str, Feature] = {}
    for name in names:
        told = [e.meta.get(name, "").strip()[:LONGEST] for e in examples]
        read = [_number(one) for one in told]
        whole = all(value is not None for value, one in zip(read, told, strict=True) if one)
        numeric = whole and len(set(told)) > MANY
        found[name] = [math.nan if value is None else value for value in read] if numeric else told
    return found


def words(example: Example) -> list[str]:
    """The words of all fields, in lower case."""
    return [word for text in example.fields.values() for word in _words(text)]


def _words(text: str) -> list[str]:
    return WORD.findall(text.lower())


def _of_labels(examples: Sequence[Example], train: Sequence[Example]) -> dict[str, Feature]:
    if all(isinstance(e.target, str) for e in examples):
        labels = [str(e.target) for e in examples]
        found: dict[str, Feature] = {"label": labels}
        if train and len(set(labels)) > MANY:
            known = Counter(str(e.target) for e in train)
            found["label_frequency"] = [float(known[label]) for label in labels]
        return found
    plain = all(isinstance(e.target, tuple) and not e.spans for e in examples)
    if plain and all("text" in e.fields for e in examples) and any(e.references for e in examples):
        return {"labels": [float(len(e.references)) for e in examples]}
    return {}


def _of_spans(examples: Sequence[Example], train: Sequence[Example]) -> dict[str, Feature]:
    if _asked(examples[0]) or not any(e.spans for e in examples):
        return {}
    # a text with nothing to find has no F1 of its own, so it is in no bucket
    return {"entity_density": [len(e.spans) / max(1, len(words(e))) or math.nan for e in examples]}


def _of_questions(examples: Sequence[Example], train: Sequence[Example]) -> dict[str, Feature]:
    if not all(_asked(e) for e in examples):
        return {}
    shared = []
    for e in examples:
        there = set(_words(e.fields[CONTEXT]))
        shared.append(_mean([float(word in there) for word in _words(e.fields[QUESTION])]))
    if not train:
        return {"overlap": shared}
    known = {_folded(e, span) for e in train for span in e.spans}
    parts = {word for answer in known for word in _words(answer)}
    return {"overlap": shared, "answer": [_answer(e, known, parts) for e in examples]}


def _answer(example: Example, known: set[str], parts: set[str]) -> str:
    """Whether an answer of the example is one of the training data's."""
    told = [_folded(example, span) for span in example.spans]
    if not told:
        return "none"
    if any(one in known for one in told):
        return "seen"
    return "partial" if any(word in parts for one in told for word in _words(one)) else "new"


def _of_relations(examples: Sequence[Example], train: Sequence[Example]) -> dict[str, Feature]:
    if not train or not all(e.marks for e in examples):
        return {}
    known = {_folded(e, mark) for e in train for mark in e.marks}
    how = {0.0: "none seen", 1.0: "all seen"}
    shares = [_mean([float(_folded(e, mark) in known) for mark in e.marks]) for e in examples]
    return {"arguments": [how.get(share, "some seen") for share in shares]}


def _of_dialogues(examples: Sequence[Example], train: Sequence[Example]) -> dict[str, Feature]:
    turns = [float(sum(bool(TURN.fullmatch(name)) for name in e.fields)) for e in examples]
    return {"turns": turns} if any(turns) else {}


def _asked(example: Example) -> bool:
    return {QUESTION, CONTEXT} <= example.fields.keys()


def _folded(example: Example, span: Span) -> str:
    return " ".join(example.fields[span.field][span.start : span.end].lower().split())


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
