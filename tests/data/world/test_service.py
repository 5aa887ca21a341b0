"""Conversations of the embedded world: three collections about the same ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from harness.data.world import COLLECTIONS
from harness.data.world.service import CANDIDATES, INTENTS, NEEDS
from harness.text import Example

Read = Callable[..., Sequence[Example]]
SPLITS = COLLECTIONS["world/dialogue"].splits
NUMBER = re.compile(r"\b(?:\d\d-\d{4}|[RK]\d{4,5})\b")


def turns(one: Example) -> list[str]:
    """The history, oldest first."""
    return [text for name, text in one.fields.items() if not name.startswith("candidate")]


@pytest.mark.parametrize("split", SPLITS)
def test_turns_alternate_and_the_customer_has_the_last_word(split: str, read: Read) -> None:
    """Fields are numbered and name their speaker; the agent is to reply."""
    for one in read("world/dialogue", split, 100):
        speakers = [("customer", "agent")[at % 2] for at in range(len(one.fields))]
        assert list(one.fields) == [f"{at:02d} {who}" for at, who in enumerate(speakers, start=1)]
        assert speakers[-1] == "customer"
        assert one.meta["speaker"] == "agent"


@pytest.mark.parametrize("split", SPLITS)
def test_a_reply_mentions_only_what_has_been_mentioned(split: str, read: Read) -> None:
    """Every number in a reply is in the history, and it is the last of its kind that the customer gave."""
    mentions = 0
    for one in read("world/dialogue", split, 120):
        given = [
            number
            for name, text in one.fields.items()
            if name.endswith("customer")
            for number in NUMBER.findall(text)
        ]
        for reply in one.references:
            for number in NUMBER.findall(reply):
                mentions += 1
                assert number == [other for other in given if other[0].isdigit() == number[0].isdigit()][-1]
    assert mentions >= 50


def test_replies_have_several_phrasings(read: Read) -> None:
    """All ways of saying it are references, and none is there twice."""
    examples = read("world/dialogue", "test")
    assert all(len(one.references) == len(set(one.references)) >= 2 for one in examples)


def test_some_customers_take_something_back(read: Read) -> None:
    """Then what was right before is wrong, and the newest counts."""
    taken_back = [one for one in read("world/dialogue", "test") if re.match(r"(?i)no\b|not ", turns(one)[-1])]
    assert 20 <= len(taken_back) <= 200


@pytest.mark.parametrize("split", SPLITS)
def test_one_of_ten_candidates_is_right(split: str, read: Read) -> None:
    """The candidates differ, and the right one is a reference of the same place in the dialogue."""
    for ranking, reply in zip(
        read("world/response", split, 100), read("world/dialogue", split, 100), strict=True
    ):
        candidates = [text for name, text in ranking.fields.items() if name.startswith("candidate")]
        (slot,) = ranking.target
        assert len(set(candidates)) == len(candidates) == CANDIDATES
        assert ranking.fields[f"candidate {slot}"] in reply.references
        assert sum(text in reply.references for text in candidates) == 1
        assert turns(ranking) == turns(reply)


def test_no_place_among_the_candidates_is_preferred(read: Read) -> None:
    """The right one is anywhere equally often, and not told by its length."""
    examples = read("world/response", "test")
    places = Counter(one.target for one in examples)
    assert len(places) == CANDIDATES
    assert max(places.values()) <= 0.15 * len(examples)


def test_what_is_most_like_the_history_is_mostly_not_the_reply(read: Read) -> None:
    """Counting common words finds the right candidate more often than chance, and far from always."""
    hits = 0
    examples = read("world/response", "test", 400)
    for one in examples:
        words = set(re.findall(r"\w+", " ".join(turns(one)).lower()))
        candidates = {
            name[10:]: set(re.findall(r"\w+", text.lower()))
            for name, text in one.fields.items()
            if name.startswith("candidate")
        }
        best = max(candidates, key=lambda name: len(words & candidates[name]) / len(candidates[name]))
        hits += (best,) == one.target
    assert 0.1 <= hits / len(examples) <= 0.5


@pytest.mark.parametrize("split", SPLITS)
def test_every_intent_occurs(split: str, read: Read) -> None:
    """Fifteen intents and what is out of scope, half of the examples in the shift of that name."""
    examples = read("world/intents", split, 400)
    counts = Counter(one.target for one in examples)
    assert counts.keys() == set(INTENTS)
    assert len(NEEDS) == 15
    share = counts["out_of_scope"] / len(examples)
    assert (0.4 <= share <= 0.6) if split == "out-of-scope" else (0.03 <= share <= 0.15)


def test_the_three_collections_share_their_conversations(read: Read) -> None:
    """A group is a conversation, the same in all three."""
    openings = {one.group: one.text for one in read("world/intents", "test")}
    for path in ("world/dialogue", "world/response"):
        for one in read(path, "test", 300):
            assert openings[one.group] == one.fields["01 customer"]
            assert one.meta["intent"] in INTENTS


def test_chatty_customers_say_the_same_at_greater_length(read: Read) -> None:
    """Hedged and polite: about three times as many words."""
    words = {
        split: sum(len(one.text.split()) for one in read("world/intents", split, 120)) / 300
        for split in ("test", "chatty")
    }
    assert words["chatty"] >= 2 * words["test"]


@pytest.mark.parametrize("word", ["cancel", "refund", "password", "bill", "appointment", "order"])
def test_no_word_gives_an_intent_away(word: str, read: Read) -> None:
    """Every such word is said with at least five intents."""
    intents = {one.target for one in read("world/intents") if word in re.findall(r"\w+", one.text.lower())}
    assert len(intents) >= 5
