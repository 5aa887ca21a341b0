"""nlpaug's augmenters, asked about one word at a time.

nlpaug returns whole strings and draws from the global generators. It is asked behind a fence, so that
the global generators are left as they were. Where an augmenter looks at the words around, it is shown
them, but may not change them. What nlpaug raises on odd words is told to :mod:`harness.perturb.foreign`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple, Protocol, cast

from harness.errors import Fault, UserError
from harness.perturb import libraries
from harness.perturb.foreign import brief, stumbled
from harness.perturb.sites import Word, following, preceding
from harness.rng import fenced
from harness.text import Example

SPLIT: Mapping[str, Any] = {"tokenizer": str.split, "reverse_tokenizer": " ".join}
CHARS: Mapping[str, Any] = {**SPLIT, "aug_word_p": 1.0, "aug_char_max": 1}
WORDS: Mapping[str, Any] = {**SPLIT, "aug_p": 1.0, "aug_max": 1}

AUGMENTERS: Mapping[str, tuple[str, str, Mapping[str, Any]]] = {
    "keyboard": ("char", "KeyboardAug", {**CHARS, "include_special_char": False, "include_numeric": False}),
    "ocr": ("char", "OcrAug", {**CHARS, "aug_char_min": 1}),
    "insert": ("char", "RandomCharAug", {**CHARS, "action": "insert"}),
    "substitute": ("char", "RandomCharAug", {**CHARS, "action": "substitute"}),
    "swap": ("char", "RandomCharAug", {**CHARS, "action": "swap"}),
    "delete": ("char", "RandomCharAug", {**CHARS, "action": "delete"}),
    "split": ("word", "SplitAug", WORDS),
    "spelling": ("word", "SpellingAug", WORDS),
    "synonym": ("word", "SynonymAug", {**WORDS, "aug_src": "wordnet"}),
    "antonym": ("word", "AntonymAug", WORDS),
    "reserved": ("word", "ReservedAug", WORDS),
    "word-swap": ("word", "RandomWordAug", {**WORDS, "action": "swap"}),
    "word-delete": ("word", "RandomWordAug", {**WORDS, "action": "delete"}),
    "word-substitute": ("word", "RandomWordAug", {**WORDS, "action": "substitute"}),
    "word-crop": ("word", "RandomWordAug", {**WORDS, "action": "crop", "aug_min": 2, "aug_max": 2}),
}
DATA: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    ("synonym", "antonym"), ("corpora/wordnet", "taggers/averaged_perceptron_tagger_eng")
)
"""What of NLTK's data an augmenter reads."""


class Augmenter(Protocol):
    """What we use of nlpaug's augmenters."""

    stopwords: list[str]
    """Words that it leaves alone."""
    model: Any

    def augment(self, data: str) -> list[str]:
        """The augmented text, as the only element of a list."""


class Unit(NamedTuple):
    """What nlpaug is shown: a word that may change, and those around it, which may not."""

    word: Word
    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()


# -- asking --------------------------------------------------------------------------------------


def asked(name: str, augmenter: Augmenter, unit: Unit, draw: float) -> list[str]:
    """The words that nlpaug makes of a word; the word itself where it stumbles or changes others."""
    before = unit.word.text.split()
    if not before:
        return before
    augmenter.stopwords = [*unit.left, *unit.right]
    try:
        with fenced("nlpaug", draw):
            answer = augmenter.augment(" ".join((*unit.left, *before, *unit.right)))
    except Exception as error:  # noqa: BLE001 - whatever a library does on one word, the others go on
        stumbled(f"nlpaug {name}", error)
        return before
    if not answer:
        return before
    words = answer[0].split()
    stop = len(words) - len(unit.right)
    around = (*words[: len(unit.left)], *words[stop:])
    if _lower(around) != _lower((*unit.left, *unit.right)) or stop < len(unit.left):
        return before
    return words[len(unit.left) : stop]


def _lower(words: Sequence[str]) -> list[str]:
    return [word.lower() for word in words]


MARKED = re.compile(r"\w(?:\S*\w)?")
TOKENS = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")
AROUND = 5
"""How many words on either side are shown to what looks at them."""


def bare(word: Word) -> Word:
    """A word without the marks around it; empty if there is nothing else."""
    found = MARKED.search(word.text)
    start, end = found.span() if found else (0, 0)
    return Word(word.start + start, word.start + end, word.text[start:end], word.field)


def in_context(word: Word, example: Example) -> Unit:
    """A word and what stands around it, marks apart, as far as the word itself does not come again."""
    left = TOKENS.findall(preceding(word, example))[-AROUND:][::-1]
    right = TOKENS.findall(following(word, example))[:AROUND]
    left, right = (side[: side.index(word.text)] if word.text in side else side for side in (left, right))
    return Unit(word, tuple(left[::-1]), tuple(right))


# -- making --------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def build(name: str, *given: tuple[str, Any]) -> Augmenter:
    """An augmenter by its name in :data:`AUGMENTERS`, with further settings.

    Raises:
        UserError: If nlpaug or what it reads is not installed, or it does not take the settings.
    """
    module, kind, settings = AUGMENTERS[name]
    made = construct(
        module, kind, {**settings, **{key: _lists(value) for key, value in given}}, DATA.get(name)
    )
    if name == "spelling":  # which keeps its words in an order that changes from process to process
        made.model.dict = {word: sorted(others) for word, others in made.model.dict.items()}
    return made


def construct(
    module: str, kind: str, settings: Mapping[str, Any], data: Sequence[str] | None = None
) -> Augmenter:
    """An augmenter of a module of nlpaug.

    Raises:
        UserError: As :func:`build` does.
    """
    augmenters = library(module)
    if data:
        libraries.nltk(*data)
    try:
        return cast(Augmenter, getattr(augmenters, kind)(**settings))
    except Exception as error:
        raise UserError(Fault(f"nlpaug cannot make {kind}: {brief(error)}")) from error


def library(module: str) -> Any:
    """A module of nlpaug's augmenters.

    Raises:
        UserError: If nlpaug is not installed.
    """
    try:
        return import_module(f"nlpaug.augmenter.{module}")
    except ImportError as error:
        hint = "pip install 'continuity-harness[nlpaug]'"
        raise UserError(Fault(f"operators of nlpaug need nlpaug: {error}", hint=hint)) from error


def _lists(value: Any) -> Any:
    """A value with lists for tuples, for nlpaug draws from lists only."""
    return [_lists(one) for one in value] if isinstance(value, tuple) else value
