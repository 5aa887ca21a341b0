"""Texts from templates with slots, as in CheckList (Ribeiro et al. 2020).

``"The {dish} in {city:LOC} was {good}."`` has three slots, which lexicons fill; what is filled into
``{city:LOC}`` is a gold span. ``{name1}`` and ``{name2}`` are two slots of the lexicon ``name``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from harness.rng import rng
from harness.text import TEXT, Example, Span, Target

SLOT = re.compile(r"\{(?P<name>[A-Za-z_]\w*)(?::(?P<label>[\w.-]+))?\}")
Written = str | Mapping[str, str]
Lexicons = Mapping[str, Sequence[str]]
Filling = Mapping[str, str]


def fields(template: Written) -> dict[str, str]:
    """The template of each field."""
    return {TEXT: template} if isinstance(template, str) else dict(template)


def slots(template: Written) -> tuple[str, ...]:
    """The names of a template's slots, in order, each once."""
    return tuple(dict.fromkeys(m["name"] for text in fields(template).values() for m in SLOT.finditer(text)))


def lexicon(slot: str, lexicons: Lexicons) -> str:
    """The name of the lexicon that fills a slot: its own, or its name without the number; or empty."""
    return next((name for name in (slot, slot.rstrip("0123456789")) if name in lexicons), "")


def fillings(
    names: Iterable[str], lexicons: Lexicons, most: int, *purpose: str | int
) -> list[dict[str, str]]:
    """What may stand in some slots together: all there is, or as many as asked for, drawn without return.

    Slots of one lexicon never hold the same word at a time.

    Args:
        names: The slots.
        lexicons: Words by name.
        most: How many to draw at most.
        purpose: Keys the draw.
    """
    choices = {name: lexicons[lexicon(name, lexicons)] for name in names}
    total = math.prod(map(len, choices.values()))
    random, found = rng("template", *purpose), list[dict[str, str]]()
    order = random.permutation(total).tolist() if total <= MANY else _different(random, total, most)
    for number in order:
        if len(found) == most:
            break
        filling = {}
        for name, words in choices.items():
            number, at = divmod(number, len(words))
            filling[name] = words[at]
        if _apart(filling, lexicons):
            found.append(filling)
    return found


MANY = 1_000_000
"""Combinations up to which all are looked at in random order."""


def _different(random: np.random.Generator, total: int, most: int) -> list[int]:
    return list(dict.fromkeys(random.integers(total, size=10 * most).tolist()))


def _apart(filling: Filling, lexicons: Lexicons) -> bool:
    told = [(lexicon(name, lexicons), word) for name, word in filling.items()]
    return len(set(told)) == len(told)


def filled(template: Written, filling: Filling) -> tuple[dict[str, str], tuple[Span, ...]]:
    """The texts of a template with its slots filled, and the gold spans in them."""
    texts, spans = {}, []
    for field, text in fields(template).items():
        out, at = "", 0
        for match in SLOT.finditer(text):
            out += text[at : match.start()]
            word = filling[match["name"]]
            if match["label"]:
                spans.append(Span(len(out), len(out) + len(word), match["label"], field))
            out, at = out + word, match.end()
        texts[field] = out + text[at:]
    return texts, tuple(spans)


def made(id: str, template: Written, filling: Filling, gold: Target, case: int, role: str) -> Example:
    """An example of a template; its gold is what is given, or else the spans of its slots."""
    texts, spans = filled(template, filling)
    target = gold if gold is not None or not spans else spans
    return Example(id, texts, target, group=f"{case}", meta={"role": role})
