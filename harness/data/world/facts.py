"""The world itself: who there is, who works where, who founded, bought and makes what.

Facts are kept apart from the sentences about them, so that one world serves many tasks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import TypeVar

import numpy as np

from harness.data.world import names
from harness.data.world.grammar import Draw, Entity, Scene
from harness.rng import rng

T = TypeVar("T")


class Relation(StrEnum):
    """What holds between the subject and the object of a fact."""

    WORKS_FOR = "works for"
    BORN_IN = "born in"
    FOUNDED = "founded"
    BASED_IN = "based in"
    BOUGHT = "bought"
    MAKES = "makes"
    LIES_IN = "lies in"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is true in the world."""

    subject: Entity
    relation: Relation
    object: Entity


@dataclass(frozen=True, slots=True)
class World:
    """A closed world: all that is true about these people, firms, bodies, places and products."""

    people: tuple[Entity, ...]
    firms: tuple[Entity, ...]
    places: tuple[Entity, ...]
    countries: tuple[Entity, ...]
    products: tuple[Entity, ...]
    clubs: tuple[Entity, ...]
    schools: tuple[Entity, ...]
    agencies: tuple[Entity, ...]
    facts: tuple[Fact, ...]
    scenes: tuple[Scene, ...]
    pairs: frozenset[tuple[str, str]]

    def related(self, one: str, other: str) -> bool:
        """Whether there is any fact, in either direction, about the things of these names."""
        return (one, other) in self.pairs or (other, one) in self.pairs

    def scene(self, draw: Draw) -> Scene:
        """A firm with the people, places and products its facts lead to, and bystanders on demand."""
        return _Cast(self._one(draw), self._bystanders(), draw)

    def cast(self, draw: Draw, count: int) -> Scene:
        """Several scenes in one, in which no name could be taken for another.

        The roles of the second are called ``firm2``, ``person2`` and so on, and so are its bystanders.
        """
        while True:
            cast = {
                f"{role}{at + 1 if at else ''}": entity
                for at in range(count)
                for role, entity in self._one(draw).items()
            }
            names = [name for entity in cast.values() for name in set(entity.distinctive)]
            if len(names) == len(set(names)):
                return _Cast(cast, self._bystanders(), draw)

    def _one(self, draw: Draw) -> Scene:
        return self.scenes[int(draw() * len(self.scenes))]

    def _bystanders(self) -> Mapping[str, Sequence[Entity]]:
        return {
            "place": self.places,
            "elsewhere": self.places,
            "abroad": self.places,
            "colleague": self.people,
            "rival": self.firms,
            "gadget": self.products,
            "club": self.clubs,
            "visitors": self.clubs,
            "school": self.schools,
            "agency": self.agencies,
        }


class _Cast(dict[str, Entity]):
    """Roles by name; a bystander is drawn when first asked for and resembles nobody there already."""

    def __init__(self, scene: Scene, bystanders: Mapping[str, Sequence[Entity]], draw: Draw) -> None:
        super().__init__(scene)
        self._bystanders, self._draw = bystanders, draw

    def __missing__(self, role: str) -> Entity:
        many = self._bystanders[role.rstrip("23456789")]
        taken = {name for entity in self.values() for name in entity.distinctive}
        while True:
            one = many[int(self._draw() * len(many))]
            if taken.isdisjoint(one.distinctive):
                self[role] = one
                return one


class _Roles(dict[str, Entity]):
    """A scene in which the label of everything is its role."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene

    def __missing__(self, role: str) -> Entity:
        self[role] = replace(self._scene[role], label=role)
        return self[role]


def in_roles(scene: Scene) -> Scene:
    """The scene with roles for labels, so that a span tells who it names."""
    return _Roles(scene)


@cache
def world(unseen: bool) -> World:
    """One of the two worlds: that of the training data, or one in which every name is new."""
    random = rng("world", "facts", unseen)
    places = _places(unseen)
    countries = tuple(
        Entity("LOC", {"full": name.removeprefix("the ")}, "the" if name.startswith("the ") else "")
        for name in names.part(names.COUNTRIES, unseen)
    )
    people = _people(random, unseen)
    founders, firms = _firms(random, unseen, people, places)
    products = _products(random, unseen)
    facts = [Fact(founder, Relation.FOUNDED, firm) for founder, firm in zip(founders, firms, strict=True)]
    facts += [Fact(firm, Relation.BASED_IN, _one(random, places)) for firm in firms]
    facts += [Fact(firm, Relation.BOUGHT, firms[at - 1]) for at, firm in enumerate(firms)]
    facts += [Fact(firms[at % len(firms)], Relation.MAKES, product) for at, product in enumerate(products)]
    facts += [Fact(person, Relation.WORKS_FOR, firms[at % len(firms)]) for at, person in enumerate(people)]
    facts += [Fact(person, Relation.BORN_IN, _one(random, places)) for person in people]
    facts += [Fact(place, Relation.LIES_IN, _one(random, countries)) for place in places]
    return World(
        people,
        firms,
        places,
        countries,
        products,
        clubs=tuple(
            Entity("ORG", {"full": f"{place.name} {_one(random, names.CLUBS)}", "short": place.name})
            for place in places
        ),
        schools=tuple(Entity("ORG", {"full": f"{place.name} University"}) for place in places)
        + tuple(Entity("ORG", {"full": f"{person.forms['last']} Institute"}) for person in people[:20]),
        agencies=tuple(Entity("ORG", {"full": name}, "the") for name in names.part(names.AGENCIES, unseen)),
        facts=tuple(facts),
        scenes=_scenes(facts),
        pairs=frozenset((fact.subject.name, fact.object.name) for fact in facts),
    )


def _one(random: np.random.Generator, many: Sequence[T]) -> T:
    return many[int(random.integers(len(many)))]


def _places(unseen: bool) -> tuple[Entity, ...]:
    known = names.part(names.PLACES, unseen)
    return tuple(
        Entity("LOC", {"full": name}) for name in known + names.part(names.TOWNS + names.SHARED, unseen)
    )


def _people(random: np.random.Generator, unseen: bool, count: int = 360) -> tuple[Entity, ...]:
    """People; three in four bear a surname that is also the name of a firm or a place."""
    firsts = [(name, "Ms", "she", "her") for name in names.part(names.WOMEN, unseen)]
    firsts += [(name, "Mr", "he", "his") for name in names.part(names.MEN, unseen)]
    plain, shared = names.part(names.SURNAMES, unseen), names.part(names.NAMESAKES + names.SHARED, unseen)
    people: dict[str, Entity] = {}
    while len(people) < count:
        first, title, she, her = _one(random, firsts)
        last = _one(random, shared if random.random() < 0.75 else plain)
        middle = f"{_one(random, 'ABCDEFGHJLMNPRTVW')}. " if random.random() < 0.1 else ""
        forms = {
            "first": first,
            "last": last,
            "title": title,
            "she": she,
            "her": her,
            "initial": f"{first[0]}. {last}",
        }
        if first != last:
            people[f"{first} {last}"] = Entity("PER", {"full": f"{first} {middle}{last}", **forms})
    return tuple(people.values())


def _firms(
    random: np.random.Generator, unseen: bool, people: Sequence[Entity], places: Sequence[Entity]
) -> tuple[list[Entity], tuple[Entity, ...]]:
    """A founder each, and the firms: named after their founder, a place, letters or nothing at all."""
    founders, firms = [], []
    trades, suffixes = names.part(names.TRADES, False) + names.part(names.TRADES, True), names.SUFFIXES

    def add(full: str, short: str) -> None:
        founders.append(_one(random, people))
        firms.append(Entity("ORG", {"full": full, "short": short}))

    for short in (
        *names.part(names.STEMS + names.SHARED, unseen),
        *names.part(names.WORDS, unseen),
        *names.part(names.BRANDS, unseen),
        *names.part(names.LETTERS, unseen),
    ):
        add(f"{short} {_one(random, suffixes)}" if random.random() < 0.6 else short, short)
    for place in places[:24]:
        full = f"{place.name} {_one(random, trades)}"
        add(full, full)
    for last in names.part(names.NAMESAKES, unseen):
        namesake = next((person for person in people if person.forms["last"] == last), None)
        add(f"{last} {_one(random, trades)}", last)
        if namesake is not None:
            founders[-1] = namesake
    for left, right in zip(people[0:24:2], people[1:24:2], strict=True):
        if left.forms["last"] != right.forms["last"]:
            full = f"{left.forms['last']} & {right.forms['last']}"
            add(full, full)
            founders[-1] = left
    order = random.permutation(len(firms))
    return [founders[at] for at in order], tuple(firms[at] for at in order)


def _products(random: np.random.Generator, unseen: bool) -> tuple[Entity, ...]:
    models = names.MODELS
    goods = [
        (f"{name} {_one(random, models)}", name)
        for name in names.part(names.GOODS + names.SHARED, unseen)
        for _ in range(2)
    ]
    goods += [(name, name) for name in names.part(names.CODES, unseen) + names.part(names.GADGETS, unseen)]
    order = random.permutation(len(goods))
    return tuple(Entity("PROD", {"full": goods[at][0], "short": goods[at][1]}) for at in order)


def _scenes(facts: Sequence[Fact]) -> tuple[Scene, ...]:
    """One scene per person and product of the firm the person works for."""
    of: dict[tuple[int, Relation], list[Entity]] = {}
    by: dict[tuple[int, Relation], list[Entity]] = {}
    for fact in facts:
        of.setdefault((id(fact.subject), fact.relation), []).append(fact.object)
        by.setdefault((id(fact.object), fact.relation), []).append(fact.subject)
    scenes: list[Mapping[str, Entity]] = []
    for fact in facts:
        if fact.relation is not Relation.WORKS_FOR:
            continue
        person, firm = fact.subject, fact.object
        (city,) = of[id(firm), Relation.BASED_IN]
        for product in of.get((id(firm), Relation.MAKES), ()):
            scenes.append(
                {
                    "person": person,
                    "firm": firm,
                    "product": product,
                    "city": city,
                    "country": of[id(city), Relation.LIES_IN][0],
                    "birthplace": of[id(person), Relation.BORN_IN][0],
                    "target": of[id(firm), Relation.BOUGHT][0],
                    "founder": by[id(firm), Relation.FOUNDED][0],
                }
            )
    return tuple(scenes)
