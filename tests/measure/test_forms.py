"""Measures on tables of every task: made of its own statistics, whatever the predictions are worth."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from harness import catalog
from harness.execute.bench import unrelated
from harness.measure import continuity, generalization, interpretability, robustness, score, stability
from harness.measure.scorecard import scorecard
from harness.measure.tables import (
    TEST,
    Agreement,
    Cell,
    Condition,
    ExplainTable,
    ModelTable,
    RunTable,
    Tables,
)
from harness.prediction import Classes, Spans, Text
from harness.rng import rng
from harness.rows import PROPERTIES, Status
from harness.tasks.task import Form
from harness.text import Edit, Example, Span, vary, words
from tests.measure.build import assault

N = 30
TASKS = sorted(catalog.every("task"))
MEASURES = (continuity, generalization, interpretability, robustness, score, stability)
SAID = ("the parcel is on its way", "your money comes back tomorrow", "please restart the small router")
SENTENCE = "yesterday Ada Lovelace went from Bergen to Port Louis"
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def source(task, at):
    """An example of a task, different for each ``at``."""
    text = f"{SENTENCE} {at}"
    pick, kind = at % 3, task.form
    marks = (Span(10, 22, "head"), Span(33, 39, "tail")) if task.name == "relation" else ()
    if kind is Form.LABEL:
        return Example(f"e{at}", {"text": text}, task_labels(task)[pick], marks=marks)
    if kind is Form.LABELS:
        return Example(f"e{at}", {"text": text}, task_labels(task)[:pick])
    if kind is Form.WORDS:
        return Example(f"e{at}", {"text": text}, (Span(10, 22, "PER"), Span(33, 39, "LOC"))[:pick])
    if kind is Form.ANSWER:
        gold = (Span(10, 22, "Ada Lovelace", "context"),) if pick else ()
        return Example(f"e{at}", {"question": f"who went {at} times ?", "context": text}, gold)
    if kind is Form.CHOICE:
        offered = {f"candidate {n}": said for n, said in enumerate(SAID, 1)}
        query = {"history": text} if task.name == "recommendation" else {"01 customer": text}
        return Example(f"e{at}", query | offered, (str(pick + 1),), meta={"speaker": "agent"})
    fields = {"01 customer": text} if task.name == "dialogue" else {"source": text}
    return Example(f"e{at}", fields, (SAID[pick],), meta={"speaker": "agent"})


def task_labels(task):
    """Labels of the data."""
    return {Form.LABEL: ("Cause-Effect(e1,e2)", "Other", "Whole(e2,e1)"), Form.WORDS: TAGS}.get(
        task.form, ("a", "b", "c") if task.form is Form.LABELS else task.function(())
    )


def peaked(size, at, sure):
    """A distribution with its peak at a place."""
    row = np.full(size, (1 - sure) / max(1, size - 1), np.float32)
    row[at] = sure
    return row


def said(task, example, right, sure):
    """A right or a wrong prediction, more or less sure."""
    labels, gold = task_labels(task), example.references
    if task.form is Form.LABEL:
        at = labels.index(gold[0])
        return Classes(labels, peaked(len(labels), at if right else (at + 1) % 3, sure))
    if task.form is Form.LABELS:
        given = np.array([(label in gold) == right for label in labels])
        return Classes(labels, np.where(given, sure, 1 - sure).astype(np.float32), exclusive=False)
    if task.form is Form.CHOICE:
        at = (int(gold[0]) - 1 + (not right)) % 3
        row = np.zeros(10, np.float32)
        row[:3] = peaked(3, at, sure)
        return Classes(labels, row, exclusive=task.name == "response")
    if task.form is Form.TEXT:
        text = gold[0] if right else SAID[(SAID.index(gold[0]) + 1) % 3]
        return Text(text, 5 * math.log(sure), 5, 5 * math.log(sure if right else 1 - sure), 5)
    name = "context" if task.form is Form.ANSWER else "text"
    offsets = np.array(words(example.fields[name]), np.int32)
    spans = example.spans if right else (Span(33, 39, "Bergen" if name == "context" else "ORG", name),)
    if task.form is Form.ANSWER:
        offsets = np.vstack([np.zeros((1, 2), np.int32), offsets])
    rows = np.full((len(offsets), len(labels)), 1 / len(offsets), np.float32)
    return Spans(labels, spans, offsets, rows)


def cell(task, examples, seed, quality, clean=None, severity=0):
    """A cell as a run makes it: predictions, statistics and movement of each example."""
    random, others, stats, moved, rates, answers = rng(seed, task.name), unrelated(examples), [], [], [], {}
    scoring, labels = task.scoring, task_labels(task)
    for example in examples:
        name = next(iter(example.fields))
        size = len(example.fields[name])
        variant = vary(example, [Edit(size, size, " x" * severity, name)] if severity else [])
        one = said(task, example, random.random() < quality, 0.6 + 0.3 * random.random())
        answers[example.id] = one
        stats.append(scoring.row(variant.example, one, labels, others[example.id]))
        if clean is not None:
            moved.append(scoring.moved(clean[example.id], one, variant.edits, example))
        rates.append(variant.rate)
    made = Cell(
        np.arange(len(examples)),
        np.array(stats),
        np.array(moved or np.zeros((len(examples), 5))),
        np.array(rates),
    )
    return made, answers


def tables(task, quality=0.85, runs=2):
    """Two runs on a test set, a shift and an operator at three severities, attacked and explained."""
    examples, shifted = [source(task, at) for at in range(N)], [source(task, at) for at in range(N, 2 * N)]
    made, answers = [], []
    for seed in range(runs):
        clean, answer = cell(task, examples, f"clean {seed}", quality)
        cells = {
            Condition(TEST): clean,
            Condition("shift"): cell(task, shifted, f"shift {seed}", quality - 0.1)[0],
        }
        for severity in (1, 3, 5):
            worse = quality - severity / 20
            condition = Condition(TEST, "misspell", "word", severity)
            cells[condition] = cell(task, examples, f"{severity} {seed}", worse, answer, severity)[0]
        made.append(RunTable(seed, "ok", cells))
        answers.append(answer)
    moved = task.scoring.moved
    ratio = [moved(answers[0][e.id], answers[1][e.id], (), e) for e in examples]
    observed = np.array([[m.hard / m.hard_of if m.hard_of else 0.0 for m in ratio]])
    attacked = cell(task, examples, "attack", 0.4)[0]
    course = "".join("-" if at % 3 == 0 else "S" if at % 2 else "f" for at in range(N))
    tried = assault(course, stats=attacked.stats, clean_stats=made[0].cells[Condition(TEST)].stats)
    told = ExplainTable("occlusion", 0, np.arange(N), *(rng("told", n).random(N) for n in range(4)))
    model = ModelTable(
        "m",
        False,
        tuple(made),
        agreement=Agreement(((0, 1),), observed, np.full((2, 2), 0.8)),
        attacks=(tried,),
        explanations=(told,),
    )
    scoring = task.scoring
    return Tables(
        scoring.metric,
        scoring.score,
        scoring.chance,
        {"m": scoring.details(task_labels(task))},
        {TEST: N, "shift": N},
        {},
        (model,),
        7,
        100,
        0.95,
        {TEST: 0.0, "shift": 0.0},
        {"m": scoring.columns(task_labels(task))},
    )


def every_row(data):
    """The rows of all measures."""
    return [row for module in MEASURES for row in module.measure(data)]


@pytest.fixture(scope="module", params=TASKS)
def task(request):
    """Each task in turn."""
    return catalog.find("task", request.param)


@pytest.fixture(scope="module")
def rows(task):
    """All that is measured of it."""
    return every_row(tables(task))


def test_the_examples_of_this_test_suit_their_task(task):
    """So that what is measured is what a run would measure."""
    assert [task.validate(source(task, at)) for at in range(3)] == ["", "", ""]


def test_every_number_is_finite_ordered_and_within_its_bounds(task, rows):
    """Values lie in their intervals, shares in [0, 1]; what is not known says why."""
    beyond = ("low_severity_gain", "unseen_ratio", "needed_runs", "length_jump", "relative_score")
    bounds: dict[str, tuple[float, float]] = dict.fromkeys(beyond, (0, math.inf))
    bounds |= {name: one.bounds for name, one in task.scoring.details(task_labels(task)).items()}
    for row in rows:
        if row.value is None:
            assert row.note, row
            continue
        many = re.fullmatch("attack_(minimal_)?(queries|words).*", row.measure) is not None
        low, high = bounds.get(row.measure, (-1, math.inf if many else 1))
        assert low - 1e-9 <= row.value <= high + 1e-9, row
        if row.low is not None and row.high is not None:
            assert low - 1e-9 <= row.low <= row.value + 1e-9, row
            assert row.value - 1e-9 <= row.high <= high + 1e-9, row


def test_every_property_has_a_headline(task, rows):
    """A model with skill gets five numbers, for every form."""
    found = {(one.property, one.value is not None) for one in scorecard(rows, {})}
    assert found == {(name, True) for name in PROPERTIES}


def test_better_models_score_better_above_a_chance_that_is_the_same(task, rows):
    """Being right more often raises the score; chance is that of the data, or of unrelated references."""
    worse = every_row(tables(task, quality=0.6))
    one, other = first(rows, "score"), first(worse, "score")
    assert one.value > other.value
    chance = first(rows, "chance").value
    assert 0 <= chance < one.value


def first(rows, measure):
    """The score or its chance over all runs on the test set."""
    return next(
        r for r in rows if (r.property, r.measure, dict(r.condition)) == ("score", measure, {"split": TEST})
    )


def test_a_model_without_skill_gets_no_headline(task):
    """Steady answers that are all wrong are no merit (methods, section 0.5)."""
    data = tables(task, quality=0.0)
    for module in (continuity, robustness, generalization):
        row = next(r for r in module.measure(data) if r.measure == "score")
        assert row.value is None, module.__name__
        assert row.status is Status.DEGENERATE


def test_a_model_that_always_says_the_same_gets_no_headline(task):
    """Whatever its score is."""
    data = tables(task)
    model = data.models[0]
    same = replace(model, runs=tuple(replace(run, one_class=True) for run in model.runs))
    row = next(r for r in continuity.measure(replace(data, models=(same,))) if r.measure == "score")
    assert (row.value, row.status) == (None, Status.DEGENERATE)
    assert "same answer" in row.note


def test_what_cannot_be_explained_says_why(task):
    """A model whose texts have no known probability is not explained, and the scorecard says so."""
    data = tables(task)
    silent = replace(data.models[0], explanations=(), explainable="the model does not say")
    (row,) = interpretability.measure(replace(data, models=(silent,)))
    assert (row.value, row.status, row.note) == (None, Status.NOT_APPLICABLE, "the model does not say")
