"""What attacks cost a model, and whether that may be believed (methods, sections 3.4 and 3.5).

With N examples that did not break: those that the model gets wrong already are skipped, the others are
attacked, and each attack succeeds or fails. Rates over successes say how an attack wins, not how often,
and cannot be compared between models; rates over all attacked examples can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.attack.outcome import GOLD
from harness.measure.common import (
    DIFFERENCE,
    MAXIMUM_INVALID,
    POSITIVE,
    SHARE,
    Study,
    interval,
    joined,
    share,
)
from harness.measure.statistics import Interval, clopper_pearson, tango
from harness.measure.tables import TEST, Array, AttackTable, Statistic, Tables, TransferTable
from harness.measure.written import outweighs, relative_loss
from harness.rows import Attacked, Direction, Row, Status

TRUNCATED = 0.1
"""Above this share of searches that a budget has ended, a success rate says more about the budget."""
FAR_WORDS, FAR_CHARACTERS = 0.4, 0.3
"""Shares of words and characters beyond which a text is no longer near the clean one (section 8.1)."""
NEAR = 0.8
"""Least share of successes that should stay near their clean texts."""
HUNDRED = 100.0


# -- formulas ------------------------------------------------------------------------------------


def quantile(values: Array, weights: Array, q: float) -> Array:
    """Weighted quantiles: the mean of the least values with at least, and with more than, q below them.

    With whole numbers as weights and q = 0.5 it is the median of the values, each as often as it counts.

    Args:
        values: Shape ``(k,)``.
        weights: How much each counts, ``(length, k)``.
        q: In (0, 1).

    Returns:
        Shape ``(length,)``; NaN where all weights are 0.
    """
    if not len(values):
        return np.full(len(weights), np.nan)
    order = np.argsort(values, kind="stable")
    ordered, below = values[order], np.cumsum(weights[:, order], axis=1)
    wanted, rounding = q * below[:, -1:], 1e-9
    last = len(values) - 1
    low = np.minimum((below < wanted - rounding).sum(axis=1), last)
    high = np.minimum((below <= wanted + rounding).sum(axis=1), last)
    found: Array = np.where(below[:, -1] > 0, (ordered[low] + ordered[high]) / 2, np.nan)
    return found


def budgets(spent: Array) -> list[int]:
    """Of 10, 20, 50, 100, … those by which more attacks had succeeded than by the one before.

    Args:
        spent: Queries that each success took.
    """
    found, reached = [], 0
    for budget in (step * 10**power for power in count(1) for step in (1, 2, 5)):
        if reached == len(spent):
            break
        now = int((spent <= budget).sum())
        if now > reached:
            found.append(budget)
        reached = now
    return found


def near(table: AttackTable) -> NDArray[np.bool_]:
    """Where the edits that are needed leave most of the words and of the characters as they were."""
    close: NDArray[np.bool_] = (table.minimal <= FAR_WORDS) & (table.characters <= FAR_CHARACTERS)
    return close


# -- what is added up ----------------------------------------------------------------------------


def _columns(table: AttackTable) -> dict[str, Array]:
    """What is to be added up over examples, by name."""
    tried = table.attacked
    won = tried & table.success
    found = {
        "all": np.ones(len(tried)),
        "error": table.error,
        "known": ~table.error,
        "skipped": table.skipped & ~table.error,
        "attacked": tried,
        "won": won,
        "held": tried & ~won,
        "truncated": tried & table.truncated,
        "unstable": tried & table.unstable,
        "idle": tried & (table.candidates == 0) & (table.queries <= 1),
        "rate": won * table.rate,
        "rate of all": tried * table.rate,
        "words": won * table.changed,
        "needed rate": won * table.minimal,
        "needed words": won * table.minimal_changed,
        "near": won & near(table),
    }
    if table.control is not None:
        asked = tried & ~np.isnan(table.control)
        found |= {"asked": asked, "chance": asked * np.nan_to_num(table.control), "won of asked": asked & won}
    if table.entities is not None:
        found |= dict(zip(ENTITIES, (table.entities * tried[:, np.newaxis]).T, strict=True))
        found["harmed"] = found["missed"] + found["mistyped"] + found["split"]
        found["hundred others"] = found["others"] / HUNDRED
    saw = tried * table.candidates
    for name, refused in table.refused.items():
        found |= {f"saw {name}": saw, f"refused {name}": tried * refused}
        saw = saw - tried * refused
    return {name: np.asarray(column, float) for name, column in found.items()}


ENTITIES = ("entities", "missed", "mistyped", "split", "invented", "others")


class Rate(NamedTuple):
    """A row that is one sum over another.

    ``counted`` says that it is a share of examples, each of which counts or does not.
    """

    measure: str
    top: str
    of: str
    direction: Direction = "none"
    bounds: tuple[float, float] = SHARE
    counted: bool = False


SUCCESS = Rate("attack_success_rate", "won", "attacked", "lower", counted=True)
RATES = (
    SUCCESS,
    Rate("accuracy_under_attack", "held", "known", "higher", counted=True),
    Rate("attack_skipped", "skipped", "known", counted=True),
    Rate("attack_errors", "error", "all", "lower", counted=True),
    Rate("attack_truncated", "truncated", "attacked", counted=True),
    Rate("attack_idle", "idle", "attacked", counted=True),
    Rate("attack_unstable", "unstable", "attacked", "lower", counted=True),
    Rate("attack_rate", "rate", "won", "higher", POSITIVE),
    Rate("attack_minimal_rate", "needed rate", "won", "higher", POSITIVE),
    Rate("attack_words", "words", "won", "higher", POSITIVE),
    Rate("attack_minimal_words", "needed words", "won", "higher", POSITIVE),
    Rate("attack_rate_all", "rate of all", "attacked", "none", POSITIVE),
    Rate("attack_near_rate", "near", "won", counted=True),
    Rate("attack_control_rate", "chance", "asked", counted=True),
    Rate("attack_outweighing_rate", "outweighing", "attacked", "lower", counted=True),
    Rate("attack_entity_rate", "harmed", "entities", "lower"),
    Rate("attack_entities_missed", "missed", "entities", "lower"),
    Rate("attack_entities_mistyped", "mistyped", "entities", "lower"),
    Rate("attack_entities_split", "split", "entities", "lower"),
    Rate("attack_entities_invented", "invented", "hundred others", "lower", POSITIVE),
)
NOTHING = {
    "known": "every example broke",
    "attacked": "nothing to attack: every example was skipped",
    "asked": "nothing to attack: every example was skipped",
    "won": "no attack succeeded",
    "entities": "no entity was found on the clean texts",
}
"""Why a rate is undefined, by what it is a rate of."""
OF_ITSELF = (SUCCESS.measure, "accuracy_under_attack", "score_under_attack", "attack_score_drop")
"""Rows that say how strong an attack is, and therefore also whether that may be believed."""


# -- rows ----------------------------------------------------------------------------------------


def rows(study: Study) -> Iterator[Row]:
    """What each attack did to a model, over all attacked runs, and what carried over to it."""
    model = study.model
    attacks = model.by_attack
    for name, why in model.missing.items():
        yield replace(study.absent(SUCCESS.measure, why), condition={"attack": name})
    if not attacks and not model.missing and model.attackable:
        yield study.absent(SUCCESS.measure, model.attackable)
    for tables in attacks.values():
        yield from flagged(list(_one_attack(study, tables)))
    for transfer in model.transfers:
        yield _transfer(study, transfer)


@dataclass(frozen=True)
class _Assault:
    """One attack on the runs of a model, with what is added up as series ``(R, length)`` by name."""

    study: Study
    tables: Sequence[AttackTable]
    columns: Sequence[Mapping[str, Array]]
    sums: Mapping[str, Array]

    @property
    def place(self) -> dict[str, str | int | float]:
        return {"attack": self.tables[0].attack}

    def examples(self, column: str) -> int:
        """For how many examples there is something in a column, in the run with most of them."""
        return max(int((columns[column] > 0).sum()) for columns in self.columns)

    def interval(
        self, series: Array, column: str, bounds: tuple[float, float], whole: bool = False
    ) -> Interval:
        """Of a number over what is in a column; see :func:`interval_of_some`."""
        there = [t.index[own[column] > 0] for t, own in zip(self.tables, self.columns, strict=True)]
        return interval_of_some(self.study, series, max(there, key=len), bounds, whole)

    def row(self, rate: Rate, **further: str | int | float) -> Row:
        """The row of a rate."""
        top, of = self.sums[rate.top], self.sums[rate.of]
        return self.told(
            rate.measure,
            self.interval(share(top, of, of), rate.of, rate.bounds, rate.counted),
            rate.of,
            rate.direction,
            **further,
        )

    def told(
        self,
        measure: str,
        found: Interval,
        column: str,
        direction: Direction = "higher",
        **further: str | int | float,
    ) -> Row:
        """The row of a number over what is in a column."""
        return self.study.row(
            measure,
            found,
            self.place | further,
            n=self.examples(column),
            runs=len(self.tables),
            direction=direction,
            note=self.without(column),
        )

    def without(self, column: str) -> str:
        """That there is nothing in a column, if so."""
        there = self.sums[column][:, 0] > 0
        why = NOTHING.get(column, "nothing to count")
        return "" if there.all() else f"{why} in some run" if there.any() else why


def _one_attack(study: Study, tables: Sequence[AttackTable]) -> Iterator[Row]:
    columns = [_columns(table) for table in tables]
    limits = budgets(np.concatenate([t.queries[t.attacked & t.success] for t in tables]))
    for table, own in zip(tables, columns, strict=True):
        own |= {f"within {limit}": own["won"] * (table.queries <= limit) for limit in limits}
        if table.likeness is not None:
            own["outweighing"] = own["attacked"] * _outweighing(table, table.likeness, study.tables.score)
    names = [name for name in columns[0] if all(name in own for own in columns)]
    parts = [
        (t.index, np.column_stack([*(own[name] for name in names), *_scored(t)]))
        for t, own in zip(tables, columns, strict=True)
    ]
    series = np.stack(study.draws.sums(TEST, parts))
    it = _Assault(study, tables, columns, {name: series[..., at] for at, name in enumerate(names)})
    yield from (it.row(rate) for rate in RATES if rate.top in it.sums)
    yield from _score_rows(it, series[..., len(names) :])
    yield from _query_rows(it)
    for limit in limits:
        yield it.row(
            Rate("attack_success_within", f"within {limit}", "attacked", "lower", counted=True), budget=limit
        )
    if "chance" in it.sums:
        yield _advantage(it)
    for name in tables[0].refused:
        yield it.row(Rate("attack_refused", f"refused {name}", f"saw {name}"), constraint=name)


def _outweighing(table: AttackTable, likeness: Array, score: Statistic) -> Array:
    """Where the output was harmed more than the text, 0 or 1, ``(k,)`` (methods, section 2.14)."""
    loss = relative_loss(score(table.clean_stats), score(table.stats))
    return outweighs(likeness, loss)


def _scored(table: AttackTable) -> list[Array]:
    """The task's statistics under attack, then on the clean texts, of the examples that did not break."""
    known = ~table.error[:, np.newaxis]
    return [known * table.stats, known * table.clean_stats]


def _score_rows(it: _Assault, sums: Array) -> Iterator[Row]:
    if not it.examples("known"):
        yield replace(it.study.absent("score_under_attack", NOTHING["known"]), condition=it.place)
        return
    width, score = sums.shape[-1] // 2, it.study.tables.score
    under = score(sums[..., :width])
    lost = score(sums[..., width:]) - under
    yield it.told("score_under_attack", it.interval(under, "known", SHARE), "known")
    yield it.told("attack_score_drop", it.interval(lost, "known", DIFFERENCE), "known", "lower")


def _query_rows(it: _Assault) -> Iterator[Row]:
    """Queries that half, and nine tenths, of the attacked examples took at most."""
    for measure, q in (("attack_queries", 0.5), ("attack_queries_p90", 0.9)):
        series = np.stack([_spent(it.study, table, q) for table in it.tables])
        yield it.told(measure, it.interval(series, "attacked", POSITIVE), "attacked")


def _spent(study: Study, table: AttackTable, q: float) -> Array:
    """A quantile of the queries of attacked examples, as a series.

    Simulated coverage of nominal 95 % with 40 to 160 attacked examples: 94 to 95 % for the median, 91 to
    93 % for the ninth decile.
    """
    tried = table.attacked
    at, queries = table.index[tried], table.queries[tried]
    return np.concatenate([quantile(queries, weights[:, at], q) for weights in study.draws.weights(TEST)])


def _advantage(it: _Assault) -> Row:
    """How much more often the attack succeeds than edits at random with as many queries, on the same examples."""
    asked, n = it.sums["asked"], it.examples("asked")
    series = share(it.sums["won of asked"] - it.sums["chance"], asked, asked)
    found = it.interval(series, "asked", DIFFERENCE)
    if len(series) == 1 and n and it.study.draws.independent(TEST):
        won, chance = it.columns[0]["won of asked"], it.columns[0]["chance"]
        low, high = tango(int((won > chance).sum()), int((won < chance).sum()), n, it.study.tables.level)
        found = Interval(found.value, low, high, "tango")
    return it.told("attack_advantage", found, "asked", "none")


def _transfer(study: Study, table: TransferTable) -> Row:
    """How often what fooled one run fools another that was right on the clean text."""
    columns = np.column_stack([table.right & table.fooled, table.right]).astype(float)
    (sums,) = study.draws.sums(TEST, [(table.index, columns)])
    series = share(sums[:, 0], sums[:, 1], sums[:, 1])[np.newaxis]
    seeds = {"from_seed": table.source_seed, "seed": table.seed}
    place: dict[str, str | int | float] = {"attack": table.attack, "from": table.source}
    place |= {name: seed for name, seed in seeds.items() if seed is not None}
    nothing = "" if table.right.any() else "no text that was found, or none that this model had right before"
    return study.row(
        "transfer_rate",
        interval_of_some(study, series, table.index[table.right], SHARE, whole=True),
        place,
        n=int(table.right.sum()),
        runs=1,
        direction="lower",
        note=nothing,
    )


def interval_of_some(
    study: Study, series: Array, index: NDArray[np.int64], bounds: tuple[float, float], whole: bool = False
) -> Interval:
    """Interval of a number over some examples of the test split, which may be few of them.

    Args:
        series: The number in each run, ``(R, length)``.
        index: The examples that it is over.
        bounds: Its range.
        whole: Whether it is a share of examples, each of which counts or does not.

    Returns:
        Exact if it is the share of independent examples of one run. Otherwise by resampling, where a
        share that is 0 or 1 throughout is no surer than so many examples or clusters make it.
    """
    level, groups = study.tables.level, study.draws.splits[TEST].groups
    units, value = len(np.unique(index if groups is None else groups[index])), float(series[:, 0].mean())
    if whole and len(series) == 1 and units == len(index) and units and groups is None:
        return clopper_pearson(round(value * units), units, level)
    return interval(series, study.draws, level, bounds, units)


def costs(tables: Tables) -> tuple[Attacked, ...]:
    """What each attack on each run took; nothing where nothing was attacked."""
    return tuple(
        Attacked(
            attack=table.attack,
            model=model.name,
            seed=table.seed,
            examples=int(table.attacked.sum()),
            queries=int(table.queries[table.attacked].sum()),
            seconds=round(float(np.median(table.seconds[table.attacked])), 4),
        )
        for model in tables.models
        for table in model.attacks
        if table.attacked.any()
    )


# -- whether they may be believed ----------------------------------------------------------------


class Flag(NamedTuple):
    """What is to be kept in mind of an attack: a few words, and a sentence that explains them."""

    tag: str
    meaning: str


def flagged(found: Sequence[Row]) -> Iterator[Row]:
    """The rows of an attack on a model, those about its strength with what is to be kept in mind of it."""
    tags = [flag.tag for flag in flags(found)]
    shaky = any(
        row.measure in ("attack_errors", "attack_idle") and (row.value or 0.0) > MAXIMUM_INVALID
        for row in found
    )
    for row in found:
        if row.measure in OF_ITSELF and row.value is not None:
            status = Status.UNRELIABLE if shaky else row.status
            yield replace(row, status=status, note=joined(row.note, *tags))
        else:
            yield row


def flags(found: Iterable[Row]) -> tuple[Flag, ...]:
    """What is to be kept in mind of an attack on a model.

    Args:
        found: Its rows, as :func:`rows` makes them.
    """
    found = [row for row in found if row.value is not None]
    refused = [row for row in found if row.measure == "attack_refused"]
    known = {row.measure: row for row in found if row.condition.keys() == {"attack"}}
    return tuple(flag for many in (_strength(known), _trouble(known), _refusals(refused)) for flag in many)


def _strength(known: Mapping[str, Row]) -> Iterator[Flag]:
    advantage = known.get("attack_advantage")
    if (
        advantage is not None
        and (advantage.low if advantage.low is not None else advantage.value or 0.0) <= 0
    ):
        yield Flag(
            "no better than random at equal budget",
            "Edits at random with as many queries are not surely worse: the model is brittle, or the search weak.",
        )
    if (truncated := _value(known, "attack_truncated")) > TRUNCATED:
        yield Flag(
            "budget truncated",
            f"The budget ended {truncated:.0%} of the searches: with more queries or time more may succeed.",
        )
    near = known.get("attack_near_rate")
    if near is not None and (near.value or 0.0) < NEAR:
        yield Flag(
            "far from the clean texts",
            f"Only {near.value:.0%} of the successes leave {1 - FAR_WORDS:.0%} of the words and "
            f"{1 - FAR_CHARACTERS:.0%} of the characters as they were: the others may well mean something else.",
        )


def _trouble(known: Mapping[str, Row]) -> Iterator[Flag]:
    if idle := _value(known, "attack_idle"):
        yield Flag("no candidates", f"For {idle:.0%} of the attacked examples there was nothing to try.")
    if unstable := _value(known, "attack_unstable"):
        yield Flag(
            "non-deterministic model",
            f"Asked once more, the model said something else in {unstable:.0%} of the attacked examples; "
            "such successes do not count.",
        )
    if errors := _value(known, "attack_errors"):
        yield Flag(
            "errors", f"The model or the search broke on {errors:.0%} of the examples, which are left out."
        )


def _refusals(refused: Iterable[Row]) -> Iterator[Flag]:
    for row in refused:
        name = str(row.condition["constraint"])
        if row.value == 1:
            yield Flag(
                f"constraint {name} refuses everything", f"Nothing that was proposed passed {_what(name)}."
            )
        elif row.value == 0 and name != GOLD:
            yield Flag(
                f"constraint {name} inert",
                f"Everything that was proposed passed {_what(name)}: it did nothing.",
            )


def _what(name: str) -> str:
    return "the check that gold can be carried along" if name == GOLD else f"the constraint {name}"


def _value(known: Mapping[str, Row], measure: str) -> float:
    return (known[measure].value or 0.0) if measure in known else 0.0
