"""The embedded world: gold that is right by construction, splits that hold back what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.catalog import find
from harness.data.world import COLLECTIONS, builtin
from harness.data.world.facts import Relation, world
from harness.data.world.grammar import Entity, Grammar
from harness.errors import UserError
from harness.text import Example

Read = Callable[..., Sequence[Example]]
ALL = [(path, split) for path, collection in COLLECTIONS.items() for split in collection.splits]
PATHS = sorted(COLLECTIONS)
PATTERNED = [path for path, split in ALL if split == "unseen-patterns"]
SOME = 60
"""So many examples of a split show what holds for all of them: a limit takes a prefix of a random order."""
GOLDEN = Path(__file__).with_name("golden.json")


def digest(examples: Sequence[Example]) -> str:
    """A short hash of all that examples hold."""
    lines = (
        repr((one.id, sorted(one.fields.items()), one.target, one.group, sorted(one.meta.items()), one.marks))
        for one in examples
    )
    return blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()


def shared(one: Example) -> str:
    """The text by which the examples of a document belong together."""
    return one.fields["context"] if "context" in one.fields else next(iter(one.fields.values()))


def surfaces(examples: Sequence[Example]) -> Mapping[str, set[str]]:
    """The types under which each name occurs."""
    types = defaultdict(set)
    for one in examples:
        for span in one.spans:
            types[one.text[span.start : span.end].lower()].add(span.label)
    return types


def names_of(unseen: bool) -> set[str]:
    """All the names and parts of names by which anything in a world is called."""
    here = world(unseen)
    many = (
        here.people,
        here.firms,
        here.places,
        here.countries,
        here.products,
        here.clubs,
        here.schools,
        here.agencies,
    )
    return {name for entities in many for entity in entities for name in entity.distinctive}


def test_the_catalog_finds_it_by_name() -> None:
    """A suite says ``builtin: world/ner``, and no file below the suite is meant."""
    assert find("reader", "builtin") is builtin
    assert not builtin.local


# -- examples ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "split"), ALL)
def test_ids_tell_where_an_example_is_from(path: str, split: str, read: Read) -> None:
    """Ids count up within a split, and so are unique and stable."""
    assert [one.id for one in read(path, split, SOME)] == [
        f"{path.replace('/', '-')}-{split}-{at:05d}" for at in range(SOME)
    ]


@pytest.mark.parametrize("path", PATHS)
def test_every_split_has_its_size(path: str, read: Read) -> None:
    """Without a limit, a split is read whole."""
    split = list(COLLECTIONS[path].splits)[1]
    assert len(read(path, split)) == COLLECTIONS[path].splits[split].size


@pytest.mark.parametrize("path", PATHS)
def test_no_document_occurs_twice_in_any_splits(path: str, read: Read) -> None:
    """A text belongs to one example, or to one group, of one split."""
    owners = defaultdict(set)
    for split in COLLECTIONS[path].splits:
        for one in read(path, split, SOME):
            assert bool(one.group) is COLLECTIONS[path].grouped
            owners[shared(one)].add(one.group or one.id)
    assert max(map(len, owners.values())) == 1


@pytest.mark.parametrize(("path", "split"), ALL)
def test_sentences_are_tidy(path: str, split: str, read: Read) -> None:
    """No doubled or dangling spaces, no comma before a full stop, no leftover notation, a capital first."""
    for one in read(path, split, SOME):
        for text in one.fields.values():
            assert text == " ".join(text.split()), text
            assert not any(
                mark in text
                for mark in (" ,", " .", ",,", ",.", "..", "{", "}", "<", ">", "[", "]", "_", "^", "~", "*")
            ), text
            assert not any(
                f" {bad}" in f" {text.lower()}"
                for bad in (
                    "a a ",
                    "the the ",
                    "a american",
                    "a indian",
                    "had was ",
                    "had rose ",
                    "has fell ",
                )
            ), text


@pytest.mark.parametrize("path", PATHS)
def test_nothing_has_changed_unnoticed(path: str, read: Read) -> None:
    """Published figures are about these very examples: on purpose only, with new values in golden.json."""
    examples = [one for split in COLLECTIONS[path].splits for one in read(path, split, SOME)]
    assert digest(examples) == json.loads(GOLDEN.read_text("utf-8"))[path]


@pytest.mark.parametrize("split", COLLECTIONS["world/ner"].splits)
def test_gold_spans_are_exactly_names_of_the_world(split: str, read: Read) -> None:
    """Each span cuts out one name, whole and without spaces around it, in order and without overlap."""
    known = {name.lower() for name in names_of(COLLECTIONS["world/ner"].splits[split].unseen_entities)}
    people = world(COLLECTIONS["world/ner"].splits[split].unseen_entities).people
    known |= {person.forms["initial"].lower() for person in people}
    for one in read("world/ner", split):
        for span in one.spans:
            surface = one.text[span.start : span.end]
            assert surface.lower() in known, one.text
            assert not one.text[: span.start][-1:].isalnum(), one.text
            assert not one.text[span.end :][:1].isalnum(), one.text
        assert list(one.spans) == sorted(one.spans)
        assert all(a.end <= b.start for a, b in zip(one.spans, one.spans[1:], strict=False))


@pytest.mark.parametrize("split", COLLECTIONS["world/ner"].splits)
def test_every_type_occurs_and_some_sentences_have_no_names(split: str, read: Read) -> None:
    """Between 10 and 25 % of the sentences are free of names, and no type is rare."""
    examples = read("world/ner", split)
    assert 0.10 <= sum(not one.spans for one in examples) / len(examples) <= 0.25
    counts = Counter(span.label for one in examples for span in one.spans)
    assert counts.keys() == {"PER", "ORG", "LOC", "PROD"}
    assert min(counts.values()) >= 0.07 * counts.total()


def test_the_same_name_is_of_several_types(read: Read) -> None:
    """Dozens of names are, say, a person here and a firm there, and they make up a good share of all."""
    examples = read("world/ner")
    ambiguous = {name for name, types in surfaces(examples).items() if len(types) > 1}
    mentions = [one.text[span.start : span.end].lower() for one in examples for span in one.spans]
    assert len(ambiguous) >= 50
    assert sum(name in ambiguous for name in mentions) >= 0.25 * len(mentions)


@pytest.mark.parametrize("split", COLLECTIONS["world/sentiment"].splits)
def test_sentiment_labels_are_balanced(split: str, read: Read) -> None:
    """Each label makes up between a quarter and 45 % of a split."""
    counts = Counter(one.target for one in read("world/sentiment", split))
    assert counts.keys() == {"negative", "neutral", "positive"}
    assert all(0.25 <= count / counts.total() <= 0.45 for count in counts.values())


@pytest.mark.parametrize("word", ["losses", "profits", "not", "although", "refund", "complaints"])
def test_no_cue_word_gives_the_sentiment_away(word: str, read: Read) -> None:
    """Among the sentences with a loaded word, none of the two polar labels has more than 80 %."""
    labels = Counter(one.target for one in read("world/sentiment") if word in one.text.lower().split())
    assert labels.total() >= 15
    assert max(labels["negative"], labels["positive"]) <= 0.8 * labels.total()


# -- splits --------------------------------------------------------------------------------------


def test_unseen_entities_share_no_name_with_training(read: Read) -> None:
    """Neither a full name nor a short form of the unseen world occurs in the seen one."""
    assert not names_of(unseen=True) & names_of(unseen=False)
    assert not surfaces(read("world/ner", "unseen-entities")).keys() & surfaces(read("world/ner")).keys()


@pytest.mark.parametrize("path", PATTERNED)
def test_unseen_patterns_share_no_structure_with_training(path: str, read: Read) -> None:
    """Patterns are held out whole, while many others are seen."""
    patterns = {
        split: {one.meta["pattern"] for one in read(path, split, SOME)}
        for split in ("train", "validation", "test", "unseen-patterns")
    }
    held_out = patterns.pop("unseen-patterns")
    assert all(held_out.isdisjoint(seen) for seen in patterns.values())
    assert len(patterns["train"]) >= 0.25 * SOME


def test_unseen_topics_are_other_topics(read: Read) -> None:
    """Training is about finance and service; the shift is to travel and health."""
    topics = {
        split: {one.meta["topic"] for one in read("world/sentiment", split)}
        for split in ("train", "unseen-topics")
    }
    assert topics == {"train": {"finance", "service"}, "unseen-topics": {"travel", "health"}}


@given(where=st.sampled_from(ALL), limit=st.integers(1, SOME))
@settings(max_examples=40)
def test_a_limit_takes_a_prefix(read: Read, where: tuple[str, str], limit: int) -> None:
    """Reading fewer examples gives the first of those that reading more gives."""
    path, split = where
    assert builtin.function(path, split=split, limit=limit) == read(path, split, SOME)[:limit]


def test_another_process_reads_the_same(read: Read) -> None:
    """Nothing depends on hash randomisation or on what was read before."""
    code = (
        "from harness.data.world import COLLECTIONS, builtin\n"
        "for path in reversed(sorted(COLLECTIONS)):\n"
        "    split = list(COLLECTIONS[path].splits)[1]\n"
        "    for one in builtin.function(path, split=split, limit=30): print(ascii((one.fields, one.target)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines() == [
        ascii((one.fields, one.target))
        for path in reversed(PATHS)
        for one in read(path, list(COLLECTIONS[path].splits)[1], 30)
    ]


# -- mistakes ------------------------------------------------------------------------------------


def test_an_unknown_data_set_is_answered_with_the_nearest() -> None:
    """Both a wrong path and a wrong limit are reported at once."""
    with pytest.raises(UserError) as caught:
        builtin.function("world/nerr", limit=-1)
    assert [fault.field for fault in caught.value.faults] == ["builtin", "limit"]
    assert caught.value.faults[0].hint == "did you mean 'world/ner'?"


def test_an_unknown_split_is_answered_with_the_nearest() -> None:
    """Topics are a shift of sentiment only, so NER offers what comes closest."""
    with pytest.raises(UserError, match=r"unseen-patterns|unseen-entities"):
        builtin.function("world/ner", split="unseen-topics")


# -- the world -----------------------------------------------------------------------------------


@pytest.mark.parametrize("unseen", [False, True])
def test_facts_do_not_contradict_each_other(unseen: bool) -> None:
    """A person works in one place and was born in one, and no firm bought itself."""
    facts = world(unseen).facts
    for relation in (Relation.WORKS_FOR, Relation.BORN_IN, Relation.BASED_IN, Relation.LIES_IN):
        assert max(Counter(id(fact.subject) for fact in facts if fact.relation is relation).values()) == 1
    assert all(fact.subject is not fact.object for fact in facts)


# -- the grammar ---------------------------------------------------------------------------------

SCENE = {
    "firm": Entity("ORG", {"full": "Ebro AG", "short": "eBro"}),
    "group": Entity("ORG", {"full": "Ebro S.A."}),
    "board": Entity("ORG", {"full": "Safety Board"}, article="the"),
}


@pytest.mark.parametrize(
    ("line", "text", "surface"),
    [
        ("<firm.short> grew", "eBro grew", "eBro"),
        ("<board> met", "The Safety Board met", "Safety Board"),
        ("a(n) <firm> van", "An Ebro AG van", "Ebro AG"),
        ("it left, {NIL}, <firm>{NIL}, too", "It left, Ebro AG, too", "Ebro AG"),
        ("we met. ^they, from <firm>, {NIL}.", "We met. They, from Ebro AG.", "Ebro AG"),
        ("it sued <group>.", "It sued Ebro S.A.", "Ebro S.A."),
        ("“so,” said <firm>", "“So,” said Ebro AG", "Ebro AG"),
        ("@title profit and loss of <firm.short>", "Profit and Loss of eBro", "eBro"),
        ("@upper <firm> sold", "EBRO AG SOLD", "EBRO AG"),
        ("@lower <board> met", "the safety board met", "safety board"),
    ],
)
def test_spelling_keeps_the_span_on_the_name(line: str, text: str, surface: str) -> None:
    """Articles, capitals, casing and dropped commas never move a span off its name."""
    sentence = Grammar.read(f"S:\n  {line}\nNIL: _").write("S", SCENE, lambda: 0.0)
    (span,) = sentence.spans
    assert (sentence.text, sentence.text[span.start : span.end]) == (text, surface)


def test_held_out_alternatives_are_used_only_for_unseen_patterns() -> None:
    """A symbol with a held-out alternative uses it there and nowhere else; weights do not change patterns."""
    grammar = Grammar.read("S:\n  3 * old {word}\n  ~ new {word}\nword: a | b")
    draws = (0.0, 0.5, 0.99)
    assert {grammar.seen().write("S", {}, lambda at=at: at).pattern for at in draws} == {"s-0"}
    assert {grammar.unseen().write("S", {}, lambda at=at: at).pattern for at in draws} == {"s-1"}


@pytest.mark.parametrize("text", ["S: {NOWHERE}", "S: a\nS: b"])
def test_a_grammar_with_a_hole_is_refused(text: str) -> None:
    """A symbol must be defined, and once."""
    with pytest.raises(ValueError, match="defined"):
        Grammar.read(text)
