"""The transformations of TextAttack that need no model, brought back to edits.

TextAttack is asked about one word at a time (:mod:`harness.perturb.transformations`), so that severity
takes exactly as many edits as it asks for, and one of all that it proposes is drawn. Transformations
are grouped into operators by what they do to labels; those that read a model are in
:mod:`harness.perturb.textattack_models`, and what cannot be had is listed with the reason in
:data:`harness.perturb.transformations.UNAVAILABLE`.

They are named as TextAttack names their classes, without ``WordSwap`` at the front.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

from harness.perturb.augmenters import bare
from harness.perturb.foreign import anchored, offered
from harness.perturb.operator import operator
from harness.perturb.sites import (
    Word,
    in_any_order,
    in_span,
    pick,
    protected,
    shuffled,
    typable,
    wordlist,
)
from harness.perturb.transformations import UNAVAILABLE, build, near, proposals, standing, tagged
from harness.rng import Random
from harness.text import Edit, Example

adapted = partial(operator, needs="textattack", reference="Morris et al. 2020, TextAttack")

OPERATORS: Mapping[str, Sequence[str]] = {
    "textattack": (
        "neighboring-character-swap",
        "random-character-deletion",
        "random-character-insertion",
        "random-character-substitution",
        "qwerty",
        "homoglyph-swap",
        "invisible-characters",
        "reorderings",
        "deletions",
    ),
    "textattack-word": ("wordnet", "inflections", "contract", "extend"),
    "textattack-random": ("word-deletion", "word-inner-swap-random", "word-insertion-random-synonym"),
    "textattack-number": ("change-number",),
    "textattack-name": ("change-name", "change-location"),
    "textattack-chinese": ("chinese-morphonym-character-swap",),
    "textattack-model": ("masked-lm", "word-insertion-masked-lm", "word-merge-masked-lm", "embedding"),
}
"""The transformations that each operator takes by name."""
chosen = partial(offered, operators=OPERATORS, unavailable=UNAVAILABLE)


# -- letters -------------------------------------------------------------------------------------


@adapted("textattack", level="character", swaps=True)
def textattack(example: Example, rng: Random, *, transformation: str = "qwerty") -> Iterator[Edit]:
    """Change letters of a word as a transformation of TextAttack does.

    Args:
        transformation: qwerty, neighboring-character-swap, random-character-deletion, -insertion or
            -substitution; or what cannot be seen: homoglyph-swap, invisible-characters, reorderings
            (by marks of direction) or deletions (of a letter too many, by a backspace).

    Raises:
        UserError: If the transformation is unknown or TextAttack is not installed.
    """
    chosen(transformation, "textattack")
    made = build(transformation)
    for word in typable(example, rng):
        if found := proposals(transformation, made, word, rng.random()):
            for edit in word.becomes(pick(rng, found)):
                yield anchored(edit, example)


@adapted("textattack-chinese", level="character", unit="character", swaps=True, language="zh")
def textattack_chinese(
    example: Example, rng: Random, *, transformation: str = "chinese-morphonym-character-swap"
) -> Iterator[Edit]:
    """Replace a Chinese character by one that looks like it, from TextAttack's list.

    Raises:
        UserError: If the transformation is another one or TextAttack is not installed.
    """
    chosen(transformation, "textattack-chinese")
    made = build(transformation)
    for character in shuffled(example, rng, HAN):
        if found := proposals(transformation, made, character, rng.random()):
            yield from character.becomes(pick(rng, found))


HAN = re.compile("[\u4e00-\u9fff]")


# -- words ---------------------------------------------------------------------------------------


@adapted("textattack-word", level="word", inside_spans=False, language="en")
def textattack_word(example: Example, rng: Random, *, transformation: str = "wordnet") -> Iterator[Edit]:
    """Replace, inflect, contract or extend words as a transformation of TextAttack does.

    Args:
        transformation: wordnet, any synonym whatever the sense; inflections of nouns and verbs, by
            NLTK's tagger in the place of flair's; contract or extend.

    Raises:
        UserError: If the transformation is unknown, or TextAttack or what it reads is not installed.
    """
    chosen(transformation, "textattack-word")
    made = build(transformation)
    ask = partial(WORDS[transformation], transformation, made, example=example, rng=rng)
    for word in shuffled(example, rng):
        if not in_span(word, example):
            yield from ask(word)


def _replaced(name: str, made: Any, word: Word, *, example: Example, rng: Random) -> Iterator[Edit]:
    """Another word for a word that is not protected: a protected one, or perhaps a name, does not come in."""
    own = bare(word)
    if not own.text or protected(word.text):
        return
    shown, prepare = (near(own, example), _tag) if name == "inflections" else (own, None)
    texts = proposals(name, made, own, rng.random(), shown, prepare)
    found = [new for text in texts if (new := standing(text, own, shown))]
    if fitting := [new for new in found if not protected(new) and (new.islower() or not own.text.islower())]:
        yield from own.becomes(pick(rng, fitting))


def _tag(text: Any, _: int) -> None:
    """Tell TextAttack which words are nouns and verbs; a comparative would say another thing."""
    tags = [tag if tag[:2] in ("NN", "VB") else "" for tag in tagged(text)]
    text.pos_of_word_index = tags.__getitem__


def _rewritten(name: str, made: Any, word: Word, *, example: Example, rng: Random) -> Iterator[Edit]:
    """A contraction for two words, or two words for a contraction."""
    own = word if name == "extend" else _pair(word, example)
    if own is not None and (found := proposals(name, made, own, rng.random())):
        yield from own.becomes(pick(rng, found))


NEXT = re.compile(r"\s+\S+")


def _pair(word: Word, example: Example) -> Word | None:
    """A word with the one after it, if there is but white space between the two."""
    text = example.fields[word.field]
    found = NEXT.match(text, word.end) if word.text[-1].isalnum() else None
    return Word(word.start, found.end(), text[word.start : found.end()], word.field) if found else None


Ask = Callable[..., Iterator[Edit]]
WORDS: Mapping[str, Ask] = {
    "wordnet": _replaced,
    "inflections": _replaced,
    "contract": _rewritten,
    "extend": _rewritten,
}


# -- words at random -----------------------------------------------------------------------------


@adapted(
    "textattack-random",
    level="word",
    inside_spans=False,
    language="en",
    invalid_for=frozenset({"ner", "relation", "qa", "translation", "dialogue", "response"}),
)
def textattack_random(
    example: Example, rng: Random, *, transformation: str = "word-deletion"
) -> Iterator[Edit]:
    """Leave out, swap or put in words as a transformation of TextAttack does, where labels bear it.

    Args:
        transformation: word-deletion, of function words only; word-inner-swap-random, of words that
            are not too far from each other, none of them protected; or word-insertion-random-synonym.

    Raises:
        UserError: If the transformation is unknown, or TextAttack or what it reads is not installed.
    """
    chosen(transformation, "textattack-random")
    made = build(transformation)
    for word in shuffled(example, rng):
        if protected(word.text) or in_span(word, example):
            continue
        if transformation == "word-deletion" and word.text.lower() not in wordlist("stopwords"):
            continue
        shown = near(word, example)
        found = proposals(transformation, made, word, rng.random(), shown)
        if found and not disturbs(shown.text, new := pick(rng, found)):
            yield from shown.becomes(new)


def disturbs(before: str, after: str) -> bool:
    """Whether protected words come in, or go elsewhere because words were swapped."""
    old, new = before.split(), after.split()
    if len(old) == len(new):
        return any(protected(x) or protected(y) for x, y in zip(old, new, strict=True) if x != y)
    return sum(map(protected, old)) != sum(map(protected, new))


# -- numbers and names ---------------------------------------------------------------------------

DIGITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand "
    "million billion"
)
_DIGIT = f"(?:{'|'.join(DIGITS.split())})"
NUMBER = re.compile(rf"\b(?:\d+|{_DIGIT}(?:[\s-]+(?:and\s+)?{_DIGIT})*)\b", re.IGNORECASE)


@adapted(
    "textattack-number",
    level="word",
    directional=True,
    graded=False,
    language="en",
    only_for=frozenset({"qa", "summarization", "translation", "dialogue"}),
)
def textattack_number(
    example: Example, rng: Random, *, transformation: str = "change-number"
) -> Iterator[Edit]:
    """Put another number in the place of every one, in digits or in words, as TextAttack does.

    Raises:
        UserError: If the transformation is another one or TextAttack is not installed.
    """
    chosen(transformation, "textattack-number")
    made = build(transformation)
    for number in shuffled(example, rng, NUMBER):
        if found := proposals(transformation, made, number, rng.random()):
            yield from number.becomes(pick(rng, found))


@adapted("textattack-name", level="entity", swaps=True, language="en", only_for=frozenset({"ner"}))
def textattack_name(example: Example, rng: Random, *, transformation: str = "change-name") -> Iterator[Edit]:
    """Put another name of a person or place in a gold span, from TextAttack's lists.

    What is a name is known from the gold; flair's tagger, which would have to be downloaded, is not asked.

    Args:
        transformation: change-name, a first or last name of persons; or change-location, a country or
            city for one that is in the lists.

    Raises:
        UserError: If the transformation is unknown or TextAttack is not installed.
    """
    chosen(transformation, "textattack-name")
    made, (kind, labels) = build(transformation), KINDS[transformation]
    spans = [span for span in example.spans if span.label.upper() in labels]
    for span in in_any_order(spans, rng):
        name = Word(span.start, span.end, example.fields[span.field][span.start : span.end], span.field)
        found = proposals(transformation, made, name, rng.random(), prepare=partial(_tell, kind))
        if found:
            yield from name.becomes(pick(rng, found))


KINDS: Mapping[str, tuple[str, frozenset[str]]] = {
    "change-name": ("PER", frozenset({"PER", "PERSON"})),
    "change-location": ("LOC", frozenset({"LOC", "LOCATION", "GPE", "COUNTRY", "CITY"})),
}


def _tell(kind: str, text: Any, _: int) -> None:
    """Tell TextAttack that all words of a text are one name."""
    last = text.num_words - 1
    text.ner_of_word_index = lambda at, _: SimpleNamespace(
        value=f"{'S' if last == 0 else 'B' if at == 0 else 'E' if at == last else 'I'}-{kind}", score=1.0
    )
