"""What operators on English words share: look-ups remembered by word, phrases found by one pattern.

Few words can become others, so all of a text are looked up and only those that can are put in random
order. A look-up is asked about every word of every text, and should therefore remember (``lru_cache``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import TypeVar

from harness.perturb.operator import operator
from harness.perturb.sites import LETTERS, Word, cased, pick, preceding, protected, wordlist
from harness.rng import Random
from harness.text import WORD, Edit, Example

T = TypeVar("T")

lexical = partial(operator, level="word", inside_spans=False)
english = partial(lexical, language="en")

REMEMBERED = 2**16
"""How many words a look-up remembers: more than most data sets have."""
Changes = Sequence[Edit]
"""What a word may become: edits that count from its start."""


def sites(example: Example, rng: Random, known: Callable[[str], T]) -> Iterator[tuple[Word, T]]:
    """The words that a look-up knows something about, in random order, with what it knows."""
    found = [
        (name, match, answer)
        for name, text in example.fields.items()
        for match in WORD.finditer(text)
        if (answer := known(match.group()))
    ]
    random = rng.random
    for left in range(len(found), 0, -1):  # as sites.in_any_order, without a generator in a generator
        at = int(random() * left)
        name, match, answer = found[at]
        found[at] = found[left - 1]
        start, end = match.span()
        yield Word(start, end, match.group(), name), answer


def replaced(example: Example, rng: Random, changes: Callable[[str], Changes]) -> Iterator[Edit]:
    """One of its changes for every word that has some, in random order."""
    for word, own in sites(example, rng, changes):
        yield placed(pick(rng, own), word)


def placed(change: Edit, word: Word) -> Edit:
    """A change of a word as an edit of the text that the word stands in."""
    return word.edit(change.start, change.end, change.text)


def reworded(
    word: str, choices: Callable[[str], Sequence[str] | None], guarded: bool = True
) -> tuple[Edit, ...]:
    """Changes of the letters of a word, without the marks around it, in its casing.

    Args:
        word: As it stands in a text.
        choices: What letters in lower case may become; nothing for most.
        guarded: Whether protected words stay.

    Returns:
        None for words without choices.
    """
    core = Word(0, len(word), word, "").core
    new = choices(core.text.lower())
    if not new or (guarded and protected(word)):
        return ()
    return tuple(edit for one in new for edit in core.becomes(cased(one, core.text)))


def capital(word: Word, example: Example) -> bool:
    """Whether a word has a capital that neither shouting nor a beginning sentence accounts for.

    It may be a name, and so may a short word all in capitals, such as ``US`` or ``WHO``.
    """
    if word.text.islower():
        return False
    letters = LETTERS.search(word.text)
    if letters is None or not letters.group()[0].isupper():
        return False
    return not (word.text.isupper() and len(letters.group()) > 3) and not begins(word, example)


ENDS = tuple(".?!:\n\u2026")


def begins(word: Word, example: Example) -> bool:
    """Whether a sentence begins with a word, as far as marks tell."""
    before = preceding(word, example).rstrip(" \t\"'([\u201c\u2018")
    return not before or before.endswith(ENDS)


def agrees(word: Word, after: str, example: Example) -> bool:
    """Whether the article before a word, if it is ``a`` or ``an``, fits what the word becomes."""
    return _suits(_article(word, example), after)


def agreeing(word: Word, changes: Changes, example: Example) -> Changes:
    """The changes of a word after which the article before it still fits."""
    article = _article(word, example)
    if not article:
        return changes
    text = word.text
    return [c for c in changes if _suits(article, text[: c.start] + c.text + text[c.end :])]


ARTICLE = re.compile(r"(?<!\S)(an?)\s+$", re.IGNORECASE)


def _article(word: Word, example: Example) -> str:
    """The indefinite article right before a word, in lower case, or nothing."""
    found = ARTICLE.search(example.fields[word.field], max(0, word.start - 5), word.start)
    return found.group(1).lower() if found else ""


def _suits(article: str, after: str) -> bool:
    letters = LETTERS.search(after)
    return not article or (
        letters is not None and (letters.group()[0].lower() in "aeiou") == (article == "an")
    )


@lru_cache(maxsize=REMEMBERED)
def content(word: str) -> bool:
    """Whether a word says what a text is about: a noun, verb, adjective or adverb of some length."""
    plain = word.lower()
    return (
        len(word) > 2 and word.isalpha() and plain not in wordlist("function-words") and not protected(word)
    )


# -- phrases -------------------------------------------------------------------------------------

APOSTROPHE = "\u2019"
MARK = f"['{APOSTROPHE}]"


def any_of(phrases: Iterable[str], after: str = "") -> re.Pattern[str]:
    """Any of some phrases, the longest that fits, with any white space and apostrophe in it.

    Small letters stand for both cases, capitals for themselves. What phrases begin with in common is
    tried but once, so that the pattern costs next to nothing at all the places where none of them begins.

    Args:
        phrases: Words with single spaces between.
        after: A pattern of what has to follow.
    """
    return re.compile(rf"\b{_branches(sorted(set(phrases)))}{after}")


def _branches(endings: list[str]) -> str:
    """A pattern of any of the endings, which are sorted."""
    groups: dict[str, list[str]] = {}
    for ending in endings:
        if ending:
            groups.setdefault(ending[0], []).append(ending[1:])
    if not groups:
        return ""
    branches = "|".join(_letter(char) + _branches(rest) for char, rest in groups.items())
    may_end = "?" if "" in endings else ""
    return f"(?:{branches}){may_end}" if may_end or len(groups) > 1 else branches


def _letter(char: str) -> str:
    if char == " ":
        return r"\s+"
    if char == "'":
        return MARK
    # re.IGNORECASE is slower, and takes other characters for letters as well.
    return f"[{char}{char.upper()}]" if char.islower() else re.escape(char)


def listed(phrase: str) -> str:
    """A phrase as the lists spell it."""
    return " ".join(phrase.lower().replace(APOSTROPHE, "'").split())


I_ALONE = re.compile(r"\bi\b")


def spoken(new: str, old: str, begins: bool) -> str:
    """A phrase in the casing of another: a capital where a sentence begins, and ``I`` as it was written."""
    if old.isupper() and len(old) > 3:
        return new.upper()
    if not I_ALONE.search(old):
        new = I_ALONE.sub("I", new)
    first = old[0].isupper() and (begins or not old.startswith("I "))
    return new[:1].upper() + new[1:] if first else new
