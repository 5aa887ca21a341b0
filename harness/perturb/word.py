"""Words misspelt, replaced, dropped or doubled without changing what a sentence says.

Nothing here edits inside gold spans or touches protected words: numbers, negations, quantifiers,
comparatives and modal verbs (methods, sections 8.1 and 9.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache, partial

from harness.errors import Fault, UserError, nearest
from harness.perturb import wordnet
from harness.perturb.operator import operator
from harness.perturb.sites import (
    Word,
    cased,
    in_span,
    lines,
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

lexical = partial(operator, level="word", inside_spans=False)

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


@lexical("misspell")
def misspell(example: Example, rng: Random, *, rules: bool = True) -> Iterator[Edit]:
    """Misspell a word as people do: from a list of common misspellings, or by rules of sound."""
    known = table("misspellings")
    for word in _free(example, rng):
        core = word.core
        wrong = known.get(core.text.lower()) or (_slips(core.text.lower()) if rules else ())
        if wrong:
            yield from core.becomes(cased(pick(rng, wrong), core.text))


@lru_cache(maxsize=2**16)
def _slips(word: str) -> tuple[str, ...]:
    """What the rules make of a word in lower case; short words are left to the list."""
    if len(word) < 4:
        return ()
    return tuple(pattern.sub(slip, word, count=1) for pattern, slip in SLIPS if pattern.search(word))


SOURCES = ("embedded", "wordnet")


@lexical("synonym")
def synonym(example: Example, rng: Random, *, source: str = "embedded") -> Iterator[Edit]:
    """Replace a word by a synonym.

    Args:
        source: ``embedded``, a small thesaurus without antonyms or negations, or
            ``wordnet``, WordNet's words with at most two senses, if WordNet is on this machine.

    Raises:
        UserError: If the source is unknown or WordNet is not found.
    """
    if source not in SOURCES:
        raise UserError(Fault(f"unknown source of synonyms {source!r}", hint=nearest(source, SOURCES)))
    found = _thesaurus if source == "embedded" else wordnet.synonyms
    for word in _free(example, rng):
        core = word.core
        new = [s for s in found(core.text.lower()) if _agrees(core, s, example)]
        if new:
            yield from core.becomes(cased(pick(rng, new), core.text))


def _thesaurus(word: str) -> tuple[str, ...]:
    return _groups().get(word, ())


@cache
def _groups() -> Mapping[str, tuple[str, ...]]:
    """Synonyms by word, from lines of words whose forms (``go/goes/went``) stand in the same order."""
    found: dict[str, list[str]] = {}
    for line in lines("synonyms"):
        group = [forms.split("/") for forms in line.split()]
        for same in zip(*group, strict=True):
            for word in same:
                found.setdefault(word, []).extend(w for w in same if w != word)
    return {word: tuple(dict.fromkeys(others)) for word, others in found.items()}


def _agrees(word: Word, new: str, example: Example) -> bool:
    """Whether the article before the word, if it is ``a`` or ``an``, still fits."""
    article = preceding(word, example).rstrip()[-3:].rpartition(" ")[2].lower()
    return article not in ("a", "an") or (new[0] in "aeiou") == (article == "an")


@lexical("contraction")
def contraction(example: Example, rng: Random) -> Iterator[Edit]:
    """Contract two words (``it is``) or expand a contraction (``don't``)."""
    for phrase in shuffled(example, rng, _contractible()):
        new = _contractions()[_plain(phrase.text)]
        yield from phrase.becomes(_spoken(new, phrase.text, begins=True))


APOSTROPHE = "\u2019"
MARK = f"['{APOSTROPHE}]"


@cache
def _contractions() -> Mapping[str, str]:
    pairs = {short: long[0] for short, long in table("contractions").items()}
    # "it's" is not expanded: it may stand for "it has".
    expanded = {short: long for short, long in pairs.items() if not short.endswith("'s")}
    return expanded | {long: short for short, long in pairs.items()}


@cache
def _contractible() -> re.Pattern[str]:
    # A word must follow, for English does not contract at the end of a clause: "I know what it is."
    return _any_of(_contractions(), r"\b(?=\s+\w)")


@lexical("paraphrase")
def paraphrase(example: Example, rng: Random) -> Iterator[Edit]:
    """Say a phrase in other words: ``I would like to`` for ``I want to``, ``for instance``.

    From a list of phrases that mean the same. Sentences keep their build: this is the mild end of what
    paraphrases are, and the one where labels surely stay true.
    """
    for phrase in shuffled(example, rng, _sayable()):
        before = preceding(phrase, example).rstrip()
        new = pick(rng, _paraphrases()[_plain(phrase.text)])
        yield from phrase.becomes(_spoken(new, phrase.text, not before or before[-1] in ".?!"))


@cache
def _paraphrases() -> Mapping[str, tuple[str, ...]]:
    """What each phrase may become, both in lower case."""
    found: dict[str, list[str]] = {}
    for line in lines("paraphrases"):
        said, _, instead = (side.split(" | ") for side in line.partition(" > "))
        for phrase in said:
            found.setdefault(phrase, []).extend(instead if instead[0] else [s for s in said if s != phrase])
    return {phrase: tuple(dict.fromkeys(others)) for phrase, others in found.items()}


@cache
def _sayable() -> re.Pattern[str]:
    return _any_of(_paraphrases(), rf"(?!\w|-|{MARK})")


def _spoken(new: str, old: str, begins: bool) -> str:
    """A phrase in the casing of another: a capital where a sentence begins, and ``I`` as it was written."""
    if old.isupper() and len(old) > 3:
        return new.upper()
    if not re.search(r"\bi\b", old):
        new = re.sub(r"\bi\b", "I", new)
    capital = old[0].isupper() and (begins or not old.startswith("I "))
    return new[:1].upper() + new[1:] if capital else new


def _any_of(phrases: Iterable[str], after: str) -> re.Pattern[str]:
    """Any of some phrases, the longest that fits, with any white space and apostrophe in it."""
    longest_first = sorted(phrases, key=len, reverse=True)
    forms = "|".join(r"\s+".join(map(re.escape, form.split())) for form in longest_first).replace("'", MARK)
    return re.compile(rf"\b(?:{forms}){after}", re.IGNORECASE)


def _plain(phrase: str) -> str:
    """A phrase as the lists spell it."""
    return " ".join(phrase.lower().replace(APOSTROPHE, "'").split())


@lexical("slang")
def slang(example: Example, rng: Random) -> Iterator[Edit]:
    """Abbreviate a word as in chats: ``pls``, ``ppl``, ``tmrw``."""
    known = table("slang")
    for word in _free(example, rng):
        core = word.core
        if core.text.lower() in known:
            yield from core.becomes(cased(pick(rng, known[core.text.lower()]), core.text))


@lexical("duplicate-word")
def duplicate_word(example: Example, rng: Random) -> Iterator[Edit]:
    """Write a word twice."""
    for word in _free(example, rng):
        if word.text.isalpha() and not in_span(word, example):
            yield word.edit(len(word.text), len(word.text), f" {word.text}")


@lexical("drop-stopword", invalid_for=frozenset({"relation"}))
def drop_stopword(example: Example, rng: Random) -> Iterator[Edit]:
    """Leave out an article, a form of ``to be`` or another word that a reader fills in.

    Not for relations: the preposition between two arguments may be all that says how they are related.
    """
    for word in _free(example, rng):
        if word.text.lower() in wordlist("stopwords"):
            yield without(word, example)


FILLERS = ("um", "uh", "er", "actually", "basically", "anyway", "y'know", "erm")


@lexical("filler")
def filler(example: Example, rng: Random) -> Iterator[Edit]:
    """Hesitate after a word: ``um``, ``actually``, ``y'know``."""
    for word in shuffled(example, rng):
        if word.text[-1].isalnum():
            yield word.edit(len(word.text), len(word.text), f" {pick(rng, FILLERS)}")


def _free(example: Example, rng: Random) -> Iterator[Word]:
    return (word for word in shuffled(example, rng) if not protected(word.text))
