"""Translation in the embedded world: German that is right, in both directions."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pytest

from harness.data.world import COLLECTIONS
from harness.data.world.clause import Clause, in_english, in_german
from harness.data.world.german import CITIES, NAMES, Phrase, nouns, verbs
from harness.data.world.names import part
from harness.text import Example

Read = Callable[..., Sequence[Example]]
SPLITS = COLLECTIONS["world/translation"].splits
NOUN = {one.singular: one for one in nouns()}
VERB = {one.base: one for one in verbs()}
OLD = ("old", "alt")


def phrase(
    determiner: str, noun: str, adjective: tuple[str, str] | None = None, many: bool = False
) -> Phrase:
    return Phrase(determiner, adjective, NOUN[noun], many)


def forms(text: str) -> list[str]:
    """The word forms of a text, in small letters."""
    return re.findall(r"\w+", text.lower())


# -- German --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "cases"),
    [
        (phrase("the", "dog", OLD), "der alte Hund, den alten Hund, dem alten Hund"),
        (phrase("a", "dog", OLD), "ein alter Hund, einen alten Hund, einem alten Hund"),
        (phrase("a", "child", ("tired", "müde")), "ein müdes Kind, ein müdes Kind, einem müden Kind"),
        (phrase("my", "sister"), "meine Schwester, meine Schwester, meiner Schwester"),
        (phrase("the", "boy"), "der Junge, den Jungen, dem Jungen"),
        (phrase("this", "student"), "dieser Student, diesen Studenten, diesem Studenten"),
        (phrase("the", "neighbour"), "der Nachbar, den Nachbarn, dem Nachbarn"),
        (phrase("the", "child", None, True), "die Kinder, die Kinder, den Kindern"),
        (phrase("the", "car", None, True), "die Autos, die Autos, den Autos"),
        (phrase("many", "man", OLD, True), "viele alte Männer, viele alte Männer, vielen alten Männern"),
        (phrase("two", "woman", OLD, True), "zwei alte Frauen, zwei alte Frauen, zwei alten Frauen"),
        (phrase("my", "guest", OLD, True), "meine alten Gäste, meine alten Gäste, meinen alten Gästen"),
        (phrase("no", "garden door"), "keine Gartentür, keine Gartentür, keiner Gartentür"),
        (phrase("our", "children’s book"), "unser Kinderbuch, unser Kinderbuch, unserem Kinderbuch"),
    ],
)
def test_articles_adjectives_and_nouns_agree(one: Phrase, cases: str) -> None:
    """Gender, number, case; weak, mixed and strong adjectives; weak nouns; the -n of the dative plural."""
    assert ", ".join(one.german(case) for case in ("nom", "acc", "dat")) == cases


WOMAN, DOG, KEY = phrase("the", "woman"), phrase("the", "dog"), phrase("a", "key")
CALLS = Clause(WOMAN, VERB["call"], phrase("the", "teacher"), time=("today", "heute"))
GIVES = Clause(WOMAN, VERB["give"], KEY, phrase("the", "child"), ("yesterday", "gestern"), past=True)
WE = Phrase(name="we|wir", many=True)
HOME = ("home", "nach Hause")


@pytest.mark.parametrize(
    ("one", "how", "said"),
    [
        (CALLS, {}, "die Frau ruft den Lehrer heute an"),
        (CALLS, {"first": "time"}, "heute ruft die Frau den Lehrer an"),
        (CALLS, {"first": "object"}, "den Lehrer ruft die Frau heute an"),
        (CALLS, {"order": "first"}, "ruft die Frau den Lehrer heute an"),
        (CALLS, {"order": "final"}, "die Frau den Lehrer heute anruft"),
        (GIVES, {}, "die Frau gab dem Kind gestern einen Schlüssel"),
        (GIVES, {"perfect": True}, "die Frau hat dem Kind gestern einen Schlüssel gegeben"),
        (
            GIVES,
            {"perfect": True, "order": "final"},
            "die Frau dem Kind gestern einen Schlüssel gegeben hat",
        ),
        (Clause(WE, VERB["arrive"], past=True), {"perfect": True}, "wir sind angekommen"),
        (Clause(WE, VERB["arrive"], past=True), {}, "wir kamen an"),
        (Clause(WE, VERB["see"], phrase("a", "dog"), negated=True), {}, "wir sehen keinen Hund"),
        (Clause(WE, VERB["see"], DOG, negated=True), {}, "wir sehen den Hund nicht"),
        (Clause(DOG, VERB["run"], place=HOME, negated=True), {}, "der Hund läuft nicht nach Hause"),
        (Clause(WE, VERB["get up"], modal="must"), {"order": "final"}, "wir aufstehen müssen"),
    ],
)
def test_german_words_are_in_their_places(one: Clause, how: dict[str, object], said: str) -> None:
    """Verb second, first and last; prefixes, participles and infinitives at the end; known before new."""
    assert in_german(one, **how) == said


@pytest.mark.parametrize(
    ("one", "how", "said"),
    [
        (CALLS, {"question": True}, "does the woman call the teacher today"),
        (GIVES, {"shifted": True, "fronted": True}, "yesterday, the woman gave a key to the child"),
        (Clause(WE, VERB["pick up"], DOG, modal="can", negated=True), {}, "we cannot pick up the dog"),
        (Clause(DOG, VERB["go"], place=HOME), {}, "the dog goes home"),
    ],
)
def test_english_words_are_in_their_places(one: Clause, how: dict[str, bool], said: str) -> None:
    """Do-support, the third person, particles and the two ways to give."""
    assert in_english(one, **how) == said


@pytest.mark.parametrize("split", SPLITS)
def test_no_article_has_a_gender_that_its_noun_never_has(split: str, read: Read) -> None:
    """The article right before a singular noun is one of those of its gender, whatever the case."""
    allowed = {"m": "der den dem ein einen einem", "f": "die der eine einer", "n": "das dem ein einem"}
    articles = {article for many in allowed.values() for article in many.split()}
    gender = {
        one.german.lower(): one.gender for one in nouns() if one.german != one.german_plural and not one.weak
    }
    found = 0
    for one in read("world/translation-en-de", split, 200):
        for text in one.references:
            for article, noun in re.findall(r"(?=\b(\w+) (\w+)\b)", text.lower()):
                if article in articles and noun in gender:
                    found += 1
                    assert article in allowed[gender[noun]].split(), text
    assert found >= 50


# -- splits --------------------------------------------------------------------------------------


def test_both_directions_say_the_same(read: Read) -> None:
    """The same pairs, turned round: what is a source here is a reference there."""
    there, back = read("world/translation", "test"), read("world/translation-en-de", "test")
    for one, other in zip(there, back, strict=True):
        assert one.fields["source"] in other.references
        assert other.fields["source"] in one.references


def test_what_is_said_in_one_split_is_said_in_no_other(read: Read) -> None:
    """Neither a source nor a reference of training occurs elsewhere, in whatever way it is put."""
    seen = {text for one in read("world/translation") for text in (one.fields["source"], *one.references)}
    for split in SPLITS.keys() - {"train"}:
        for one in read("world/translation", split, 100):
            assert one.fields["source"] not in seen
            assert seen.isdisjoint(one.references)


@pytest.mark.parametrize("path", ["world/translation", "world/translation-en-de"])
def test_several_references_where_the_language_leaves_a_choice(path: str, read: Read) -> None:
    """Word order is free in many sentences, and so is the tense in German."""
    counts = [len(one.references) for one in read(path, "test")]
    assert sum(count > 1 for count in counts) >= 0.25 * len(counts)
    assert max(counts) >= 4


def test_unseen_names_are_unseen_and_in_every_sentence(read: Read) -> None:
    """People and cities of the shift do not occur in training."""
    unseen = {name.lower() for name in part(NAMES + CITIES, True)}
    shifted, trained = read("world/translation", "unseen-names", 200), read("world/translation")
    assert not any(unseen.isdisjoint(forms(one.fields["source"])) for one in shifted)
    assert all(unseen.isdisjoint(forms(one.fields["source"])) for one in trained)


def test_sentences_are_short_and_words_few(read: Read) -> None:
    """Most sentences have four to twelve words, and 2,000 of them fewer than 700 German word forms."""
    examples = read("world/translation")[:2000]
    lengths = [len(one.fields["source"].split()) for one in examples]
    assert sum(4 <= length <= 12 for length in lengths) >= 0.85 * len(lengths)
    assert len({word for one in examples for word in forms(one.fields["source"])}) < 700
    longer = [len(one.fields["source"].split()) for one in read("world/translation", "longer", 200)]
    assert min(longer) >= 10
    assert sum(longer) / len(longer) >= 20


def test_words_of_unseen_patterns_are_known(read: Read) -> None:
    """Only the constructions are new: nearly every word form occurs in training."""
    known = {word for one in read("world/translation") for word in forms(one.fields["source"])}
    words = [
        w for one in read("world/translation", "unseen-patterns", 200) for w in forms(one.fields["source"])
    ]
    assert sum(word in known for word in words) >= 0.995 * len(words)
