"""Sentences that have nothing to do with the rest, at the edge of the text.

They come from a fixed bank without names and without judgements, so labels stay true and what is
inserted is outside of every span (methods, sections 3.11 and 9.3). A translation would have to
translate them too, so that there the references become untrue.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from harness.perturb.operator import operator
from harness.perturb.sites import lines, pick
from harness.rng import Random
from harness.text import Edit, Example

distractor = partial(operator, level="sentence", graded=False, invalid_for=frozenset({"translation"}))


@distractor("prefix-distractor")
def prefix_distractor(example: Example, rng: Random) -> Iterator[Edit]:
    """Put a neutral sentence before the longest field."""
    for name in _longest(example):
        yield Edit(0, 0, f"{pick(rng, lines('distractors'))} ", name)


@distractor("suffix-distractor")
def suffix_distractor(example: Example, rng: Random) -> Iterator[Edit]:
    """Put a neutral sentence after the longest field."""
    for name in _longest(example):
        text = example.fields[name].rstrip()
        full_stop = "." if text[-1].isalnum() else ""
        yield Edit(len(text), len(text), f"{full_stop} {pick(rng, lines('distractors'))}", name)


def _longest(example: Example) -> list[str]:
    """The longest field that says anything: the context of a question, the only text of others."""
    said = [name for name, text in example.fields.items() if text.strip()]
    return sorted(said, key=lambda name: -len(example.fields[name]))[:1]
