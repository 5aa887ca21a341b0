"""The move sets by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from harness.attack.moves import character, entity
from harness.attack.moves.move import Moves
from harness.attack.moves.synonym import synonyms
from harness.errors import Fault, UserError, nearest

NAMES = ("character", "synonym", "entity")


def named(names: Iterable[str], source: str = "embedded") -> list[Moves]:
    """Move sets; ``all`` stands for all of them.

    Args:
        names: Any of :data:`NAMES`, in order of preference.
        source: Where synonyms come from, see :func:`harness.attack.moves.synonym.synonyms`.

    Raises:
        UserError: If there is none of a name, or it lacks something.
    """
    wanted = [one for name in names for one in (NAMES if name == "all" else (name,))]
    for name in wanted:
        if name not in NAMES:
            raise UserError(Fault(f"unknown moves {name!r}", hint=nearest(name, (*NAMES, "all"))))
    if not wanted:
        raise UserError(Fault(f"no moves are named; known are {', '.join(NAMES)} and all"))
    sets = {
        "character": lambda: character.MOVES,
        "synonym": lambda: synonyms(source),
        "entity": lambda: entity.MOVES,
    }
    return [sets[name]() for name in dict.fromkeys(wanted)]


def ready(options: Mapping[str, Any]) -> None:
    """Check that an attack with these options has the moves that they name, before it is started.

    Raises:
        UserError: As :func:`named`.
    """
    named(options.get("moves", ("synonym",)), options["source"])
