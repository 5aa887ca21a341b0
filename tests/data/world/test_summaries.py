"""Summaries of the embedded world: short, true to the article, and not simply its first sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from rouge_score.rouge_scorer import RougeScorer

from harness.data.world import COLLECTIONS
from harness.data.world.summaries import TOPICS, UNSEEN_TOPICS
from harness.text import Example

Read = Callable[..., Sequence[Example]]
SPLITS = COLLECTIONS["world/summaries"].splits
FIGURE = re.compile(r"\$?\d+(?:,\d{3})*%?")


@pytest.mark.parametrize("split", SPLITS)
def test_every_figure_and_name_of_a_reference_is_in_the_article(split: str, read: Read) -> None:
    """Nothing is made up: sums, shares, counts and prices are told, and so is the month."""
    for one in read("world/summaries", split, 100):
        assert len(one.references) == len(set(one.references)) == 3
        for text in one.references:
            assert set(FIGURE.findall(text)) <= set(FIGURE.findall(one.fields["source"]))


def test_articles_hold_other_figures_than_those_that_matter(read: Read) -> None:
    """In most articles with figures, some are left out of every reference."""
    examples = read("world/summaries", "test", 300)
    more = [
        one
        for one in examples
        if set(FIGURE.findall(one.fields["source"])) - set(FIGURE.findall(" ".join(one.references)))
    ]
    assert len(more) >= 0.6 * len(examples)


@pytest.mark.parametrize("split", SPLITS)
def test_articles_have_four_to_ten_sentences(split: str, read: Read) -> None:
    """And references one or two, of a third of the length at most on average."""
    examples = read("world/summaries", split, 100)
    assert {int(one.meta["sentences"]) for one in examples} <= set(range(4, 11))
    source = sum(len(one.fields["source"].split()) for one in examples)
    assert sum(len(one.references[0].split()) for one in examples) <= 0.4 * source


def test_topics_are_balanced_and_two_are_held_back(read: Read) -> None:
    """Five in training, two others in the shift."""
    counts = Counter(one.meta["topic"] for one in read("world/summaries"))
    assert counts.keys() == TOPICS.keys()
    assert min(counts.values()) >= 0.15 * counts.total()
    assert {
        one.meta["topic"] for one in read("world/summaries", "unseen-topics", 100)
    } == UNSEEN_TOPICS.keys()


def test_half_of_the_articles_begin_with_something_else(read: Read) -> None:
    """So the first sentence is a weak summary, and the first two are far from perfect."""
    examples = read("world/summaries", "test", 200)
    assert 0.4 <= sum(one.meta["lead"] == "no" for one in examples) / len(examples) <= 0.6
    scorer = RougeScorer(["rougeL"])
    first = [one.fields["source"].split(". ")[0] for one in examples]
    scores = [
        max(scorer.score(text, lead)["rougeL"].fmeasure for text in one.references)
        for one, lead in zip(examples, first, strict=True)
    ]
    assert 0.2 <= sum(scores) / len(scores) <= 0.6
