"""What tests of single operators do with them."""

from __future__ import annotations

from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.rng import Random
from harness.text import Example, Variant, apply, example


def everywhere(operator: Operator, text: str, **options: object) -> str:
    """The text after all the edits that the operator can make."""
    return apply(text, operator.function(example("a", text), Random(0), **options))


def outcomes(operator: Operator, text: str, draws: int = 60, **options: object) -> set[str]:
    """What becomes of a text at the highest severity, over some draws, if something does."""
    variants = drawn(operator, example("a", text), draws, **options)
    return {variant.example.text for variant in variants if not variant.noop}


def drawn(operator: Operator, source: Example, draws: int = 30, **options: object) -> list[Variant]:
    """Variants of an example at the highest severity."""
    severity = 5 if operator.graded else 0
    bound = operator.bind(options or None)
    return [perturb(source, operator, severity, seed=0, draw=draw, options=bound) for draw in range(draws)]
