"""Interpretability: what is said to have decided did decide (methods, section 6)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.explain.concentration import decisive, gini
from harness.explain.erasure import SHARES
from harness.explain.stability import unrelated
from harness.measure import alike
from harness.measure.alike import Part
from harness.measure.common import DIFFERENCE, POSITIVE, Study, interval, joined, share, studies
from harness.measure.statistics import Interval, clopper_pearson
from harness.measure.tables import TEST, Array, ExplainTable, Measure, Tables
from harness.rows import Row, Status

VERSION = 2
RECOMMENDED = 100
COMPLETE = 0.05
"""Relative error of the sum of gradients that is tolerable (methods, section 6.1)."""
SAME = 0.999
"""Least correlation of attributions with themselves, asked again: rounding costs less."""
MARGIN = 0.3
"""Attributions by random weights have to be less alike than that, beyond chance (methods, section 6.6)."""

WHOLE = {"fraction": "the run on all of it", "checkpoint": "the run at its end"}
"""What explanations of runs that were trained less are compared with, by axis."""

Place = dict[str, str | int | float]


def measure(tables: Tables) -> Iterable[Row]:
    """Faithfulness of attributions, their stability under edits and between runs, and whether to trust them."""
    for study in studies(tables, "interpretability", (TEST,), VERSION):
        yield from _rows(study)


INTERPRETABILITY = Measure(
    name="interpretability",
    function=measure,
    version=VERSION,
    formula=(
        "I = max(0, mean over texts of normalised faithfulness: deleting words by attributed importance, "
        "0 as good as random, 1 as good as possible)"
    ),
)


def _rows(study: Study) -> Iterator[Row]:
    methods: dict[str, list[ExplainTable]] = {}
    for table in study.model.explanations:
        if table.variation.main:
            methods.setdefault(table.method, []).append(table)
    if not methods:
        yield study.absent("score", study.model.explainable or "no predictions were explained")
    for name, tables in methods.items():
        aside = [t for t in study.model.explanations if not t.variation.main and t.method == name]
        told = _Told(study, name, tables, {"method": name} if len(methods) > 1 else {}, aside)
        yield from _faithful(told)
        yield from _stable(told)
        yield from _between_runs(told)
        yield from _along_training(told)
        yield from _erased(told)
        yield from _foretold(told)
        yield from _sane(told)
        yield from _concentrated(told)


@dataclass(frozen=True)
class _Told:
    """The attributions of a model by one method, a table for each explained run; ``aside`` are of those
    that were trained otherwise."""

    study: Study
    method: str
    tables: list[ExplainTable]
    place: Place
    aside: list[ExplainTable]

    @property
    def whole(self) -> dict[int | None, ExplainTable]:
        """By seed the run that the others of its seed are compared with."""
        return {t.seed: t for t in self.tables if t.weights}

    def column(self, name: str) -> list[Part]:
        """A column of all tables; empty if it was not asked for."""
        return [(t.index, t.more[name]) for t in self.tables if name in t.more]

    def mean(self, parts: Sequence[Part]) -> tuple[Array, int]:
        """The mean of the numbers that there are, as series, and how many texts they stem from at most."""
        known = [np.isfinite(values) for _, values in parts]
        columns = [
            (index, np.column_stack([np.where(k, values, 0.0), k]))
            for (index, values), k in zip(parts, known, strict=True)
        ]
        both = np.stack(self.study.draws.sums(TEST, columns))
        return share(both[..., 0], both[..., 1], both[..., 1]), int(np.max([k.sum() for k in known]))

    def row(
        self, measure: str, parts: Sequence[Part], where: Place | None = None, **about: Any
    ) -> Iterator[Row]:
        """A row for the mean of these numbers; none if nobody asked for them."""
        if parts:
            series, n = self.mean(parts)
            yield self.of(measure, series, n, where, **about)

    def of(
        self, measure: str, found: Interval | Array | float, n: int, where: Place | None = None, **about: Any
    ) -> Row:
        """A row of this method."""
        kept: dict[str, Any] = {"runs": len(self.tables), "distance": self.method} | about
        return self.study.row(measure, found, self.place | (where or {}), n=n, **kept)


# -- the headline --------------------------------------------------------------------------------


def _faithful(told: _Told) -> Iterator[Row]:
    """Faithfulness, its control, and the sum that gradients have to keep (methods, section 6.3)."""
    study, tables = told.study, told.tables
    faithful, n = told.mean([(t.index, t.faithfulness) for t in tables])
    few = f"fewer than the {RECOMMENDED} recommended texts" if n < RECOMMENDED else ""
    nothing = "" if n else "no prediction depended enough on the text to be explained"
    note = joined(nothing, few if n else "", study.remark)
    yield told.of("score", np.maximum(faithful, 0), n, note=note)
    control, size = told.mean([(t.index, t.control) for t in tables])
    found = interval(control, study.draws, study.tables.level, DIFFERENCE)
    biased = found.low > 0 or found.high < 0
    yield told.of(
        "random_control",
        found,
        size,
        distance="",
        direction="none",
        status=Status.UNRELIABLE if biased else Status.OK,
        note="a random order of the words should score 0" if biased else "",
    )
    errors = np.concatenate([t.completeness for t in tables])
    defined = errors[np.isfinite(errors)]
    if defined.size:
        off = float(np.median(defined))
        far = f"above {COMPLETE}: more steps would be needed" if off > COMPLETE else ""
        yield told.of("completeness_error", off, n, distance="", direction="lower", note=far)
    skipped = [float(np.isnan(t.faithfulness).mean()) for t in tables if len(t.index)]
    total = max(len(t.index) for t in tables)
    value = float(np.mean(skipped)) if skipped else 0.0
    yield told.of("skipped_share", value, total, distance="", direction="lower")


# -- stability -----------------------------------------------------------------------------------


def _stable(told: _Told) -> Iterator[Row]:
    """Under edits that keep the meaning, beside texts that have nothing to do with each other (6.5)."""
    parts = [(t.index, np.maximum(t.stability, 0)) for t in told.tables]
    chance = [(t.index, unrelated(t.weights, t.weights)) for t in told.tables if t.weights]
    yield from _beside(told, "explanation_stability", parts, "stability_control", chance)
    yield from told.row("explanation_kendall", told.column("kendall"), bounds=DIFFERENCE)
    yield from told.row("top_words_kept", told.column("top"), bounds=DIFFERENCE)


def _between_runs(told: _Told) -> Iterator[Row]:
    """The same output explained by runs that differ in their seed, likewise."""
    pairs = list(itertools.combinations([t for t in told.tables if t.weights], 2))
    many = f"mean over {len(pairs)} pairs of these runs" if len(pairs) > 1 else "one pair of runs"
    yield from _pairs_alike(told, pairs, "seed", {}, many)


def _along_training(told: _Told) -> Iterator[Row]:
    """The same output explained by the run of the same seed that was trained less, likewise."""
    whole = told.whole
    steps = {(axis, value) for t in told.aside for axis, value in t.variation.told.items() if axis in WHOLE}
    for axis, value in sorted(steps):
        less = [t for t in told.aside if t.variation.told == {axis: value} and t.weights and t.seed in whole]
        pairs = [(t, whole[t.seed]) for t in less]
        many = f"with {WHOLE[axis]}, {len(pairs)} seed{'s' if len(pairs) > 1 else ''}"
        yield from _pairs_alike(told, pairs, axis, {axis: value}, many)


def _pairs_alike(
    told: _Told, pairs: Sequence[alike.Pair], kind: str, where: Place, note: str
) -> Iterator[Row]:
    if not pairs:
        return
    n = told.study.tables.sizes[TEST]
    ranks, control, top = (
        [alike.over_pairs(pairs, compare, n)] for compare in (alike.ranks, alike.other_texts, alike.top_words)
    )
    yield from _beside(told, f"{kind}_agreement", ranks, f"{kind}_agreement_control", control, note, where)
    yield from told.row(f"{kind}_top_words", top, where, bounds=DIFFERENCE, note=note)


def _beside(
    told: _Told,
    measure: str,
    parts: list[Part],
    control: str,
    chance: list[Part],
    note: str = "",
    where: Place | None = None,
) -> Iterator[Row]:
    """A likeness and what it is for unrelated texts; a remark if they cannot be told apart."""
    found, n = told.mean(parts)
    if not chance:
        yield told.of(measure, found, n, where, note=note)
        return
    unlike, of = told.mean(chance)
    more = _of_these(told, found - unlike)
    nothing = "not surely more alike than the attributions of unrelated texts" if more.low <= 0 else ""
    yield told.of(measure, found, n, where, note=joined(note, nothing))
    yield told.of(control, unlike, of, where, direction="none")


def _of_these(told: _Told, series: Array) -> Interval:
    """The interval of a difference for these runs on other texts: no claim about other runs."""
    mean = series.mean(axis=0, keepdims=True)
    return interval(mean, told.study.draws, told.study.tables.level, DIFFERENCE)


# -- what taking words away does -----------------------------------------------------------------


def _erased(told: _Told) -> Iterator[Row]:
    """Comprehensiveness and sufficiency, their means over shares, and where the decision turns (6.2)."""
    limits = "what is possible differs by model: compare the score, not this"
    for name, direction in (("comprehensiveness", "higher"), ("sufficiency", "lower")):
        parts = told.column(name)
        about: dict[str, Any] = {"direction": direction, "bounds": DIFFERENCE, "note": limits}
        yield from told.row(f"aopc_{name}", [(i, v.mean(axis=1)) for i, v in parts], **about)
        for at, size in enumerate(SHARES):
            yield from told.row(name, [(i, v[:, at]) for i, v in parts], {"share": size}, **about)
    turning = told.column("turning")
    untold = "" if any(np.isfinite(v).any() for _, v in turning) else "the model does not tell"
    yield from told.row("decision_turns", turning, direction="lower", note=untold)


def _foretold(told: _Told) -> Iterator[Row]:
    """Infidelity, and max-sensitivity which it has to be read with (methods, section 6.4)."""
    wrong, change = told.column("infidelity"), told.column("change")
    yield from told.row("infidelity", wrong, direction="lower")
    if wrong:
        columns = [(i, np.column_stack([w, c])) for (i, w), (_, c) in zip(wrong, change, strict=True)]
        sums = np.stack(told.study.draws.sums(TEST, columns))
        part = share(sums[..., 0], sums[..., 1], sums[..., 1])
        yield told.of("unexplained_change", part, max(len(i) for i, _ in wrong), direction="lower")
    found = told.column("sensitivity")
    blind = "" if any(np.isfinite(v).any() for _, v in found) else "the model has no word embeddings to shake"
    yield from told.row("max_sensitivity", found, direction="lower", bounds=POSITIVE, note=blind)


# -- whether to trust it -------------------------------------------------------------------------


def _sane(told: _Told) -> Iterator[Row]:
    """The control of asking again, and the check with random weights (methods, section 6.6)."""
    again = told.column("again")
    values = np.concatenate([v[np.isfinite(v)] for _, v in again]) if again else np.empty(0)
    if len(values):
        same = int((values >= SAME).sum())
        least = f"explained otherwise when asked again: correlation {values.min():.3f} at the least"
        yield told.of(
            "rerun_control",
            clopper_pearson(same, len(values), told.study.tables.level),
            len(values),
            status=Status.OK if same == len(values) else Status.UNRELIABLE,
            note="" if same == len(values) else least,
        )
    if parts := [(t.index, _beyond_chance(t)) for t in told.tables if "randomised" in t.more]:
        yield _unlike(told, "random_weights", parts, "no text with weights that could be drawn at random")
    whole = told.whole
    pairs = [(whole[t.seed], t) for t in told.aside if t.variation.shuffled and t.seed in whole]
    if pairs:
        both = [alike.over_pairs(pairs, alike.magnitudes, told.study.tables.sizes[TEST])]
        yield _unlike(told, "random_labels", both, "no text of which the run on shuffled gold says the same")


def _beyond_chance(table: ExplainTable) -> Array:
    """``|rho|`` with the attributions by random weights, less what random orders of as many words have."""
    words = [len(one) for one in table.weights]
    return np.array([alike.beyond_chance(r, n) for r, n in zip(table.more["randomised"], words, strict=True)])


def _unlike(told: _Told, measure: str, parts: list[Part], nothing: str) -> Row:
    """Whether attributions are surely unlike those of a network that has not learned the task."""
    series, n = told.mean(parts)
    found = _of_these(told, series)
    if not n:
        note = nothing
    elif found.high < MARGIN:
        note = f"passed: surely below {MARGIN}"
    elif found.low >= MARGIN:
        note = f"failed: surely not below {MARGIN}, so the attributions hardly depend on what was learned"
    else:
        note = f"undecided: not surely below {MARGIN}"
    failed = bool(n) and found.low >= MARGIN
    return told.of(
        measure,
        found,
        n,
        direction="lower",
        status=Status.UNRELIABLE if failed else Status.OK,
        note=note,
    )


def _concentrated(told: _Told) -> Iterator[Row]:
    """On how few words attributions rest, and what one costs (methods, section 6.8)."""
    explained = [t for t in told.tables if t.weights]

    def of(function: Callable[[Array], float | None]) -> list[Part]:
        return [(t.index, np.array([function(one) for one in t.weights], float)) for t in explained]

    yield from told.row("concentration", of(gini), direction="none")
    yield from told.row("decisive_words", of(decisive), direction="none", bounds=POSITIVE)
    passes = [t.passes for t in explained if t.passes > 0]
    if passes:
        n = max(len(t.index) for t in explained)
        yield told.of("passes_per_explanation", float(np.mean(passes)), n, direction="lower")
