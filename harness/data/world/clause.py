"""A clause and its spelling in English and in German: word order, auxiliaries and negation."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.data.world.german import MODALS, Phrase, Verb, Words, finite, third

BE = Verb(
    "be",
    (),
    ("person", "animal", "food", "thing", "text", "door"),
    "be",
    "was",
    "sein",
    "ist",
    "war",
    "",
    "s",
    "",
)


@dataclass(frozen=True, slots=True)
class Clause:
    """Who does what to whom, when and where, in no order."""

    subject: Phrase
    verb: Verb
    object: Phrase | None = None
    receiver: Phrase | None = None
    time: Words | None = None
    place: Words | None = None
    predicate: Words | None = None
    past: bool = False
    modal: str = ""
    negated: bool = False

    @property
    def pattern(self) -> str:
        """Its structure, without its words."""
        marks = (
            ("past", self.past),
            (self.modal, self.modal),
            ("not", self.negated),
            ("when", self.time),
            ("where", self.place),
        )
        return "-".join([self.verb.frame, *(name for name, here in marks if here)])


# -- English -------------------------------------------------------------------------------------


def in_english(one: Clause, question: bool = False, fronted: bool = False, shifted: bool = False) -> str:
    """A clause in English.

    Args:
        one: What to say.
        question: Whether it asks, with the auxiliary first.
        fronted: Whether the time comes first.
        shifted: Whether the receiver follows the object, with ``to``.
    """
    auxiliary, verb = _english_verb(one, question)
    words = [one.subject.english(), *auxiliary, *verb]
    if question:
        words = [*auxiliary[:1], one.subject.english(), *auxiliary[1:], *verb]
    goods = [one.object.english()] if one.object else []
    receiver = [one.receiver.english()] if one.receiver else []
    words += [*goods, "to", *receiver] if shifted else receiver + goods
    words += [one.predicate[0]] if one.predicate else []
    words += [one.place[0]] if one.place else []
    if one.time:
        words = [one.time[0] + ",", *words] if fronted else [*words, one.time[0]]
    return " ".join(words)


def _english_verb(one: Clause, question: bool) -> tuple[list[str], list[str]]:
    """The auxiliary with ``not``, if any, and the verb."""
    many = one.subject.many
    if one.verb is BE:
        form = ("were" if many else "was") if one.past else ("are" if many else "is")
        return [form, *(["not"] if one.negated else [])], []
    if one.modal:
        return ["cannot"] if one.negated else [one.modal], [one.verb.base]
    if one.negated or question:
        form = "did" if one.past else "do" if many else "does"
        return [form, *(["not"] if one.negated else [])], [one.verb.base]
    return [], [one.verb.past if one.past else one.verb.base if many else third(one.verb.base)]


# -- German --------------------------------------------------------------------------------------


def in_german(one: Clause, order: str = "second", first: str = "subject", perfect: bool = False) -> str:
    """A clause in German.

    Args:
        one: What to say.
        order: Where the finite verb stands: ``second``, ``first`` or ``final``.
        first: What stands before a verb in second place: ``subject``, ``time`` or ``object``.
        perfect: Whether the past is the perfect instead of the preterite.
    """
    verb, tail = _german_verb(one, perfect, order == "final")
    middle = _middle(one, without=first)
    subject = one.subject.german("nom")
    if order == "final":
        words = [subject, *middle, *tail, verb]
    elif order == "first":
        words = [verb, subject, *middle, *tail]
    elif first == "subject":
        words = [subject, verb, *middle, *tail]
    else:
        opening = one.time[1] if first == "time" and one.time else _object(one)
        words = [opening, verb, subject, *middle, *tail]
    return " ".join(filter(None, words))


def predicate_last(one: Clause) -> str:
    """What follows the subject of a clause with a predicate: ``ist nicht alt``."""
    verb, tail = _german_verb(one, False, False)
    return " ".join([verb, *(["nicht"] if one.negated else []), *tail])


def _object(one: Clause) -> str:
    if one.object is None:
        return ""
    denied = one.negated and one.object.determiner == "a"
    return (replace(one.object, determiner="no") if denied else one.object).german("acc")


def _middle(one: Clause, without: str) -> list[str]:
    """What stands between the finite verb and the end: known before new, time before place."""
    time = [one.time[1]] if one.time and without != "time" else []
    thing = [_object(one)] if one.object and without != "object" else []
    place = [one.place[1]] if one.place else []
    receiver = [one.receiver.german("dat")] if one.receiver else []
    denied = one.negated and not (one.object and one.object.determiner == "a")
    nicht = ["nicht"] if denied else []
    if one.object and not one.object.definite:
        return [*receiver, *time, *place, *thing, *nicht]
    return [*receiver, *thing, *time, *nicht, *place]


def _german_verb(one: Clause, perfect: bool, final: bool) -> tuple[str, list[str]]:
    """The finite verb, and what goes to the end of the clause."""
    many, verb = one.subject.many, one.verb
    if verb is BE:
        form = finite(verb.preterite, many) if one.past else "sind" if many else "ist"
        return form, [one.predicate[1]] if one.predicate else []
    if one.modal:
        return MODALS[one.modal][many], [verb.prefix + verb.infinitive]
    if one.past and perfect:
        have, be = ("haben", "sind") if many else ("hat", "ist")
        return (have if verb.auxiliary == "h" else be), [verb.participle]
    form = finite(verb.preterite, many) if one.past else verb.infinitive if many else verb.present
    return (verb.prefix + form, []) if final else (form, [verb.prefix])
