"""From the store to arrays: what the measures are functions of."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness import payload
from harness.attack.outcome import GOLD
from harness.columns import numbers
from harness.data import features
from harness.data.verdicts import Reviewed
from harness.execute.files import (
    AGREEMENT,
    ATTACK,
    CHECKS,
    EXPLANATIONS,
    FAMILIAR,
    PROBE,
    PROFILE,
    REPEAT,
    SCORES,
    TRANSFER,
    VARIANTS,
)
from harness.execute.perform import trials_of
from harness.execute.profiling import FEATURE
from harness.explain.checks import told_by
from harness.measure.attacked import ENTITIES
from harness.measure.tables import (
    Again,
    Agreement,
    AttackTable,
    BehaviourTable,
    Cell,
    Condition,
    ExplainTable,
    Familiarity,
    ModelTable,
    ProbeTable,
    Profile,
    Reference,
    RunTable,
    Seen,
    Tables,
    TransferTable,
    whole,
)
from harness.nonsense import MADE, READ
from harness.plan import Plan, run_id
from harness.probe.probe import columns
from harness.space import flat
from harness.spec import SlicesSpec, Spec
from harness.store import Blobs
from harness.tasks.scoring import chrf
from harness.tasks.scoring.familiarity import NAMES
from harness.tasks.task import Detail, Form
from harness.text import Edit, Example, distance, vary
from harness.told import Told
from harness.training.search import COMPLETE
from harness.units import (
    Agree,
    AnyModel,
    Assault,
    Data,
    Explain,
    Familiar,
    Given,
    Inspect,
    Perturb,
    Predict,
    Score,
    Train,
    Transfer,
    Verify,
)
from harness.variation import MAIN, PLAIN, Variation


def gather(
    plan: Plan,
    agreements: Mapping[str, Agree],
    blobs: Blobs,
    out: Mapping[str, str],
    spec: Spec,
    reviews: Mapping[str, Reviewed],
    excluded: Mapping[str, int] | None = None,
    reference: Reference | None = None,
) -> Tables:
    """Read all finished scores of a plan.

    Args:
        plan: What was to be done.
        agreements: How much the finished runs of each model agree.
        blobs: Where results are.
        out: Why units have no result, by key: they diverged, failed or were skipped.
        spec: Resampling settings.
        reviews: What people found of the operators' texts.
        excluded: What was left out of other data sets, by name.
        reference: Whom errors are compared with.

    Raises:
        harness.store.Damaged: If a payload is not what was published.
    """
    reader = _Reader(plan, blobs, out)
    scoring = plan.task.scoring
    shown = [
        "test",
        *spec.data.shifts,
        *spec.data.others,
        *(["train"] if "train sample" in plan.data else []),
    ]
    tests = [f"test:{one.name}" for one in spec.tests]
    split = {"train": "train sample"}
    profiles = {
        name: reader.profile(name, spec.slices) for name, unit in plan.profiles.items() if unit.key not in out
    }
    models = tuple(reader.model(name, runs, agreements.get(name)) for name, runs in plan.models.items())
    return Tables(
        metric=scoring.metric,
        score=scoring.score,
        chance=scoring.chance,
        details={name: reader.details(name) for name in plan.models},
        columns={name: scoring.columns(labels) for name, labels in reader.labels.items()},
        sizes={name: len(plan.data[split.get(name, name)]) for name in [*shown, *tests]},
        groups={name: _groups(plan.data[split.get(name, name)]) for name in [*shown, *tests]},
        models=models,
        digests={
            name: unit.digest
            for name in [*shown, *tests, *(one for one in plan.data if one.startswith(READ))]
            if (unit := plan.units.get(split.get(name, name)))
        },
        seed=spec.seed,
        resamples=spec.statistics.resamples,
        level=spec.statistics.level,
        looks=plan.looks,
        worst_of=spec.perturb.worst_of,
        reviews=reviews,
        others=tuple(spec.data.others),
        excluded=excluded or {},
        outliers=_outliers(plan),
        reference=reference,
        overlap={name: float(p.known.mean()) for name, p in profiles.items() if "train" in plan.data},
        profiles=profiles,
    )


def _outliers(plan: Plan) -> dict[str, NDArray[np.int64] | None]:
    """Cluster codes of each set of outliers; None for those whose examples were made of the test data."""
    read, made = ({k[len(p) :]: v for k, v in plan.data.items() if k.startswith(p)} for p in (READ, MADE))
    return {**{name: _groups(examples) for name, examples in read.items()}, **dict.fromkeys(made)}


def stumbles(plan: Plan, blobs: Blobs, out: Collection[str]) -> list[str]:
    """What other people's perturbations could not cope with: such words are left as they were."""
    units = {u.key: u for u in plan.wanted() if isinstance(u, Perturb) and u.key not in out}
    found: Counter[str] = Counter()
    for unit in units.values():
        _, about = payload.read_table(blobs.open(unit.key, VARIANTS))
        found.update({f"{unit.operator.label}: {what}": count for what, count in about["stumbles"].items()})
    return [f"{what} ({count} times; what it was about is left as it was)" for what, count in found.items()]


def _groups(examples: Sequence[Example]) -> NDArray[np.int64]:
    """Cluster codes; an example without a group is a cluster of its own."""
    return np.unique([e.cluster for e in examples], return_inverse=True)[1].astype(np.int64)


class _Reader:
    def __init__(self, plan: Plan, blobs: Blobs, out: Mapping[str, str]) -> None:
        self.plan, self.blobs, self.out = plan, blobs, out
        self.place = {name: {e.id: at for at, e in enumerate(found)} for name, found in plan.data.items()}
        self.labels: dict[str, tuple[str, ...]] = {}
        self.told = Told(plan, blobs)

    def profile(self, split: str, wanted: SlicesSpec) -> Profile:
        """The features that slices are cut by, built in ones first."""
        table, _ = payload.read_table(self.blobs.open(self.plan.profiles[split].key, PROFILE))
        built = {
            name.removeprefix(FEATURE): table[name].to_pylist()
            for name in table.column_names
            if name.startswith(FEATURE)
        }
        kept = built if wanted.features is None else {n: v for n, v in built.items() if n in wanted.features}
        examples = self.plan.data[split]
        own = features.columns(examples, wanted.columns)
        sets = np.array([e.meta.get(wanted.contrast, "") for e in examples], str) if wanted.contrast else None
        return Profile(
            features={name: np.array(values) for name, values in {**kept, **own}.items()},
            known=numbers(table["known"]).astype(bool),
            near=numbers(table["near"]).astype(bool),
            sets=sets,
        )

    def details(self, name: str) -> Mapping[str, Detail]:
        return self.plan.task.scoring.details(self.labels.get(name, ()))

    def model(self, name: str, runs: Sequence[AnyModel], agree: Agree | None) -> ModelTable:
        varied: dict[Variation, list[RunTable]] = {}
        for run in runs:
            varied.setdefault(run.variation, []).append(self.run(run))
        return ModelTable(
            name=name,
            given=isinstance(runs[0], Given),
            runs=tuple(varied.pop(MAIN)),
            parts={variation: tuple(tables) for variation, tables in varied.items()},
            agreement=self.agreement(agree) if agree is not None and agree.key not in self.out else None,
            attacks=tuple(self.attack(u) for u in self.plan.attacks.get(name, ()) if u.key not in self.out),
            transfers=tuple(
                self.transfer(u) for u in self.plan.transfers.get(name, ()) if u.key not in self.out
            ),
            missing=self.missing(self.plan.attacks.get(name, ())),
            tests=tuple(self.test(u) for u in self.plan.tests.get(name, ()) if u.key not in self.out),
            explanations=tuple(
                self.explanation(u)
                for u in self.plan.explanations.get(name, ())
                if u.key not in self.out and not self.explained(u)["why"]
            ),
            attackable=self.why(self.plan.attacks.get(name, ()), "no attack in this suite"),
            explainable=self.explainable(self.plan.explanations.get(name, ())),
            probes=tuple(self.probe(u) for u in self.plan.probes.get(name, ())),
            options={
                run.variation.setting or PLAIN: flat(json.loads(run.trainer.options))
                for run in runs
                if isinstance(run, Train) and replace(run.variation, setting="").main
            },
            trials=self.trials(runs[0]),
            augmented=getattr(runs[0], "extra", None) is not None,
        )

    def trials(self, run: AnyModel) -> tuple[float, ...]:
        search = getattr(run, "search", None)
        if search is None or search.key in self.out:
            return ()
        return tuple(
            t.value for t in trials_of(search, self.blobs) if t.state == COMPLETE and t.value is not None
        )

    def why(self, units: Sequence[Assault | Explain], otherwise: str) -> str:
        reasons = [self.out[unit.key] for unit in units if unit.key in self.out]
        return reasons[0] if reasons else "" if units else otherwise

    def run(self, run: AnyModel) -> RunTable:
        cells: dict[Condition, Cell] = {}
        seen: dict[str, Seen] = {}
        said: dict[str, Predict] = {}
        one_class = False
        for where, parts in self.plan.scores[run_id(run)].items():
            split, operator, family, severity = where
            found = [self.cell(unit, split, bool(operator)) for unit in parts if unit.key not in self.out]
            if not found:
                continue
            _, about, mentions = found[0]
            cells[Condition(split, operator, family, severity)] = whole([cell for cell, _, _ in found])
            if not operator and split != "train" and run.variation.main:
                said[split] = parts[0].said
            if mentions is not None:
                seen[split] = mentions
            if (split, operator) == ("test", ""):
                one_class = about["one_class"]
                self.labels[run.name] = tuple(about["labels"])
        status = "given" if isinstance(run, Given) else self.out.get(run.key, "ok")
        looks = self.plan.familiar.get(run_id(run), {})
        familiar = {name: self.familiar(unit) for name, unit in looks.items() if unit.key not in self.out}
        asked = self.plan.partial.get(run_id(run), {})
        partial = {
            kind: self.cell(unit, "test", False)[0]
            for kind, unit in asked.items()
            if unit.key not in self.out
        }
        entities, classes = self.told.of(said)
        return RunTable(
            run.seed, status, cells, seen, one_class, self.again(run), familiar, entities, classes, partial
        )

    def again(self, run: AnyModel) -> Again | None:
        """How far answers moved by themselves, if they were asked for twice."""
        asked = (u for u in self.plan.repeats.get(run.name, ()) if u.first.model.key == run.key)
        unit = next((u for u in asked if u.key not in self.out), None)
        if unit is None:
            return None
        rows = json.loads(self.blobs.open(unit.key, REPEAT).read_text("utf-8"))
        index = np.array([self.place["test"][row["id"]] for row in rows], np.int64)
        return Again(index, np.array([row["moved"] for row in rows], float).reshape(-1, 5))

    def familiar(self, unit: Familiar) -> Familiarity:
        table, _ = payload.read_table(self.blobs.open(unit.key, FAMILIAR))
        where = unit.said.examples
        assert isinstance(where, Data)
        place = self.place["test" if where.name.startswith(MADE) else where.name]
        index = np.array([place[i] for i in table["id"].to_pylist()], np.int64)
        return Familiarity(index, {name: numbers(table[name]).astype(float) for name in NAMES})

    def cell(self, unit: Score, split: str, perturbed: bool) -> tuple[Cell, dict[str, Any], Seen | None]:
        table, about = payload.read_table(self.blobs.open(unit.key, SCORES))
        place = self.place["train sample" if split == "train" else split]
        count = table.num_rows
        cell = Cell(
            index=np.array([place[i] for i in table["id"].to_pylist()], np.int64),
            stats=_matrix(table["stats"], count),
            moved=_matrix(table["moved"], count, 5),
            rate=numbers(table["rate"]).astype(float),
            invalid=about["invalid"],
            noop=about["noop"],
            right=numbers(table["right"]).astype(bool),
            confidence=numbers(table["confidence"]).astype(float),
            brier=numbers(table["brier"]).astype(float),
            loss=numbers(table["loss"]).astype(float),
            tagging=_matrix(table["tagging"], count) if "tagging" in table.column_names else None,
            grounding=_matrix(table["grounding"], count, 4) if "grounding" in table.column_names else None,
            sense=numbers(table["sense"]).astype(float) if "sense" in table.column_names else None,
            flips={(one, other): many for one, other, many in about["flips"]},
            **_judged(table, about["least"]),
        )
        mentions = Seen(_matrix(table["seen"], count, 4)) if "seen" in table.column_names else None
        return cell, about, mentions

    def agreement(self, unit: Agree) -> Agreement:
        found = json.loads(self.blobs.open(unit.key, AGREEMENT).read_text("utf-8"))
        return Agreement(
            pairs=tuple((r, s) for r, s in found["pairs"]),
            observed=np.array(found["observed"], float),
            expected=np.array(found["expected"], float),
            outputs=np.array(found["outputs"], np.int64) if found["outputs"] else None,
        )

    def missing(self, units: Sequence[Assault]) -> Mapping[str, str]:
        """Why attacks have no result on any run, by label."""
        out = {unit.attack.label: self.out[unit.key] for unit in units if unit.key in self.out}
        there = {unit.attack.label for unit in units if unit.key not in self.out}
        return {**self.plan.missing, **{label: why for label, why in out.items() if label not in there}}

    def attack(self, unit: Assault) -> AttackTable:
        rows = json.loads(self.blobs.open(unit.key, ATTACK).read_text("utf-8"))
        width = len(self.plan.task.scoring.columns(self.labels.get(unit.model.name, ())))
        names = [GOLD, *(one.label for one in unit.constraints)]
        entities = [row["entities"] for row in rows]

        def column(name: str) -> NDArray[np.float64]:
            return np.array([np.nan if row[name] is None else row[name] for row in rows], float)

        def status(name: str) -> NDArray[np.bool_]:
            return np.array([row["status"] == name for row in rows], bool)

        return AttackTable(
            attack=unit.attack.label,
            seed=unit.model.seed,
            index=np.array([self.place["test"][row["id"]] for row in rows], np.int64),
            skipped=status("skipped"),
            success=status("success"),
            queries=column("queries"),
            rate=column("rate"),
            stats=_filled([row["stats"] for row in rows], width),
            clean_stats=_filled([row["clean_stats"] for row in rows], width),
            error=status("error"),
            truncated=column("truncated").astype(bool),
            unstable=column("unstable").astype(bool),
            control=column("control") if unit.control is not None else None,
            changed=column("changed"),
            minimal=column("minimal_rate"),
            minimal_changed=column("minimal_changed"),
            characters=np.array([self.characters(row) for row in rows], float),
            candidates=column("candidates"),
            refused={name: np.array([row["refused"].get(name, 0) for row in rows], float) for name in names},
            entities=_filled(entities, len(ENTITIES)) if any(entities) else None,
            seconds=column("seconds"),
            likeness=np.array([self.likeness(row) for row in rows], float) if self.writes else None,
        )

    def characters(self, row: Mapping[str, Any]) -> float:
        """The share of characters that the needed edits of an adversarial text change."""
        if not row["minimal"]:
            return 0.0
        source = self.plan.data["test"][self.place["test"][row["id"]]]
        after = vary(source, (Edit(*one) for one in row["minimal"])).example.fields
        apart = sum(distance(text, after[name]) for name, text in source.fields.items())
        return apart / max(1, sum(map(len, source.fields.values())))

    @property
    def writes(self) -> bool:
        """Whether the task asks for a text."""
        return self.plan.task.form is Form.TEXT

    def likeness(self, row: Mapping[str, Any]) -> float:
        """How like the clean text the most harmful one is, by chrF with beta 1, field by field."""
        source = self.plan.data["test"][self.place["test"][row["id"]]]
        after = row["fields"]
        return float(np.mean([1 - chrf.distance(text, after[name]) for name, text in source.fields.items()]))

    def transfer(self, unit: Transfer) -> TransferTable:
        rows = json.loads(self.blobs.open(unit.key, TRANSFER).read_text("utf-8"))["rows"]
        return TransferTable(
            attack=unit.source.attack.label,
            source=unit.source.model.name,
            source_seed=unit.source.model.seed,
            seed=unit.model.seed,
            index=np.array([self.place["test"][row["id"]] for row in rows], np.int64),
            right=np.array([row["right"] for row in rows], bool),
            fooled=np.array([row["fooled"] for row in rows], bool),
        )

    def test(self, unit: Verify) -> BehaviourTable:
        rows = json.loads(self.blobs.open(unit.key, CHECKS).read_text("utf-8"))
        place = self.place[f"test:{unit.name}"]
        return BehaviourTable(
            test=unit.name,
            kind=unit.test,
            index=np.array([place[row["id"]] for row in rows], np.int64),
            failed=np.array([row["failed"] for row in rows], bool),
        )

    def explained(self, unit: Explain) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.blobs.open(unit.key, EXPLANATIONS).read_text("utf-8"))
        return found

    def explainable(self, units: Sequence[Explain]) -> str:
        silent = (self.explained(unit)["why"] for unit in units if unit.key not in self.out)
        return self.why(units, "no explanation in this suite") or next(filter(None, silent), "")

    def explanation(self, unit: Explain) -> ExplainTable:
        rows = self.explained(unit)["explanations"]

        def column(name: str) -> NDArray[np.float64]:
            known = next((row[name] for row in rows if row[name] is not None), np.nan)
            missing = np.full(np.shape(known), np.nan)
            told = [missing if row[name] is None else row[name] for row in rows]
            return np.array(told, float).reshape(-1, *np.shape(known))

        return ExplainTable(
            method=rows[0]["method"] if rows else unit.explainer.label,
            seed=unit.model.seed,
            index=np.array([self.place["test"][row["id"]] for row in rows], np.int64),
            faithfulness=column("faithfulness"),
            control=column("control"),
            stability=column("stability"),
            completeness=column("completeness"),
            more={name: column(name) for name in told_by(unit.checks)},
            targets=tuple(row["target"] for row in rows),
            weights=tuple(np.array(row["weights"], float) for row in rows),
            seconds=rows[0]["seconds"] if rows else np.nan,
            passes=rows[0]["passes"] if rows else np.nan,
            variation=unit.model.variation,
        )

    def probe(self, unit: Inspect) -> ProbeTable:
        label, seed = unit.probe.label, unit.model.seed
        readings = self.plan.readings[label]
        if unit.key in self.out:
            return ProbeTable(label, seed, readings, np.zeros(0, np.int64), why=self.out[unit.key])
        told = json.loads(self.blobs.open(unit.key, PROBE).read_text("utf-8"))
        found = told["found"]
        edits = [one.operator.label for one in unit.edited]
        return ProbeTable(
            probe=label,
            seed=seed,
            readings=readings,
            index=np.array([self.place["test"][one["id"]] for one in found], np.int64),
            operator=tuple("" if one["edit"] is None else edits[one["edit"]] for one in found),
            columns={
                name: np.array([one["values"].get(name, np.nan) for one in found], float)
                for name in columns(readings)
            },
            why=told["why"],
        )


def _judged(table: Any, least: float | None) -> dict[str, NDArray[Any]]:
    """What a sentence encoder said of the rows, if one was asked."""
    if least is None:
        return {}
    similarity = numbers(table["similarity"]).astype(float)
    fragmentation = numbers(table["fragmentation"]).astype(float)
    return {"similarity": similarity, "fragmentation": fragmentation, "broken": similarity < least}


def _filled(rows: Sequence[Sequence[float] | None], width: int = 0) -> NDArray[np.float64]:
    """A matrix with zeros where there is no row."""
    nothing = [0.0] * next((len(row) for row in rows if row is not None), width)
    return np.array([nothing if row is None else row for row in rows], float).reshape(len(rows), -1)


def _matrix(column: Any, rows: int, width: int = 0) -> NDArray[np.float64]:
    flat = numbers(column).astype(float)
    return np.asarray(flat.reshape(rows, -1) if rows else np.zeros((0, width)))


def reasons(
    diverged: Collection[str], failed: Mapping[str, str], skipped: Mapping[str, str]
) -> dict[str, str]:
    """Why units have no result, by key."""
    return (
        dict.fromkeys(diverged, "diverged")
        | {key: f"failed: {why}" for key, why in failed.items()}
        | {key: f"not tried, because {title} has no result" for key, title in skipped.items()}
    )
