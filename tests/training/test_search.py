"""Searches for hyperparameters, on a made-up training whose best options are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.errors import Diverged
from harness.training.search import COMPLETE, DIVERGED, PRUNED, Study, best, importance, search

SPACE = {"x": {"low": 0.0, "high": 1.0}, "kind": ["good", "bad"]}
STUDY = Study(space=SPACE, trials=24, sampler="tpe", prune=False, seed=0)


def train(options, report):
    """Best at x = 0.3 and of the good kind."""
    score = 1 - abs(options["x"] - 0.3) - 0.3 * (options["kind"] == "bad")
    for epoch in (1, 2, 3):
        report(epoch, score * epoch / 3)
    return score


def test_a_search_comes_close_to_the_best_options():
    """Closer than the same number of random draws would on average: a ninth of the range."""
    found = best(search(STUDY, train))
    assert found is not None
    assert found.options["kind"] == "good"
    assert abs(found.options["x"] - 0.3) < 1 / 9


def test_equal_seeds_make_equal_studies_and_others_do_not():
    """Every proposal is keyed."""
    assert search(STUDY, train) == search(STUDY, train)
    assert search(STUDY, train) != search(replace(STUDY, seed=1), train)


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
@pytest.mark.parametrize("prune", [False, True])
def test_an_interrupted_study_goes_on_as_if_it_had_not_been(sampler, prune):
    """Whatever trials were kept, the others are the same, and none is made twice."""
    space = {"x": {"low": 0.0, "high": 1.0, "step": 0.25}, "kind": ["good", "bad"]}
    study = Study(space=space, trials=9, sampler=sampler, prune=prune, seed=3)
    whole = search(study, train)
    for kept in (1, 5, 9):
        made = []
        assert search(study, train, whole[:kept], made.append) == whole
        assert made == whole[kept:]


def test_a_grid_tries_each_combination_once_and_then_stops():
    """However many trials are allowed."""
    space = {"x": [0.1, 0.3], "kind": ["good", "bad"]}
    found = search(replace(STUDY, space=space, sampler="grid"), train)
    assert [(t.options["x"], t.options["kind"]) for t in found] == [
        (0.1, "good"),
        (0.1, "bad"),
        (0.3, "good"),
        (0.3, "bad"),
    ]


def test_trials_below_the_median_are_stopped_and_never_chosen():
    """What they had reached by then is kept."""
    found = search(replace(STUDY, prune=True), train)
    stopped = [trial for trial in found if trial.state == PRUNED]
    assert stopped
    assert all(len(trial.steps) < 3 and trial.value == trial.steps[-1][1] for trial in stopped)
    top = best(found)
    assert top is not None
    assert top.state == COMPLETE


def test_a_diverged_trial_is_a_result_and_the_study_goes_on():
    """It has no score, and is not chosen."""

    def fragile(options, report):
        if options["kind"] == "bad":
            raise Diverged("the loss is nan")
        return train(options, report)

    found = search(STUDY, fragile)
    states = {trial.options["kind"]: trial.state for trial in found}
    assert states == {"good": COMPLETE, "bad": DIVERGED}
    assert all(trial.value is None for trial in found if trial.state == DIVERGED)


def test_nothing_is_chosen_where_nothing_came_to_an_end():
    """An empty study has no best trial."""
    assert best([]) is None


def test_importance_is_the_share_of_each_option_in_the_spread_of_trials():
    """The variance of |x - .3| over the range is .0392, that of the kind .0225; equal seeds say the same."""
    study = replace(STUDY, trials=60, sampler="random")
    trials = search(study, train)
    found = importance(study, trials)
    assert sum(found.values()) == pytest.approx(1, abs=1e-5)
    assert found["x"] == pytest.approx(0.03923 / (0.03923 + 0.0225), abs=0.15)
    assert found == importance(study, trials)


def test_without_two_scores_that_differ_nothing_is_important():
    """One trial, or trials that all score alike, say nothing of the options."""
    assert importance(STUDY, search(replace(STUDY, trials=1), train)) == {}
    alike = search(replace(STUDY, trials=4), lambda options, report: 0.5)
    assert importance(STUDY, alike) == {}
