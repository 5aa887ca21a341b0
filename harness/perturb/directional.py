"""Small edits after which another answer is right: a negation, an opposite, another number.

They test that a model notices. An edit is made only where a text is so simple that its meaning changes
for certain: in a single sentence without a contrast or a second negation, and at the only site there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path

from harness.perturb import wordnet
from harness.perturb.lexical import REMEMBERED, Changes, agreeing, capital, english, placed, reworded, sites
from harness.perturb.number import WORDS, YEARS
from harness.perturb.sites import Word, cased, negates, pick, protected, shuffled
from harness.perturb.thesaurus import groups, known_source
from harness.rng import Random
from harness.text import Edit, Example

directional = partial(english, directional=True, graded=False, reference="Ribeiro et al. 2020, CheckList")

INNER = re.compile(r"[.?!;:\u2026](?=\s+\S*\w)|\n|\s--?\s|\u2014")
"""Where a sentence ends, or half of one, and something follows."""
CONTRASTS = frozenset({
    "but", "although", "though", "however", "despite", "unless", "if", "whether", "except", "while", "until", "yet"
})  # fmt: skip
CLAUSES = CONTRASTS | {
    "that", "which", "who", "whose", "whom", "what", "where", "when", "how", "why", "because", "since", "as", "than", "so"
}  # fmt: skip
"""Words that begin a clause; what is denied in one of two clauses need not be what matters."""
MARKS = ".,;:!?\"'()"


INDIFFERENT = frozenset(
    {"neutral", "none", "other", "unknown", "no relation", "no_relation", "unrelated", "o"}
)
"""Labels of texts that take no side: deny what they say, and they still take none."""


def decided(example: Example) -> bool:
    """Whether another answer would be right if the text said the opposite."""
    return INDIFFERENT.isdisjoint(label.lower() for label in example.references)


def _single(text: str, without: frozenset[str]) -> bool:
    """Whether a text is one sentence, and some words begin no clause in it."""
    words = [word.strip(MARKS) for word in text.lower().split()]
    return not INNER.search(text) and without.isdisjoint(words[1:] if words[:1] in LEADING else words)


LEADING = [["who"], ["what"], ["which"], ["that"]]
"""What may begin the main clause as well: ``that is all``, ``who is it``."""


# -- negation ------------------------------------------------------------------------------------

PRONOUN = r"\b(?:i|you|he|she|it|we|they|this|that|there)"
SHORT = rf"{PRONOUN}\s?['\u2019](?:s|re|m)\b"
BE = r"\b(?:am|is|are|was|were)\b"
HAVE = r"\b(?:has|have|had)(?=\s+been\b)"
SITE = re.compile(
    r"\b(?P<aux>is|are|was|were|do|does|did|has|have|had|could|would|should|ca|wo)(?P<nt>\s?n['\u2019]t)\b"
    r"|\bcan(?P<no>not)\b"
    rf"|(?:{BE}|{SHORT}|\b(?:do|does|did|can|could|will|would|should|has|have|had)\b)(?P<not>\s+not)\b"
    r"(?!\s+(?:only|just|merely|simply|necessarily|until|because|least)\b)"
    rf"|(?P<said>{BE}|{SHORT}|{HAVE}|{PRONOUN}\s+can\b|\b(?:could|will|would|should)\b)(?!\s*n['\u2019]t\b)"
    r"(?=\s+(?!not\b)(?P<next>[\w\"(]+))"
)
"""Verbs, in lower case, that are denied in one way or another, or could be."""
LEAD = re.compile(rf"{PRONOUN}\b\s*", re.IGNORECASE)
EMBEDDED = re.compile(r"(?:\b(?:and|or|to)|[^\s,]\s+(?:i|you|he|she|it|we|they|there)|,)\s*$", re.IGNORECASE)
"""What stands before a verb that is not that of the main clause: ``the dollar I``, ``to``."""
DENIED = ("nt", "no", "not")
WHOLE = {"ca": "can", "wo": "will"}
"""Verbs of which more is left out than what denies them."""
SUBJECT = re.compile(r"(?:who|what|which)\b", re.IGNORECASE)
ASKING = re.compile(
    r"(?:when|where|why|how|am|is|are|was|were|do|does|did|can|could|will|would|should|has|have|had|may)\b",
    re.IGNORECASE,
)


@directional("negation", only_for=frozenset({"classification", "multilabel", "relation", "qa"}))
def negation(example: Example, rng: Random) -> Iterator[Edit]:
    """Deny what a sentence says, or say what it denies: ``is`` and ``is not``, ``don't`` and ``do``.

    In a text that is one sentence with one auxiliary verb or form of *to be*, and no other clause. Of
    questions only those about another field that ask who, what or which; of relations only those said
    between the two arguments, where nothing is set apart by commas. A text whose label takes no side,
    such as neutral, would take none afterwards.
    """
    if not decided(example):
        return
    found = [edit for name in example.fields for edit in _denial(example, name)]
    if found:  # to deny two fields could leave it all as it was
        yield pick(rng, found)


def _denial(example: Example, name: str) -> Iterator[Edit]:
    """The edit that denies or affirms one field, if it is simple enough."""
    text = example.fields[name]
    lower = text.lower()
    found = list(islice(SITE.finditer(lower), 2)) if len(lower) == len(text) else []
    if len(found) != 1 or not _single(text, CLAUSES):
        return
    site = found[0]
    rest = f"{text[: site.start()]} {text[site.end() :]}"
    if (
        any(map(negates, rest.split()))
        or not _stated(text, site, example)
        or not _between(example, name, site)
    ):
        return
    if site["aux"] in WHOLE:
        yield Edit(*site.span(), cased(WHOLE[site["aux"]], text[site.start() : site.end("aux")]), name)
    elif site["said"]:
        yield Edit(site.end(), site.end(), " not", name)
    else:
        yield Edit(*site.span(next(kind for kind in DENIED if site[kind])), "", name)


def _stated(text: str, site: re.Match[str], example: Example) -> bool:
    """Whether a text says something, or asks something, with the verb of its main clause."""
    if site["said"] and (protected(site["next"]) or site["next"] in FOCUSED):
        return False
    lead = LEAD.match(text, site.start(), site.end())
    if EMBEDDED.search(text, 0, lead.end() if lead else site.start()):
        return False
    if SUBJECT.match(text):
        return len(example.fields) > 1
    return not ASKING.match(text) and not text.rstrip().endswith("?")


FOCUSED = frozenset({
    "also", "just", "only", "still", "always", "often", "even", "perhaps", "probably", "definitely", "certainly",
    "really", "clearly", "surely", "simply", "merely", "possibly", "arguably", "ultimately",
})  # fmt: skip
"""Adverbs that a negation before them would deny instead of the verb."""


def _between(example: Example, name: str, site: re.Match[str]) -> bool:
    """Whether a site is where the relation is told, if the example is about one."""
    if not example.marks:
        return True
    first, last = example.marks[0], example.marks[-1]
    start, end = min(first.end, last.end), max(first.start, last.start)
    inside = first.field == last.field == name and start <= site.start() <= end
    return inside and "," not in example.fields[name][start:end]


# -- opposites -----------------------------------------------------------------------------------


@directional("antonym", only_for=frozenset({"classification", "multilabel", "qa"}))
def antonym(example: Example, rng: Random, *, source: str = "embedded") -> Iterator[Edit]:
    """Put the opposite in the place of a word: ``worst`` for ``best``, ``reject`` for ``accept``.

    In a text of a few words that is one sentence without a comma, a contrast or a negation, and has one
    such word only.

    Args:
        source: ``embedded``, a list of opposites by which it is often decided what is right, or
            ``wordnet``, the opposites of verbs, adjectives and adverbs with at most two senses, some of
            which decide nothing.

    Raises:
        UserError: If the source is unknown or WordNet is not found.
    """
    known_source(source)
    opposites = _embedded if source == "embedded" else partial(_of_wordnet, wordnet.folder())
    found = list(islice(sites(example, rng, opposites), 2))
    for word, own in found if len(found) == 1 and decided(example) else ():
        fitting = agreeing(word, own, example)
        if fitting and _plain(example.fields[word.field]) and not capital(word, example):
            yield placed(pick(rng, fitting), word)


FEW = 15


def _plain(text: str) -> bool:
    """Whether a text is so short and simple that one word of it decides."""
    words = text.split()
    brief = len(words) <= FEW and not any("," in word for word in words)
    return brief and _single(text, CONTRASTS) and not any(map(negates, words))


@lru_cache(maxsize=REMEMBERED)
def _embedded(word: str) -> Changes:
    return () if "-" in word else reworded(word, groups("antonyms").get, guarded=False)


@lru_cache(maxsize=REMEMBERED)
def _of_wordnet(place: Path, word: str) -> Changes:
    return reworded(word, partial(wordnet.antonyms, place=place), guarded=False)


# -- numbers -------------------------------------------------------------------------------------

NUMBER = re.compile(
    rf"(?<![\w.,:/#+\-\u2013])(?:[1-9]\d*(?:,\d{{3}})*(?:\.\d+)?|(?:{'|'.join(sorted(WORDS, key=len, reverse=True))}))"
    r"(?![\w:/\-\u2013]|[.,]\d)"
)


@directional("number-change", only_for=frozenset({"qa", "summarization", "translation", "dialogue"}))
def number_change(example: Example, rng: Random) -> Iterator[Edit]:
    """Put another number of the same form in the place of one: ``1987`` for ``1945``, ``seven`` for ``two``.

    Numbers of a question about another field; elsewhere those that the right answer repeats, or all if
    none is known. A number that occurs twice becomes the same one twice.
    """
    told = {number for reference in example.references for number in NUMBER.findall(reference)}
    become: dict[str, str] = {}
    for word in shuffled(example, rng, NUMBER):
        if word.text in told or _asked(word, example):
            new = become.setdefault(word.text, _another(word.text, rng))
            yield from word.becomes(new)


def _asked(word: Word, example: Example) -> bool:
    """Whether a number is part of a question about a field that holds the answer, or nobody knows the answer."""
    if not example.references and not example.spans:
        return True
    return bool(example.spans) and all(span.field != word.field for span in example.spans)


def _another(number: str, rng: Random) -> str:
    """A number of the same form: a word for a word, with as many digits, in the same century."""
    if number in WORDS:
        return pick(rng, [word for word in WORDS if word != number])
    kept = 2 if len(number) == 4 and number.isdigit() and int(number) in YEARS else 0
    while True:
        digits = (pick(rng, "123456789" if at == 0 else "0123456789") for at in range(kept, len(number)))
        new = number[:kept] + "".join(
            d if c.isdigit() else c for c, d in zip(number[kept:], digits, strict=True)
        )
        if new != number:
            return new
