"""Explanations of every form: pairs, marks, several labels, answers, candidates, texts."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from harness import catalog
from harness.explain.ask import edited, unexplained, values_without, weighed
from harness.explain.explain import explain
from harness.explain.goal import Word, choose
from harness.explain.gradients import _scalar, integrated_gradients
from harness.explain.occlusion import occlusion
from harness.explain.questions import questions, tensors_of
from harness.inference import predict
from harness.models.function import Function
from harness.prediction import Spans
from harness.text import Edit, Example, Span, vary

from .forms import CHOICE, CONTEXT, EXAMPLES, SLOTS, TASKS

FORMS = sorted(TASKS)


def goal_of(model, one):
    """What there is to explain about an example, as it is weighed."""
    (goal,) = weighed(model, model.task, [choose(model.task, one, predict(model, [one])[0])])
    return goal


def odds(p):
    """Log-odds of a probability."""
    return np.log(p) - np.log1p(-p)


@pytest.mark.parametrize("form", FORMS)
def test_what_gradients_are_taken_of_is_what_the_prediction_says(tiny, form):
    """Log-odds of labels and candidates, mean log-probability of tags, and of start and end."""
    model = tiny(form)
    goal = goal_of(model, EXAMPLES[form])
    tensors = tensors_of(model, questions(model, model.task, [goal]))
    found = _scalar(model, model.task)(tensors.ids, *tensors.rest).item()
    expected = np.log(goal.value) if form in ("ner", "answer") else odds(goal.value) + goal.against
    assert found == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("form", FORMS)
def test_the_features_are_the_words_of_all_fields_that_the_output_depends_on(tiny, form):
    """A candidate does not depend on the words of the others; markers are nobody's words."""
    model, one = tiny(form), EXAMPLES[form]
    goal = goal_of(model, one)
    fields = [name for name in one.fields if not name.startswith("candidate")]
    fields += [goal.target] if form == "choice" else []
    assert [one.fields[w.field][w.start : w.end] for w in goal.words] == [
        word for name in fields for word in one.fields[name].split()
    ]


@pytest.mark.parametrize("form", FORMS)
def test_integrated_gradients_add_up_to_the_change_from_the_baseline(tiny, form):
    """Tokens of every field reach their word, except for markers, which stay as they are."""
    model = tiny(form)
    goal = goal_of(model, EXAMPLES[form])
    found = integrated_gradients.function(model, model.task, [goal], steps=200, limit=200)[0]
    assert found.completeness is None or found.completeness < 0.05
    assert len(found.weights) == len(goal.words)
    for name in goal.fields:
        assert any(w for w, word in zip(found.weights, goal.words, strict=True) if word.field == name)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["integrated-gradients", "gradient-x-input", "occlusion"])
def test_every_form_is_explained_end_to_end(tiny, form, name):
    """Finite weights, faithfulness in its range, the edit of a word in the last field followed."""
    model, source = tiny(form), EXAMPLES[form]
    last = list(source.fields)[-1]
    edits = [Edit(0, 0, "so ", last)]
    record = catalog.find("explainer", name)
    options = record.bind({"steps": 4} if name == "integrated-gradients" else {})
    (one,) = explain(model, model.task, [source], {"a": vary(source, edits)}, record, options, seed=0)
    assert json.loads(json.dumps(asdict(one), allow_nan=False))["words"]
    assert one.faithfulness is None or -1 <= one.faithfulness <= 1
    assert one.edited_fields is None or one.edited_fields[last].startswith("so ")
    assert "words replaced by [MASK]" in one.note


def test_taking_words_away_edits_the_field_they_stand_in_and_moves_marks_along():
    """Whatever a mask swallows, marks lie where they were and never overlap."""
    one = Example(
        "a", {"a": "one two", "text": "so Rome-Oslo it is"}, marks=(Span(3, 7, "head"), Span(8, 12, "tail"))
    )
    gone = edited(one, [Edit(0, 3, "#", "a"), Edit(3, 12, "#")])
    assert gone.fields == {"a": "# two", "text": "so # it is"}
    assert gone.marks == (Span(3, 4, "head"), Span(4, 4, "tail"))
    kept = edited(one, [Edit(0, 2, "#")])
    assert [kept.text[m.start : m.end] for m in kept.marks] == ["Rome", "Oslo"]


def test_masking_both_arguments_of_a_relation_is_no_error(tiny):
    """The markers stay around the masks."""
    model, one = tiny("marked"), EXAMPLES["marked"]
    goal = goal_of(model, one)
    found = values_without(model, model.task, [(goal, goal.words), (goal, [])])
    assert found[1] == pytest.approx(goal.value, abs=1e-6)
    assert 0 <= found[0] <= 1


def test_an_answer_is_worth_the_geometric_mean_of_its_start_and_its_end():
    """The root of .5 and .8; without an answer, of the first row's two."""
    words = np.array([(0, 0), (0, 5), (6, 11), (12, 16)], np.int32)
    rows = np.array([(0.2, 0.1), (0.1, 0.05), (0.5, 0.05), (0.2, 0.8)], np.float32)
    one = Example("a", {"question": "x", "context": CONTEXT})
    span = Span(6, 16, CONTEXT[6:16], "context")
    goal = choose(TASKS["answer"], one, Spans(("start", "end"), (span,), words, rows))
    assert (goal.target, goal.value) == ("alice went", pytest.approx(np.sqrt(0.4)))
    nothing = choose(TASKS["answer"], one, Spans(("start", "end"), (), words, rows))
    assert (nothing.target, nothing.value) == ("no answer", pytest.approx(np.sqrt(0.02)))


def test_an_answer_in_a_long_context_is_explained_by_the_windows_that_answer(tiny):
    """Contexts of several windows: every word has a weight of its own."""
    model = tiny("answer")
    one = replace(EXAMPLES["answer"], fields={**EXAMPLES["answer"].fields, "context": f"{CONTEXT} " * 8})
    assert len(model.encode([one])[0]) > 2
    goal = goal_of(model, one)
    for name in ("integrated-gradients", "gradient-x-input"):
        (found,) = catalog.find("explainer", name).function(model, model.task, [goal])
        assert len(found.weights) == 5 + 14 * 8
        assert found.weights[:5].any()


def test_a_candidate_is_asked_for_without_the_others(tiny):
    """Only windows of its own reading are computed, and they say what they say in company."""
    model, one = tiny("choice"), EXAMPLES["choice"]
    goal = goal_of(model, one)
    asked, before = [], model.forward

    def counting(pieces):
        asked.extend(piece.data.reading for piece in pieces)
        return before(pieces)

    together = [float(x[0]) for x in before([p for own in model.encode([one]) for p in own])]
    model.forward = counting
    try:
        (alone,) = values_without(model, model.task, [(goal, [])])
    finally:
        model.forward = before
    assert len(asked) == 1
    assert odds(alone) + goal.against == pytest.approx(together[goal.labels[0]], abs=1e-4)


def test_a_candidate_is_worth_its_probability_beside_the_others_as_they_were(tiny):
    """With nothing taken away that is what the prediction says; where none excludes another, the others do not count."""
    model, one = tiny("choice"), EXAMPLES["choice"]
    goal = goal_of(model, one)
    (said,) = predict(model, [one])
    (alone,) = values_without(model, model.task, [(goal, [])])
    assert alone == pytest.approx(said.probabilities.max(), abs=1e-5)
    several = replace(model.task, exclusive=False)
    assert weighed(model, several, [replace(goal, against=0.0)])[0].against == 0.0


def test_a_black_box_that_ranks_is_explained_by_its_distribution():
    """A callable is asked as a whole: the word that its choice hangs on gets it all."""

    def ranks(inputs):
        return [{"candidate 2": 0.9 if "good" in one["query"] else 0.3} for one in inputs]

    def answered(example, said, labels):
        row = np.array([1 - said["candidate 2"], said["candidate 2"]], np.float32)
        return CHOICE.decode(example, None, np.log(row), labels)

    task = replace(CHOICE, answer=answered)
    model = Function(ranks, SLOTS, task)
    (one,) = explain(model, task, [EXAMPLES["choice"]], {}, occlusion, {}, seed=0)
    assert one.target == "candidate 2"
    heaviest = one.words[int(np.argmax(one.weights))]
    assert EXAMPLES["choice"].fields[heaviest[2]][heaviest[0] : heaviest[1]] == "good"
    assert np.count_nonzero(np.round(one.weights, 6)) == 1


def test_words_of_different_fields_are_never_taken_for_each_other():
    """Offsets are those of a field: equal ones in two fields are two words."""
    from harness.explain.stability import shared

    before = [Word(0, 3, "a"), Word(0, 3, "b")]
    assert shared(before, before, [Edit(0, 3, "xyz", "b")]) == [(0, 0), (1, 1)]
    moved = [Word(0, 3, "a"), Word(3, 6, "b")]
    assert shared(before, moved, [Edit(0, 0, "so ", "b")]) == [(0, 0), (1, 1)]


def test_only_texts_of_unknown_probability_cannot_be_explained(tiny):
    """All other forms can."""
    assert not any(unexplained(tiny(form), TASKS[form]) for form in FORMS)
