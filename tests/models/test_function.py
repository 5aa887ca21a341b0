"""A user's callable as a model: found, identified, and checked."""

from __future__ import annotations

import pytest

from harness.errors import BrokenPromise, UserError
from harness.inference import predict
from harness.models.function import Function, digest, resolve
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.dialogue import TASK as DIALOGUE
from harness.tasks.ner import TASK as NER
from harness.tasks.translation import TASK as TRANSLATION
from harness.text import Example, Span, example

LABELS = ("no", "yes")
TAGS = ("O", "B-PER", "I-PER")


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module of the user's."""
    (tmp_path / "users_own.py").write_text(
        "def answer(texts):\n    return ['yes' for _ in texts]\nnothing = 3\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "users_own"


def test_a_reference_is_imported_and_known_by_its_source(module):
    """``module:function`` gives the function; its digest is that of the module's source."""
    assert resolve(f"{module}:answer")(["a", "b"]) == ["yes", "yes"]
    assert digest(f"{module}:answer") == digest(f"{module}:answer") != ""


@pytest.mark.parametrize(
    "reference", ["users_own:missing", "users_own:nothing", "not_there:f", "users_own", ":"]
)
def test_what_cannot_be_called_is_a_fault(reference, module):
    """Whether it is the module, the name or the thing that is wrong."""
    with pytest.raises(UserError, match="callable"):
        resolve(reference)


def test_a_label_or_a_distribution_is_an_answer():
    """Distributions are normalised."""
    said = predict(
        Function(
            lambda texts: ["yes" if t == "a" else {"yes": 1, "no": 3} for t in texts], LABELS, CLASSIFICATION
        ),
        [example("a", "a"), example("b", "b")],
    )
    assert [p.probabilities.tolist() for p in said] == [[0.0, 1.0], [0.75, 0.25]]


def test_spans_are_an_answer_as_tuples_or_mappings():
    """Both forms give the same prediction."""
    for one in ((0, 5, "PER"), {"start": 0, "end": 5, "label": "PER"}):
        model = Function(lambda texts, one=one: [[one] for _ in texts], TAGS, NER)
        (said,) = predict(model, [example("a", "alice saw")])
        assert said.spans == (Span(0, 5, "PER"),)
        assert said.probabilities.argmax(-1).tolist() == [1, 0]


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        (CLASSIFICATION, []),
        (CLASSIFICATION, ["maybe"]),
        (CLASSIFICATION, [{"yes": -1.0}]),
        (CLASSIFICATION, [{"yes": float("nan")}]),
        (CLASSIFICATION, [{}]),
        (NER, [[(0, 99, "PER")]]),
        (NER, [[(2, 2, "PER")]]),
        (NER, [[(0, 1, "LOC")]]),
    ],
)
def test_an_answer_that_breaks_the_contract_is_refused(task, answer):
    """Wrong counts, labels, numbers and places."""
    model = Function(lambda texts: answer, LABELS if task is CLASSIFICATION else TAGS, task)
    with pytest.raises(BrokenPromise):
        predict(model, [example("a", "alice saw")])


def test_a_callable_is_given_what_the_task_is_about():
    """A source as a text; a dialogue as its turns and who is to reply, told apart by both."""
    given = []

    def reply(inputs):
        given.extend(inputs)
        return [str(one) for one in inputs]

    turns = {"01 customer": "Hello"}
    talks = [Example(who, turns, ("Hi",), meta={"speaker": who}) for who in ("agent", "customer")]
    said = predict(Function(reply, (), DIALOGUE), talks)
    assert [p.text for p in said] == [str({**turns, "speaker": who}) for who in ("agent", "customer")]
    predict(Function(reply, (), TRANSLATION), [Example("a", {"source": "Hallo"}, ("Hello",))])
    assert given[-1] == "Hallo"
