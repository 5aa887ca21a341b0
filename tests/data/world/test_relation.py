"""Relations of the embedded world: two marked names, and only what the sentence states counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

import pytest

from harness.data.world import COLLECTIONS
from harness.data.world.facts import World, world
from harness.data.world.relation import LABELS
from harness.text import Example

Read = Callable[..., Sequence[Example]]
SPLITS = COLLECTIONS["world/relation"].splits


def called(here: World) -> dict[str, set[str]]:
    """The full names of everything that may be called so."""
    many = (here.people, here.firms, here.places, here.countries, here.products)
    names = defaultdict(set)
    for one in (entity for entities in many for entity in entities):
        for form in one.distinctive:
            names[form.lower()].add(one.name)
    return names


@pytest.mark.parametrize("split", SPLITS)
def test_marks_are_two_names_in_order(split: str, read: Read) -> None:
    """The head is the first of the two in the text, and both are names of the world, cut out exactly."""
    names = called(world(SPLITS[split].unseen_entities))
    for one in read("world/relation", split, 200):
        head, tail = one.marks
        assert (head.label, tail.label) == ("head", "tail")
        assert head.end <= tail.start
        assert all(one.text[mark.start : mark.end].lower() in names for mark in one.marks), one.text


@pytest.mark.parametrize("split", ["train", "test", "unseen-entities"])
def test_what_a_label_says_is_a_fact_of_the_world(split: str, read: Read) -> None:
    """The pair is related in the world in that way and direction, and pairs without a relation in none."""
    here = world(SPLITS[split].unseen_entities)
    names = called(here)
    facts = {
        (fact.subject.name, fact.relation.value.replace(" ", "_"), fact.object.name) for fact in here.facts
    }
    related = {(subject, thing) for subject, _, thing in facts}
    for one in read("world/relation", split, 200):
        first, second = (names[one.text[mark.start : mark.end].lower()] for mark in one.marks)
        label, _, direction = str(one.target).partition("(")
        subjects, things = (first, second) if direction == "e1,e2)" else (second, first)
        pairs = [(a, b) for a in subjects for b in things]
        if label == "no_relation":
            # A short name may be that of several; one of the ways to read it is without any relation.
            assert any((a, b) not in related and (b, a) not in related for a, b in pairs), one.text
        else:
            assert any((a, label, b) in facts for a, b in pairs), one.text


@pytest.mark.parametrize("split", SPLITS)
def test_every_label_occurs_and_a_third_is_without_relation(split: str, read: Read) -> None:
    """Fifteen labels: seven relations in both directions, and none."""
    counts = Counter(one.target for one in read("world/relation", split, 500))
    assert counts.keys() == set(LABELS)
    assert 0.25 <= counts["no_relation"] / counts.total() <= 0.4
    assert min(counts.values()) >= 0.01 * counts.total()


def test_the_words_of_a_sentence_do_not_decide(read: Read) -> None:
    """Many a sentence is asked about twice, with different answers."""
    labels = defaultdict(set)
    for one in read("world/relation"):
        labels[one.text].add(one.target)
    assert sum(len(many) > 1 for many in labels.values()) >= 0.3 * len(labels)


@pytest.mark.parametrize("word", ["founded", "bought", "works", "born", "based", "makes"])
def test_no_cue_word_gives_the_relation_away(word: str, read: Read) -> None:
    """Of the pairs in sentences with such a word, no label has more than 60 %."""
    counts = Counter(one.target for one in read("world/relation") if word in one.text.split())
    assert counts.total() >= 50
    assert counts.most_common(1)[0][1] <= 0.6 * counts.total()
