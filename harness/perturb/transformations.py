"""TextAttack's transformations, asked about one word at a time.

A transformation gives all the texts that a single change leads to. It is shown a word alone, or as much
of the text around as it looks at, behind a fence, so that the global generators are left as they were.
What it raises on odd words is told to :mod:`harness.perturb.foreign`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from harness.errors import Fault, UserError
from harness.perturb import libraries
from harness.perturb.foreign import brief, stumbled
from harness.perturb.sites import NEARBY, Word, following, preceding
from harness.rng import fenced
from harness.text import Example

RANDOM_ONE: Mapping[str, Any] = {"random_one": True}
TRANSFORMATIONS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "neighboring-character-swap": ("WordSwapNeighboringCharacterSwap", RANDOM_ONE),
    "random-character-deletion": ("WordSwapRandomCharacterDeletion", RANDOM_ONE),
    "random-character-insertion": ("WordSwapRandomCharacterInsertion", RANDOM_ONE),
    "random-character-substitution": ("WordSwapRandomCharacterSubstitution", RANDOM_ONE),
    "qwerty": ("WordSwapQWERTY", RANDOM_ONE),
    "homoglyph-swap": ("WordSwapHomoglyphSwap", {}),
    "invisible-characters": ("WordSwapInvisibleCharacters", {}),
    "reorderings": ("WordSwapReorderings", {}),
    "deletions": ("WordSwapDeletions", RANDOM_ONE),
    "wordnet": ("WordSwapWordNet", {}),
    "inflections": ("WordSwapInflections", {}),
    "contract": ("WordSwapContract", {}),
    "extend": ("WordSwapExtend", {}),
    "word-deletion": ("WordDeletion", {}),
    "word-inner-swap-random": ("WordInnerSwapRandom", {}),
    "word-insertion-random-synonym": ("WordInsertionRandomSynonym", {}),
    "change-number": ("WordSwapChangeNumber", {}),
    "change-name": ("WordSwapChangeName", {}),
    "change-location": ("WordSwapChangeLocation", {}),
    "chinese-morphonym-character-swap": ("ChineseMorphonymCharacterSwap", {}),
    "embedding": ("WordSwapEmbedding", {}),
    "masked-lm": ("WordSwapMaskedLM", {}),
    "word-insertion-masked-lm": ("WordInsertionMaskedLM", {}),
    "word-merge-masked-lm": ("WordMergeMaskedLM", {}),
}
"""The transformations by the names of their classes, without ``WordSwap`` at the front."""

UNAVAILABLE: Mapping[str, str] = {
    "hownet": "its bank of words has to be downloaded, and is a pickle, which may run anything when read",
    "gradient-based": "it needs the model under test: an attack, not a perturbation",
    "back-translation": "nlpaug-back-translation does the same, and with any model that translates",
    "back-transcription": "it speaks and listens with fairseq, which does not install on the Pythons of today",
    "chinese-homophone-character-swap": "pandas no longer reads its file the way it asks for",
    "chinese-word-swap-masked-lm": "it takes what its model says of one token for what it says of another",
    "chinese-word-swap-hownet": "its dictionary has to be downloaded",
    "composite-transformation": "it is a list of others: list them in the suite",
}
"""The transformations that are not to be had here, and why; base classes apart."""

WORDNET, TAGGER = "corpora/wordnet", "taggers/averaged_perceptron_tagger_eng"
DATA: Mapping[str, tuple[str, ...]] = {
    "wordnet": (WORDNET,),
    "word-insertion-random-synonym": (WORDNET,),
    "inflections": (TAGGER,),
    "word-merge-masked-lm": (TAGGER, "taggers/universal_tagset"),
}
"""What of NLTK's data a transformation reads."""

LONGEST = NEARBY
"""Longer words are not shown: there are as many candidates as letters, each as long as the word."""
Prepare = Callable[[Any, int], None]


def proposals(
    name: str,
    transformation: Any,
    word: Word,
    draw: float,
    shown: Word | None = None,
    prepare: Prepare | None = None,
) -> list[str]:
    """The texts that TextAttack makes of a stretch of text by changing a word in it, in order.

    Args:
        name: The transformation, for who asks what went wrong.
        transformation: As made by :func:`build`.
        word: What may change.
        draw: Seeds the global generators.
        shown: The stretch; the word alone if there is none.
        prepare: What is done with the ``AttackedText`` and the place of the word among its words before
            it is changed, such as telling it parts of speech.

    Returns:
        Nothing if the word is very long or TextAttack stumbles over it.
    """
    if len(word.text) > LONGEST:
        return []
    stretch = shown or word
    try:
        with fenced("textattack", draw):
            text, at = _attacked(stretch.text), word.start - stretch.start
            first = len(_attacked(stretch.text[:at]).words)
            indices = range(first, len(_attacked(stretch.text[: at + len(word.text)]).words))
            if prepare is not None:
                prepare(text, first)
            found = transformation(text, indices_to_modify=indices)
            texts = {one.text for one in found}
    except Exception as error:  # noqa: BLE001 - whatever a library does on one word, the others go on
        stumbled(f"textattack {name}", error)
        return []
    # The gap before a last word that is deleted stays; shown more, TextAttack closes it.
    return sorted(({text.strip() for text in texts} if shown is None else texts) - {stretch.text})


def _attacked(text: str) -> Any:
    return libraries.textattack().shared.AttackedText(text)


def near(word: Word, example: Example) -> Word:
    """A word with the words around it, as far as they are whole."""
    before, after = preceding(word, example), following(word, example)
    if len(before) == NEARBY:
        before = before.partition(" ")[2]
    if len(after) == NEARBY:
        after = after.rpartition(" ")[0]
    start, end = word.start - len(before), word.end + len(after)
    return Word(start, end, before + word.text + after, word.field)


def standing(text: str, word: Word, shown: Word) -> str:
    """What stands for a word in a text made of the stretch; empty if something else has changed too."""
    at = word.start - shown.start
    before, after = shown.text[:at], shown.text[at + len(word.text) :]
    as_they_were = text.startswith(before) and text.endswith(after)
    return text[at : len(text) - len(after)] if as_they_were else ""


def tagged(text: Any, tagset: str | None = None) -> list[str]:
    """Parts of speech of TextAttack's words by NLTK, for flair's tagger would have to be downloaded."""
    return [tag for _, tag in libraries.nltk(TAGGER).pos_tag(text.words, tagset=tagset)]


@lru_cache(maxsize=32)
def build(name: str, *given: tuple[str, Any]) -> Any:
    """A transformation by its name in :data:`TRANSFORMATIONS`, with further settings.

    Raises:
        UserError: If TextAttack or what it reads is not installed, or it does not take the settings.
    """
    kind, settings = TRANSFORMATIONS[name]
    transformations = libraries.textattack().transformations
    libraries.nltk(*DATA.get(name, ()))
    try:
        with libraries.without_downloads(), libraries.without_homoglyphs():
            made = getattr(transformations, kind)(**settings, **dict(given))
    except Exception as error:
        raise UserError(Fault(f"TextAttack cannot make {kind}: {brief(error)}")) from error
    if name == "word-insertion-random-synonym":  # which draws from a set, whose order changes by process
        synonyms = made._get_synonyms
        made._get_synonyms = lambda word: sorted(synonyms(word))
    return made
