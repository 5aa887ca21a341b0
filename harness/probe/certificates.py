"""How many edits cannot change what a smoothed model says (methods, section 2.11): pure mathematics.

A smoothed model answers for a text by what a model says most often when words of it are deleted, masked,
or drawn anew, at random. What is certified is always the smoothed model, never the one that it is made of.
Texts are sequences of words, and ``mu`` is a lower bound on the share with which the answer is said.
Edits are those of whoever attacks: an insertion makes the text longer.

Huang et al. 2023 (RS-Del) for deletion; Levine and Feizi 2020, Zeng et al. 2021 (RanMASK) for masking,
without its plug-in factor beta, which is estimated and bounds nothing; Ye et al. 2020 (SAFER) for synonyms.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from math import comb, prod

from scipy.stats import beta

HALF = 0.5
"""An answer that is said with more than this share is the smoothed model's, whatever the others are."""
FAR = 10_000
"""No radius is looked for beyond it."""


def lower_bound(successes: int, trials: int, alpha: float) -> float:
    """The one-sided lower bound of Clopper and Pearson on a share, which holds with 1 - ``alpha``.

    The trials must not be those by which it was chosen what to count.

    Args:
        successes: How often, at most ``trials``.
        trials: Of how many.
        alpha: Probability that the share is lower still.

    Returns:
        In [0, 1).
    """
    return float(beta.ppf(alpha, successes, trials - successes + 1)) if successes else 0.0


def apart(before: Sequence[Hashable], after: Sequence[Hashable]) -> int:
    """The longer length less that of a longest common subsequence; at most the Levenshtein distance."""
    row = [0] * (len(after) + 1)
    for x in before:
        last = row
        row = [0]
        for at, y in enumerate(after):
            row.append(last[at] + 1 if x == y else max(last[at + 1], row[at]))
    return max(len(before), len(after)) - row[-1]


# -- deletion: each word is left out with probability ``rate`` ----------------------------------------


def modulus(rate: float, edits: int) -> float:
    """How far, in total variation, so many edits can move any output under random deletion.

    ``1 - rate**m``; tight, and for ``m`` both the Levenshtein distance and :func:`apart` are right.
    """
    return 1 - rate**edits


def withstands(
    mu: float, rate: float, insertions: int = 0, deletions: int = 0, substitutions: int = 0
) -> bool:
    """Whether an answer survives so many edits of each kind under random deletion.

    ``rate**(i - d) * (mu - 1 + rate**(d + s)) > 1/2``.

    Args:
        mu: Lower bound on the share of the answer, in [0, 1].
        rate: With which each word is deleted, in (0, 1).
        insertions: Words that the attacker puts in.
        deletions: Words that the attacker takes out.
        substitutions: Words that the attacker replaces.
    """
    kept = mu - 1 + rate ** (deletions + substitutions)
    return rate**insertions * kept > HALF * rate**deletions


def deletion_radius(mu: float, rate: float) -> int:
    """The most edits of any kinds that an answer surely survives under random deletion.

    ``floor(log(1.5 - mu) / log(rate))``: substitutions are the worst. A radius of 1 needs more than half
    of the words to be deleted, whatever the model. -1 if the answer is not even sure for the text itself.
    """
    return _last(lambda edits: withstands(mu, rate, substitutions=edits))


def insertion_radius(mu: float, rate: float) -> int:
    """The most words that an attacker who only inserts can put in: ``floor(log(0.5 / mu) / log(rate))``."""
    return _last(lambda edits: withstands(mu, rate, insertions=edits))


def removal_radius(mu: float, rate: float) -> int:
    """The most words that one who only deletes can take out: ``floor(log(2 (1 - mu)) / log(rate))``."""
    return _last(lambda edits: withstands(mu, rate, deletions=edits))


# -- masking: ``kept`` of the words are shown, drawn without preference -----------------------------


def gap(words: int, kept: int, edits: int) -> float:
    """How far, in total variation, so many substitutions can move any output under random masking.

    ``Delta_r = 1 - C(n - r, k) / C(n, k)``: the probability that one of them is shown.
    """
    return 1 - comb(words - edits, kept) / comb(words, kept) if edits <= words else float(kept > 0)


def masking_radius(mu: float, words: int, kept: int) -> int:
    """The most substitutions that an answer surely survives: the last ``r`` with ``mu - Delta_r > 1/2``.

    -1 if the answer is not even sure for the text itself; never above the number of words.
    """
    return min(words, _last(lambda edits: mu - gap(words, kept, edits) > HALF))


# -- synonyms: each word is drawn anew from those that may stand for it ---------------------------------


def overlap(own: Collection[Hashable], other: Collection[Hashable]) -> float:
    """What two even draws from sets have in common: one minus their total variation, in [0, 1].

    ``|P & P'| / max(|P|, |P'|)``; over the size of one set alone it would be unsound where they differ.
    """
    return len({*own} & {*other}) / max(len({*own}), len({*other}))


def swap_gap(overlaps: Sequence[float], edits: int) -> float:
    """How far, in total variation, so many swaps of words for synonyms can move any output.

    One minus the product of the least overlaps (Ye et al. 2020, SAFER).

    Args:
        overlaps: Of each word that has synonyms, the least with what may stand for one of them.
        edits: How many words are swapped.
    """
    return 1 - prod(sorted(overlaps)[:edits])


def swap_radius(mu: float, overlaps: Sequence[float]) -> int:
    """The most swaps that an answer surely survives, at most those that there can be; -1 as ever."""
    return min(len(overlaps), _last(lambda edits: mu - swap_gap(overlaps, edits) > HALF))


def _last(survives: Callable[[int], bool]) -> int:
    """The last number, from 0 on, that is survived with all before it."""
    edits = 0
    while edits <= FAR and survives(edits):
        edits += 1
    return edits - 1
