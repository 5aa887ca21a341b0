"""Clicks of the embedded world: noisy, from tastes that histories show, with a known best."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from harness.data.world import COLLECTIONS
from harness.data.world.clicks import CANDIDATES, SLATES, books, ndcg
from harness.text import Example

Read = Callable[..., Sequence[Example]]
SPLITS = COLLECTIONS["world/clicks"].splits


def candidates(one: Example) -> list[str]:
    return [text for name, text in one.fields.items() if name.startswith("candidate")]


def clicks(one: Example) -> list[bool]:
    return [str(at) in one.target for at in range(1, CANDIDATES + 1)]


def titles(text: str) -> set[str]:
    return set(re.findall(r"The [\w-]+ \w+", text))


def by_history(one: Example) -> float:
    """NDCG of the ranking by how often the category and the price class occur in the history."""
    history = one.fields["history"]
    found = [re.search(r"category: (\w+)", text) for text in candidates(one)]
    scores = [history.count(f"({match[1]},") for match in found if match]
    order = sorted(range(CANDIDATES), key=lambda at: -scores[at])
    return ndcg([clicks(one)[at] for at in order])


@pytest.mark.parametrize("split", SPLITS)
def test_a_slate_holds_eight_books_some_of_which_are_clicked(split: str, read: Read) -> None:
    """They differ, and none of them has been clicked before."""
    for one in read("world/clicks", split, 100):
        assert len(set(candidates(one))) == len(candidates(one)) == CANDIDATES
        assert 0 < len(one.target) < CANDIDATES
        assert not titles(one.fields["history"]) & titles(" ".join(candidates(one)))


def test_a_group_is_a_reader(read: Read) -> None:
    """Three slates after one history."""
    groups: dict[str, set[str]] = {}
    for one in read("world/clicks", "train", 300):
        groups.setdefault(one.group, set()).add(one.fields["history"])
    assert len(groups) == 300 // SLATES
    assert all(len(histories) == 1 for histories in groups.values())


def test_the_best_possible_ranking_is_good_and_not_perfect(read: Read) -> None:
    """Its NDCG is far above that of the order shown, and what a history tells lies between."""
    examples = read("world/clicks", "test")
    best = np.mean([float(one.meta["best"]) for one in examples])
    shown = np.mean([ndcg(clicks(one)) for one in examples])
    told = np.mean([by_history(one) for one in examples])
    assert 0.85 <= best <= 0.97
    assert shown + 0.05 <= told <= best - 0.02
    assert best - shown >= 0.2


@pytest.mark.parametrize("split", ["test", "unseen-items", "cold-start"])
def test_a_short_history_tells_less(split: str, read: Read) -> None:
    """One or two clicks in the shift to a cold start, five to ten otherwise."""
    lengths = {int(one.meta["clicked before"]) for one in read("world/clicks", split, 150)}
    assert lengths <= ({1, 2} if split == "cold-start" else set(range(5, 11)))
    assert len(lengths) > 1


def test_unseen_items_are_books_that_training_has_not(read: Read) -> None:
    """Neither in histories nor among candidates."""
    new = {book.title for book in books(True)}
    assert not new & {book.title for book in books(False)}
    for one in read("world/clicks", "unseen-items", 100):
        assert titles(" ".join(one.fields.values())) <= new


def test_the_gain_is_that_of_scikit_learn() -> None:
    """Our NDCG on binary relevance equals an independent one."""
    random = np.random.default_rng(0)
    for _ in range(20):
        relevant = random.random(CANDIDATES) < 0.4
        if relevant.any():
            scores = random.random(CANDIDATES)
            order = np.argsort(-scores)
            assert ndcg(relevant[order].tolist()) == pytest.approx(ndcg_score([relevant], [scores]))
