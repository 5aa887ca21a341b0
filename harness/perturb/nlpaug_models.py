"""The augmenters of nlpaug that read a model: statistics, vectors, a masked language model, translators.

The model is a file or folder on this machine that a suite names; nothing is downloaded. What such a
model puts for a word need not mean the same: choose with care for what, and see what the check of
meaning says. Protected words and gold spans stay, and nothing protected comes in.

Which words of a text are changed is for severity to say. TfIdfAug would rather change those that
say little.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness.errors import Fault, UserError
from harness.perturb.augmenters import WORDS, Augmenter, Unit, asked, bare, construct, library
from harness.perturb.foreign import offered, stumbled
from harness.perturb.libraries import fenced_with_torch, local
from harness.perturb.nlpaug import OPERATORS, adapted
from harness.perturb.sites import NEARBY, Word, cased, following, in_span, preceding, protected, shuffled
from harness.rng import Random
from harness.text import Edit, Example

CLASSES = {"context": "ContextualWordEmbsAug", "tfidf": "TfIdfAug"}
VECTORS = "WordEmbsAug"
FAMILIES = {"bert": "bert", "distilbert": "bert", "roberta": "roberta", "longformer": "roberta"}
"""What nlpaug calls the kinds of masked language models that it can read, by what they call themselves."""


@adapted(
    "nlpaug-model",
    level="word",
    inside_spans=False,
    invalid_for=frozenset({"ner", "relation"}),
    weights=("path",),
)
def nlpaug_model(
    example: Example, rng: Random, *, augmenter: str = "context-substitute", path: str = ""
) -> Iterator[Edit]:
    """Replace words, or put words before them, that a model of nlpaug's proposes.

    Not for entities, for the model may put a name; nor for relations, for it may put another one.

    Args:
        augmenter: context-substitute or context-insert, by a masked language model (BERT, DistilBERT,
            RoBERTa); tfidf-substitute or tfidf-insert; or word2vec-, glove- or fasttext-substitute or
            -insert, which need gensim.
        path: The folder of the language model or of nlpaug's two TF-IDF files, or the file of vectors.

    Raises:
        UserError: If the augmenter is unknown, the model cannot be read, or nlpaug is not installed.
    """
    offered(augmenter, "nlpaug-model", OPERATORS)
    made = _read(augmenter, local("nlpaug-model", path))
    for word in shuffled(example, rng):
        if protected(word.text) or in_span(word, example):
            continue
        unit = word if augmenter.endswith("insert") else bare(word)
        if not unit.text:
            continue
        if augmenter.startswith("context"):
            after = _filled(augmenter, made, unit, example, rng.random())
        else:
            after = " ".join(asked(augmenter, made, _beside(unit, example), rng.random()))
        if not _protects(unit.text, after):
            yield from unit.becomes(after)


def _protects(before: str, after: str) -> bool:
    """Whether there are protected words that were not there before."""
    return any(protected(word) for word in after.split() if word != before)


def _beside(word: Word, example: Example) -> Unit:
    """A word with the one before it, without which nlpaug takes it for the start of a sentence."""
    left = preceding(word, example).split()[-1:]
    return Unit(word, tuple(one for one in left if one != word.text))


# -- masked language models ----------------------------------------------------------------------


def _filled(augmenter: str, made: Any, word: Word, example: Example, draw: float) -> str:
    """What the augmenter's model puts in the place of a word, or before it.

    The augmenter itself chooses places of its own and gives the text back as its tokenizer sees it,
    often in lower case and with other white space. So its model is asked as it would ask it.
    """
    inserts = augmenter.endswith("insert")
    rest = f" {word.text}" if inserts else ""
    before, after = preceding(word, example), following(word, example)
    before = before.partition(" ")[2] if len(before) == NEARBY else before  # not from the middle of a word
    after = after.rpartition(" ")[0] if len(after) == NEARBY else after
    masked = f"{before}{made.model.get_mask_token()}{rest}{after}"
    try:
        with fenced_with_torch("nlpaug", draw):
            target = None if inserts else word.text
            (found,) = made.model.predict([masked], target_words=[target], n=2)
            new = made.sample(found, 1)[0] if found else ""
    except Exception as error:  # noqa: BLE001 - whatever a library does on one word, the others go on
        stumbled(f"nlpaug {augmenter}", error)
        return word.text
    new = new.replace(made.model.get_subword_prefix(), "").strip()
    if not new or new in made.model.get_tokenizer().all_special_tokens:
        return word.text
    return f"{new}{rest}" if inserts else cased(new, word.text)


# -- reading -------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _read(augmenter: str, path: str) -> Augmenter:
    """The augmenter with its model, past nlpaug's own memory, which forgets where a model is from.

    Raises:
        UserError: If the model cannot be read.
    """
    source, _, action = augmenter.rpartition("-")
    settings: dict[str, Any] = {"action": action, "model_path": path}
    if source == "context":
        settings |= {"model_type": _family(path), "force_reload": True}
        _by_public_names(library("word.context_word_embs").nml)
    elif source == "tfidf":
        settings |= WORDS
        library("word.tfidf").TFIDF_MODEL = {}
    else:
        settings |= {**WORDS, "model_type": source, "force_reload": True, "skip_check": True}
    with fenced_with_torch("nlpaug", "read"):
        return construct("word", CLASSES.get(source, VECTORS), settings)


def _by_public_names(models: Any) -> None:
    """Let nlpaug's models ask tokenizers by names that these have in transformers 5 as well."""
    for kind in (models.Bert, models.Roberta):
        kind.token2id = lambda self, token: self.tokenizer.convert_tokens_to_ids(token)
        kind.id2token = lambda self, number: self.tokenizer.convert_ids_to_tokens(number)


def _family(path: str) -> str:
    try:
        kind = json.loads(Path(path, "config.json").read_text("utf-8"))["model_type"]
    except (OSError, ValueError, KeyError) as error:
        raise UserError(Fault(f"{path} is not the folder of a model: {error}")) from error
    if kind not in FAMILIES:
        known = ", ".join(FAMILIES)
        raise UserError(Fault(f"nlpaug does not read models of the kind {kind!r}", hint=f"it reads {known}"))
    return FAMILIES[kind]


# -- there and back ------------------------------------------------------------------------------

SENTENCE = re.compile(r"[^\s.!?][^.!?\n]*[.!?]*")


@adapted(
    "nlpaug-back-translation",
    weights=("there", "back"),
    level="sentence",
    graded=False,
    inside_spans=False,
    invalid_for=frozenset({"ner", "relation", "qa"}),
)
def nlpaug_back_translation(
    example: Example, rng: Random, *, there: str = "", back: str = ""
) -> Iterator[Edit]:
    """Translate every sentence into another language and back as nlpaug's BackTranslationAug does.

    Sentences with gold spans stay as they are.

    Args:
        there: The folder of a model that translates.
        back: The folder of one that translates back.

    Raises:
        UserError: If a model cannot be read or nlpaug is not installed.
    """
    name = "nlpaug-back-translation"
    made = _translator(local(name, there, "there"), local(name, back, "back"))
    sentences = [one for one in shuffled(example, rng, SENTENCE) if not in_span(one, example)]
    if not sentences:
        return
    try:
        with fenced_with_torch("nlpaug", rng.random()):
            rendered = made.model.predict([sentence.text for sentence in sentences])
    except Exception as error:  # noqa: BLE001 - whatever a library does on one text, the others go on
        stumbled("nlpaug back-translation", error)
        return
    for sentence, after in zip(sentences, rendered, strict=True):
        if after.strip():
            yield from sentence.becomes(after.strip())


@lru_cache(maxsize=2)
def _translator(there: str, back: str) -> Augmenter:
    settings = {"from_model_name": there, "to_model_name": back, "force_reload": True}
    with fenced_with_torch("nlpaug", "read"):
        return construct("word", "BackTranslationAug", settings)
