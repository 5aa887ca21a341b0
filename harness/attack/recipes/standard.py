"""The standard attack: a fixed cascade without options, so that its numbers compare across models."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, NamedTuple

import numpy as np

from harness.attack.attack import attack
from harness.attack.recipes.beam import beam
from harness.attack.recipes.genetic import genetic
from harness.attack.recipes.greedy import greedy_character, greedy_entity, greedy_synonym
from harness.attack.search import Ask, Question, Reply, Script, Search, Searcher
from harness.text import Example, vary


class Stage(NamedTuple):
    """A search of the cascade, and how many texts it may ask for."""

    name: str
    search: Searcher
    queries: int


STAGES = (
    Stage("character", greedy_character.function, 60),
    Stage("synonym", greedy_synonym.function, 60),
    Stage("entity", greedy_entity.function, 60),
    Stage("beam", beam.function, 180),
    Stage("genetic", genetic.function, 240),
)
BUDGET = 1 + sum(stage.queries for stage in STAGES)


@attack("standard", budget=BUDGET, control=("random", {"moves": ("all",)}))
def standard(example: Example, rng: np.random.Generator) -> Search:
    """Five black-box attacks, each on what the last ones have not broken; nothing can be set.

    ====== ========================= ===================
    stage  attack, with its defaults queries at most
    ====== ========================= ===================
    1      ``greedy-character``      60
    2      ``greedy-synonym``        60
    3      ``greedy-entity``         60, if names are gold
    4      ``beam`` of misspellings  180
    5      ``genetic``               240
    ====== ========================= ===================

    As AutoAttack (Croce and Hein 2020) for images: one number for every model that nobody has tuned. A
    stage without anything to edit passes at once, and what it leaves is not given to another. A number says
    which version of this record it is from: any change of a stage or of a move raises it.
    """
    for stage in STAGES:
        yield from within(stage.search(example, rng), stage.queries, example, stage.name)


def within(search: Search, queries: int, example: Example, stage: str) -> Generator[Question, Any, None]:
    """Pass on what a search asks until it has asked for so many distinct texts, under the name of a stage.

    The clean text is not counted. Of a question for more than is left, what is left is asked, and the
    search is then over; so it is when it settles.
    """
    seen: set[tuple[str, ...]] = {_text(example, ())}
    clean = len(seen)
    answer: Any = None
    while True:
        try:
            question = search.send(answer)
        except StopIteration:
            return
        if not isinstance(question, Ask):
            answer = yield question
            continue
        allowed: list[Script] = []
        for script in question.scripts:
            text = _text(example, script)
            if text in seen or len(seen) - clean < queries:
                seen.add(text)
                allowed.append(script)
        replies: list[Reply] = yield question._replace(scripts=allowed, stage=stage)
        if len(allowed) < len(question.scripts):
            search.close()
            return
        answer = replies


def _text(example: Example, script: Script) -> tuple[str, ...]:
    return tuple(vary(example, script).example.fields.values())
