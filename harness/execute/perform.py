"""What each kind of unit does: reads its inputs from the store, writes its result into a folder."""

from __future__ import annotations

import itertools
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from harness import payload
from harness.errors import BrokenPromise, Diverged, Fault, UserError
from harness.execute import attacking, probing, profiling, repeating
from harness.execute.bench import Bench, Emit, unrelated, usable
from harness.execute.files import (
    AGREEMENT,
    CHECKPOINT,
    CHECKS,
    EXAMPLES,
    EXPLANATIONS,
    FAMILIAR,
    OUTCOME,
    PREDICTIONS,
    SCORES,
    SOURCES,
    TRIALS,
    VARIANTS,
)
from harness.expectation import BEFORE, INV
from harness.journal import Journal
from harness.perturb.foreign import listening
from harness.perturb.meaning import apart, judged
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.plan import in_turn
from harness.prediction import Classes, Prediction, Spans, from_table, to_table
from harness.rng import rng
from harness.shuffled import shuffled
from harness.space import overlaid
from harness.store import DIVERGED, DONE, Blobs, Published
from harness.tasks.scoring.familiarity import NAMES, familiarity
from harness.tasks.scoring.spans import tags
from harness.tasks.scoring.sureness import sureness
from harness.tasks.scoring.tagging import compare
from harness.tasks.scoring.texts import text
from harness.tasks.task import Form, Scoring
from harness.text import Example, Variant, diff
from harness.training.search import best
from harness.units import (
    Agree,
    Assault,
    Augment,
    Data,
    Explain,
    Familiar,
    Inspect,
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
)

if TYPE_CHECKING:
    from harness.training.search import Study, Trial
    from harness.training.trainer import Job, Trainer

CHANGES = "changes"
"""What a test of behaviour expects where the answer should be another one."""
PAIRS = 20_000
"""Pairs of outputs drawn to estimate the disagreement expected by chance."""


def perform(unit: Unit, folder: Path, bench: Bench, emit: Emit) -> str:
    """Do what the unit says, into an empty folder.

    Returns:
        The state of the result: ``done`` or ``diverged``.
    """
    does = PERFORMED.get(type(unit))
    if does is None:
        raise TypeError(f"{unit.kind} units are not performed")
    return does(unit, folder, bench, emit) or DONE


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
        order=unit.order if isinstance(unit, Train) else None,
        until=unit.checkpoint if isinstance(unit, Train) else 1.0,
    )
    return trainer, options, job


def _search(unit: Search, folder: Path, bench: Bench, emit: Emit) -> None:
    """Make the trials of a study; those that were finished before an interruption are not made again."""
    from harness.training.search import Trial, search

    journal = Journal(bench.scratch(unit) / TRIALS)
    before = [Trial(**one) for one in journal.rows]

    def run(chosen: Mapping[str, Any], report: Callable[[float, float], None]) -> float:
        with TemporaryDirectory(dir=folder) as trial:
            trainer, options, job = _prepared(unit, Path(trial) / CHECKPOINT, bench)
            outcome = trainer.function(replace(job, report=report), emit, **overlaid(options, chosen))
        if outcome.after is None:
            raise UserError(Fault("a search needs validation data", field="data.validation"))
        return float(outcome.after)

    def keep(trial: Trial) -> None:
        journal.add(asdict(trial))
        shown = "no score" if trial.value is None else f"{trial.value:.4f}"
        emit(f"trial {trial.number + 1} of {unit.trials}: {trial.state}, {shown}")

    trials = search(study_of(unit), run, before, keep)
    (folder / TRIALS).write_text(json.dumps([asdict(one) for one in trials], allow_nan=False), "utf-8")


def study_of(unit: Search) -> Study:
    """What a search looks through, and how."""
    from harness.training.search import Study

    return Study(
        space=json.loads(unit.space),
        trials=unit.trials,
        sampler=unit.sampler,
        prune=unit.prune,
        seed=unit.seed,
    )


def trials_of(unit: Search, blobs: Blobs) -> list[Trial]:
    """What came of each trial of a search."""
    from harness.training.search import Trial

    return [Trial(**one) for one in json.loads(blobs.open(unit.key, TRIALS).read_text("utf-8"))]


def _train(unit: Train, folder: Path, bench: Bench, emit: Emit) -> str:
    trainer, options, job = _prepared(unit, folder / CHECKPOINT, bench)
    size = max(1, round(unit.fraction * len(job.train)))
    kept = _subset(job.train, size, unit.subset)
    if unit.shuffled:
        kept = shuffled(kept, rng(unit.seed, "shuffled"))
    job = replace(job, train=[*kept, *_extra(unit, kept, bench)], scratch=bench.scratch(unit))
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


def _extra(unit: Train, kept: Sequence[Example], bench: Bench) -> Iterator[Example]:
    """What augmentation adds of the examples that are trained on."""
    if unit.extra is None:
        return
    ids = {example.id for example in kept}
    sources = json.loads(bench.blobs.open(unit.extra.key, SOURCES).read_text("utf-8"))
    added = payload.read_examples(bench.blobs.open(unit.extra.key, EXAMPLES))
    yield from (example for source, example in zip(sources, added, strict=True) if source in ids)


def published(unit: Unit, bench: Bench, emit: Emit, inputs: Mapping[str, str]) -> Published:
    """Perform a unit, publish its result and remove what it kept to go on."""
    found = bench.blobs.publish(unit.key, lambda folder: perform(unit, folder, bench, emit), inputs)
    shutil.rmtree(bench.scratch(unit), ignore_errors=True)
    return found


def _subset(full: Sequence[Example], size: int, seed: int) -> Sequence[Example]:
    """A part of the training data; smaller parts are contained in larger ones."""
    if size >= len(full):
        return full
    order = rng(seed, "subset").permutation(len(full))[:size]
    return [full[at] for at in sorted(order)]


def _perturb(unit: Perturb, folder: Path, bench: Bench, emit: Emit) -> None:
    operator, options = bench.extension("operator", unit.operator)
    assert isinstance(operator, Operator)
    alternatives, examples = bench.task(unit.task).alternatives, bench.examples(unit.data)
    asked = examples if unit.part is None else in_turn(examples, unit.seed)[slice(*unit.part)]
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
            for e in asked
        ]
    if unit.meaning is not None:
        encoder, sources = bench.encoder(unit.meaning), {e.id: e for e in examples}
        variants = judged(variants, sources, encoder, unit.meaning.least, unit.meaning.drop)
    payload.write_variants(folder / VARIANTS, variants, {"stumbles": dict(heard)})


def _predict(unit: Predict, folder: Path, bench: Bench, emit: Emit) -> None:
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


def _score(unit: Score, folder: Path, bench: Bench, emit: Emit) -> None:
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
    right = [not scoring.broken(v.example, said[v.example.id]) for v in kept]
    sure = [sureness(v.example, said[v.example.id], fine) for v, fine in zip(kept, right, strict=True)]
    columns: dict[str, Any] = {
        "id": [v.example.id for v in kept],
        "stats": [row.tolist() for row in stats],
        "moved": [list(row) for row in moved],
        "rate": [v.rate for v in kept],
        "right": [float(fine) for fine in right],
        "confidence": [one.confidence for one in sure],
        "brier": [one.brier for one in sure],
        "loss": [one.loss for one in sure],
        "similarity": [np.nan if v.similarity is None else v.similarity for v in kept],
        "fragmentation": [np.nan if v.fragmentation is None else v.fragmentation for v in kept],
    }
    flips: Counter[tuple[str, str]] = Counter()
    if task.form is Form.WORDS and clean:
        columns["tagging"], flips = _compared(kept, clean, said, tags(labels))
    if scoring.grounding and clean:
        columns["grounding"] = [
            list(scoring.grounding(clean[i], said[i], sources[i], v.example))
            for v in kept
            for i in (v.example.id,)
        ]
    judge = where.meaning if isinstance(where, Perturb) else None
    if task.form is Form.TEXT and clean and judge is not None:
        before, after = ([text(of[v.example.id]).text for v in kept] for of in (clean, said))
        columns["sense"] = apart(before, after, bench.encoder(judge)).tolist()
    if unit.train is not None:
        columns["seen"] = _seen(bench.examples(unit.train), kept, said)
    about = {
        "labels": list(labels),
        "least": where.meaning.least if isinstance(where, Perturb) and where.meaning else None,
        "noop": sum(v.noop for v in variants) if unit.clean else 0,
        "invalid": sum(bool(v.refusal) and not v.noop for v in variants),
        "one_class": bool(said) and _one_class(said, sources, scoring),
        "flips": [[*pair, count] for pair, count in sorted(flips.items())],
    }
    payload.write_table(folder / SCORES, columns, about)


def _compared(
    kept: Sequence[Variant],
    clean: Mapping[str, Prediction],
    said: Mapping[str, Prediction],
    known: Sequence[str],
) -> tuple[list[list[float]], Counter[tuple[str, str]]]:
    """What a tagger said of clean and edited texts side by side, variant by variant, and what became of types."""
    rows, flips = [], Counter[tuple[str, str]]()
    for variant in kept:
        before, after = clean[variant.example.id], said[variant.example.id]
        assert isinstance(before, Spans)
        assert isinstance(after, Spans)
        one = compare(before, after, variant.edits, known)
        rows.append(one.counts.tolist())
        flips.update(one.flips)
    return rows, flips


def _familiar(unit: Familiar, folder: Path, bench: Bench, emit: Emit) -> None:
    said = bench.predictions(unit.said)
    told = [familiarity(one) for one in said.values()]
    columns = {name: [getattr(one, name) for one in told] for name in NAMES}
    payload.write_table(folder / FAMILIAR, {"id": list(said), **columns})


def _verify(unit: Verify, folder: Path, bench: Bench, emit: Emit) -> None:
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


def _agree(unit: Agree, folder: Path, bench: Bench, emit: Emit) -> None:
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
    about["outputs"] = _codes(runs, ids) if bench.task(unit.task).form is Form.LABEL else []
    (folder / AGREEMENT).write_text(json.dumps(about, allow_nan=False), "utf-8")


def _codes(runs: Sequence[Mapping[str, Prediction]], ids: Sequence[str]) -> list[list[int]]:
    """The label that each run gives to each example, as its place among all of them."""
    labels = [[one.label for i in ids for one in (run[i],) if isinstance(one, Classes)] for run in runs]
    known = sorted({label for own in labels for label in own})
    return [[known.index(label) for label in own] for own in labels]


def _ratio(moved: Any) -> float:
    return float(moved.hard / moved.hard_of) if moved.hard_of else 0.0


def _explain(unit: Explain, folder: Path, bench: Bench, emit: Emit) -> None:
    from harness.explain.ask import unexplained
    from harness.explain.explain import explain
    from harness.explain.explainer import Explainer

    explainer, options = bench.extension("explainer", unit.explainer)
    assert isinstance(explainer, Explainer)
    task, examples = bench.task(unit.task), bench.examples(unit.data)
    edited = {v.example.id: v for v in usable(bench.variants(unit.edited))} if unit.edited else {}
    model = bench.model(unit.model)
    why = unexplained(model, task)
    about: dict[str, Any] = {"seed": unit.seed, "checks": unit.checks, "draws": unit.draws}
    found = [] if why else explain(model, task, examples, edited, explainer, options, **about)
    told = {"why": why, "explanations": [asdict(one) for one in found]}
    (folder / EXPLANATIONS).write_text(json.dumps(told, allow_nan=False), "utf-8")


PERFORMED: Mapping[type[Unit], Callable[[Any, Path, Bench, Emit], str | None]] = {
    Search: _search,
    Train: _train,
    Profile: profiling.profile,
    Perturb: _perturb,
    Predict: _predict,
    Score: _score,
    Familiar: _familiar,
    Agree: _agree,
    Verify: _verify,
    Assault: attacking.attack,
    Transfer: attacking.transfer,
    Augment: attacking.augment,
    Explain: _explain,
    Inspect: probing.inspect,
    Repeat: repeating.repeat,
}
"""What is done for each kind of unit; the state of the result, if it is not ``done``."""
