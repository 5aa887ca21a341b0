"""Words misspelt, shortened, dropped, doubled or moved without changing what a sentence says.

Nothing here edits inside gold spans or touches protected words: numbers, negations, quantifiers,
comparatives and modal verbs (methods, sections 8.1 and 9.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from harness.perturb.lexical import REMEMBERED, Changes, any_of, content, english, lexical, replaced, reworded
from harness.perturb.sites import (
    in_span,
    negates,
    pick,
    preceding,
    protected,
    shuffled,
    table,
    without,
    wordlist,
)
from harness.rng import Random
from harness.text import Edit, Example

SLIPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(wrong), right)
    for wrong, right in (
        (r"ie", "ei"),
        (r"(?<=[^c])ei", "ie"),
        (r"([bcdfgklmnprstz])\1", r"\1"),
        (r"(?<=[aeiou])([bcdfglmnprst])(?=[aeiou]\w\w)", r"\1\1"),
        (r"(?<=\w\w)ance\b", "ence"),
        (r"(?<=\w\w)ence\b", "ance"),
        (r"(?<=\w\w)able\b", "ible"),
        (r"(?<=\w\w)ible\b", "able"),
        (r"(?<=\w\w)ant\b", "ent"),
        (r"(?<=\w\w)ent\b", "ant"),
        (r"(?<=\w\w)er\b", "or"),
        (r"(?<=\w\w)or\b", "er"),
        (r"(?<=\w\w)ar(?=y?\b)", "er"),
        (r"(?<=\w\w)al\b", "el"),
        (r"(?<=\w\w)el\b", "al"),
        (r"(?<=\w\w)ely\b", "ly"),
        (r"(?<=\w\w)tion", "sion"),
        (r"(?<=\w\w)ssion", "tion"),
        (r"(?<=\w)e(?=ment)", ""),
        (r"ph", "f"),
        (r"\bwh(?=[aei])", "w"),
        (r"\bkn(?=\w{3})", "n"),
        (r"ough\b", "uff"),
        (r"ight", "ite"),
        (r"c(?=[ei]\w)", "s"),
        (r"(?<=\w)ea(?=\w)", "ee"),
        (r"(?<=\w)ou(?=\w)", "uo"),
        (r"(?<=\w\w)e(?=[rn]\w)", "a"),
        (r"(?<=\w\w)i(?=[tc]\w)", "e"),
        (r"(?<=\w)y(?=\w)", "i"),
    )
)
"""Where people who write by ear go wrong: vowels that sound alike, doubled and silent letters."""


@english("misspell", version=2)
def misspell(example: Example, rng: Random, *, rules: bool = True) -> Iterator[Edit]:
    """Misspell a word as people do: from a list of common misspellings, or by rules of sound."""
    return replaced(example, rng, _misspelt if rules else _mislisted)


@lru_cache(maxsize=REMEMBERED)
def _mislisted(word: str) -> Changes:
    return reworded(word, table("misspellings").get)


@lru_cache(maxsize=REMEMBERED)
def _misspelt(word: str) -> Changes:
    return reworded(word, lambda plain: table("misspellings").get(plain) or _slips(plain))


def _slips(word: str) -> tuple[str, ...]:
    """What the rules make of a word in lower case; short words are left to the list."""
    if len(word) < 4:
        return ()
    return tuple(pattern.sub(slip, word, count=1) for pattern, slip in SLIPS if pattern.search(word))


@english("slang", version=2)
def slang(example: Example, rng: Random) -> Iterator[Edit]:
    """Abbreviate a word as in chats: ``pls``, ``ppl``, ``tmrw``."""
    return replaced(example, rng, _abbreviated)


@lru_cache(maxsize=REMEMBERED)
def _abbreviated(word: str) -> Changes:
    return reworded(word, table("slang").get)


@lexical("duplicate-word")
def duplicate_word(example: Example, rng: Random) -> Iterator[Edit]:
    """Write a word twice."""
    for word in shuffled(example, rng):
        if word.text.isalpha() and not protected(word.text) and not in_span(word, example):
            yield word.edit(len(word.text), len(word.text), f" {word.text}")


@english("drop-stopword", version=2, invalid_for=frozenset({"relation"}))
def drop_stopword(example: Example, rng: Random) -> Iterator[Edit]:
    """Leave out an article, a form of ``to be`` or another word that a reader fills in.

    Not for relations: the preposition between two arguments may be all that says how they are related.
    """
    for word in shuffled(example, rng, _needless()):
        yield without(word, example)


@cache
def _needless() -> re.Pattern[str]:
    return re.compile(r"(?<!\S)" + any_of(wordlist("stopwords"), r"(?!\S)").pattern)


@english("drop-word", only_for=frozenset({"ner", "summarization"}), reference="Wei and Zou 2019, EDA")
def drop_word(example: Example, rng: Random) -> Iterator[Edit]:
    """Leave out a word that says something, though never a name, a number or a negation.

    Only where a single word of the context does not decide what is right: entities stay entities, and
    a summary is of more than one word. A label, an answer or a translation may hang on it.
    """
    for word in shuffled(example, rng):
        if word.text.islower() and content(word.text):
            yield without(word, example)


FIXED = frozenset({
    "am", "is", "are", "was", "were", "be", "been", "being", "do", "does", "did", "has", "have", "had",
    "from", "to", "by", "ca", "wo", "ai"
})  # fmt: skip
"""Words whose place tells a statement from a question, or who does something from who has it done."""


@english(
    "swap-words",
    invalid_for=frozenset({"relation", "qa", "translation", "dialogue", "response"}),
    reference="Wei and Zou 2019, EDA",
)
def swap_words(example: Example, rng: Random) -> Iterator[Edit]:
    """Let two neighbouring words change places.

    Only lower-case words with nothing but a gap between them: what has a capital may be part of a name.
    Auxiliary verbs, words of direction and what a negation stands before stay where they are. Entities
    keep their place and their words, so that these labels stay true here, as they would not in texts
    that were shuffled altogether.
    """
    for first in shuffled(example, rng, wanted=_moves):
        text = example.fields[first.field]
        second = NEXT.match(text, first.end)
        if second is None or not (size := _movable(second[2])) or second[2][:size] == first.text:
            continue
        before = preceding(first, example).rsplit(None, 1)
        if not (before and negates(before[-1])):
            end = second.start(2) + size
            yield Edit(first.start, end, f"{second[2][:size]}{second[1]}{first.text}", first.field)


NEXT = re.compile(r"(\s+)(\S+)")
MARKED = re.compile(r"[^\W\d_]+(?=[^\w\s]*$)")


@lru_cache(maxsize=REMEMBERED)
def _movable(word: str) -> int:
    """How many letters a word begins with if it may move and only marks follow them; else 0."""
    letters = MARKED.match(word)
    free = letters and word.islower() and not protected(word) and letters.group() not in FIXED
    return letters.end() if letters and free else 0


def _moves(word: str) -> bool:
    return _movable(word) == len(word)


FILLERS = ("um", "uh", "er", "actually", "basically", "anyway", "y'know", "erm")


@english("filler")
def filler(example: Example, rng: Random) -> Iterator[Edit]:
    """Hesitate after a word: ``um``, ``actually``, ``y'know``."""
    for word in shuffled(example, rng):
        if word.text[-1].isalnum():
            yield word.edit(len(word.text), len(word.text), f" {pick(rng, FILLERS)}")
