"""The bag of words: an honest, repeatable baseline."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from harness.errors import UserError
from harness.inference import predict
from harness.models.features import text_features
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.multilabel import TASK as MULTILABEL
from harness.tasks.ner import TASK as NER
from harness.tasks.recommendation import TASK as RECOMMENDATION
from harness.tasks.response import TASK as RESPONSE
from harness.text import Example, example
from harness.training.sklearn import TRAINER, WIDTH


def run(job, **options):
    """Train with these options and the defaults, and load what came of it."""
    outcome = TRAINER.function(job, lambda said: None, **TRAINER.bind(options))
    return outcome, TRAINER.load(job.where, job.task, "cpu")


def test_it_learns_an_easy_task(task, new_job):
    """Nearly perfect on what it was trained on; there is no score before, since it starts from nothing."""
    outcome, _ = run(new_job(task))
    assert outcome.before is None
    assert outcome.after > 0.95
    assert outcome.epochs > 1


def test_it_does_not_depend_on_the_seed(task, new_job):
    """The problem is convex: other seeds give equal bytes."""
    one, other = new_job(task, seed=0), new_job(task, seed=1)
    run(one)
    run(other)
    assert (one.where / "model.safetensors").read_bytes() == (other.where / "model.safetensors").read_bytes()


@pytest.mark.parametrize("count", [2, 3])
def test_its_probabilities_are_those_of_scikit_learn(count, new_job, tiny_sentiment):
    """What is loaded answers like the fitted estimator, for two labels and for more."""
    labels = tuple(f"label-{at}" for at in range(count))
    data = [Example(e.id, e.fields, labels[at % count]) for at, e in enumerate(tiny_sentiment)]
    _, bag = run(new_job(CLASSIFICATION, examples=data), C=2.0)
    matrix = csr_matrix((len(data), WIDTH))
    rows = [text_features(e.text, WIDTH) for e in data]
    matrix = csr_matrix(
        (
            np.concatenate([[len(row) ** -0.5] * len(row) for row in rows]),
            np.concatenate(rows),
            np.cumsum([0] + [len(row) for row in rows]),
        ),
        (len(rows), WIDTH),
    )
    oracle = LogisticRegression(C=2.0, fit_intercept=False, max_iter=1000).fit(
        matrix, [e.target for e in data]
    )
    found = np.array([p.probabilities for p in predict(bag, data)])
    np.testing.assert_allclose(found, oracle.predict_proba(matrix), atol=2e-3)


def test_a_label_that_never_occurs_is_never_said(new_job, tiny_sentiment):
    """Its probability is 0, whatever the text."""
    labels = ("missing", "negative", "positive")
    _, bag = run(new_job(CLASSIFICATION, labels=labels))
    said = predict(bag, [*tiny_sentiment, example("empty", ""), example("odd", "ß ŧ ¶")])
    assert max(p.probabilities[0] for p in said) < 1e-6


def test_one_label_alone_is_said_always(new_job, tiny_sentiment):
    """A degenerate task is no error."""
    examples = [e for e in tiny_sentiment if e.target == "negative"]
    outcome, _ = run(new_job(CLASSIFICATION, examples=examples, labels=("negative", "positive")))
    assert outcome.after == 1.0


def test_wrong_options_are_told_all_at_once(new_job):
    """Each fault names the option, what was found and what is allowed."""
    with pytest.raises(UserError) as caught:
        run(new_job(), C=0.0, max_iter=0)
    assert [fault.field for fault in caught.value.faults] == ["C", "max_iter"]


def test_nothing_to_learn_from_is_a_fault(new_job):
    """Empty sentences have no words."""
    with pytest.raises(UserError, match="nothing to learn from"):
        run(new_job(NER, examples=[Example("a", {"text": ""}, ())]))


def test_a_solver_that_gave_up_says_so(new_job):
    """The listener is told that the optimum was not reached."""
    said: list[str] = []
    TRAINER.function(new_job(), said.append, max_iter=2)
    assert said == ["2 iterations, short of the optimum"]


def test_each_of_several_labels_has_a_regression_of_its_own(new_job, tiny_sentiment):
    """Probabilities are those of scikit-learn's one against the rest; constant labels are said always or never."""
    labels = ("always", "good", "said", "never")
    data = []
    for one in tiny_sentiment:
        own = {
            "always",
            *(["good"] if one.target == "positive" else []),
            *(["said"] if "said" in one.text else []),
        }
        data.append(Example(one.id, one.fields, tuple(sorted(own))))
    outcome, bag = run(new_job(MULTILABEL, examples=data, labels=labels), max_iter=1000)
    found = np.array([p.probabilities for p in predict(bag, data)])
    rows = [text_features(e.text, WIDTH) for e in data]
    values = np.concatenate([[len(row) ** -0.5] * len(row) for row in rows])
    ends = np.cumsum([0] + [len(row) for row in rows])
    matrix = csr_matrix((values, np.concatenate(rows), ends), (len(rows), WIDTH))
    for label in ("good", "said"):
        gold = [label in e.target for e in data]
        oracle = LogisticRegression(fit_intercept=False, max_iter=1000).fit(matrix, gold)
        at = labels.index(label)
        np.testing.assert_allclose(found[:, at], oracle.predict_proba(matrix)[:, 1], atol=2e-3)
    assert found[:, 0].min() > 1 - 1e-6
    assert found[:, 3].max() < 1e-6
    assert outcome.after > 0.9


@pytest.mark.parametrize("kind", [RESPONSE, RECOMMENDATION], ids=lambda kind: kind.name)
def test_candidates_are_told_apart_by_what_they_share_with_the_query(kind, new_job):
    """The right one names what was asked for, wherever it stands."""
    things = ("red wine", "green tea", "black coffee", "cold milk")
    data = []
    for at, thing in enumerate(things * 6):
        offers = things[at % 3 :] + things[: at % 3]
        fields = {"01 guest": f"I would like {thing} please"} | {
            f"candidate {slot}": f"here is your {offer}" for slot, offer in enumerate(offers, 1)
        }
        data.append(Example(str(at), fields, (str(offers.index(thing) + 1),)))
    outcome, bag = run(new_job(kind, examples=data, labels=kind.function(data)))
    assert outcome.after == 1.0
    assert bag.weights.shape == (WIDTH, 1)
