"""Scoring of candidates in order of preference: recall and NDCG, and the distance of two orders.

Candidates that a model likes equally well share their places: every score is the expected one when
ties are broken at random, so that the slot of a candidate cannot help it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from harness.prediction import Classes, Prediction
from harness.tasks.candidates import candidates, right
from harness.tasks.scoring.ratio import ratio
from harness.tasks.task import POSITIVE, Array, Detail, Moved, Scoring
from harness.text import Edit, Example

PERSISTENCE = 0.9
"""How likely someone who reads an order from the top goes on to the next place (Webber et al. 2010)."""
LEAST = 1e-7
"""Probabilities of a click are kept this far from 0 and 1 in the log loss, as in single precision."""
TOP = (1, 2, 5)


def _liking(example: Example, prediction: Prediction) -> tuple[Array, Array]:
    """How much each candidate is liked and whether it is right, shape ``(candidates,)``."""
    assert isinstance(prediction, Classes)
    liked = prediction.probabilities[: len(candidates(example))].astype(np.float64)
    return liked, np.array(right(example), np.float64)


def _places(liked: Array) -> Array:
    """Probability of each candidate (row) for each place (column): ties are broken at random."""
    better = (liked[None, :] > liked[:, None]).sum(1)
    equal = (liked[None, :] == liked[:, None]).sum(1)
    place = np.arange(len(liked))
    inside = (place >= better[:, None]) & (place < (better + equal)[:, None])
    places: Array = inside / equal[:, None]
    return places


# -- response: one candidate is right ------------------------------------------------------------


def _response_columns(labels: tuple[str, ...]) -> list[str]:
    """``n``; found among the first 1, 2 and 5; reciprocal rank; one over the number of candidates."""
    return ["n", *(f"recall@{top}" for top in TOP), "reciprocal", "chance"]


def _response_stats(example: Example, prediction: Prediction, labels: tuple[str, ...]) -> Array:
    """The example's place statistics."""
    liked, gold = _liking(example, prediction)
    places = gold @ _places(liked)
    reciprocal = places @ (1 / np.arange(1, len(places) + 1))
    return np.array([1, *(places[:top].sum() for top in TOP), reciprocal, 1 / len(liked)])


def _mean(column: int) -> Detail:
    return Detail(lambda sums: ratio(sums[..., column], sums[..., 0]))


def _response_chance(sums: Array) -> Array:
    """One over the number of candidates: what an order drawn at random scores."""
    return ratio(sums[..., 5], sums[..., 0])


def _response_details(labels: tuple[str, ...]) -> dict[str, Detail]:
    """Recall at 2 and 5, and the mean reciprocal rank."""
    return {"recall@2": _mean(2), "recall@5": _mean(3), "mrr": _mean(4)}


def _response_moved(clean: Prediction, edited: Prediction, edits: Sequence[Edit], source: Example) -> Moved:
    """Whether another candidate is preferred, and the total variation of the distributions."""
    assert isinstance(clean, Classes)
    assert isinstance(edited, Classes)
    flip = float(clean.label != edited.label)
    shift = float(np.abs(clean.probabilities - edited.probabilities).sum()) / 2
    return Moved(flip, 1.0, min(shift, 1.0), 1.0, flip)


def _response_harm(example: Example, prediction: Prediction) -> float:
    """One minus the probability of the right candidate."""
    liked, gold = _liking(example, prediction)
    return max(0.0, 1.0 - float(liked @ gold))


def _broken(example: Example, prediction: Prediction) -> bool:
    """Whether a candidate that is not right is preferred to all that are."""
    assert isinstance(prediction, Classes)
    return prediction.label not in example.references


RESPONSE = Scoring(
    metric="recall@1",
    columns=_response_columns,
    stats=_response_stats,
    score=_mean(1),
    chance=_response_chance,
    moved=_response_moved,
    harm=_response_harm,
    broken=_broken,
    details=_response_details,
)


# -- recommendation: any number of candidates are right ------------------------------------------

_OF_SLATES = ("n", "ndcg", "chance", "hit", "auc", "mixed", "loss", "candidates")


def _slate_columns(labels: tuple[str, ...]) -> list[str]:
    """Sums over slates; ``mixed`` counts those with candidates of both kinds, which have an AUC."""
    return list(_OF_SLATES)


def _slate_stats(example: Example, prediction: Prediction, labels: tuple[str, ...]) -> Array:
    """The slate's statistics.

    NDCG is that of Järvelin & Kekäläinen (2002) with gain 1 for a click and discount ``1 / log2(place
    + 1)``. An order at random puts a click anywhere with equal probability, so that its expected NDCG
    is the mean discount times the number of clicks over the best sum of discounts. AUC is the share
    of pairs of one clicked and one unclicked candidate that are in the right order, ties half.
    """
    liked, gold = _liking(example, prediction)
    places = gold @ _places(liked)
    discount = 1 / np.log2(np.arange(len(liked)) + 2)
    clicks = int(gold.sum())
    best = discount[:clicks].sum()
    one, other = liked[gold == 1, None], liked[None, gold == 0]
    won = (one > other).sum() + (one == other).sum() / 2
    sure = np.clip(liked, LEAST, 1 - LEAST)
    loss = -(gold * np.log(sure) + (1 - gold) * np.log(1 - sure)).sum()
    pairs = one.size * other.size
    auc = won / pairs if pairs else 0.0
    chance = clicks * discount.mean() / best
    return np.array([1, places @ discount / best, chance, places[0], auc, pairs > 0, loss, len(liked)])


def _per(column: str, of: str) -> Detail:
    top, bottom = _OF_SLATES.index(column), _OF_SLATES.index(of)
    return Detail(lambda sums: ratio(sums[..., top], sums[..., bottom]))


def _slate_chance(sums: Array) -> Array:
    """The mean NDCG of all orders of a slate."""
    return _per("chance", "n")(sums)


def _slate_details(labels: tuple[str, ...]) -> dict[str, Detail]:
    """AUC within slates, whether the first candidate was clicked, and the log loss of a candidate."""
    loss = Detail(_per("loss", "candidates").statistic, POSITIVE, "lower")
    return {"auc": _per("auc", "mixed"), "hit@1": _per("hit", "n"), "log_loss": loss}


def order(prediction: Classes, count: int) -> list[int]:
    """The candidates, the most liked first; ties in the order of the slots."""
    return [int(at) for at in np.argsort(-prediction.probabilities[:count], kind="stable")]


def overlap_distance(one: Sequence[int], other: Sequence[int]) -> float:
    """How far two orders of the same k items are apart, in [0, 1], the top weighing most.

    With ``A_d`` the share of the first d items that both orders have in common,
    ``sum_d p^(d-1) (1 - A_d) / sum_d p^(d-1)`` over the depths ``d = 1 … k - 1``; at depth k two
    orders of the same items always agree. This is rank-biased overlap (Webber, Moffat & Zobel 2010,
    eq. 4 and 32, p = 0.9) brought to the range of finite orders: it equals
    ``(1 - RBO_ext) / (1 - p^(k-1))``. Worked example: ``a b c`` and ``a c b`` agree at depth 1 and by
    half at depth 2, so that the distance is ``0.9 · 0.5 / 1.9 = 0.2368``. Fewer than two items are
    always in the same order.
    """
    depths = range(1, len(one))
    weights = [PERSISTENCE ** (depth - 1) for depth in depths]
    apart = [1 - len(set(one[:depth]) & set(other[:depth])) / depth for depth in depths]
    total = sum(weights)
    return float(np.dot(weights, apart)) / total if total else 0.0


def _slate_moved(clean: Prediction, edited: Prediction, edits: Sequence[Edit], source: Example) -> Moved:
    """Distance of the two orders, mean change of a click's probability, and flip of the first item."""
    assert isinstance(clean, Classes)
    assert isinstance(edited, Classes)
    count = len(candidates(source))
    one, other = order(clean, count), order(edited, count)
    shift = float(np.abs(clean.probabilities - edited.probabilities).sum()) / count
    return Moved(overlap_distance(one, other), 1.0, min(shift, 1.0), 1.0, float(one[0] != other[0]))


def _slate_harm(example: Example, prediction: Prediction) -> float:
    """Lead of the most liked unclicked candidate over the most liked clicked one, brought to [0, 1].

    Above one half the first candidate is not one that was clicked.
    """
    liked, gold = _liking(example, prediction)
    return float(1 + liked[gold == 0].max(initial=0.0) - liked[gold == 1].max(initial=0.0)) / 2


RECOMMENDATION = Scoring(
    metric="ndcg@10",
    columns=_slate_columns,
    stats=_slate_stats,
    score=_per("ndcg", "n"),
    chance=_slate_chance,
    moved=_slate_moved,
    harm=_slate_harm,
    broken=_broken,
    details=_slate_details,
)
