"""Scoring of texts: chrF++, BLEU, ROUGE; how they move; when an attack on them has succeeded."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from harness.prediction import Prediction, Text
from harness.tasks.scoring import bleu, chrf, rouge
from harness.tasks.scoring.grounding import Grounding, grounding
from harness.tasks.scoring.ratio import ratio
from harness.tasks.task import POSITIVE, Array, Detail, Moved, Scoring
from harness.text import Edit, Example

References = tuple[str, ...]


class Part(NamedTuple):
    """Statistics of one kind, and what can be told from their sums.

    Args:
        names: Of the statistics.
        stats: ``stats(said, references)``: their values, shape ``(names,)``.
        scores: By name, scores of sums of these statistics.
    """

    names: Sequence[str]
    stats: Callable[[Text, References], Array]
    scores: Mapping[str, Detail]


def scoring(metric: str, parts: Sequence[Part], unlike: float, abroad: bool = False) -> Scoring:
    """How texts are scored.

    Args:
        metric: Signature of the headline: the first score of the first part.
        parts: The statistics. Those of the first are also made for the text and the references of an
            unrelated example: what they score is chance (methods, section 0.4).
        unlike: See :func:`broken`.
        abroad: Whether texts are in another language than what they are about, see :func:`grounded`.
    """
    lead, size = parts[0], len(parts[0].names)
    ends = np.cumsum([len(part.names) for part in parts]).tolist()
    found = {
        name: Detail(partial(_within, one.statistic, start, end), one.bounds, one.direction)
        for part, (start, end) in zip(parts, pairwise([0, *ends]), strict=True)
        for name, one in part.scores.items()
    }
    headline = next(iter(lead.scores))
    names = [name for part in parts for name in part.names] + [f"unrelated:{name}" for name in lead.names]
    details = {name: one for name, one in found.items() if name != headline}
    return Scoring(
        metric=metric,
        columns=lambda labels: names,
        stats=lambda example, said, labels: np.concatenate(
            [part.stats(text(said), example.references) for part in parts]
        ),
        score=found[headline].statistic,
        chance=partial(_within, lead.scores[headline].statistic, -size, None),
        moved=moved,
        harm=harm,
        broken=partial(broken, unlike=unlike),
        details=lambda labels: details,
        unrelated=lambda other, said: lead.stats(text(said), other.references),
        grounding=partial(grounded, abroad=abroad),
    )


def _within(statistic: Callable[[Array], Array], start: int, end: int | None, sums: Array) -> Array:
    return statistic(sums[..., start:end])


def text(said: Prediction) -> Text:
    """The prediction, which is a text."""
    assert isinstance(said, Text)
    return said


# -- how far a text moves, and when it is lost -----------------------------------------------------


def moved(clean: Prediction, edited: Prediction, edits: Sequence[Edit], source: Example) -> Moved:
    """``1 - chrF1`` of the texts (methods, section 1.5), and the change of the reference's probability.

    The soft distance is that of the reference's probability per token, as a geometric mean: it moves
    before the text does. Where a model does not tell, it is the hard one.
    """
    before, after = text(clean), text(edited)
    hard = chrf.distance(before.text, after.text)
    known = [_gold(before), _gold(after)]
    soft = hard if any(map(math.isnan, known)) else abs(known[0] - known[1])
    return Moved(hard, 1.0, soft, 1.0, float(before.text != after.text))


def _gold(said: Text) -> float:
    """Probability of the reference per token, in [0, 1]; NaN if unknown."""
    if not said.gold_tokens or math.isnan(said.gold):
        return math.nan
    return min(math.exp(said.gold / said.gold_tokens), 1.0)


def harm(example: Example, prediction: Prediction) -> float:
    """One minus the probability of the reference per token; where unknown, one minus chrF++."""
    known = _gold(text(prediction))
    if math.isnan(known):
        return 1.0 - chrf.sentence(text(prediction).text, example.references)
    return 1.0 - known


def broken(example: Example, prediction: Prediction, unlike: float) -> bool:
    """Whether the text has no more in common with any reference than unrelated texts have.

    An attack on a text has no label to change. Its goal is that the output is lost: chrF++ falls
    below what 19 of 20 pairs of unrelated references of the task stay below. That needs no second
    prediction, holds for outputs that were good before only by what they have become, and cannot be
    reached by a paraphrase that shares a good part of its words with the reference.

    Args:
        example: With its references.
        prediction: What the model said.
        unlike: That 95th percentile, in [0, 1].
    """
    return chrf.sentence(text(prediction).text, example.references) < unlike


def grounded(
    clean: Prediction, edited: Prediction, source: Example, variant: Example, abroad: bool
) -> Grounding:
    """How much of two texts is borne out: by the clean and the edited text that they are about.

    In another language they share only names and numbers with these. There the second text may rest upon
    the first one too, as in the detection of hallucinations by Lee et al. 2018.

    Args:
        clean: What was written about the clean example.
        edited: What was written about the edited one.
        source: The clean example.
        variant: The edited one.
        abroad: Whether the texts are in another language.
    """
    before, after = text(clean).text, text(edited).text
    bases = [*source.fields.values(), *variant.fields.values(), *([before] if abroad else [])]
    return grounding(before, after, bases)


# -- statistics ------------------------------------------------------------------------------------


def _shape(said: Text, references: References) -> Array:
    found = [1, len(said.text.split()), len(references[0].split()), said.cut, not said.text.strip()]
    return np.array(found, float)


def _over(top: int, bottom: int, sums: Array) -> Array:
    """One column over another; NaN where there is nothing to divide by."""
    known = sums[..., bottom] > 0
    return np.where(known, ratio(sums[..., top], sums[..., bottom]), np.nan)


SHAPE = Part(
    ("n", "words:said", "words:gold", "cut", "empty"),
    _shape,
    {
        "length_ratio": Detail(partial(_over, 1, 2), POSITIVE, "none"),
        "cut_rate": Detail(partial(_over, 3, 0), direction="lower"),
        "empty_rate": Detail(partial(_over, 4, 0), direction="lower"),
    },
)
"""Words said over words of the first reference, and the shares of texts cut short and empty."""

CHRF = Part(
    chrf.NAMES, lambda said, references: chrf.best(said.text, references), {"chrf": Detail(chrf.fscore)}
)
BLEU = Part(
    bleu.NAMES, lambda said, references: bleu.counts(said.text, references), {"bleu": Detail(bleu.bleu)}
)


def _mean(column: int, sums: Array) -> Array:
    return ratio(sums[..., column], sums[..., 0])


ROUGE = Part(
    rouge.NAMES,
    lambda said, references: rouge.scores(said.text, references),
    {kind: Detail(partial(_mean, at)) for at, kind in enumerate(rouge.KINDS, 1)},
)


def _variety(said: Text, references: References) -> Array:
    return np.array([n for order in (1, 2) for n in _different(said.text.lower().split(), order)], float)


def _different(words: Sequence[str], order: int) -> Iterator[int]:
    found = list(zip(*(words[at:] for at in range(order)), strict=False))
    yield len(set(found))
    yield len(found)


VARIETY = Part(
    ("different1", "all1", "different2", "all2"),
    _variety,
    {f"distinct_{order}": Detail(partial(_over, 2 * order - 2, 2 * order - 1)) for order in (1, 2)},
)
"""Different words, and pairs of words, over all of them (distinct-n of Li et al. 2016), counted within
each reply so that it is a ratio of sums. It shows replies that go round in circles; that all replies
are the same shows in chrF against unrelated ones instead."""


def _surprise(said: Text, references: References) -> Array:
    known = bool(said.gold_tokens) and math.isfinite(said.gold)
    return np.array([-said.gold, said.gold_tokens] if known else [0.0, 0.0])


def _perplexity(sums: Array) -> Array:
    return np.maximum(np.exp(_over(0, 1, sums)), 1.0)  # NaN stays NaN


SURPRISE = Part(
    ("nats:gold", "tokens:gold"),
    _surprise,
    {"perplexity": Detail(_perplexity, (1.0, math.inf), "lower")},
)
"""Perplexity of the references, per token of the model's own: to be compared between models with the
same tokenizer. Not defined for models that do not tell."""


# -- the tasks -------------------------------------------------------------------------------------

TRANSLATION = scoring(chrf.SIGNATURE, (CHRF, BLEU, SHAPE), unlike=0.24, abroad=True)
"""chrF++ leads and BLEU stands beside it: chrF++ agrees better with people (Kocmi et al. 2021), needs no
tokenizer that knows the language, and stays defined where a few hundred short texts, or a resample of
them, share no four words in a row."""

SUMMARIZATION = scoring(rouge.SIGNATURE, (ROUGE, SHAPE), unlike=0.24)
DIALOGUE = scoring(chrf.SIGNATURE, (CHRF, VARIETY, SURPRISE, SHAPE), unlike=0.18)
# Seen for ``unlike``: Multi30k .22 (English) and .24 (German); SciTLDR .23, but the summaries of DialogSum,
# which share the names of the speakers, .36; turns of DialogSum .18.
