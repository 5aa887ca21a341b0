"""Gold that says nothing: what a model learns from it, nobody can explain (Adebayo et al. 2018)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harness.text import Example

ABLE = frozenset({"label", "labels", "words", "text"})
"""Forms of tasks whose gold means something in another example too; answers and choices are of their own."""


def shuffled(examples: Sequence[Example], generator: np.random.Generator) -> list[Example]:
    """The examples with their gold dealt out anew, each label and text as often as before.

    Gold spans stay where they are, and their labels are dealt out among all of them.
    """
    if labels := [span.label for example in examples for span in example.spans]:
        dealt = (labels[at] for at in generator.permutation(len(labels)))
        return [
            replace(one, target=tuple(replace(span, label=next(dealt)) for span in one.spans))
            for one in examples
        ]
    order = generator.permutation(len(examples))
    return [replace(one, target=examples[at].target) for one, at in zip(examples, order, strict=True)]
