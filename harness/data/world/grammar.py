"""A small notation for sentences with names in them, and the writer that keeps gold offsets exact.

A grammar is text. Each symbol has alternatives, one per line or separated by `` | ``::

    HIRE:
      3 * <firm> named <person.last> as [person.her] {role}
      ~ <person> joined <firm> as {role}
    role: chairman | finance director

``<role.form>`` is a name and becomes a gold span, ``[role.form]`` is another word that depends on
the scene, ``{symbol}`` expands, ``a(n)`` agrees with the next word, ``^`` starts a sentence anew,
``3 *`` is a weight, ``_`` stands for nothing, and ``~`` holds an alternative out for sentences of unseen patterns. Symbols in
capitals are structure and make up the pattern of a sentence; the others are vocabulary.
A sentence that opens with ``@title``, ``@upper`` or ``@lower`` is cased that way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.text import Span

Draw = Callable[[], float]
"""A source of uniform numbers in [0, 1)."""


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that has a name.

    Args:
        label: Its type, such as ``PER``.
        forms: How it is called: ``full`` always; ``short``, ``last`` or ``her`` where it applies.
        article: What stands before its name without being part of it, such as ``the``.
    """

    label: str
    forms: Mapping[str, str]
    article: str = ""

    @property
    def name(self) -> str:
        """The full name."""
        return self.forms["full"]

    @property
    def distinctive(self) -> tuple[str, ...]:
        """The forms by which it could be taken for something else."""
        return tuple(self.forms[form] for form in ("full", "first", "last", "short") if form in self.forms)


Scene = Mapping[str, Entity]
"""Who plays which role in a sentence."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text, the names in it in order, and the identity of the structure it was made with."""

    text: str
    spans: tuple[Span, ...]
    pattern: str


_TEXT, _NAME, _WORD, _SYMBOL, _ARTICLE, _CAPITAL, _STYLE = range(7)
_Part = tuple[int, str, str]
"""What it is; its text, role, symbol or style; and the form of a role."""
_AN = (*"aeioAEIO8", "un", "Un", "11", "18")
_PART = re.compile(r"<([\w.]+)>|\[([\w.]+)\]|\{([\w-]+)\}|(a\(n\) )|(\^)|(@\w+ )")
_RULE = re.compile(r"(?:(~) )?(?:(\d+) \* )?(.*)")
_TITLED = re.compile(r"(?<![\w'’])(?!and\b|for\b|the\b|its\b)[a-z](?=\w\w)")
_STYLES: Mapping[str, Callable[[str], str]] = {
    "@title": lambda text: _TITLED.sub(lambda match: match[0].upper(), text),
    "@upper": str.upper,
    "@lower": str.lower,
}


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    held: bool
    parts: tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """Alternatives by symbol; a weight is that many copies."""

    rules: Mapping[str, Sequence[_Rule]]

    @classmethod
    def read(cls, text: str) -> Grammar:
        """Parse the notation described above.

        Raises:
            ValueError: If a symbol is used but not defined, or defined twice.
        """
        lines: dict[str, list[str]] = {}
        symbol = ""
        for line in filter(str.strip, text.splitlines()):
            if not line[0].isspace():
                symbol, _, line = line.partition(":")
                if symbol in lines:
                    raise ValueError(f"symbol {symbol!r} is defined twice")
                lines[symbol] = []
            lines[symbol] += filter(None, line.strip().split(" | "))
        rules = {
            symbol: [rule for at, line in enumerate(many) for rule in _rules(symbol, line, at)]
            for symbol, many in lines.items()
        }
        used = {
            part[1] for many in rules.values() for rule in many for part in rule.parts if part[0] == _SYMBOL
        }
        if missing := used - rules.keys():
            raise ValueError(f"symbols used but not defined: {', '.join(sorted(missing))}")
        return cls(rules)

    def seen(self) -> Grammar:
        """The grammar without the alternatives that are held out."""
        return Grammar(
            {symbol: [rule for rule in rules if not rule.held] for symbol, rules in self.rules.items()}
        )

    def unseen(self) -> Grammar:
        """The grammar that takes a held-out alternative wherever a symbol has one."""
        return Grammar(
            {symbol: [rule for rule in rules if rule.held] or rules for symbol, rules in self.rules.items()}
        )

    def write(self, symbol: str, scene: Scene, draw: Draw) -> Sentence:
        """A random sentence about the scene."""
        parts: list[_Part] = []
        path: list[str] = []
        self._expand(symbol, draw, parts, path)
        text, spans = _spell(parts, scene)
        return Sentence(text, spans, "/".join(path))

    def _expand(self, symbol: str, draw: Draw, parts: list[_Part], path: list[str]) -> None:
        rules = self.rules[symbol]
        rule = rules[int(draw() * len(rules))]
        if rule.id:
            path.append(rule.id)
        for part in rule.parts:
            if part[0] == _SYMBOL:
                self._expand(part[1], draw, parts, path)
            else:
                parts.append(part)


def _rules(symbol: str, line: str, index: int) -> list[_Rule]:
    """One alternative, as many times as it weighs."""
    match = _RULE.fullmatch(line)
    assert match is not None  # the last group takes anything
    held, weight, body = match.groups()
    name = f"{symbol.lower()}-{index}" if symbol.isupper() else ""
    return [_Rule(name, bool(held), () if body == "_" else _parts(body))] * int(weight or 1)


def _parts(body: str) -> tuple[_Part, ...]:
    parts: list[_Part] = []
    at = 0
    for match in _PART.finditer(body):
        if match.start() > at:
            parts.append((_TEXT, body[at : match.start()], ""))
        name, word, symbol, article, capital, style = match.groups()
        if name or word:
            role, _, form = (name or word).partition(".")
            parts.append((_NAME if name else _WORD, role, form or "full"))
        elif symbol:
            parts.append((_SYMBOL, symbol, ""))
        elif article or capital:
            parts.append((_ARTICLE if article else _CAPITAL, "", ""))
        else:
            parts.append((_STYLE, style.strip(), ""))
        at = match.end()
    if at < len(body):
        parts.append((_TEXT, body[at:], ""))
    return tuple(parts)


def _spell(parts: Sequence[_Part], scene: Scene) -> tuple[str, tuple[Span, ...]]:
    """Text and spans of fully expanded parts."""
    line = _Line()
    indefinite = False
    for op, first, form in parts:
        if op <= _WORD:
            entity = None if op == _TEXT else scene[first]
            text = first if entity is None else entity.forms[form]
            label = entity.label if entity is not None and op == _NAME else ""
            if indefinite:
                line.add("an " if text.startswith(_AN) else "a ")
                indefinite = False
            elif entity is not None and entity.article and form == "full":
                line.add(entity.article + " ")
            line.add(text, label)
        elif op == _ARTICLE:
            indefinite = True
        elif op == _CAPITAL:
            line.capital = True
        else:
            line.style = first
    return "".join(line.parts).rstrip(" "), tuple(line.spans)


class _Line:
    """A sentence as it is being written."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.spans: list[Span] = []
        self.capital = True
        self.style = ""
        self._length = 0

    def add(self, text: str, label: str = "") -> None:
        """Append a part; if it has a label, it is a name."""
        if text[0] in " ,.;:?!":  # an optional part before it was left out, or ended in a comma
            surplus = " " if text[0] == " " else " ,"
            while self.parts and self.parts[-1][-1:] in surplus:
                self._length -= len(self.parts[-1][-1:])
                self.parts[-1] = self.parts[-1][:-1]
                if not self.parts[-1]:
                    self.parts.pop()
            # One full stop is enough after ``S.A.``.
            if text[0] == "." and self.parts and self.parts[-1][-1:] == ".":
                text = text[1:]
        if self.capital and (start := text.lstrip(" “")):
            text = text[: -len(start)] + _capitalised(start)
            self.capital = False
        if self.style and not (label and self.style == "@title"):
            text = _STYLES[self.style](text)
        if label:
            self.spans.append(Span(self._length, self._length + len(text), label))
        self.parts.append(text)
        self._length += len(text)


def _capitalised(text: str) -> str:
    """The text with a capital first, unless it is a brand written like ``eBook``."""
    return text if text[1:2].isupper() else text[0].upper() + text[1:]
