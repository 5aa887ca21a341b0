"""How English words are inflected: regular endings by rule, irregular forms from lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from harness.perturb.sites import wordlist

VOWELS = "aeiou"
HISSING = re.compile(r"(s|x|z|ch|sh)$")
SHORT = re.compile(r"^[^aeiou]*[aeiou][bdgklmnprt]$")
"""One syllable with a short vowel, whose last letter is doubled: ``stop``, ``stopped``."""


def with_s(word: str) -> str:
    """The regular plural of a noun, or the third person of a verb."""
    if word.endswith("y") and word[-2:-1] not in VOWELS:
        return f"{word[:-1]}ies"
    return f"{word}es" if HISSING.search(word) or word in ("go", "do", "echo", "hero", "veto") else f"{word}s"


def with_ed(verb: str) -> str:
    """The regular past of a verb."""
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in VOWELS:
        return f"{verb[:-1]}ied"
    return f"{_doubled(verb)}ed"


def _doubled(verb: str) -> str:
    return verb + verb[-1] if SHORT.match(verb) else verb


# -- where learners slip -------------------------------------------------------------------------

AGREEMENT: Mapping[str, tuple[str, ...]] = {
    "is": ("are",), "are": ("is",), "am": ("is",), "was": ("were",), "were": ("was",),
    "has": ("have",), "have": ("has",), "does": ("do",), "do": ("does",),
}  # fmt: skip
"""Forms of another number or person but of the same tense."""


@cache
def slips() -> Mapping[str, tuple[str, ...]]:
    """The wrong forms of a word by the right one: of number, person or tense, or regular for irregular.

    Nothing that is present becomes past, for that would be a statement about another time.
    """
    found: dict[str, list[str]] = {right: list(wrong) for right, wrong in AGREEMENT.items()}
    for right, wrong in (*_verb_slips(), *_noun_slips()):
        if right != wrong:  # regular verbs have some forms in common
            found.setdefault(right, []).append(wrong)
    return {right: tuple(dict.fromkeys(wrong)) for right, wrong in found.items()}


def _verb_slips() -> Iterator[tuple[str, str]]:
    for entry in sorted(wordlist("verbs")):
        verb, *rest = entry.split("/")
        regular = with_ed(verb)
        past, participle = rest[:2] or (regular, regular)
        yield from ((verb, with_s(verb)), (with_s(verb), verb))
        if past == verb:
            yield verb, regular
        else:
            yield from ((past, verb), (past, participle), (past, regular))
        if participle != verb:
            yield participle, past


def _noun_slips() -> Iterator[tuple[str, str]]:
    for entry in sorted(wordlist("nouns")):
        noun, _, irregular = entry.partition("/")
        yield from ((noun, irregular or with_s(noun)), (irregular or with_s(noun), noun))
        if irregular:
            yield irregular, with_s(noun)


SINGULAR = re.compile(r"(ss|us|is|as|ics|ways|wards|stairs)$")
"""How words end that end in an s and are no plurals."""
ALONE = frozenset({
    "besides", "perhaps", "sometimes", "nowadays", "series", "species", "news", "lens", "means", "thanks",
    "chaos", "cosmos"
})  # fmt: skip


def without_s(word: str) -> str:
    """What a word in -s is without it, going by its spelling alone; empty if it is hardly a plural."""
    if len(word) < 5 or not word.endswith("s") or word in ALONE or SINGULAR.search(word):
        return ""
    for end, stem in (
        ("ies", "y"),
        ("sses", "ss"),
        ("xes", "x"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("oes", "o"),
    ):
        if word.endswith(end):
            return word.removesuffix(end) + stem
    return word[:-1]
