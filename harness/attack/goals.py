"""The goals there are, by what a model answers: a label, entities, an answer, a text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from harness.attack.goal import Seen, goal
from harness.attack.search import Reply
from harness.errors import Fault, UserError
from harness.prediction import Classes, Spans, Text
from harness.tasks.scoring import answers, chrf, rouge
from harness.tasks.task import Form, Task
from harness.text import Example, Span, diff, edit_rate

LABELLED = frozenset({"classification", "relation"})
WRITING = frozenset({"translation", "summarization", "dialogue"})
NER, QA = frozenset({"ner"}), frozenset({"qa"})


@goal("untargeted")
def untargeted(task: Task, before: Seen, after: Seen) -> Reply | None:
    """The answer is not right any more, as the task itself counts it.

    Another label; a gold entity missed, mistyped or with other bounds; another relation between
    arguments that are still there; no right answer by exact match; a text with no more in common with
    its reference than unrelated ones have; a candidate preferred that is not right.
    """
    if task.form is Form.WORDS and not before.example.spans:
        return None  # no entity cannot be missed; no label and no answer are answers like any other
    return Reply(
        task.scoring.harm(after.example, after.prediction),
        task.scoring.broken(after.example, after.prediction),
    )


# -- a label -------------------------------------------------------------------------------------


@goal("targeted", tasks=LABELLED, required=("label",))
def targeted(task: Task, before: Seen, after: Seen, *, label: str = "") -> Reply | None:
    """The model gives one label, which is not the right one.

    Args:
        label: The label. Examples that have it are not attacked.

    Raises:
        UserError: If the model does not have the label.
    """
    said = after.prediction
    assert isinstance(said, Classes)
    if label not in said.labels:
        raise UserError(
            Fault(f"the model has no label {label!r}, but {', '.join(said.labels)}", field="label")
        )
    if before.example.target == label:
        return None
    return Reply(float(said.probabilities[said.labels.index(label)]), said.label == label)


@goal("confidence-drop", tasks=LABELLED)
def confidence_drop(task: Task, before: Seen, after: Seen, *, drop: float = 0.3) -> Reply | None:
    """The right label loses so much of its probability, whether or not another one wins.

    Args:
        drop: How much, in (0, 1]. Examples whose label is less likely than that are not attacked.
    """
    if not 0 < drop <= 1:
        raise UserError(Fault(f"drop should be in (0, 1], found {drop}", field="drop"))
    start = 1 - task.scoring.harm(before.example, before.prediction)
    now = 1 - task.scoring.harm(after.example, after.prediction)
    if start < drop:
        return None
    return Reply(min(max(start - now, 0.0), 1.0), start - now >= drop)


# -- entities ------------------------------------------------------------------------------------


def kept(before: Seen, after: Seen) -> Iterator[tuple[Span, bool]]:
    """The gold entities after the edits, in order, and whether the model found them before."""
    assert isinstance(before.prediction, Spans)
    said = set(before.prediction.spans)
    for was, now in zip(before.example.spans, after.example.spans, strict=True):
        yield now, was in said


def fate(gold: Span, said: Sequence[Span]) -> str:
    """What became of a gold entity: ``found``, ``mistyped``, ``split`` (other bounds) or ``missed``.

    One with other bounds and another type counts as mistyped.
    """
    if gold in said:
        return "found"
    over = [one for one in said if one.start < gold.end and one.end > gold.start and one.field == gold.field]
    if not over:
        return "missed"
    return "split" if any(one.label == gold.label for one in over) else "mistyped"


def invented(example: Example, said: Sequence[Span]) -> list[Span]:
    """Entities that the model finds where there is none at all."""
    return [
        one
        for one in said
        if not any(g.start < one.end and g.end > one.start and g.field == one.field for g in example.spans)
    ]


def _entities(before: Seen, after: Seen, wanted: str) -> Reply | None:
    """The nearest that an entity which was found comes to a fate."""
    said = after.prediction
    assert isinstance(said, Spans)
    found = [span for span, known in kept(before, after) if known]
    if not found:
        return None
    near = max(_nearness(span, said, wanted) for span in found)
    return Reply(near, any(fate(span, said.spans) == wanted for span in found))


def _nearness(span: Span, said: Spans, wanted: str) -> float:
    """How likely the words of an entity are to be tagged as that fate asks for, in [0, 1]."""
    rows, outside, own = _tags(span, said)
    if not len(rows):
        return 1.0 if wanted == "missed" else 0.0
    none = rows[:, outside].sum(1)
    right = rows[:, own].sum(1)
    if wanted == "missed":
        return float(none.mean())
    if wanted == "mistyped":
        return float((1 - none - right).clip(0, 1).mean())
    return float((1 - right).max())  # one word that leaves is enough to move a boundary


def _tags(span: Span, said: Spans) -> tuple[np.ndarray, list[int], list[int]]:
    """Distributions of the words of a span, and which tags are none and which its type's."""
    starts, ends = said.words[:, 0], said.words[:, 1]
    inside = np.flatnonzero((starts < span.end) & (ends > span.start))
    outside = [at for at, tag in enumerate(said.labels) if tag == "O"]
    own = [at for at, tag in enumerate(said.labels) if tag[2:] == span.label]
    return said.probabilities[inside].astype(float), outside, own


@goal("lose-entity", tasks=NER, partial=True)
def lose_entity(task: Task, before: Seen, after: Seen) -> Reply | None:
    """A gold entity that was found is not found any more, not even in part or as another type."""
    return _entities(before, after, "missed")


@goal("mistype-entity", tasks=NER, partial=True)
def mistype_entity(task: Task, before: Seen, after: Seen) -> Reply | None:
    """A gold entity that was found is taken for one of another type."""
    return _entities(before, after, "mistyped")


@goal("split-entity", tasks=NER, partial=True)
def split_entity(task: Task, before: Seen, after: Seen) -> Reply | None:
    """A gold entity that was found keeps its type but not its bounds: cut short, split or run over."""
    return _entities(before, after, "split")


@goal("invent-entity", tasks=NER, partial=True)
def invent_entity(task: Task, before: Seen, after: Seen) -> Reply | None:
    """The model finds an entity where there is none."""
    said = after.prediction
    assert isinstance(said, Spans)
    free = np.array(
        [not any(g.start < end and g.end > start for g in after.example.spans) for start, end in said.words],
        bool,
    )
    if not free.any():
        return None
    outside = [at for at, tag in enumerate(said.labels) if tag == "O"]
    near = float((1 - said.probabilities[free][:, outside].astype(float).sum(1)).max())
    return Reply(min(max(near, 0.0), 1.0), bool(invented(after.example, said.spans)))


@goal("lose-share", tasks=NER, partial=True)
def lose_share(task: Task, before: Seen, after: Seen, *, share: float = 0.5) -> Reply | None:
    """Such a share of the gold entities that were found is missed, mistyped or has other bounds.

    Args:
        share: In (0, 1].
    """
    if not 0 < share <= 1:
        raise UserError(Fault(f"share should be in (0, 1], found {share}", field="share"))
    said = after.prediction
    assert isinstance(said, Spans)
    found = [span for span, known in kept(before, after) if known]
    if not found:
        return None
    near = float(np.mean([_nearness(span, said, "split") for span in found]))
    lost = sum(fate(span, said.spans) != "found" for span in found)
    return Reply(near, lost >= share * len(found))


# -- an answer -----------------------------------------------------------------------------------


@goal("lower-f1", tasks=QA)
def lower_f1(task: Task, before: Seen, after: Seen, *, below: float = 0.5) -> Reply | None:
    """Token F1 of the answer falls below a threshold, so that a shorter or longer one is no success.

    Args:
        below: In (0, 1].
    """
    said = after.prediction
    assert isinstance(said, Spans)
    reached = max(answers.token_f1(gold, answers.said(said)) for gold in answers.right(after.example))
    return Reply(task.scoring.harm(after.example, said), reached < below)


@goal("move-answer", tasks=QA)
def move_answer(task: Task, before: Seen, after: Seen) -> Reply | None:
    """The model answers with a stretch of the text that no right answer touches."""
    said = after.prediction
    assert isinstance(said, Spans)
    moved = bool(said.spans) and bool(invented(after.example, said.spans))
    return Reply(task.scoring.harm(after.example, said), moved)


# -- a text --------------------------------------------------------------------------------------

METRICS = ("chrf", "rouge1", "rouge2", "rougeL")


@goal("lower-score", tasks=WRITING)
def lower_score(
    task: Task,
    before: Seen,
    after: Seen,
    *,
    metric: str = "chrf",
    share: float = 0.5,
    change: float = 0.2,
) -> Reply | None:
    """The score against the reference falls to a share of what it was, while the input hardly changes.

    Args:
        metric: ``chrf`` (chrF++), ``rouge1``, ``rouge2`` or ``rougeL``.
        share: Of the score on the clean text, in (0, 1).
        change: Most of the input's words that may differ, in (0, 1]; beyond it nothing is a success.
    """
    if metric not in METRICS or not 0 < share < 1 or not 0 < change <= 1:
        found = f"metric {metric!r}, share {share}, change {change}"
        raise UserError(
            Fault(f"metric should be one of {', '.join(METRICS)}, share and change shares; found {found}")
        )
    start, now = (_scored(one, metric) for one in (before, after))
    if start <= 0:
        return None
    fall = min(max(1 - now / start, 0.0), 1.0)
    changed = _changed(before.example, after.example)
    return Reply(fall if changed <= change else 0.0, changed <= change and now <= share * start)


def _scored(seen: Seen, metric: str) -> float:
    assert isinstance(seen.prediction, Text)
    said, gold = seen.prediction.text, seen.example.references
    if metric == "chrf":
        return chrf.sentence(said, gold)
    return float(rouge.scores(said, gold)[rouge.NAMES.index(metric)])


def _changed(before: Example, after: Example) -> float:
    """Share of the words of all fields that differ."""
    size = sum(len(text.split()) for text in before.fields.values())
    spent = sum(
        edit_rate(text, diff(text, after.fields[name]), by_word=True) * len(text.split())
        for name, text in before.fields.items()
    )
    return spent / max(1, size)


@goal("insert-word", tasks=WRITING, partial=True, required=("word",))
def insert_word(task: Task, before: Seen, after: Seen, *, word: str = "") -> Reply | None:
    """The model writes a word that it did not write before and that the reference does not have.

    Harm is how little of the clean output is left, for a black box does not say how near it was to the
    word: a search that moves the output most tries most.

    Args:
        word: The word, in any casing. Inputs and references that have it are not attacked.
    """
    assert isinstance(before.prediction, Text)
    assert isinstance(after.prediction, Text)
    known = re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    there = [*before.example.fields.values(), *before.example.references, before.prediction.text]
    if any(known.search(text) for text in there):
        return None
    written = bool(known.search(after.prediction.text))
    moved = chrf.distance(before.prediction.text, after.prediction.text)
    return Reply(
        1.0 if written else moved, written and not any(map(known.search, after.example.fields.values()))
    )


UNTARGETED = untargeted
