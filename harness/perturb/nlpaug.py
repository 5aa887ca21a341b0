"""The augmenters of nlpaug that need no model, brought back to edits.

nlpaug is asked about one word at a time (:mod:`harness.perturb.augmenters`), so that severity takes
exactly as many edits as it asks for. Augmenters are grouped into operators by what they do to labels.
Not here, because they read a model: TfIdfAug, WordEmbsAug, ContextualWordEmbsAug and
BackTranslationAug (:mod:`harness.perturb.nlpaug_models`). Nowhere: SynonymAug from PPDB, for which
WordNet stands; augmenters of sentences, which write on or sum up, so that no
label stays; and those of sound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

from harness.errors import Fault, UserError
from harness.perturb import libraries
from harness.perturb.augmenters import Augmenter, Unit, asked, bare, build, in_context
from harness.perturb.foreign import anchored, offered
from harness.perturb.operator import operator
from harness.perturb.sites import Word, in_span, protected, shuffled, typable, without, wordlist
from harness.rng import Random
from harness.text import Edit, Example

adapted = partial(operator, needs="nlpaug", reference="Ma 2019, nlpaug")

CHARACTER = ("keyboard", "ocr", "insert", "substitute", "swap", "delete", "split")
LEXICAL = ("synonym", "spelling")
RANDOM = ("word-delete", "word-substitute", "word-crop", "word-swap")
MODELS = tuple(
    f"{source}-{action}"
    for source in ("context", "tfidf", "word2vec", "glove", "fasttext")
    for action in ("substitute", "insert")
)
OPERATORS: Mapping[str, Sequence[str]] = {
    "nlpaug": CHARACTER,
    "nlpaug-word": LEXICAL,
    "nlpaug-random": RANDOM,
    "nlpaug-antonym": ("antonym",),
    "nlpaug-reserved": ("reserved",),
    "nlpaug-model": MODELS,
}
"""The augmenters that each operator takes by name."""

# -- operators -----------------------------------------------------------------------------------


@adapted("nlpaug", level="character", swaps=True, version=2)
def nlpaug(example: Example, rng: Random, *, augmenter: str = "keyboard") -> Iterator[Edit]:
    """Mistype or split words as an augmenter of nlpaug does.

    Args:
        augmenter: keyboard, ocr, insert, substitute, swap, delete or split.

    Raises:
        UserError: If the augmenter is unknown or nlpaug is not installed.
    """
    offered(augmenter, "nlpaug", OPERATORS)
    made = build(augmenter)
    for word in typable(example, rng):
        after = asked(augmenter, made, Unit(word), rng.random())
        for edit in word.becomes(" ".join(after)):
            yield anchored(edit, example)


@adapted("nlpaug-word", level="word", inside_spans=False, language="en")
def nlpaug_word(example: Example, rng: Random, *, augmenter: str = "synonym") -> Iterator[Edit]:
    """Replace words by synonyms or common misspellings as an augmenter of nlpaug does.

    Args:
        augmenter: synonym, any of WordNet's for the part of speech that NLTK finds, whatever the
            sense; or spelling, from nlpaug's list.

    Raises:
        UserError: If the augmenter is unknown, or nlpaug or what it reads is not installed.
    """
    offered(augmenter, "nlpaug-word", OPERATORS)
    made = build(augmenter)
    for word in shuffled(example, rng):
        if protected(word.text) or in_span(word, example):
            continue
        unit = in_context(bare(word), example) if augmenter == "synonym" else Unit(bare(word))
        after = asked(augmenter, made, unit, rng.random())
        # The list takes "no" for a misspelling of "in", and WordNet "B. B. King" for a king.
        if not any(map(protected, after)) and not (augmenter == "synonym" and _name("_".join(after))):
            yield from unit.word.becomes(" ".join(after))


@lru_cache(maxsize=2**16)
def _name(lemma: str) -> bool:
    """Whether WordNet has a lemma, given in lower case, with capitals only."""
    written = {found.name() for found in libraries.nltk("corpora/wordnet").corpus.wordnet.lemmas(lemma)}
    return bool(written) and all(one != one.lower() for one in written)


@adapted(
    "nlpaug-random",
    level="word",
    inside_spans=False,
    language="en",
    invalid_for=frozenset({"ner", "relation", "qa", "translation", "dialogue", "response"}),
)
def nlpaug_random(
    example: Example, rng: Random, *, augmenter: str = "word-delete", words: tuple[str, ...] = ("_",)
) -> Iterator[Edit]:
    """Leave out, blank or swap words as nlpaug's RandomWordAug does, but only where labels bear it.

    Args:
        augmenter: word-delete, word-substitute or word-crop, which drops words that stand together:
            for function words only; or word-swap, of neighbours, for any that are not protected.
        words: What word-substitute puts in their place.

    Raises:
        UserError: If the augmenter is unknown, there are no words, or nlpaug is not installed.
    """
    offered(augmenter, "nlpaug-random", OPERATORS)
    if not all(words) or not words:
        raise UserError(Fault(f"nlpaug-random: words should be one or more words, found {list(words)}"))
    given = (("target_words", words),) if augmenter == "word-substitute" else ()
    made = build(augmenter, *given)
    for word in shuffled(example, rng):
        yield from _randomly(augmenter, made, word, example, rng)


@adapted(
    "nlpaug-antonym",
    level="word",
    inside_spans=False,
    directional=True,
    graded=False,
    language="en",
    only_for=frozenset({"classification", "multilabel", "qa"}),
)
def nlpaug_antonym(example: Example, rng: Random) -> Iterator[Edit]:
    """Replace one verb, adjective or adverb by its opposite as nlpaug's AntonymAug does.

    Only one, for two opposites may come to the same.

    Raises:
        UserError: If nlpaug or what it reads is not installed.
    """
    made = build("antonym")
    for word in shuffled(example, rng):
        if in_span(word, example):
            continue
        unit = in_context(bare(word), example)
        after = " ".join(asked("antonym", made, unit, rng.random()))
        if after != unit.word.text:
            yield from unit.word.becomes(after)
            return


@adapted("nlpaug-reserved", level="word", inside_spans=False)
def nlpaug_reserved(
    example: Example, rng: Random, *, tokens: tuple[str, ...] = (), case_sensitive: bool = True
) -> Iterator[Edit]:
    """Replace phrases by others that you say mean the same, as nlpaug's ReservedAug does.

    Args:
        tokens: Lists of phrases that stand for each other, such as ``FWD, Fwd, FW``.
        case_sensitive: Whether a phrase has to be written as in the list.

    Raises:
        UserError: If there are no tokens, a list has only one, or nlpaug is not installed.
    """
    groups = tuple(tuple(dict.fromkeys(filter(None, map(str.strip, one.split(","))))) for one in tokens)
    if not groups or any(len(group) < 2 for group in groups):
        hint = 'tokens: ["FWD, Fwd, FW", "Sincerely, Best regards"]'
        raise UserError(Fault("nlpaug-reserved needs lists of at least two phrases each", hint=hint))
    made = build("reserved", ("reserved_tokens", groups), ("case_sensitive", case_sensitive))
    for phrase in shuffled(example, rng, _reserved(groups, case_sensitive)):
        yield from phrase.becomes(" ".join(asked("reserved", made, Unit(phrase), rng.random())))


@lru_cache(maxsize=16)
def _reserved(groups: tuple[tuple[str, ...], ...], case_sensitive: bool) -> re.Pattern[str]:
    longest_first = sorted((re.escape(one) for group in groups for one in group), key=len, reverse=True)
    flags = re.NOFLAG if case_sensitive else re.IGNORECASE
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", flags)


# -- words at random -----------------------------------------------------------------------------

PAIR = re.compile(r"(\s+)(\S+)")


def _randomly(augmenter: str, made: Augmenter, word: Word, example: Example, rng: Random) -> Iterator[Edit]:
    """What RandomWordAug does to a word, and to its right neighbour if it takes two."""
    beside = PAIR.match(example.fields[word.field], word.end)
    if augmenter == "word-substitute" and _function(word.text):
        yield from word.becomes(" ".join(asked(augmenter, made, Unit(word), rng.random())))
    if beside is None:
        return
    gap, neighbour = beside.groups()
    pair = Word(word.start, beside.end(), word.text + gap + neighbour, word.field)
    if augmenter == "word-delete" and _function(word.text):
        if not asked(augmenter, made, Unit(word, right=(neighbour,)), rng.random()):
            yield without(word, example)
    elif augmenter == "word-crop" and _function(word.text) and _function(neighbour):
        after = _recased(asked(augmenter, made, Unit(pair), rng.random()), word.text, neighbour)
        yield from pair.becomes(gap.join(after)) if after else [without(pair, example)]
    elif augmenter == "word-swap" and not (
        protected(word.text) or protected(neighbour) or in_span(pair, example)
    ):
        after = _recased(asked(augmenter, made, Unit(pair), rng.random()), word.text, neighbour)
        yield from pair.becomes(gap.join(after))


def _function(word: str) -> bool:
    return word.lower() in wordlist("stopwords")


def _recased(after: Sequence[str], *before: str) -> list[str]:
    """Words as they were: shown two only, nlpaug takes the first for the start of a sentence."""
    original = {word.lower(): word for word in before}
    return [original.get(word.lower(), word) for word in after]
