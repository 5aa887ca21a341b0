"""Topics of the embedded world, several at once, and streams whose mood turns at a known time."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest

from harness.data.world import COLLECTIONS
from harness.data.world.topics import JUMP, JUMPING, TOPICS
from harness.text import Example

Read = Callable[..., Sequence[Example]]
SPLITS = COLLECTIONS["world/topics"].splits


@pytest.mark.parametrize("split", SPLITS)
def test_texts_have_none_to_three_topics(split: str, read: Read) -> None:
    """Sorted and without repetition; every topic occurs, and so does no topic at all."""
    examples = read("world/topics", split, 300)
    for one in examples:
        assert list(one.references) == sorted(set(one.references))
    assert {len(one.references) for one in examples} == {0, 1, 2, 3}
    counts = Counter(topic for one in examples for topic in one.references)
    assert counts.keys() == set(TOPICS)
    assert min(counts.values()) >= 0.08 * counts.total()


@pytest.mark.parametrize(
    ("word", "topic"),
    [
        ("goal", "sport"),
        ("healthy", "health"),
        ("credit", "finance"),
        ("vote", "politics"),
        ("marathon", "sport"),
    ],
)
def test_a_word_of_a_topic_may_be_a_figure_of_speech(word: str, topic: str, read: Read) -> None:
    """It is mostly said about something else."""
    said = [one for one in read("world/topics") if word in re.findall(r"\w+", one.text.lower())]
    assert len(said) >= 10
    assert sum(topic in one.references for one in said) <= 0.6 * len(said)


def shares(examples: Sequence[Example]) -> dict[tuple[str, bool], float]:
    """The share of negative texts by topic, before and from the day of the jump."""
    labels = defaultdict(list)
    for one in examples:
        day = datetime.fromisoformat(one.meta["time"]).day - 1
        labels[one.meta["topic"], day >= JUMP].append(one.target == "negative")
    return {key: sum(found) / len(found) for key, found in labels.items()}


@pytest.mark.parametrize("split", ["steady", "jump"])
def test_a_stream_is_in_order_of_time(split: str, read: Read) -> None:
    """Twenty days of a hundred texts, at regular intervals."""
    times = [datetime.fromisoformat(one.meta["time"]) for one in read("world/stream", split)]
    assert times == sorted(times)
    assert set(Counter(time.date() for time in times).values()) == {100}


def test_one_topic_turns_negative_on_a_known_day(read: Read) -> None:
    """Its negative share doubles in the one split, and nothing else changes in either."""
    steady, jump = shares(read("world/stream", "steady")), shares(read("world/stream", "jump"))
    assert jump.pop((JUMPING, True)) == pytest.approx(0.6, abs=0.07)
    assert len(jump) == 3
    for share in (*steady.values(), *jump.values()):
        assert share == pytest.approx(0.3, abs=0.07)
