"""German and English sentences that say the same, from one structure that both languages spell out.

Where a language leaves a choice (what comes first, which past tense, ``gives her the key`` or ``gives the
key to her``), one way is drawn for the source, and all ways are references for the target. Constructions
that are held out combine known words in new ways: relative clauses, fronted subordinate clauses and
objects, and modals or the perfect at the end of a subordinate clause.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import TypeVar

from harness.data.world import german
from harness.data.world.clause import BE, Clause, in_english, in_german, predicate_last
from harness.data.world.german import (
    CITIES,
    GOALS,
    MODALS,
    NAMES,
    NOW,
    NUMERALS,
    PLACES,
    REPORTS,
    SOON,
    THEN,
    Noun,
    Phrase,
    Verb,
    Words,
)
from harness.data.world.grammar import Draw
from harness.data.world.names import part
from harness.data.world.splits import Brief, Document, Written

T = TypeVar("T")

PRONOUNS = (
    Phrase(name="he|er"),
    Phrase(name="she|sie"),
    Phrase(name="we|wir", many=True),
)


DEFINITE = {False: ("the", "my", "our", "this"), True: ("the", "my", "these")}
ANY = {
    False: ("the", "the", "the", "a", "a", "my", "this"),
    True: ("the", "the", "my", "two", "three", "many", "these"),
}
"""Determiners of the singular and of the plural."""


@dataclass(frozen=True, slots=True)
class Way:
    """One of the ways to say something in one language.

    Args:
        text: The sentence without its capital and full stop.
        fronted: Whether something other than the subject comes first.
    """

    text: str
    fronted: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """All ways to say one thing in both languages, the plainest first."""

    english: Sequence[Way]
    german: Sequence[Way]
    pattern: str
    mark: str = "."


# -- what to say ---------------------------------------------------------------------------------


def _one(many: Sequence[T], draw: Draw) -> T:
    return many[int(draw() * len(many))]


@cache
def _lexicon() -> tuple[dict[str, tuple[Noun, ...]], tuple[Verb, ...]]:
    kinds: dict[str, list[Noun]] = {}
    for noun in german.nouns():
        kinds.setdefault(noun.kind, []).append(noun)
    return {kind: tuple(many) for kind, many in kinds.items()}, german.verbs()


_ADJECTIVES = german.adjectives()
_CITIES = {unseen: part(CITIES, unseen) for unseen in (False, True)}
_NAMES = {unseen: part(NAMES, unseen) for unseen in (False, True)}


@dataclass(slots=True)
class Speaker:
    """Makes up clauses in which nothing occurs twice.

    Args:
        draw: Where the randomness comes from.
        unseen: Whether its names are those that training has not.
        detail: The share of phrases with an adjective, and of clauses with a time or a place.
        used: Nouns and names that have been used.
    """

    draw: Draw
    unseen: bool
    detail: float
    used: set[str]

    def phrase(self, kinds: Sequence[str], definite: bool = False) -> Phrase:
        """A noun of one of the kinds with its determiner and perhaps an adjective."""
        draw = self.draw
        kind = _one(kinds, draw)
        noun = _one(_lexicon()[0][kind], draw)
        while noun.singular in self.used:
            noun = _one(_lexicon()[0][kind], draw)
        self.used.add(noun.singular)
        many = draw() < 0.25
        choice = DEFINITE[many] if definite else ANY[many]
        if noun.singular in ("man", "woman"):  # ``meine Frau`` would be my wife
            choice = tuple(one for one in choice if one not in ("my", "our"))
        adjective = _one(_ADJECTIVES[kind], draw) if draw() < self.detail else None
        return Phrase(_one(choice, draw), adjective, noun, many)

    def name(self) -> Phrase:
        """Somebody by name."""
        name = _one(_NAMES[self.unseen], self.draw)
        while name in self.used:
            name = _one(_NAMES[self.unseen], self.draw)
        self.used.add(name)
        return Phrase(name=name)

    def somebody(self, kinds: Sequence[str], pronoun: bool = False) -> Phrase:
        """A subject: a noun, a name or, if allowed, a pronoun."""
        if "person" in kinds:
            if pronoun and self.draw() < 0.6:
                return _one(PRONOUNS, self.draw)
            if self.draw() < (0.8 if self.unseen else 0.25):
                return self.name()
        return self.phrase(kinds)

    def clause(self, pronoun: bool = False, modals: bool = True, frames: Sequence[str] = ()) -> Clause:
        """Something that somebody does."""
        draw = self.draw
        if not frames and draw() < 0.12:
            return self.state(pronoun)
        verb = _one(_lexicon()[1], draw)
        while frames and verb.frame not in frames:
            verb = _one(_lexicon()[1], draw)
        subject = self.somebody(verb.subjects, pronoun)
        goods = self.phrase(verb.kinds) if verb.kinds else None
        receiver = self.phrase(("person",), definite=True) if verb.frame in ("give", "to-person") else None
        modal = _one(tuple(MODALS), draw) if modals and draw() < 0.2 else ""
        past = not modal and draw() < 0.4
        negated = draw() < 0.15 and modal in ("", "can") and not (goods and goods.determiner in NUMERALS)
        place = (
            self.place(verb) if verb.frame == "to" or (not negated and draw() < self.detail * 0.7) else None
        )
        time = _one(SOON if modal else THEN if past else NOW, draw) if draw() < self.detail + 0.1 else None
        return Clause(subject, verb, goods, receiver, time, place, None, past, modal, negated)

    def place(self, verb: Verb) -> Words:
        """Where, or where to."""
        to = verb.frame == "to"
        if self.draw() < (0.8 if self.unseen else 0.25):
            city = _one(_CITIES[self.unseen], self.draw)
            return (f"to {city}", f"nach {city}") if to else (f"in {city}", f"in {city}")
        return _one(GOALS if to else PLACES, self.draw)

    def state(self, pronoun: bool = False) -> Clause:
        """How something is."""
        draw = self.draw
        kind = _one(("person", "person", "animal", "food", "thing", "text", "door"), draw)
        subject = self.somebody((kind,), pronoun)
        adjectives = [one for one in _ADJECTIVES[kind] if one != subject.adjective]
        english, target = _one(adjectives, draw)
        very = draw() < 0.4
        predicate = (f"very {english}", f"sehr {target}") if very else (english, target)
        return Clause(subject, BE, predicate=predicate, past=draw() < 0.3, negated=draw() < 0.2)


# -- constructions -------------------------------------------------------------------------------


def _tenses(*clauses: Clause) -> tuple[bool, ...]:
    """Preterite and, where there is a past of a full verb, the perfect."""
    return (False, True) if any(one.past and one.verb is not BE for one in clauses) else (False,)


def _main(one: Clause) -> tuple[list[Way], list[Way]]:
    """A main clause in all its ways."""
    fronts = (False, True) if one.time else (False,)
    shifts = (False, True) if one.verb.frame == "give" else (False,)
    english = [Way(in_english(one, False, front, shift), front) for front, shift in product(fronts, shifts)]
    target = [
        Way(in_german(one, "second", "time" if front else "subject", perfect), front)
        for front, perfect in product(fronts, _tenses(one))
    ]
    return english, target


def _plain(speaker: Speaker) -> Pair:
    one = speaker.clause()
    return Pair(*_main(one), one.pattern)


def _state(speaker: Speaker) -> Pair:
    one = speaker.state()
    return Pair(*_main(one), one.pattern)


def _question(speaker: Speaker) -> Pair:
    one = speaker.clause()
    shifts = (False, True) if one.verb.frame == "give" else (False,)
    english = [Way(in_english(one, question=True, shifted=shift)) for shift in shifts]
    return Pair(english, [Way(in_german(one, "first", perfect=p)) for p in _tenses(one)], one.pattern, "?")


def _there(speaker: Speaker) -> Pair:
    """There is something somewhere: an accusative in German."""
    thing = speaker.phrase(("thing", "animal", "food", "text"))
    thing = replace(thing, determiner=_one(("two", "three", "many"), speaker.draw) if thing.many else "a")
    place, past = speaker.place(BE), speaker.draw() < 0.3
    be = ("were" if thing.many else "was") if past else ("are" if thing.many else "is")
    give, them = "gab" if past else "gibt", thing.german("acc")
    english = [
        Way(f"there {be} {thing.english()} {place[0]}"),
        Way(f"{place[0]}, there {be} {thing.english()}", True),
    ]
    target = [Way(f"es {give} {them} {place[1]}"), Way(f"{place[1]} {give} es {them}", True)]
    return Pair(english, target, "past" if past else "present")


def _and(speaker: Speaker) -> Pair:
    left, right = speaker.clause(), speaker.clause(pronoun=True)
    english, target = _one(((" and ", " und "), (", but ", ", aber ")), speaker.draw)
    tenses = _tenses(left, right)
    return Pair(
        [Way(in_english(left) + english + in_english(right))],
        [Way(in_german(left, perfect=p) + target + in_german(right, perfect=p)) for p in tenses],
        f"{left.pattern}/{right.pattern}",
    )


def _because(speaker: Speaker) -> Pair:
    """A main clause and a subordinate one, whose verb is final in German; simple tenses only."""
    left, right = speaker.clause(), speaker.clause(pronoun=True, modals=False)
    english, target = (
        (" because ", ", weil ")
        if left.past or right.past
        else _one(((" because ", ", weil "), (" when ", ", wenn ")), speaker.draw)
    )
    return Pair(
        [Way(in_english(left) + english + in_english(right))],
        [Way(in_german(left, perfect=p) + target + in_german(right, "final")) for p in _tenses(left)],
        f"{left.pattern}/{right.pattern}",
    )


def _report(speaker: Speaker) -> Pair:
    one = speaker.clause(modals=False)
    english, target = _one(REPORTS, speaker.draw)
    return Pair(
        [Way(f"{english} {in_english(one)}")], [Way(f"{target} {in_german(one, 'final')}")], one.pattern
    )


def _relative(speaker: Speaker) -> Pair:
    """The dog that the woman sees is old: the pronoun has the gender of the noun before it."""
    outer = speaker.state()
    while (noun := outer.subject.noun) is None:
        outer = speaker.state()
    head, draw = outer.subject, speaker.draw
    verb = _one([one for one in _lexicon()[1] if one.frame == "thing" and noun.kind in one.kinds], draw)
    past = draw() < 0.4
    time = _one(THEN if past else NOW, draw) if draw() < speaker.detail else None
    inner = Clause(speaker.somebody(("person",)), verb, time=time, past=past)
    who = german.ARTICLES["der"]["acc"].split()[german.GENDERS.index(head.gender)]
    begun = in_english(outer).removeprefix(head.english()).strip()
    return Pair(
        [Way(f"{head.english()} that {in_english(inner)} {begun}")],
        [Way(f"{head.german('nom')}, {who} {in_german(inner, 'final')}, {predicate_last(outer)}")],
        f"{outer.pattern}/{inner.pattern}",
    )


def _fronted(speaker: Speaker) -> Pair:
    """Because it is old, we sell the car: the verb of the main clause comes right after the comma."""
    left, right = speaker.clause(modals=False), speaker.clause(pronoun=True)
    english, target = ("because", "weil") if left.past or right.past else ("when", "wenn")
    return Pair(
        [Way(f"{english} {in_english(left)}, {in_english(right)}")],
        [
            Way(f"{target} {in_german(left, 'final')}, {in_german(right, 'first', perfect=p)}")
            for p in _tenses(right)
        ],
        f"{left.pattern}/{right.pattern}",
    )


def _topic(speaker: Speaker) -> Pair:
    """The object comes first in German; the case alone tells who does it, so it is masculine singular."""
    one = speaker.clause(frames=("thing",))
    while one.object is None or one.object.gender != "m" or one.negated or one.object.determiner == "a":
        speaker.used.clear()
        one = speaker.clause(frames=("thing",))
    fronts = (False, True) if one.time else (False,)
    english = [Way(in_english(one, fronted=front), front) for front in fronts]
    return Pair(english, [Way(in_german(one, first="object", perfect=p)) for p in _tenses(one)], one.pattern)


def _late(speaker: Speaker) -> Pair:
    """A modal or the perfect at the end of a subordinate clause."""
    one = speaker.clause()
    while not one.modal and (not one.past or one.verb is BE):
        speaker.used.clear()
        one = speaker.clause()
    english, target = _one(REPORTS, speaker.draw)
    target_ways = [Way(f"{target} {in_german(one, 'final', perfect=True)}")]
    return Pair([Way(f"{english} {in_english(one)}")], target_ways, one.pattern)


def _long(speaker: Speaker) -> Pair:
    """Three clauses full of detail."""
    first, second, third_ = speaker.clause(), speaker.clause(), speaker.clause(pronoun=True, modals=False)
    return Pair(
        [Way(f"{in_english(first)}, but {in_english(second)} because {in_english(third_)}")],
        [
            Way(
                f"{in_german(first, perfect=p)}, aber {in_german(second, perfect=p)}, weil {in_german(third_, 'final')}"
            )
            for p in _tenses(first, second)
        ],
        f"{first.pattern}/{second.pattern}/{third_.pattern}",
    )


Construction = Callable[[Speaker], Pair]
SEEN: Sequence[Construction] = (*[_plain] * 9, *[_question] * 2, _state, _there, _and, _because, _report)
HELD_OUT: Sequence[Construction] = (_relative, _fronted, _topic, _late)


def _pair(brief: Brief) -> tuple[Pair, bool]:
    """Something to say, and whether a name occurs in it."""
    split = brief.split
    longer = split.special == "longer"
    makers = (_long,) if longer else HELD_OUT if split.unseen_patterns else SEEN
    while True:
        speaker = Speaker(brief.draw, split.unseen_entities, 0.6 if longer else 0.25, set())
        make = _one(makers, brief.draw)
        pair = make(speaker)
        words = set(pair.english[0].text.replace(",", "").split())
        named = not words.isdisjoint(NAMES + CITIES)
        if named or not split.unseen_entities:
            return replace(pair, pattern=f"{make.__name__.strip('_')}/{pair.pattern}"), named


def _sentence(way: Way, mark: str) -> str:
    return way.text[0].upper() + way.text[1:] + mark


def _written(brief: Brief, from_german: bool) -> Document:
    pair, named = _pair(brief)
    sources, targets = (pair.german, pair.english) if from_german else (pair.english, pair.german)
    source = _one(sources, brief.draw)
    ordered = sorted(targets, key=lambda way: way.fronted != source.fronted)  # the closest first
    text = _sentence(source, pair.mark)
    meta = {"pattern": pair.pattern, "words": str(len(text.split())), "named": "yes" if named else "no"}
    references = tuple(dict.fromkeys(_sentence(way, pair.mark) for way in ordered))
    # Whichever way it is said, one thing is said in one split.
    return Document(pair.english[0].text, (Written({"source": text}, references, meta),))


def to_english(brief: Brief) -> Document:
    """A German sentence and its English translations."""
    return _written(brief, from_german=True)


def to_german(brief: Brief) -> Document:
    """An English sentence and its German translations."""
    return _written(brief, from_german=False)
