"""Tests of behaviour in a suite: minimum functionality, invariance and direction (Ribeiro et al. 2020)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from harness.rng import rng
from harness.template import Lexicons, Written, fillings, lexicon, made, slots
from harness.text import Example, Target

MFT, INV, DIR = "MFT", "INV", "DIR"
BEFORE, AFTER = "before", "after"


@dataclass(frozen=True)
class Expectation:
    """One test of behaviour.

    Args:
        name: What reports and gates call it.
        kind: ``MFT`` (the answer is right), ``INV`` (it stays the same) or ``DIR`` (it moves as said).
        template: What texts are made from.
        lexicons: What its slots may hold.
        label: The right answer of an MFT, or the label whose probability a DIR is about.
        vary: The slot whose filling an INV changes.
        after: The template of the text after the change, instead of ``vary``.
        expect: Of a DIR: ``not lower``, ``not higher`` or ``changes``.
        tolerance: Probability by which it may still move the other way.
        examples: Texts, or pairs of them, at most.
    """

    name: str
    kind: str
    template: Written
    lexicons: Lexicons
    label: str | tuple[str, ...] | None = None
    vary: str = ""
    after: Written | None = None
    expect: str = "not lower"
    tolerance: float = 0.1
    examples: int = 100

    def problems(self) -> Iterator[tuple[str, str]]:
        """What is wrong with it: the key concerned, and what was found."""
        used = {"template": slots(self.template), "after": slots(self.after) if self.after else ()}
        for key, names in used.items():
            for name in names:
                if not lexicon(name, self.lexicons):
                    known = ", ".join(self.lexicons) or "none"
                    yield key, f"no lexicon for the slot {{{name}}}; there are: {known}"
        if new := set(used["after"]) - set(used["template"]):
            yield "after", f"has slots that the template has not: {', '.join(sorted(new))}"
        yield from self._shape(used["template"])

    def _shape(self, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        if self.kind == MFT:
            if self.vary or self.after:
                yield ("vary" if self.vary else "after"), "an MFT changes nothing; use INV or DIR"
        elif bool(self.vary) == bool(self.after):
            yield (
                "kind",
                f"{self.kind} needs either vary, a slot to fill anew, or after, the changed template",
            )
        if self.vary and self.vary not in names:
            yield (
                "vary",
                f"should be a slot of the template ({', '.join(names) or 'it has none'}), found {self.vary!r}",
            )
        if self.kind == DIR and self.expect != "changes" and not isinstance(self.label, str):
            yield "label", "DIR needs the label whose probability should move, or expect: changes"

    def texts(self, seed: int) -> list[Example]:
        """All texts of the test: of a pair the one before comes first, and both are of one group."""
        told = fillings(slots(self.template), self.lexicons, self.examples, seed, self.name)
        return [one for case, filling in enumerate(told) for one in self._case(case, filling, seed)]

    def _case(self, case: int, filling: dict[str, str], seed: int) -> Iterator[Example]:
        gold: Target = self.label if self.kind == MFT else None
        id = f"{self.name}-{case:04}"
        if self.kind == MFT:
            yield made(id, self.template, filling, gold, case, AFTER)
        elif self.after is not None:
            yield made(f"{id}-0", self.template, filling, gold, case, BEFORE)
            yield made(f"{id}-1", self.after, filling, gold, case, AFTER)
        else:
            others = [
                w for w in self.lexicons[lexicon(self.vary, self.lexicons)] if w not in filling.values()
            ]
            if others:
                new = others[int(rng("template", seed, self.name, case).integers(len(others)))]
                yield made(f"{id}-0", self.template, filling, gold, case, BEFORE)
                yield made(f"{id}-1", self.template, {**filling, self.vary: new}, gold, case, AFTER)
