"""Orders of candidates: scores against scikit-learn, chance against all orders, distances of orders."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from harness.prediction import Classes
from harness.tasks.candidates import SLOTS, slotted
from harness.tasks.scoring.ranking import RECOMMENDATION, RESPONSE, overlap_distance
from harness.text import Example

liking = st.sampled_from((0.1, 0.2, 0.25, 0.5, 0.7, 0.9))  # few values, so that there are ties
slates = st.integers(2, 10).flatmap(
    lambda k: st.tuples(
        st.lists(liking, min_size=k, max_size=k),
        st.lists(st.booleans(), min_size=k, max_size=k).filter(any),
    )
)
orders = st.integers(1, 10).flatmap(lambda k: st.tuples(st.permutations(range(k)), st.permutations(range(k))))


def slate(clicked):
    """An example with these candidates, clicked or not."""
    fields = {"history": "x"} | {f"candidate {slot}": slot for slot in SLOTS[: len(clicked)]}
    return Example("s", fields, tuple(slot for slot, one in zip(SLOTS, clicked, strict=False) if one))


def liked(values, exclusive=False):
    """A prediction that likes the candidates that much."""
    return Classes(SLOTS, slotted(np.array(values, np.float32)), exclusive)


@given(slates)
def test_ndcg_auc_and_log_loss_are_those_of_scikit_learn(found):
    """Ties included, which both break at random."""
    values, clicked = found
    sums = RECOMMENDATION.stats(slate(clicked), liked(values), SLOTS)
    details = RECOMMENDATION.details(SLOTS)
    assert RECOMMENDATION.score(sums) == pytest.approx(metrics.ndcg_score([clicked], [values], k=10))
    if not all(clicked):
        assert details["auc"](sums) == pytest.approx(metrics.roc_auc_score(clicked, values))
    loss = metrics.log_loss(clicked, values, labels=[False, True])
    assert details["log_loss"](sums) == pytest.approx(loss, rel=1e-5)


@given(st.lists(st.booleans(), min_size=2, max_size=5).filter(any))
def test_chance_is_the_mean_over_all_orders(clicked):
    """The closed form is what trying every order gives."""
    values = [0.9, 0.7, 0.5, 0.2, 0.1][: len(clicked)]
    every = [RECOMMENDATION.stats(slate(clicked), liked(p), SLOTS) for p in permutations(values)]
    assert RECOMMENDATION.chance(every[0]) == pytest.approx(np.mean(RECOMMENDATION.score(np.array(every))))


def test_slates_of_clicks_alone_have_no_auc_and_do_not_lower_it():
    """AUC is the mean over slates with candidates of both kinds."""
    mixed = RECOMMENDATION.stats(slate([True, False]), liked([0.9, 0.1]), SLOTS)
    clicks = RECOMMENDATION.stats(slate([True, True]), liked([0.9, 0.1]), SLOTS)
    assert RECOMMENDATION.details(SLOTS)["auc"](mixed + clicks) == 1.0


def test_a_reply_is_found_at_its_place():
    """Third of ten: not among two, among five, reciprocal rank one third; chance is a tenth."""
    example = slate([False, False, True, *[False] * 7])
    sums = RESPONSE.stats(example, liked([0.3, 0.25, 0.2, *[0.25 / 7] * 7], True), SLOTS)
    details = {name: float(one(sums)) for name, one in RESPONSE.details(SLOTS).items()}
    assert details == pytest.approx({"recall@2": 0.0, "recall@5": 1.0, "mrr": 1 / 3})
    assert RESPONSE.score(sums) == 0
    assert RESPONSE.chance(sums) == pytest.approx(0.1)


@given(st.integers(2, 10), st.data())
def test_a_model_that_likes_all_alike_scores_by_chance_wherever_the_reply_is(k, data):
    """Ties are broken at random, not by slot."""
    at = data.draw(st.integers(0, k - 1))
    clicked = [slot == at for slot in range(k)]
    same = liked([1 / k] * k, True)
    sums = RESPONSE.stats(slate(clicked), same, SLOTS)
    assert RESPONSE.score(sums) == pytest.approx(1 / k)
    assert RESPONSE.details(SLOTS)["mrr"](sums) == pytest.approx(np.mean(1 / np.arange(1, k + 1)))
    sums = RECOMMENDATION.stats(slate(clicked), same, SLOTS)
    assert RECOMMENDATION.score(sums) == pytest.approx(float(RECOMMENDATION.chance(sums)))


def test_chance_is_a_mean_over_actual_numbers_of_candidates():
    """Two and four candidates: (1/2 + 1/4) / 2."""
    rows = [RESPONSE.stats(slate([True] + [False] * (k - 1)), liked([1.0], True), SLOTS) for k in (2, 4)]
    assert RESPONSE.chance(sum(rows)) == pytest.approx(0.375)


def test_the_worked_example_of_the_distance_holds():
    """a b c against a c b."""
    assert overlap_distance([0, 1, 2], [0, 2, 1]) == pytest.approx(0.9 * 0.5 / 1.9)


@given(orders)
def test_the_distance_of_orders_is_rank_biased_overlap_brought_to_its_range(found):
    """``(1 - RBO_ext) / (1 - p^(k-1))`` with equation 32 of Webber et al.; symmetric, in [0, 1]."""
    one, other = found
    k, p = len(one), 0.9
    agreement = [len(set(one[:d]) & set(other[:d])) / d for d in range(1, k + 1)]
    extrapolated = agreement[-1] * p**k + (1 - p) / p * sum(a * p**d for d, a in enumerate(agreement, 1))
    distance = overlap_distance(one, other)
    wanted = (1 - extrapolated) / (1 - p ** (k - 1)) if k > 1 else 0.0
    assert distance == pytest.approx(wanted, abs=1e-9)
    assert distance == pytest.approx(overlap_distance(other, one))
    assert (distance > 0) == (one != other)
    assert distance <= 1 + 1e-12


def test_a_swap_at_the_top_is_further_than_one_at_the_bottom():
    """Which is what people look at; only the former flips the first item."""
    base, top, bottom = ([0.9, 0.8, 0.4, 0.3], [0.8, 0.9, 0.4, 0.3], [0.9, 0.8, 0.3, 0.4])
    example = slate([True, False, False, False])
    up, down = (RECOMMENDATION.moved(liked(base), liked(one), (), example) for one in (top, bottom))
    assert up.hard > down.hard > 0
    assert (up.flip, down.flip) == (1.0, 0.0)
    assert [up.soft, down.soft] == pytest.approx([0.2 / 4] * 2)
    assert RECOMMENDATION.moved(liked(base), liked(base), (), example) == (0, 1, 0, 1, 0)


def test_a_reply_moves_by_total_variation():
    """The preferred one flips."""
    one, other = liked([0.7, 0.2, 0.1], True), liked([0.1, 0.2, 0.7], True)
    assert RESPONSE.moved(one, other, (), slate([True])) == pytest.approx((1, 1, 0.6, 1, 1))


@given(slates)
def test_harm_above_one_half_means_that_the_first_candidate_was_not_clicked(found):
    """The goal of an attack is to put one there that nobody wants."""
    values, clicked = found
    example, said = slate(clicked), liked(values)
    harm = RECOMMENDATION.harm(example, said)
    assert 0 <= harm <= 1
    assert harm == pytest.approx(0.5) or (harm > 0.5) == RECOMMENDATION.broken(example, said)
