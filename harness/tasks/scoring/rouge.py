"""ROUGE as sums: the F-scores of examples by the library rouge-score (Lin 2004)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any

import numpy as np

from harness.tasks.task import Array

KINDS = ("rougeL", "rouge1", "rouge2")
SIGNATURE = f"rougeL|f1|nrefs:best|stem:porter|version:rouge-score-{version('rouge-score')}"
NAMES = ("n", *KINDS)


class _Tokenizer:
    """The library's tokens; the stem of each word is found once, for that is what takes the time."""

    def __init__(self) -> None:
        from nltk.stem.porter import PorterStemmer

        self.stem = lru_cache(maxsize=2**16)(PorterStemmer().stem)

    def tokenize(self, text: str) -> list[str]:
        from rouge_score.tokenize import tokenize

        found: list[str] = tokenize(text, self)
        return found


@cache
def _scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(KINDS, tokenizer=_Tokenizer())


def scores(said: str, references: Sequence[str]) -> Array:
    """1 and the F-scores of an example, of each kind against the reference that is best for it; ``(4,)``.

    Tokens are runs of the letters a to z and of digits, in lower case and without endings: ROUGE is
    made for English, and of a text in another script it sees nothing.
    """
    found = _scorer().score_multi(list(references), said)
    return np.array([1.0, *(found[kind].fmeasure for kind in KINDS)])
