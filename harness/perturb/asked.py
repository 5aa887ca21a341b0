"""Questions in English: what they begin with, and how they become statements and indirect questions.

By rules for the beginning of a question alone. Where it cannot be told without a parser where the subject
ends, the rules say nothing rather than something ungrammatical.
"""

from __future__ import annotations

import re

BE = ("is", "was", "are", "were")
AUXILIARY = frozenset(
    [*BE, "be", "do", "does", "did", "has", "have", "had", "can", "could", "will", "would", "may", "might"]
) | {"should", "shall", "must", "isn't", "wasn't", "aren't", "don't", "doesn't", "didn't"}
PHRASE = re.compile(
    r"(?P<lead>(?:in|on|at|from|to|for|by|with|of|during|under|into)\s+)?"
    r"(?P<wh>who|what|which|whose|where|when|why|how many|how much|how)\b",
    re.IGNORECASE,
)
"""What a question begins with."""
IDENTITY = re.compile(
    rf"(?:who|what|which)\s+({'|'.join(BE)})\s+((?:the|a|an|his|her|its|their)\s.+)", re.IGNORECASE
)
"""A question for what something is."""
NAMED = re.compile(
    r"(?i:when|where|(?:in|on|at) (?:what|which) \w+)\s+(was|were|did)\s+"
    r"((?:the\s+)?[A-Z]\S*(?:\s+[A-Z]\S*)*)\s+(?=[a-z])(.+)"
)
"""A question for a time or place whose subject is a name."""
VERBAL = re.compile(
    r"\w{2,}(?:ed|ing)$|^(?:known|made|held|built|born|found|given|taken|written|that|who|which|to)$"
)
"""What a phrase has in it that is more than a noun with what belongs to it."""


def bare(question: str) -> str:
    """A question without its mark."""
    return question.strip().rstrip("?").rstrip()


def wh(question: str) -> str:
    """The question word in lower case; empty if it does not begin with one."""
    found = PHRASE.match(question.strip())
    return found["wh"].lower() if found else ""


def statement(question: str, answer: str) -> str:
    """What answers a question with an answer, as a sentence; with the question in it if need be."""
    asked = bare(question)
    said = _subject(asked, answer) or _identity(asked, answer) or _adjunct(asked, answer)
    said = said or f'The answer to the question "{asked}?" is {answer}'
    return f"{said[:1].upper()}{said[1:]}."


def _subject(asked: str, answer: str) -> str:
    """``Who wrote it``: the answer stands where ``who`` does."""
    first, _, rest = asked.partition(" ")
    return f"{answer} {rest}" if rest and first.lower() == "who" and plain(asked) else ""


def _identity(asked: str, answer: str) -> str:
    """``What is the capital``: the capital is the answer."""
    found = IDENTITY.fullmatch(asked)
    return f"{found[2]} {found[1].lower()} {answer}" if found and _nominal(found[2]) else ""


def _adjunct(asked: str, answer: str) -> str:
    """``When was Ada born``: Ada was born in the answer."""
    found = NAMED.fullmatch(asked)
    if not found or (found[1] != "did" and not found[3].split()[0].endswith(("ed", "rn", "en", "lt", "nd"))):
        return ""
    return f"{found[2]} {found[1]} {found[3]} in {answer}"


def indirect(question: str) -> str:
    """``who wrote it``, ``what the capital is``: what stands after ``can you tell me``; empty if not known."""
    asked = bare(question)
    if not PHRASE.match(asked):
        return ""
    asked = asked[:1].lower() + asked[1:]
    if plain(asked):
        return asked
    found = IDENTITY.fullmatch(asked)
    return f"{asked.split()[0]} {found[2]} {found[1].lower()}" if found and _nominal(found[2]) else ""


def plain(asked: str) -> bool:
    """Whether a question has the order of a statement: no auxiliary, and something after the question word."""
    words = asked.lower().split()
    return len(words) > 2 and AUXILIARY.isdisjoint(words)


def _nominal(phrase: str) -> bool:
    """Whether a phrase is a short noun phrase without a clause in it."""
    words = phrase.lower().split()
    return len(words) <= 9 and AUXILIARY.isdisjoint(words) and not any(map(VERBAL.search, words))
