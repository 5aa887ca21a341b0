"""The augmenters of nlpaug that work offline, brought back to edits.

nlpaug returns whole strings and draws from the global generators. It is asked about one word (or
two neighbours) at a time, behind a fence, so that severity takes exactly as many edits as it asks
for and the global generators are left as they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any, Protocol, cast

from harness.errors import Fault, UserError, nearest
from harness.perturb.operator import operator
from harness.perturb.sites import Word, in_span, protected, shuffled, wordlist
from harness.rng import Random, fenced
from harness.text import Edit, Example

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
    "spelling": ("word", "SpellingAug", WORDS),
    "split": ("word", "SplitAug", WORDS),
    "word-swap": ("word", "RandomWordAug", {**WORDS, "action": "swap"}),
    "word-delete": ("word", "RandomWordAug", {**WORDS, "action": "delete"}),
}
PAIRED = frozenset({"word-swap", "word-delete"})
"""Augmenters that need a neighbour, to swap with or to be left over."""
LEXICAL = PAIRED | {"spelling"}
"""Augmenters that replace, move or drop words: not inside gold spans, not protected words."""
NEXT = re.compile(r"\s+\S+")


class Augmenter(Protocol):
    """What we use of nlpaug's augmenters."""

    def augment(self, data: str) -> list[str]:
        """The augmented text, as the only element of a list."""


@operator("nlpaug", level="character", swaps=True, needs="nlpaug")
def nlpaug(example: Example, rng: Random, *, augmenter: str = "keyboard") -> Iterator[Edit]:
    """Change words as an augmenter of nlpaug does.

    Args:
        augmenter: keyboard, ocr, insert, substitute, swap, delete, spelling, split, word-swap or
            word-delete. The last drops function words only: without a content word, labels may
            not be true.

    Raises:
        UserError: If the augmenter is unknown or nlpaug is not installed.
    """
    if augmenter not in AUGMENTERS:
        raise UserError(Fault(f"unknown augmenter {augmenter!r}", hint=nearest(augmenter, tuple(AUGMENTERS))))
    for word in shuffled(example, rng):
        unit = _paired(word, example) if augmenter in PAIRED else word
        if unit is None or (augmenter in LEXICAL and in_span(unit, example)):
            continue
        if augmenter in LEXICAL and any(map(protected, unit.text.split())):
            continue
        if augmenter == "word-delete" and word.text.lower() not in wordlist("stopwords"):
            continue
        with fenced("nlpaug", rng.random()):
            after = _augmented(augmenter, unit.text)
        yield from unit.becomes(after)


def _paired(word: Word, example: Example) -> Word | None:
    """The word with its right neighbour, if it has one."""
    text = example.fields[word.field]
    found = NEXT.match(text, word.end)
    return Word(word.start, found.end(), text[word.start : found.end()], word.field) if found else None


def _augmented(augmenter: str, text: str) -> str:
    """What nlpaug makes of one unit; the unit itself where nlpaug stumbles over its characters."""
    # Of two neighbours only the first may be deleted; nlpaug leaves alone what it calls stop words.
    spared = tuple(text.split()[1:]) if augmenter == "word-delete" else ()
    try:
        answer = _augmenter(augmenter, spared).augment(text)
    except (IndexError, KeyError, ValueError, TypeError):  # raised on scripts and symbols it has no table for
        return text
    if not answer or not answer[0].strip():
        return text
    # Shown two words only, nlpaug takes the first for the start of a sentence and capitalises it.
    original = {word.lower(): word for word in text.split()} if augmenter in PAIRED else {}
    return " ".join(original.get(word.lower(), word) for word in answer[0].split())


@lru_cache(maxsize=1024)
def _augmenter(name: str, spared: tuple[str, ...] = ()) -> Augmenter:
    module, kind, settings = AUGMENTERS[name]
    try:
        augmenters = import_module(f"nlpaug.augmenter.{module}")
    except ImportError as error:
        hint = "pip install 'continuity-harness[nlpaug]'"
        raise UserError(Fault(f"the operator nlpaug needs nlpaug: {error}", hint=hint)) from error
    stopwords = {"stopwords": list(spared)} if spared else {}
    return cast(Augmenter, getattr(augmenters, kind)(**settings, **stopwords))
