"""What each kind of unit does: reads its inputs from the store, writes its result into a folder."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from harness import catalog, payload
from harness.errors import BrokenPromise, Diverged, Fault, UserError
from harness.expectation import BEFORE, INV
from harness.perturb.foreign import listening
from harness.perturb.meaning import judged
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.plan import (
    Agree,
    AnyModel,
    Assault,
    Called,
    Data,
    Explain,
    Meaning,
    Perturb,
    Predict,
    Score,
    Search,
    Train,
    Unit,
    Verify,
)
from harness.prediction import Classes, Prediction, Spans, Text, from_table, to_table
from harness.rng import rng
from harness.space import overlaid
from harness.store import DIVERGED, DONE, Blobs, Published
from harness.tasks.task import Form, Scoring, Task
from harness.text import Example, Variant, diff
from harness.training.search import best

if TYPE_CHECKING:
    from harness.models.encoder import Encoder
    from harness.models.model import Model
    from harness.training.search import Trial
    from harness.training.trainer import Job, Trainer

EXAMPLES, VARIANTS, PREDICTIONS, SCORES = (
    "examples.parquet",
    "variants.parquet",
    "predictions.parquet",
    "scores.parquet",
)
TRIALS, OUTCOME, CHECKPOINT, AGREEMENT, ATTACK, EXPLANATIONS, CHECKS = (
    "trials.json",
    "outcome.json",
    "checkpoint",
    "agreement.json",
    "attack.json",
    "explanations.json",
    "checks.json",
)
CHANGES = "changes"
"""What a test of behaviour expects where the answer should be another one."""
SHOWN = 10
"""Labels that are kept for people with their probabilities."""
PAIRS = 20_000
"""Pairs of outputs drawn to estimate the disagreement expected by chance."""

Emit = Callable[[str], None]


def environment(threads: int) -> dict[str, str]:
    """What has to be set before numerical libraries are imported."""
    return {
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    }


@dataclass
class Bench:
    """Where units are performed: payloads, plug-ins, device, and what was read last.

    One model and one data set of each kind are kept in memory, because units that share them
    are performed one after the other.
    """

    blobs: Blobs
    plugins: tuple[str, ...]
    device: str
    threads: int
    _model: tuple[str, Any] | None = None
    _encoder: tuple[str, Encoder] | None = None
    _tables: dict[str, Any] = field(default_factory=dict)

    def extension(self, kind: str, called: Called) -> tuple[catalog.Extension, dict[str, Any]]:
        """The extension behind a unit's field, and all its options."""
        found = catalog.find(kind, called.name, self.plugins)
        return found, found.bind(json.loads(called.options))

    def task(self, called: Called) -> Task:
        """The task's record."""
        found, _ = self.extension("task", called)
        assert isinstance(found, Task)
        return found

    def _kept(self, unit: Unit, read: Callable[[], Any]) -> Any:
        if unit.key not in self._tables:
            while len(self._tables) >= 4:
                del self._tables[next(iter(self._tables))]
            self._tables[unit.key] = read()
        return self._tables[unit.key]

    def examples(self, unit: Data) -> list[Example]:
        """Clean examples."""
        found: list[Example] = self._kept(
            unit, lambda: payload.read_examples(self.blobs.open(unit.key, EXAMPLES))
        )
        return found

    def variants(self, unit: Perturb) -> list[Variant]:
        """Perturbed examples, useless ones included."""
        found: list[Variant] = self._kept(
            unit, lambda: payload.read_variants(self.blobs.open(unit.key, VARIANTS))
        )
        return found

    def predictions(self, unit: Predict) -> dict[str, Prediction]:
        """Predictions by example id."""
        found: dict[str, Prediction] = self._kept(
            unit, lambda: from_table(payload.read_table(self.blobs.open(unit.key, PREDICTIONS))[0])
        )
        return found

    def model(self, unit: AnyModel) -> Model:
        """The loaded model; the one before it is let go."""
        if self._model is None or self._model[0] != unit.key:
            self._model = None
            self._model = (unit.key, self._load(unit))
        loaded: Model = self._model[1]
        return loaded

    def _load(self, unit: AnyModel) -> Model:
        task = self.task(unit.task)
        if isinstance(unit, Train):
            from harness.training.trainer import Trainer

            trainer, _ = self.extension("trainer", unit.trainer)
            assert isinstance(trainer, Trainer)
            if trainer.pretrained:
                self.calm()
            return trainer.load(self.blobs.open(unit.key) / CHECKPOINT, task, self.device)
        labels = task.function(self.examples(unit.labels_of))
        if unit.form == "callable":
            from harness.models.function import Function, resolve

            return Function(resolve(unit.place), labels, task)
        self.calm()
        from harness.models.labels import comparison
        from harness.models.weights import local
        from harness.training.torch import load

        model = load(local(unit.place) if task.form is Form.TEXT else unit.place, task, self.device)
        if table := comparison(model.labels, labels, ordered=False):
            raise BrokenPromise(f"the labels of {unit.place} are not those of the data\n{table}")
        return model

    def encoder(self, unit: Meaning) -> Encoder:
        """The loaded sentence encoder; it stays, for all operators are judged by it."""
        if self._encoder is None or self._encoder[0] != unit.encoder:
            from harness.models.encoder import Encoder

            self.calm()
            self._encoder = (unit.encoder, Encoder(unit.place, self.device))
        return self._encoder[1]

    def calm(self) -> None:
        """Pin what could change a bit in torch, and keep its libraries quiet."""
        import torch
        import transformers

        os.environ.update(environment(self.threads))
        torch.set_num_threads(self.threads)
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        if self.device.startswith("cuda"):
            torch.backends.cuda.matmul.allow_tf32 = False
            torch.backends.cudnn.allow_tf32 = False


def perform(unit: Unit, folder: Path, bench: Bench, emit: Emit) -> str:
    """Do what the unit says, into an empty folder.

    Returns:
        The state of the result: ``done`` or ``diverged``.
    """
    match unit:
        case Search():
            _search(unit, folder, bench, emit)
        case Train():
            return _train(unit, folder, bench, emit)
        case Perturb():
            _perturb(unit, folder, bench)
        case Predict():
            _predict(unit, folder, bench)
        case Score():
            _score(unit, folder, bench)
        case Agree():
            _agree(unit, folder, bench)
        case Verify():
            _verify(unit, folder, bench)
        case Assault():
            _attack(unit, folder, bench)
        case Explain():
            _explain(unit, folder, bench)
        case _:
            raise TypeError(f"{unit.kind} units are not performed")
    return DONE


def keep_data(unit: Data, examples: Sequence[Example], blobs: Blobs) -> Published:
    """Put parsed examples where units can read them."""

    def write(folder: Path) -> str:
        payload.write_examples(folder / EXAMPLES, examples)
        return DONE

    return blobs.publish(unit.key, write, {})


def _prepared(unit: Train | Search, where: Path, bench: Bench) -> tuple[Trainer, dict[str, Any], Job]:
    """The trainer, its options, and a run on all of the training data."""
    from harness.training.trainer import Job, Trainer

    trainer, options = bench.extension("trainer", unit.trainer)
    assert isinstance(trainer, Trainer)
    if trainer.pretrained:
        bench.calm()
    task, full = bench.task(unit.task), bench.examples(unit.data)
    where.mkdir()
    job = Job(
        task=task,
        pretrained=unit.place,
        labels=task.function(full),
        train=full,
        validation=bench.examples(unit.validation),
        seed=unit.seed,
        device=bench.device,
        where=where,
    )
    return trainer, options, job


def _search(unit: Search, folder: Path, bench: Bench, emit: Emit) -> None:
    """Make the trials of a study; those that were finished before an interruption are not made again."""
    from harness.training.search import Study, Trial, search

    started = scratch(unit, bench.blobs) / TRIALS
    started.parent.mkdir(parents=True, exist_ok=True)
    before = [Trial(**one) for one in _lines(started)]
    _whole(started, before)
    study = Study(
        space=json.loads(unit.space),
        trials=unit.trials,
        sampler=unit.sampler,
        prune=unit.prune,
        seed=unit.seed,
    )

    def run(chosen: Mapping[str, Any], report: Callable[[float, float], None]) -> float:
        with TemporaryDirectory(dir=folder) as trial:
            trainer, options, job = _prepared(unit, Path(trial) / CHECKPOINT, bench)
            outcome = trainer.function(replace(job, report=report), emit, **overlaid(options, chosen))
        if outcome.after is None:
            raise UserError(Fault("a search needs validation data", field="data.validation"))
        return float(outcome.after)

    def keep(trial: Trial) -> None:
        with started.open("a", encoding="utf-8") as file:
            file.write(_line(trial))
        shown = "no score" if trial.value is None else f"{trial.value:.4f}"
        emit(f"trial {trial.number + 1} of {unit.trials}: {trial.state}, {shown}")

    trials = search(study, run, before, keep)
    (folder / TRIALS).write_text(json.dumps([asdict(one) for one in trials], allow_nan=False), "utf-8")


def _line(trial: Trial) -> str:
    return json.dumps(asdict(trial), allow_nan=False) + "\n"


def _whole(path: Path, trials: Sequence[Trial]) -> None:
    """Leave these trials alone in the file: the next one must not be joined to a line that was cut off."""
    new = path.with_suffix(f".{os.getpid()}")
    new.write_text("".join(map(_line, trials)), "utf-8")
    os.replace(new, path)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a file of JSON lines; the last one may have been cut off by a kill."""
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            return


def trials_of(unit: Search, blobs: Blobs) -> list[Trial]:
    """What came of each trial of a search."""
    from harness.training.search import Trial

    return [Trial(**one) for one in json.loads(blobs.open(unit.key, TRIALS).read_text("utf-8"))]


def _train(unit: Train, folder: Path, bench: Bench, emit: Emit) -> str:
    trainer, options, job = _prepared(unit, folder / CHECKPOINT, bench)
    size = max(1, round(unit.fraction * len(job.train)))
    job = replace(job, train=_subset(job.train, size, unit.subset), scratch=scratch(unit, bench.blobs))
    if unit.search is not None:
        found = best(trials_of(unit.search, bench.blobs))
        if found is None:
            raise UserError(Fault(f"no trial of {unit.search.title} came to an end", field="search"))
        options = overlaid(options, found.options)
    try:
        outcome = trainer.function(job, emit, **options)
    except Diverged as why:
        (folder / OUTCOME).write_text(json.dumps({"note": str(why)}), "utf-8")
        return DIVERGED
    (folder / OUTCOME).write_text(json.dumps(asdict(outcome), allow_nan=False), "utf-8")
    return DONE


def scratch(unit: Unit, blobs: Blobs) -> Path:
    """Where a unit keeps what it needs to go on after a kill; of no use once it is published."""
    return blobs.root / "resume" / unit.key


def published(unit: Unit, bench: Bench, emit: Emit, inputs: Mapping[str, str]) -> Published:
    """Perform a unit, publish its result and remove what it kept to go on."""
    found = bench.blobs.publish(unit.key, lambda folder: perform(unit, folder, bench, emit), inputs)
    shutil.rmtree(scratch(unit, bench.blobs), ignore_errors=True)
    return found


def _subset(full: Sequence[Example], size: int, seed: int) -> Sequence[Example]:
    """A part of the training data; smaller parts are contained in larger ones."""
    if size >= len(full):
        return full
    order = rng(seed, "subset").permutation(len(full))[:size]
    return [full[at] for at in sorted(order)]


def _perturb(unit: Perturb, folder: Path, bench: Bench) -> None:
    operator, options = bench.extension("operator", unit.operator)
    assert isinstance(operator, Operator)
    alternatives, examples = bench.task(unit.task).alternatives, bench.examples(unit.data)
    with listening() as heard:
        variants = [
            perturb(
                e,
                operator,
                unit.severity,
                seed=unit.seed,
                draw=unit.draw,
                options=options,
                peers=examples,
                alternatives=alternatives,
            )
            for e in examples
        ]
    if unit.meaning is not None:
        encoder, sources = bench.encoder(unit.meaning), {e.id: e for e in examples}
        variants = judged(variants, sources, encoder, unit.meaning.least, unit.meaning.drop)
    payload.write_variants(folder / VARIANTS, variants, {"stumbles": dict(heard)})


def usable(variants: Sequence[Variant]) -> list[Variant]:
    """Variants that are evidence: something changed, and the gold is still valid."""
    return [v for v in variants if not v.noop and not v.refusal]


def _predict(unit: Predict, folder: Path, bench: Bench) -> None:
    from harness.inference import predict

    if isinstance(unit.examples, Data):
        examples: Sequence[Example] = bench.examples(unit.examples)
    else:
        examples = [v.example for v in usable(bench.variants(unit.examples))]
    model = bench.model(unit.model)
    said = predict(model, examples)
    for example, one in zip(examples, said, strict=True):
        if not np.isfinite(one.probabilities).all():
            raise BrokenPromise(f"the prediction for {example.id} has probabilities that are not finite")
    payload.save(folder / PREDICTIONS, to_table([e.id for e in examples], said, model.labels))


def _score(unit: Score, folder: Path, bench: Bench) -> None:
    task, where = bench.task(unit.task), unit.said.examples
    said = bench.predictions(unit.said)
    clean = bench.predictions(unit.clean) if unit.clean else {}
    if isinstance(where, Data):
        variants = [Variant(e, (), 0.0) for e in bench.examples(where)]
        kept = variants
    else:
        variants = bench.variants(where)
        kept = usable(variants)
    scoring = task.scoring
    labels = next(iter(said.values())).labels if said else ()
    pool = bench.examples(where if isinstance(where, Data) else where.data)
    sources, others = {e.id: e for e in pool}, unrelated(pool)
    stats = [scoring.row(v.example, said[i], labels, others[i]) for v in kept for i in (v.example.id,)]
    moved = [
        scoring.moved(clean[i], said[i], v.edits, sources[i]) if clean else (0.0,) * 5
        for v in kept
        for i in (v.example.id,)
    ]
    columns: dict[str, Any] = {
        "id": [v.example.id for v in kept],
        "stats": [row.tolist() for row in stats],
        "moved": [list(row) for row in moved],
        "rate": [v.rate for v in kept],
        "right": [float(not scoring.broken(v.example, said[v.example.id])) for v in kept],
        "similarity": [np.nan if v.similarity is None else v.similarity for v in kept],
        "fragmentation": [np.nan if v.fragmentation is None else v.fragmentation for v in kept],
    }
    if unit.train is not None:
        columns["seen"] = _seen(bench.examples(unit.train), kept, said)
    about = {
        "labels": list(labels),
        "least": where.meaning.least if isinstance(where, Perturb) and where.meaning else None,
        "noop": sum(v.noop for v in variants) if unit.clean else 0,
        "invalid": sum(bool(v.refusal) and not v.noop for v in variants),
        "one_class": bool(said) and _one_class(said, sources, scoring),
    }
    payload.write_table(folder / SCORES, columns, about)


def _verify(unit: Verify, folder: Path, bench: Bench) -> None:
    scoring, said = bench.task(unit.task).scoring, bench.predictions(unit.said)
    assert isinstance(unit.said.examples, Data)
    told, before = [], None
    for one in bench.examples(unit.said.examples):
        if one.meta["role"] == BEFORE:
            before = one
            continue
        wrong = fails(unit, scoring, one, said[one.id], before, said[before.id] if before else None)
        told.append({"id": one.id, "before": before.id if before else None, "failed": wrong})
    (folder / CHECKS).write_text(json.dumps(told), "utf-8")


def fails(
    unit: Verify,
    scoring: Scoring,
    after: Example,
    said: Prediction,
    before: Example | None,
    first: Prediction | None,
) -> bool:
    """Whether a model's answer is not as a test of behaviour expects it."""
    if before is None or first is None:
        return scoring.broken(after, said)
    if unit.label and unit.expect != CHANGES:
        rise = _probability(said, unit.label) - _probability(first, unit.label)
        return (-rise if unit.expect == "not lower" else rise) > unit.tolerance
    edits = [e for name, text in before.fields.items() for e in diff(text, after.fields[name], name)]
    flipped = scoring.moved(first, said, edits, before).flip > 0
    return flipped == (unit.test == INV)


def _probability(said: Prediction, label: str) -> float:
    if not isinstance(said, Classes) or label not in said.labels:
        raise BrokenPromise(
            f"the model gives no probability of {label!r}, which a test of behaviour is about"
        )
    return float(said.probabilities[said.labels.index(label)])


def unrelated(examples: Sequence[Example]) -> dict[str, Example]:
    """By id, another example of the set, the same whenever it is asked for (methods, section 0.4)."""
    order = rng("unrelated").permutation(len(examples)).tolist()
    return {examples[a].id: examples[b] for a, b in zip(order, [*order[1:], *order[:1]], strict=True)}


def _seen(train: Sequence[Example], kept: Sequence[Variant], said: dict[str, Prediction]) -> list[list[int]]:
    """Per example: seen mentions found, seen mentions, new mentions found, new mentions (methods, 5.4)."""
    known = {(e.fields[s.field][s.start : s.end], s.label) for e in train for s in e.spans}
    rows = []
    for variant in kept:
        example, answer = variant.example, said[variant.example.id]
        assert isinstance(answer, Spans)
        row = [0, 0, 0, 0]
        for span in example.spans:
            new = (example.fields[span.field][span.start : span.end], span.label) not in known
            row[2 * new] += span in answer.spans
            row[2 * new + 1] += 1
        rows.append(row)
    return rows


def _one_class(said: Mapping[str, Prediction], sources: Mapping[str, Example], scoring: Scoring) -> bool:
    """Whether all inputs got the same answer, such as nothing found in any text (methods, section 0.5)."""
    (first, one), *rest = said.items()
    return bool(rest) and not any(scoring.moved(one, other, (), sources[first]).flip for _, other in rest)


def _agree(unit: Agree, folder: Path, bench: Bench) -> None:
    """Observed and expected disagreement of runs (methods, section 4.4)."""
    moved = bench.task(unit.task).scoring.moved
    runs = [from_table(payload.read_table(bench.blobs.open(p.key, PREDICTIONS))[0]) for p in unit.said]
    where = unit.said[0].examples
    assert isinstance(where, Data)
    sources = {e.id: e for e in bench.examples(where)}
    ids = list(runs[0])
    pairs = list(itertools.combinations(range(len(runs)), 2))
    share = [[_ratio(moved(runs[r][i], runs[s][i], (), sources[i])) for i in ids] for r, s in pairs]
    expected = np.zeros((len(runs), len(runs)))
    random = rng(unit.seed, "expected disagreement")
    draws = max(1, PAIRS // len(runs) ** 2)
    for r, s in itertools.product(range(len(runs)), repeat=2):
        at = random.integers(0, len(ids), (draws, 2))
        expected[r, s] = np.mean(
            [_ratio(moved(runs[r][ids[a]], runs[s][ids[b]], (), sources[ids[a]])) for a, b in at]
        )
    about = {"pairs": pairs, "observed": share, "expected": expected.tolist(), "ids": ids}
    (folder / AGREEMENT).write_text(json.dumps(about, allow_nan=False), "utf-8")


def _ratio(moved: Any) -> float:
    return float(moved.hard / moved.hard_of) if moved.hard_of else 0.0


def _attack(unit: Assault, folder: Path, bench: Bench) -> None:
    from harness.attack.attack import Attack

    attack, options = bench.extension("attack", unit.attack)
    assert isinstance(attack, Attack)
    task, examples = bench.task(unit.task), bench.examples(unit.data)
    model = bench.model(unit.model)
    outcomes = attack.run(model, task, examples, seed=unit.seed, budget=unit.budget, options=options)
    rows = []
    others = unrelated(examples)
    for example, outcome in zip(examples, outcomes, strict=True):
        rows.append(_attacked(example, outcome, task, model.labels, others[example.id]))
    (folder / ATTACK).write_text(json.dumps(rows, allow_nan=False), "utf-8")


def _attacked(
    example: Example, outcome: Any, task: Task, labels: tuple[str, ...], other: Example
) -> dict[str, Any]:
    from harness.text import vary

    variant = vary(example, outcome.edits, by_word=True, alternatives=task.alternatives)
    return {
        "id": example.id,
        "skipped": outcome.skipped,
        "success": outcome.success,
        "queries": outcome.queries,
        "note": outcome.note,
        "edits": [[e.start, e.end, e.text, e.field] for e in outcome.edits],
        "rate": variant.rate,
        "fields": dict(variant.example.fields),
        "target": payload.dump_target(variant.example.target),
        "clean_stats": task.scoring.row(example, outcome.clean, labels, other).tolist(),
        "stats": task.scoring.row(variant.example, outcome.final, labels, other).tolist(),
        "clean": dump(outcome.clean),
        "final": dump(outcome.final),
    }


def dump(prediction: Prediction) -> dict[str, Any]:
    """A prediction for people: the label, the spans or the text, with confidences."""
    if isinstance(prediction, Spans):
        return {
            "spans": [[s.start, s.end, s.label, s.field, confidence(s, prediction)] for s in prediction.spans]
        }
    if isinstance(prediction, Text):
        known = float(prediction.probabilities[0])
        return {"text": prediction.text, "probability": known or None}
    ranked = sorted(
        zip(prediction.labels, prediction.probabilities.tolist(), strict=True), key=lambda x: -x[1]
    )
    return {
        "label": prediction.said,
        "probability": ranked[0][1] if prediction.exclusive else None,
        "ranked": [[label, p] for label, p in ranked[:SHOWN] if p > 0],
    }


def confidence(span: Any, prediction: Spans) -> float:
    """Probability of an answer; of an entity, the mean over its words of the most probable tag's."""
    if prediction.ranked:
        return next((score for one, score in prediction.ranked if one == span), 0.0)
    inside = (prediction.words[:, 0] < span.end) & (prediction.words[:, 1] > span.start)
    return float(prediction.probabilities[inside].max(-1).mean()) if inside.any() else 0.0


def _explain(unit: Explain, folder: Path, bench: Bench) -> None:
    from harness.explain.ask import unexplained
    from harness.explain.explain import explain
    from harness.explain.explainer import Explainer

    explainer, options = bench.extension("explainer", unit.explainer)
    assert isinstance(explainer, Explainer)
    task, examples = bench.task(unit.task), bench.examples(unit.data)
    edited = {v.example.id: v for v in usable(bench.variants(unit.edited))} if unit.edited else {}
    model = bench.model(unit.model)
    why = unexplained(model, task)
    found = [] if why else explain(model, task, examples, edited, explainer, options, seed=unit.seed)
    told = {"why": why, "explanations": [asdict(one) for one in found]}
    (folder / EXPLANATIONS).write_text(json.dumps(told, allow_nan=False), "utf-8")
