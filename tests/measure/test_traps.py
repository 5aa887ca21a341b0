"""What others got wrong and we must not (methods, section 11): a test of our own code for each.

Traps of certificates and of what is out of distribution are tested beside their modules.
"""

from __future__ import annotations

import time

import numpy as np
import pytest

from harness.data.tags import from_tags, join
from harness.explain.faithfulness import limits
from harness.measure import statistics as st
from harness.measure.calibration import calibration_error, equal_mass, equal_width
from harness.measure.continuity import measure as continuity
from harness.measure.robustness import measure as robustness
from harness.measure.selectivity import selectivity
from harness.prediction import Spans
from harness.rng import rng
from harness.tasks.scoring import chrf, classes
from harness.tasks.scoring.spans import SCORING
from harness.text import Edit, Example, Fate, Span, carry, edit_rate
from tests.measure.build import assault, cell, model, noise, pick, right, run, tables

A, B = np.array([0.70, 0.80, 0.90, 0.85]), np.array([0.75, 0.78, 0.80, 0.82])


@pytest.mark.parametrize(("m", "level"), [(2, 0.975), (3, 0.9833333), (10, 0.995)])
def test_the_correction_for_many_comparisons_does_not_fade(m, level):
    """A confidence of c + (1 - c) / m would be .9667 and .955 for 3 and 10 of them."""
    corrected = 1 - 2 * 0.05 / m  # as `almost_dominates` says; two-sided
    assert (1 + corrected) / 2 == pytest.approx(level, abs=5e-8)
    found = st.almost_dominates(A, B, rng("aso"), corrected)
    plain = st.almost_dominates(A, B, rng("aso"), 0.90)
    from scipy.special import ndtri

    stretch = ndtri(level) / ndtri(0.95)
    assert found.high == pytest.approx(min(1.0, plain.value + stretch * (plain.high - plain.value)), abs=1e-6)


@pytest.mark.parametrize("n", [7, 100])
def test_each_resample_is_as_large_as_the_data(n):
    """Half of them would make every interval wider by the square root of 2."""
    assert (st.weights(n, 50, rng("size")).sum(axis=1) == n).all()
    assert all((block[:, 0] == n).all() for block in st.sums(np.ones((n, 1)), 50, rng("size")))


def test_a_tie_is_half_a_win_and_a_win_is_no_tie():
    """Counted as both, wins and ties would be more than there are pairs."""
    one = np.ones((1, 3))
    wins = selectivity(np.array([2.0, 2, 2]), np.array([1.0, 1, 1]), one, one)[0]
    ties = selectivity(np.array([1.0, 1, 1]), np.array([1.0, 1, 1]), one, one)[0]
    mixed = selectivity(np.array([0.0, 1, 2]), np.array([1.0, 1, 1]), one, one)[0]
    assert (wins, ties, mixed) == (1.0, 0.5, 0.5)


def test_a_word_put_in_front_changes_one_word_and_not_all_behind_it():
    """Compared position by position, every word of the text would have changed."""
    text = "the food was good and the staff was kind"
    assert edit_rate(text, [Edit(0, 0, "truly ")], by_word=True) == pytest.approx(1 / 9)
    assert edit_rate(text, [Edit(0, 4, "")], by_word=True) == pytest.approx(1 / 9)


def test_what_successful_attacks_edited_is_undefined_without_one():
    """Not 0, not a NaN that passes a gate; and what was edited is not how long the texts are."""
    attacked = model(run(right(10, 10)), attacks=(assault("ffffffffff"),))
    rows = list(robustness(tables(attacked, n=10)))
    assert pick(rows, "attack_words").value is None
    won = model(run(right(10, 10)), attacks=(assault("SSSSSfffff"),))
    assert pick(robustness(tables(won, n=10)), "attack_words").value == pytest.approx(3)


def test_sentences_without_entities_are_no_successes_and_no_share_exceeds_one():
    """Entities that are invented have a row of their own, over words, and are not in the rate."""
    entities = np.array(
        [[0, 0, 0, 0, 3, 9], [2, 1, 1, 0, 4, 7], [0, 0, 0, 0, 0, 5], [1, 0, 0, 0, 2, 6]], float
    )
    attacked = model(run(right(4, 4)), attacks=(assault("-S-f", entities=entities),))
    rows = list(robustness(tables(attacked, n=4)))
    assert pick(rows, "attack_success_rate").value == pytest.approx(0.5)
    assert pick(rows, "attack_entity_rate").value == pytest.approx(2 / 3)
    assert pick(rows, "attack_entities_invented").value == pytest.approx(100 * 6 / 13)


def test_a_deletion_that_ends_where_the_answer_starts_shifts_it():
    """``Angela Merkel visited Paris``: without ``visited `` the place starts at 14."""
    place, fate = carry(Span(22, 27, "LOC"), [Edit(14, 22, "")])
    assert (place, fate) == (Span(14, 19, "LOC"), Fate.KEPT)


def test_the_last_bin_counts():
    """A model that is always certain and half the time wrong is off by one half."""
    confidence, correct = np.ones(10), np.arange(10) % 2.0
    for inside in (equal_width(confidence), equal_mass(confidence)):
        found = calibration_error(confidence @ inside, correct @ inside, inside.sum(0))
        assert found == pytest.approx(0.5)


def test_distributions_are_compared_by_a_distance_that_has_no_logarithm():
    """Total variation is linear: neither a root nor the base of a logarithm can go wrong."""
    from scipy.spatial.distance import jensenshannon

    from harness.prediction import Classes

    p, q = (0.7, 0.2, 0.1), (0.5, 0.3, 0.2)
    one, other = (Classes(("a", "b", "c"), np.array(x, np.float32)) for x in (p, q))
    assert classes.SCORING.moved(one, other, (), None).soft == pytest.approx(0.2, abs=1e-6)
    assert jensenshannon(p, q) == pytest.approx(0.1479905, abs=5e-8)  # SciPy's default: a root, and nats
    assert jensenshannon(p, q, base=2) == pytest.approx(0.1777547, abs=5e-8)
    assert jensenshannon(p, q, base=2) ** 2 == pytest.approx(0.0315967, abs=5e-8)


def test_two_empty_texts_are_the_same_and_distances_have_no_direction():
    """sacreBLEU scores two empty texts 0, and its chrF2 depends on which text comes first."""
    assert chrf.distance("", "") == 0
    assert chrf.distance("", "a cat") == chrf.distance("a cat", "") == 1
    assert chrf.distance("the cat sat", "a cat") == chrf.distance("a cat", "the cat sat")


def test_no_p_value_by_resampling_is_zero():
    """The observed data are one of the draws: at least 1 / (B + 1)."""
    table = np.column_stack([np.ones(30), np.ones(30)])
    zero = table * [0, 1]
    swaps = np.zeros((99, 30), bool)
    swaps[:, ::2] = True
    assert st.swap_test(table, zero, st.ratio, swaps) == pytest.approx(1 / 100)
    drawn = rng("p").normal(0.5, 0.01, 99)
    assert st.above(0.0, 0.5, drawn, rng("j").normal(0.5, 0.001, 50)) > 0


def test_limits_of_ten_features_do_not_take_all_their_orders():
    """1,024 sets instead of 3.6 million orders."""
    values = rng("limits").random(1 << 10)
    start = time.perf_counter()
    low, high = limits(values)
    assert low < high
    assert time.perf_counter() - start < 1


def test_texts_that_did_not_change_are_no_passes():
    """Ten that were left as they were, counted as unmoved, would halve the flip rate."""
    moved = cell(right(0, 10), index=range(10), flips=np.ones(10), rate=0.1, noop=10)
    rows = list(continuity(tables(model(run(right(20, 20), {noise("typo", 1): moved})), n=20)))
    assert pick(rows, "flip_rate").value == 1.0


def test_variants_of_a_text_are_one_observation():
    """Ten copies of each of 20 examples leave the interval as wide as it was."""
    x = rng("copies").random(20)
    once = st.bootstrap(np.column_stack([x, np.ones(20)]), st.ratio, st.weights(20, 2000, rng("w")))
    groups = np.repeat(np.arange(20), 10)
    rows = np.column_stack([np.repeat(x, 10), np.ones(200)])
    copied = st.bootstrap(rows, st.ratio, st.weights(200, 2000, rng("w"), groups), groups=groups)
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high), abs=0.01)


def test_the_score_of_entities_is_not_the_mean_over_sentences():
    """Nine sentences without an entity would hide that the only two are missed."""
    labels = ("O", "B-PER", "I-PER")
    sums = np.zeros(len(SCORING.columns(labels)))
    for at, tags in enumerate([["B-PER", "O", "B-PER"]] + [["O", "O", "O"]] * 9):
        text, words = join(["w0", "w1", "w2"])
        nothing = Spans(labels, (), np.array(words, np.int32), np.zeros((3, 3), np.float32))
        sums += SCORING.stats(Example(str(at), {"text": text}, from_tags(words, tags)), nothing, labels)
    assert SCORING.score(sums) == 0.0


def test_asking_until_it_passes_does_not_help():
    """40 looks at two equal models: a fixed test is fooled far more often than one time in twenty, evidence is not."""
    fooled = {"fixed": 0, "evidence": 0}
    for trial in range(200):
        found = rng("peek", trial).choice([-1, 0, 1], size=2000, p=[0.02, 0.96, 0.02])
        counts = [(int((found[:at] > 0).sum()), int((found[:at] < 0).sum())) for at in range(50, 2001, 50)]
        fooled["fixed"] += any(st.mcnemar(b, c) <= 0.05 for b, c in counts)
        fooled["evidence"] += any(st.discordant(b, c) >= 20 for b, c in counts)
    assert fooled["fixed"] / 200 > 0.10
    assert fooled["evidence"] / 200 <= 0.05
