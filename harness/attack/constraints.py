"""The constraints there are. Each sees the candidates of many examples at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from harness.attack.constraint import Candidate, constraint
from harness.errors import Fault, UserError
from harness.models.encoder import Encoder
from harness.perturb.libraries import nltk
from harness.perturb.sites import core, protected, wordlist
from harness.text import Edit, Example, edit_rate, words

TAGGER = "taggers/averaged_perceptron_tagger_eng"


@constraint("edit-rate")
def edit_rate_(candidates: Sequence[Candidate], *, most: float = 0.3, by: str = "word") -> list[bool]:
    """At most such a share of the text is edited.

    Args:
        most: In (0, 1]; a single edit is always allowed, however short the text.
        by: ``word`` or ``character``.
    """
    if not 0 < most <= 1 or by not in ("word", "character"):
        raise UserError(Fault(f"most should be in (0, 1] and by word or character, found {most} and {by!r}"))
    return [len(one.variant.edits) == 1 or _rate(one, by == "word") <= most for one in candidates]


def _rate(candidate: Candidate, by_word: bool) -> float:
    fields = candidate.source.fields
    sizes = {name: len(text.split()) if by_word else len(text) for name, text in fields.items()}
    spent = sum(
        edit_rate(fields[name], own, by_word) * max(1, sizes[name]) for name, own in _by_field(candidate)
    )
    return spent / max(1, sum(sizes.values()))


@constraint("stop-words")
def stop_words(candidates: Sequence[Candidate]) -> list[bool]:
    """Function words stay as they are, from a list of English ones."""
    return [
        not any(word.lower() in wordlist("function-words") for word in _edited(one)) for one in candidates
    ]


@constraint("label-safe")
def label_safe(candidates: Sequence[Candidate]) -> list[bool]:
    """Words that carry the truth stay as they are, and none is put in.

    Numbers, negations, quantifiers, comparatives and modal verbs (methods, section 8.1): an edit of one
    of them may make another answer right.
    """
    return [not any(map(protected, [*_edited(one), *_written(one)])) for one in candidates]


@constraint("keep-entities")
def keep_entities(candidates: Sequence[Candidate]) -> list[bool]:
    """Gold spans and marked arguments stay as they are: only what stands around them is edited."""
    return [
        not any(one.source.touched(e.field, e.start, max(e.end, e.start + 1)) for e in one.variant.edits)
        for one in candidates
    ]


@constraint("entities-only")
def entities_only(candidates: Sequence[Candidate]) -> list[bool]:
    """Only gold spans and marked arguments are edited: what stands around them stays as it is."""
    return [
        all(one.source.touched(e.field, e.start, max(e.end, e.start + 1)) for e in one.variant.edits)
        for one in candidates
    ]


@constraint("part-of-speech", needs="nltk")
def part_of_speech(candidates: Sequence[Candidate]) -> list[bool]:
    """A word that is replaced by another one keeps its part of speech, by NLTK's English tagger.

    Where the number of words changes there is nothing to compare. Misspelt words are tagged by their
    place and ending.
    """
    return [_same_parts(one) for one in candidates]


def _same_parts(candidate: Candidate) -> bool:
    for name, _ in _by_field(candidate):
        before, after = (_parts(e.fields[name]) for e in (candidate.source, candidate.variant.example))
        if len(before) == len(after) and any(
            one[0] != other[0] and one[1][:2] != other[1][:2]
            for one, other in zip(before, after, strict=True)
        ):
            return False
    return True


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[tuple[str, str], ...]:
    tokens = re.findall(r"\w+(?:'\w+)?|[^\w\s]", text)
    return tuple(nltk(TAGGER).pos_tag(tokens))


@constraint("similarity", weights=("encoder",))
def similarity(candidates: Sequence[Candidate], *, least: float = 0.7, encoder: str = "minilm") -> list[bool]:
    """A sentence encoder takes the text for one of nearly the same meaning.

    Encoders see typos sooner than negations: this keeps texts readable, not true.

    Args:
        least: Cosine to the clean text, in [-1, 1].
        encoder: Weights of a sentence encoder, a folder or a name on the hub.
    """
    judge = _encoder(encoder)
    before, after = (["\n".join(e.fields.values()) for e in es] for es in _pairs(candidates))
    cosines = (judge.embed(before) * judge.embed(after)).sum(1)
    return [bool(cosine >= least) for cosine in cosines]


@lru_cache(maxsize=1)
def _encoder(name: str) -> Encoder:
    return Encoder(name, "cpu")


def _pairs(candidates: Sequence[Candidate]) -> Iterator[list[Example]]:
    yield [one.source for one in candidates]
    yield [one.variant.example for one in candidates]


# -- what a script touches -----------------------------------------------------------------------


def _by_field(candidate: Candidate) -> Iterator[tuple[str, list[Edit]]]:
    for name in candidate.source.fields:
        if own := [edit for edit in candidate.variant.edits if edit.field == name]:
            yield name, own


def _edited(candidate: Candidate) -> Iterator[str]:
    """The words of the clean text that an edit lies in, without the marks around them."""
    for name, own in _by_field(candidate):
        text = candidate.source.fields[name]
        for start, end in words(text):
            if any((e.start < end and e.end > start) or start < e.start < end for e in own):
                a, b = core(text[start:end])
                yield text[start + a : start + b]


def _written(candidate: Candidate) -> Iterator[str]:
    """The words that edits put in."""
    for edit in candidate.variant.edits:
        yield from edit.text.split()
