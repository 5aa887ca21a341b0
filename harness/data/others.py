"""Other data sets of the same task, with their labels called as in the suite's own data (methods, 5.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from harness.text import Example


def labels(examples: Iterable[Example]) -> set[str]:
    """All labels of some examples: of texts, or of their spans."""
    return {label for e in examples for label in (*e.references, *(span.label for span in e.spans))}


def relabelled(
    examples: Sequence[Example], names: Mapping[str, str], known: set[str]
) -> tuple[list[Example], int]:
    """Examples with other names for their labels, without what then has a label that is not known.

    An example whose one label is not known is left out; of several labels or spans, only those are.

    Args:
        examples: As they were read.
        names: From labels to what they are called; the others keep their names.
        known: The labels of the suite's own data.

    Returns:
        The examples, and how many labels were left out.
    """
    kept, out = [], 0

    def own(label: str) -> str:
        return names.get(label, label)

    for example in examples:
        if isinstance(example.target, str):
            if own(example.target) in known:
                kept.append(replace(example, target=own(example.target)))
            out += own(example.target) not in known
            continue
        spans = tuple(replace(s, label=name) for s in example.spans if (name := own(s.label)) in known)
        several = tuple(name for label in example.references if (name := own(label)) in known)
        out += len(example.spans) + len(example.references) - len(spans) - len(several)
        kept.append(example if example.target is None else replace(example, target=spans or several))
    return kept, out
