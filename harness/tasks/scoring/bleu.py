"""BLEU as sums: sacreBLEU's tokens and counts, and its score of any sum of them (Post 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from harness.tasks.task import Array

ORDERS = 4
SIGNATURE = f"BLEU|nrefs:all|case:mixed|eff:no|tok:13a|smooth:exp|version:{version('sacrebleu')}"
"""As sacreBLEU writes it; with several references an n-gram may be in any of them."""
NAMES = (
    "bleu:said",
    "bleu:gold",
    *(f"bleu{n}:{what}" for what in ("both", "said") for n in range(1, ORDERS + 1)),
)


@cache
def _metric() -> Any:
    from sacrebleu.metrics.bleu import BLEU

    return BLEU(tokenize="13a", force=True)


def counts(said: str, references: Sequence[str]) -> Array:
    """Length of what was said, of the reference nearest to it, n-grams in common and all; shape ``(10,)``."""
    metric = _metric()
    (found,) = metric._extract_corpus_statistics([said], [[gold] for gold in references])
    return np.array(found, float)


def bleu(sums: Array) -> Array:
    """Corpus BLEU of sums of :func:`counts`, shape ``(..., 10)`` to ``(...)``, in [0, 1].

    Orders without a match are smoothed as by mteval-v13a: the first has half a match, the second a
    quarter, and so on. Without any match, or with texts that are all too short for four words in a
    row, it is 0.
    """
    said, gold = sums[..., 0], sums[..., 1]
    both, total = sums[..., 2 : 2 + ORDERS], sums[..., 2 + ORDERS : 2 + 2 * ORDERS]
    defined = (total > 0).all(-1) & (both > 0).any(-1)
    smoothed = np.where(both > 0, both, 0.5 ** np.cumsum(both == 0, axis=-1))
    logs = np.log(smoothed / np.where(total > 0, total, 1.0)).mean(-1)
    brevity = np.minimum(0.0, 1 - gold / np.where(said > 0, said, 1.0))
    return np.where(defined, np.exp(logs + brevity), 0.0)
