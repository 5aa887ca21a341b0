"""The attacks of our own: searches over move sets, the baseline at random, and a fixed cascade."""

from harness.attack.recipes.beam import beam
from harness.attack.recipes.chance import random
from harness.attack.recipes.genetic import genetic
from harness.attack.recipes.gradient import gradient
from harness.attack.recipes.greedy import greedy_character, greedy_entity, greedy_synonym
from harness.attack.recipes.standard import standard

__all__ = [
    "beam",
    "genetic",
    "gradient",
    "greedy_character",
    "greedy_entity",
    "greedy_synonym",
    "random",
    "standard",
]
