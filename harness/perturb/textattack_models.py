"""The transformations of TextAttack that read a model: word vectors or a masked language model.

The model is a file or folder on this machine that a suite names; nothing is downloaded. What it puts
for a word need not mean the same: choose with care for what, and see what the check of meaning says.
Protected words and gold spans stay, and nothing protected comes in.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from harness.perturb import libraries
from harness.perturb.augmenters import bare
from harness.perturb.sites import Word, cased, in_span, pick, protected, shuffled
from harness.perturb.textattack import adapted, chosen, disturbs
from harness.perturb.transformations import build, near, proposals, standing, tagged
from harness.perturb.vectors import Vectors, load
from harness.rng import Random
from harness.text import Edit, Example

LENGTH = 128
"""Sub-words that a language model is shown; TextAttack pads all it shows to as many."""
MOST = 15
"""Neighbours in a table of vectors that may stand for a word, TextAttack's default."""


@adapted(
    "textattack-model",
    level="word",
    inside_spans=False,
    invalid_for=frozenset({"ner", "relation"}),
    weights=("path",),
)
def textattack_model(
    example: Example, rng: Random, *, transformation: str = "masked-lm", path: str = ""
) -> Iterator[Edit]:
    """Replace, put in or merge words that a model in a transformation of TextAttack proposes.

    Not for entities, for the model may put a name; nor for relations, for it may put another one.

    Args:
        transformation: masked-lm, word-insertion-masked-lm or word-merge-masked-lm (of English, two words
            for one, by NLTK's tagger in the place of flair's); or embedding.
        path: The folder of a masked language model, or the file of vectors, a word and its numbers a
            line; for embedding also a folder of any model, whose input embeddings are the vectors.

    Raises:
        UserError: If the transformation is unknown, the model cannot be read, or TextAttack is not
            installed.
    """
    chosen(transformation, "textattack-model")
    made, special = _read(transformation, libraries.local("textattack-model", path))
    ask = _replaced if transformation in ("masked-lm", "embedding") else _woven
    for word in shuffled(example, rng):
        if not protected(word.text) and not in_span(word, example):
            yield from ask(transformation, made, special, word, example, rng)


def _replaced(
    name: str, made: Any, special: frozenset[str], word: Word, example: Example, rng: Random
) -> Iterator[Edit]:
    """Another word for a word."""
    own = bare(word)
    if not own.text:
        return
    shown = near(own, example) if name == "masked-lm" else own
    found = [standing(text, own, shown) for text in proposals(name, made, own, rng.random(), shown)]
    if fitting := [new for new in found if new and new not in special and not protected(new)]:
        yield from own.becomes(cased(pick(rng, fitting), own.text))


def _woven(
    name: str, made: Any, special: frozenset[str], word: Word, example: Example, rng: Random
) -> Iterator[Edit]:
    """A word put before a word, or in the place of it and the next one."""
    shown = near(word, example)
    prepare = _tag_two if name == "word-merge-masked-lm" else None
    texts = proposals(name, made, word, rng.random(), shown, prepare)
    found = [text for text in texts if special.isdisjoint(text.split()) and not disturbs(shown.text, text)]
    if found:
        yield from shown.becomes(pick(rng, found))


def _tag_two(text: Any, at: int) -> None:
    """Tell TextAttack the parts of speech of two words only, for it merges whatever fits, asked or not."""
    tags = [tag if at <= i <= at + 1 else "" for i, tag in enumerate(tagged(text, "universal"))]
    text.pos_of_word_index = tags.__getitem__


@lru_cache(maxsize=4)
def _read(transformation: str, path: str) -> tuple[Any, frozenset[str]]:
    """The transformation with its model, and the marks that are no words to it.

    Raises:
        UserError: If the model cannot be read.
    """
    if transformation == "embedding":
        return build(transformation, ("embedding", _embedding(path))), frozenset()
    with libraries.fenced_with_torch("textattack", "read"):
        made = build(transformation, ("masked_language_model", path))
    made.max_length = min(LENGTH, made._language_model.config.max_position_embeddings)
    return made, frozenset(made._lm_tokenizer.all_special_tokens)


def _embedding(path: str) -> Any:
    words, table = load(path)
    index = {word: at for at, word in enumerate(words)}
    return libraries.textattack().shared.WordEmbedding(
        table, index, dict(enumerate(words)), _Neighbours(table)
    )


class _Neighbours:
    """The nearest words by word, itself first; TextAttack's own search for them fails in version 0.3.11."""

    def __init__(self, table: Vectors) -> None:
        self.table = table

    @lru_cache(maxsize=2**16)
    def __getitem__(self, at: int) -> list[int]:
        far: list[int] = np.linalg.norm(self.table - self.table[at], axis=1).argsort(kind="stable").tolist()
        return [at, *(other for other in far[: MOST + 1] if other != at)]
