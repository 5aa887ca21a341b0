"""The plan: a suite as nested units (:mod:`harness.units`) that each describe one call.

Nothing is loaded or run here; ``plan`` reads like the program it describes, except that it returns the
calls instead of making them.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from harness import catalog
from harness.attack.attack import Attack
from harness.catalog import Extension
from harness.errors import Fault
from harness.expectation import DIR, Expectation
from harness.models.weights import content
from harness.nonsense import MADE, READ
from harness.partial import PART
from harness.payload import dump_target
from harness.perturb import wordnet
from harness.probe.probe import Probe, Reading
from harness.rng import rng, seed_of
from harness.spec import LEARNT
from harness.suite import Augmenting, Suite, Use
from harness.tasks.task import Task
from harness.text import Example, clusters
from harness.units import (
    Agree,
    AnyModel,
    Assault,
    Augment,
    Called,
    Data,
    Explain,
    Familiar,
    Given,
    Inspect,
    Meaning,
    Perturb,
    Predict,
    Profile,
    Repeat,
    Score,
    Search,
    Train,
    Transfer,
    Unit,
    Verify,
    reachable,
)
from harness.variation import MAIN, Variation

ENCODER = "\0encoder"
"""Where the digest of the sentence encoder lies among those of the models, none of which is called so."""


Where = tuple[str, str, str, int]
"""A condition: split, operator label, family, severity."""


@dataclass(frozen=True)
class Plan:
    """All the work of a suite, arranged as its reports need it.

    Args:
        task: The task's record.
        called: The same as part of units.
        seed: The suite's.
        data: Parsed examples by split, the samples for attack and explanation included.
        units: By split.
        models: By name, the runs of each: a Train per seed and variation, or one Given.
        scores: By (model name, seed, variation) the scores of each condition, which has several parts
            where the budget is adaptive.
        attacks: By model name.
        transfers: By the name of the model that is tried.
        missing: Why attacks that the suite names cannot be run here, by label.
        explanations: By model name.
        tests: By model name, the tests of behaviour of each main run.
        probes: By model name.
        repeats: By model name, of each main run.
        readings: What is read off the findings of each probe, by its label.
        familiar: By run how familiar the test data and each set of outliers look.
        partial: By run the scores of each kind of part of the test data.
        profiles: By split, of the test data and the shifts.
    """

    task: Task
    called: Called
    seed: int
    data: Mapping[str, tuple[Example, ...]]
    units: Mapping[str, Data]
    models: Mapping[str, tuple[AnyModel, ...]]
    scores: Mapping[tuple[str, int | None, Variation], Mapping[Where, tuple[Score, ...]]]
    attacks: Mapping[str, tuple[Assault, ...]]
    transfers: Mapping[str, tuple[Transfer, ...]]
    missing: Mapping[str, str]
    explanations: Mapping[str, tuple[Explain, ...]]
    tests: Mapping[str, tuple[Verify, ...]]
    probes: Mapping[str, tuple[Inspect, ...]] = field(default_factory=dict)
    readings: Mapping[str, tuple[Reading, ...]] = field(default_factory=dict)
    repeats: Mapping[str, tuple[Repeat, ...]] = field(default_factory=dict)
    familiar: Mapping[tuple[str, int | None, Variation], Mapping[str, Familiar]] = field(default_factory=dict)
    partial: Mapping[tuple[str, int | None, Variation], Mapping[str, Score]] = field(default_factory=dict)
    profiles: Mapping[str, Profile] = field(default_factory=dict)

    def wanted(self) -> tuple[Unit, ...]:
        """Every unit in an order in which inputs come first."""
        roots: list[Unit] = [u for runs in self.models.values() for u in runs]
        roots += [u for cells in self.scores.values() for parts in cells.values() for u in parts]
        roots += [u for sets in (*self.familiar.values(), *self.partial.values()) for u in sets.values()]
        further: tuple[Mapping[str, tuple[Unit, ...]], ...] = (
            self.attacks,
            self.transfers,
            self.explanations,
            self.probes,
            self.repeats,
            self.tests,
        )
        roots += [u for many in further for units in many.values() for u in units]
        roots += self.profiles.values()
        return tuple(reachable(roots))

    def agreements(self, without: Collection[str]) -> dict[str, Agree]:
        """How much the runs of each model agree, known only once it is known which runs finished.

        Args:
            without: Keys of units without a result.
        """
        task, seed = self.called, self.seed
        finished = {
            name: [said for run in full(runs) if (said := self._clean(run)).key not in without]
            for name, runs in self.models.items()
        }
        return {name: Agree(tuple(said), task, seed) for name, said in finished.items() if len(said) > 1}

    @property
    def looks(self) -> int:
        """How many parts the conditions with the most of them have."""
        return max((len(parts) for cells in self.scores.values() for parts in cells.values()), default=1)

    def _clean(self, run: AnyModel) -> Predict:
        (clean,) = self.scores[run_id(run)]["test", "", "", 0]
        return clean.said

    def only(self, asked: Mapping[tuple[str, Where], int]) -> Plan:
        """The plan with so many parts of the conditions of each model; of others all."""
        scores = {
            run: {where: parts[: asked.get((run[0], where))] for where, parts in cells.items()}
            for run, cells in self.scores.items()
        }
        return replace(self, scores=scores)


def run_id(run: AnyModel) -> tuple[str, int | None, Variation]:
    """Model name, seed and variation of a run."""
    return run.name, run.seed, run.variation


def digest(examples: Sequence[Example]) -> str:
    """A hash of the content of examples, in order."""
    state = hashlib.blake2b(digest_size=20)
    for e in examples:
        told = [e.id, list(e.fields.items()), dump_target(e.target), e.group, dict(e.meta)]
        line = json.dumps([*told, dump_target(e.marks)], sort_keys=True)
        state.update(line.encode() + b"\n")
    return state.hexdigest()


def doubling(size: int, first: int) -> list[tuple[int, int]]:
    """Where parts of so many examples start and end, each but the first as large as all before it."""
    ends = [first]
    while ends[-1] < size:
        ends.append(2 * ends[-1])
    ends[-1] = size
    return list(itertools.pairwise([0, *ends]))


def in_turn(examples: Sequence[Example], seed: int) -> list[Example]:
    """Examples in the order in which an adaptive budget asks them: at random, a group in one go."""
    together = clusters(examples)
    return [one for at in rng(seed, "budget").permutation(len(together)) for one in together[at]]


def sample(examples: Sequence[Example], size: int | None, *purpose: str | int) -> tuple[Example, ...]:
    """At most ``size`` examples, drawn without replacement, in their original order."""
    if size is None or size >= len(examples):
        return tuple(examples)
    chosen = rng("sample", *purpose).permutation(len(examples))[:size]
    return tuple(examples[at] for at in sorted(chosen))


def some(task: Task, examples: Sequence[Example], size: int, seed: int) -> tuple[Example, ...]:
    """A sample to attack or explain; of texts for taggers, those that have something to find."""
    worthy = [e for e in examples if e.target or not task.per_word]
    return sample(worthy, size, seed, "some")


def plan(
    suite: Suite,
    splits: Mapping[str, Sequence[Example]],
    bases: Mapping[str, str],
    numerics: str,
) -> Plan:
    """The units of a suite.

    Args:
        suite: What to do.
        splits: Parsed examples: ``train``, ``validation``, ``test``, the shifts, and sets of outliers and
            parts, whose names begin as :mod:`harness.nonsense` and :mod:`harness.partial` say.
        bases: By model name, a digest of the weights it starts from or consists of; that of the sentence
            encoder, if there is one, under :data:`ENCODER`.
        numerics: Canonical JSON of device class, dtype, threads and library versions.
    """
    return _Planner(suite, splits, bases, numerics).plan()


class _Planner:
    def __init__(
        self,
        suite: Suite,
        splits: Mapping[str, Sequence[Example]],
        bases: Mapping[str, str],
        numerics: str,
    ) -> None:
        assert isinstance(suite.task, Task)
        self.suite, self.spec, self.record, self.bases, self.numerics = (
            suite,
            suite.spec,
            suite.task,
            bases,
            numerics,
        )
        self.task = Called(suite.spec.task, suite.task.version, suite.task.source, "{}", suite.task.name)
        self.data = {name: tuple(examples) for name, examples in splits.items()}
        seed, spec = self.spec.seed, self.spec
        test = self.data["test"]
        if "train" in self.data:
            self.data["train sample"] = sample(self.data["train"], len(test), seed, "train")
        self.data["perturbed"] = sample(test, spec.perturb.examples, seed, "perturb")
        if self.suite.attacks:
            self.data["attacked"] = self._some(test, spec.attack.examples)
        if self.suite.explainer:
            self.data["explained"] = self._some(
                self.data["perturbed"], spec.explain.examples if spec.explain else 0
            )
        if spec.perturb.noise_floor:
            self.data["again"] = sample(self.data["perturbed"], spec.perturb.noise_floor, seed, "again")
        if self.suite.probes:
            self.data["probed"] = self._some(self.data["perturbed"], spec.probe.examples)
        self.data |= {f"test:{one.name}": tuple(one.texts(seed)) for one in suite.tests}
        self.units = {name: Data(digest(e), name, len(e)) for name, e in self.data.items()}

    def _some(self, examples: Sequence[Example], size: int) -> tuple[Example, ...]:
        return some(self.record, examples, size, self.spec.seed)

    def plan(self) -> Plan:
        models = {m.name: tuple(self._runs(m.name)) for m in self.spec.models}
        scores = {run_id(run): self._scores(run) for runs in models.values() for run in runs}
        attacks = {
            name: tuple(
                self._attack(run, use, self.units["attacked"])
                for use in self.suite.attacks
                for run in full(runs)[: self.spec.attack.runs]
            )
            for name, runs in models.items()
        }
        return Plan(
            task=self.record,
            called=self.task,
            seed=self.spec.seed,
            data=self.data,
            units=self.units,
            models=models,
            scores=scores,
            attacks=attacks,
            transfers={name: tuple(self._transfers(full(runs), attacks)) for name, runs in models.items()},
            missing=self.suite.missing,
            explanations={
                name: tuple(self._explain(run) for run in self._explained(runs))
                for name, runs in models.items()
                if self.spec.explain is not None
            },
            probes={
                name: tuple(
                    self._inspect(run, use)
                    for use in self.suite.probes
                    for run in full(runs)[: self.spec.probe.runs]
                )
                for name, runs in models.items()
            },
            readings={use.label: _readings(use) for use in self.suite.probes},
            repeats={
                name: tuple(
                    Repeat(self._predict(run, "test"), self.units["again"], self.task) for run in full(runs)
                )
                for name, runs in models.items()
                if self.spec.perturb.noise_floor
            },
            tests={
                name: tuple(self._verify(run, one) for one in self.suite.tests for run in full(runs))
                for name, runs in models.items()
            },
            familiar={
                run_id(run): self._familiar(run)
                for runs in models.values()
                for run in full(runs)
                if self.suite.outliers
            },
            partial={
                run_id(run): self._partial(run)
                for runs in models.values()
                for run in runs
                if self.spec.data.partial and (run.variation.main or run.variation.part)
            },
            profiles={
                split: Profile(self.units[split], self.units.get("train"))
                for split in ("test", *self.spec.data.shifts, *self.spec.data.others)
            },
        )

    def _verify(self, run: AnyModel, test: Expectation) -> Verify:
        label = test.label if isinstance(test.label, str) and test.kind == DIR else ""
        said = self._predict(run, f"test:{test.name}")
        return Verify(said, self.task, test.kind, label, test.expect, test.tolerance, name=test.name)

    def _runs(self, name: str) -> Iterator[AnyModel]:
        use = self.suite.trainers[name]
        place, base = self.suite.places[name], self.bases[name]
        if use is None:
            model = next(m for m in self.spec.models if m.name == name)
            form = "checkpoint" if model.checkpoint else "callable"
            labels_of = self.units.get("train", self.units["test"])
            yield Given(form, base, self.task, labels_of, place=place, name=name)
            return
        recipe: dict[str, Any] = {
            "trainer": called(use),
            "task": self.task,
            "base": base,
            "data": self.units["train"],
            "validation": self.units["validation"],
            "numerics": self.numerics,
            "place": place,
            "name": name,
        }
        search, made = self._search(name, recipe), self.suite.augments.get(name)
        for variation, seed in self._varied(name, use):
            own = {**recipe, "search": search, **self._aside(name, variation)}
            subset = seed_of(self.spec.seed, "subset", *filter(None, [variation.subset]))
            drawn = {"subset": subset if variation.fraction < 1 else 0, "draw": variation.subset}
            plain = Train(**own, seed=seed, **asdict(variation) | drawn)
            if made is None or variation.shuffled:  # what was made of the gold would give it away
                yield plain
            else:
                yield replace(plain, extra=self._augment(plain, made))

    def _varied(self, name: str, use: Use) -> Iterator[tuple[Variation, int]]:
        """The variations of a model with their seeds: the main runs first, then one axis after the other.

        An order that is that of the run's seed anyway is the main run itself.
        """
        vary = self.spec.vary
        found = [
            Variation(fraction, subset)
            for fraction in sorted(vary.train_fraction, reverse=True)
            for subset in (vary.subsets if fraction < 1 else (0,))
        ]
        if getattr(use.extension, "ordered", False):
            found += [Variation(order=order) for order in vary.orders]
        if getattr(use.extension, "stops", False):
            found += [Variation(checkpoint=share) for share in sorted(vary.checkpoints, reverse=True)]
        found += [Variation(setting=setting) for setting in self.suite.settings[name]]
        found += [Variation(source=source) for source in self.spec.data.others]
        found += [Variation(part=kind) for kind in self.spec.data.partial if vary.parts]
        for variation in found:
            yield from ((variation, seed) for seed in vary.seeds if seed != variation.order)
        if self.spec.explain is not None and self.spec.explain.shuffled:
            yield from ((Variation(shuffled=True), seed) for seed in vary.seeds[: self.spec.explain.runs])

    def _aside(self, name: str, variation: Variation) -> dict[str, Any]:
        """The parts of a recipe that a variation puts others in the place of."""
        found: dict[str, Any] = {}
        if variation.setting:
            found["trainer"] = called(self.suite.settings[name][variation.setting])
        if source := variation.source or (variation.part and PART + variation.part):
            data, validation = (self.units[f"{source}:{split}"] for split in LEARNT)
            found |= {"data": data, "validation": validation}
        return found

    def _augment(self, plain: Train, made: Augmenting) -> Augment:
        """What is added to the training data: attacks are made on the model as it is without."""
        data, spec = plain.data, self.spec
        size = math.ceil(made.share * data.size / (len(made.operators) + len(made.attacks)))
        found = [called(use) for use in made.operators]
        attacks = [
            replace(
                self._attack(replace(plain, name=f"{plain.name} without it"), use, self._part(size, plain)),
                control=None,
            )
            for use in made.attacks
        ]
        severities = tuple(sorted(set(spec.perturb.severities)))
        return Augment(data, (*found, *attacks), self.task, made.share, severities, spec.seed)

    def _part(self, size: int, plain: Train) -> Data:
        """A sample of the training data for attacks; of many, some are wrong already or cannot be harmed."""
        name = f"augment {2 * size} of {plain.data.name}"
        if name not in self.units:
            self.data[name] = self._some(self.data[plain.data.name], 2 * size)
            self.units[name] = Data(digest(self.data[name]), name, len(self.data[name]))
        return self.units[name]

    def _search(self, name: str, recipe: Mapping[str, Any]) -> Search | None:
        spec = next(m for m in self.spec.models if m.name == name).search
        if spec is None:
            return None
        space = json.dumps(spec.space, sort_keys=True, allow_nan=False)
        return Search(
            **recipe,
            space=space,
            trials=spec.trials,
            sampler=spec.sampler,
            prune=spec.prune,
            seed=self.spec.seed,
        )

    def _predict(self, run: AnyModel, split: str) -> Predict:
        return Predict(run, self.units[split], self.numerics)

    def _scores(self, run: AnyModel) -> dict[Where, tuple[Score, ...]]:
        clean = self._predict(run, "test")
        cells: dict[Where, tuple[Score, ...]] = {
            where: (score,) for where, score in self._undisturbed(run, clean).items()
        }
        if run.variation.main:
            for use in self.suite.operators:
                family = str(getattr(use.extension, "family", ""))
                for severity in self._severities(use):
                    cells["test", use.label, family, severity] = tuple(
                        Score(Predict(run, part, self.numerics), clean, None, self.task)
                        for part in self._parts(self._perturb(use, severity))
                    )
        return cells

    def _parts(self, whole: Perturb) -> list[Perturb]:
        """The variants in the parts that are asked one after the other."""
        budget = self.spec.budget
        if not budget.adaptive:
            return [whole]
        return [replace(whole, part=part) for part in doubling(whole.data.size, budget.first)]

    def _undisturbed(self, run: AnyModel, clean: Predict) -> dict[Where, Score]:
        train = self.units.get("train") if self.record.per_word else None
        cells: dict[Where, Score] = {("test", "", "", 0): Score(clean, None, train, self.task)}
        variation, others = run.variation, self.spec.data.others
        if variation.main or variation.source:
            cells |= {
                (name, "", "", 0): Score(self._predict(run, name), None, None, self.task) for name in others
            }
        if replace(variation, fraction=1.0, subset=0) != MAIN:
            return cells
        if "train sample" in self.units and isinstance(run, Train):
            cells["train", "", "", 0] = Score(self._predict(run, "train sample"), None, None, self.task)
        for shift in self.spec.data.shifts:
            cells[shift, "", "", 0] = Score(self._predict(run, shift), None, train, self.task)
        return cells

    def _familiar(self, run: AnyModel) -> dict[str, Familiar]:
        kinds = {name: MADE if isinstance(of, str) else READ for name, of in self.suite.outliers.items()}
        sets = {"test": "test", **{name: f"{kind}{name}" for name, kind in kinds.items()}}
        return {name: Familiar(self._predict(run, split)) for name, split in sets.items()}

    def _partial(self, run: AnyModel) -> dict[str, Score]:
        """What a run says of each kind of part; one that was trained on one kind alone, of that."""
        kinds = [run.variation.part] if run.variation.part else self.spec.data.partial
        return {kind: Score(self._predict(run, PART + kind), None, None, self.task) for kind in kinds}

    def _severities(self, use: Use) -> tuple[int, ...]:
        graded = getattr(use.extension, "graded", True)
        return tuple(sorted(set(self.spec.perturb.severities))) if graded else (0,)

    def _perturb(self, use: Use, severity: int, on: str = "perturbed") -> Perturb:
        return Perturb(
            self.units[on], called(use), self.task, severity, self.spec.seed, meaning=self._meaning()
        )

    def _meaning(self) -> Meaning | None:
        wanted = self.spec.perturb.similarity
        if wanted is None:
            return None
        return Meaning(
            self.bases[ENCODER], wanted.least, wanted.drop, self.numerics, place=self.suite.encoder
        )

    def _attack(self, run: AnyModel, use: Use, on: Data) -> Assault:
        spec = self.spec.attack
        return Assault(
            run,
            on,
            called(use),
            self.task,
            called(self.suite.goal),
            tuple(called(one) for one in self.suite.constraints),
            self._control(use) if spec.control else None,
            spec.budget,
            spec.seconds,
            self.spec.seed,
            self.numerics,
        )

    def _control(self, use: Use) -> Called | None:
        """The attack at random that another one has to beat."""
        attack = use.extension
        if not isinstance(attack, Attack) or attack.control is None:
            return None
        name = attack.control[0]
        random = catalog.find("attack", name, self.suite.plugins)
        return called(Use(random, name, random.bind(attack.chance(use.options)), name))

    def _transfers(
        self, victims: Sequence[AnyModel], attacks: Mapping[str, Sequence[Assault]]
    ) -> Iterator[Transfer]:
        """Each run of a model with what was found on all others."""
        if not self.spec.attack.transfer:
            return
        for run in victims:
            for one in itertools.chain.from_iterable(attacks.values()):
                if one.model.key != run.key:
                    yield Transfer(run, one, self.task, self.numerics)

    def _explained(self, runs: Sequence[AnyModel]) -> list[AnyModel]:
        """The runs that are explained: main ones, then those of their seeds they are compared with."""
        spec = self.spec.explain
        assert spec is not None
        whole = full(runs)[: spec.runs]
        seeds = {run.seed for run in whole}
        axes = {"fraction": spec.fractions, "checkpoint": spec.checkpoints, "shuffled": spec.shuffled}
        aside = {(axis,) for axis, wanted in axes.items() if wanted}
        return [*whole, *(run for run in runs if tuple(run.variation.told) in aside and run.seed in seeds)]

    def _explain(self, run: AnyModel) -> Explain:
        assert self.suite.explainer is not None
        assert self.spec.explain is not None
        keeping = [u for u in self.suite.operators if not getattr(u.extension, "directional", False)]
        edit = next((u for u in keeping if self.spec.explain.operator in ("", u.label)), None)
        edited = self._perturb(edit, self._severities(edit)[0], "explained") if edit else None
        checks = tuple(sorted(set(self.spec.explain.checks)))
        return Explain(
            run,
            self.units["explained"],
            edited,
            called(self.suite.explainer),
            checks,
            self.spec.explain.draws if "sensitivity" in checks else 0,
            self.task,
            self.spec.seed,
            self.numerics,
        )

    def _inspect(self, run: AnyModel, use: Use) -> Inspect:
        assert isinstance(use.extension, Probe)
        edits = self.suite.probed if use.extension.edits else ()
        return Inspect(
            run,
            self.units["probed"],
            tuple(self._perturb(edit, self._severities(edit)[-1], "probed") for edit in edits),
            called(use),
            self.task,
            self.spec.seed,
            self.numerics,
        )


def _readings(use: Use) -> tuple[Reading, ...]:
    assert isinstance(use.extension, Probe)
    return use.extension.read(use.options)


def full(runs: Sequence[AnyModel]) -> list[AnyModel]:
    """The main runs: on all of the suite's own training data, with nothing varied but the seed."""
    return [run for run in runs if run.variation.main]


def called(use: Use) -> Called:
    """An extension as part of a key: an option equal to its default is left out of it."""
    extension = use.extension
    changed = {k: v for k, v in use.options.items() if v != extension.options[k]}
    text = json.dumps(changed, sort_keys=True, allow_nan=False)
    source = extension.source or _library(extension)
    return Called(use.name, extension.version, source + _content(use), text, use.label)


def _content(use: Use) -> str:
    """A digest of what an extension reads besides its texts: weights, files that options name, WordNet."""
    named = [str(use.options[key]) for key in getattr(use.extension, "weights", ()) if use.options[key]]
    if isinstance(use.extension, Attack):
        named += use.extension.files(use.options)
    if wordnet.NAME in (getattr(use.extension, "needs", ""), use.options.get("source")):
        named += [str(wordnet.folder() / file) for file in wordnet.DATA]
    return "".join(f" {content(name)}" for name in named)


def _library(extension: Extension) -> str:
    """The version of the library that does the work, where it is another's."""
    needed = str(getattr(extension, "needs", ""))
    try:
        return f"{needed} {version(needed)}" if needed else ""
    except PackageNotFoundError:
        return ""


def check_targets(task: Task, splits: Mapping[str, Sequence[Example]]) -> list[Fault]:
    """Faults of targets that do not suit the task, the first of each split."""
    faults = []
    for name, examples in splits.items():
        wrong = [(e, why) for e in examples if (why := task.validate(e))]
        if wrong:
            example, why = wrong[0]
            more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
            faults.append(Fault(f"example {example.id}: {why}{more}", field=f"data.{name}"))
    return faults
