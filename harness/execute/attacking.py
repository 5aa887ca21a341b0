"""Units that attack models, try elsewhere what was found, or train on it."""

from __future__ import annotations

import itertools
import json
import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness import payload
from harness.attack.outcome import Status
from harness.execute.bench import Bench, Emit, unrelated, usable
from harness.execute.files import ATTACK, EXAMPLES, SOURCES, TRANSFER
from harness.execute.shown import seen
from harness.journal import Journal
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.rng import rng
from harness.tasks.task import Task
from harness.text import Edit, Example, vary
from harness.units import Assault, Augment, Called, Transfer


def attack(unit: Assault, folder: Path, bench: Bench, emit: Emit) -> None:
    """Attack example after example; what was finished before an interruption is not attacked again."""
    from harness.attack.attack import Attack
    from harness.attack.record import told

    found, options = bench.extension("attack", unit.attack)
    assert isinstance(found, Attack)
    control = bench.extension("attack", unit.control)[0] if unit.control else None
    assert control is None or isinstance(control, Attack)
    task, examples = bench.task(unit.task), bench.examples(unit.data)
    model, others = bench.model(unit.model), unrelated(examples)
    journal = Journal(bench.scratch(unit) / ATTACK)
    rows = {row["id"]: row for row in journal.rows}
    left = [example for example in examples if example.id not in rows]
    outcomes = found.stream(
        model,
        task,
        left,
        seed=unit.seed,
        budget=unit.budget,
        options=options,
        goal=bench.judge(unit.goal, task),
        constraints=bench.constraints(unit.constraints),
        seconds=math.inf if unit.seconds is None else unit.seconds,
        control=control,
        finish=True,
    )
    say = progress(emit, len(examples), rows.values())
    for at, outcome in outcomes:
        example = left[at]
        row = told(example, outcome, task, model.labels, others[example.id])
        row |= {"clean": seen(outcome.clean), "final": seen(outcome.final), "least": seen(outcome.least)}
        rows[example.id] = row
        journal.add(row)
        say(row)
    ordered = [rows[example.id] for example in examples]
    (folder / ATTACK).write_text(json.dumps(ordered, allow_nan=False), "utf-8")


EVERY = 5.0
"""Seconds between words about how far an attack has got."""


def progress(
    emit: Emit, total: int, before: Iterable[Mapping[str, Any]]
) -> Callable[[Mapping[str, Any]], None]:
    """Tells now and then how many examples are done, how many attacks succeeded, and at what cost.

    Args:
        emit: Who is told.
        total: Examples in all.
        before: Rows of those that were done already.

    Returns:
        To be called with each row as it comes.
    """
    counts, last = Counter[str](), time.monotonic()

    def count(row: Mapping[str, Any]) -> None:
        counts.update(done=1, won=row["status"] == Status.SUCCESS, asked=row["queries"])

    for row in before:
        count(row)

    def say(row: Mapping[str, Any]) -> None:
        nonlocal last
        count(row)
        if time.monotonic() - last >= EVERY or counts["done"] == total:
            last = time.monotonic()
            told = f"{counts['done']} of {total} attacked, {counts['won']} with success"
            emit(f"{told}, {counts['asked']:,} queries")

    return say


def transfer(unit: Transfer, folder: Path, bench: Bench, emit: Emit) -> None:
    """Whether texts that were made against one model reach the goal with another."""
    from harness.attack.goal import Seen
    from harness.inference import predict

    source, task = unit.source, bench.task(unit.task)
    model = bench.model(unit.model)
    judge = bench.judge(source.goal, task)
    clean = {example.id: example for example in bench.examples(source.data)}
    rows = json.loads(bench.blobs.open(source.key, ATTACK).read_text("utf-8"))
    won = [row for row in rows if row["status"] == Status.SUCCESS]
    before = [clean[row["id"]] for row in won]
    after = [_again(e, row, task) for e, row in zip(before, won, strict=True)]
    found = []
    said = iter(predict(model, [*before, *after]))
    first = [Seen(e, next(said)) for e in before]
    second = [Seen(e, next(said)) for e in after]
    for one, other in zip(first, second, strict=True):
        start, end = judge(one, one), judge(one, other)
        right = start is not None and not start.broken
        found.append({"id": one.example.id, "right": right, "fooled": right and bool(end and end.broken)})
    (folder / TRANSFER).write_text(json.dumps({"rows": found}), "utf-8")


def _again(example: Example, row: Mapping[str, Any], task: Task) -> Example:
    """The text that an attack came to, with its gold."""
    return vary(example, [Edit(*one) for one in row["edits"]], alternatives=task.alternatives).example


def augment(unit: Augment, folder: Path, bench: Bench, emit: Emit) -> None:
    """Training examples to be added: edited by operators, or found by attacks on the model trained without."""
    share = math.ceil(unit.share * len(bench.examples(unit.data)) / len(unit.parts))
    added: list[tuple[str, Example]] = []
    for number, part in enumerate(unit.parts):
        found = _edited(unit, part, bench) if isinstance(part, Called) else _fooling(part, bench)
        added += [(e.id, replace(e, id=f"{e.id}+{number}")) for e in itertools.islice(found, share)]
    payload.write_examples(folder / EXAMPLES, [example for _, example in added])
    (folder / SOURCES).write_text(json.dumps([source for source, _ in added]), "utf-8")


def _edited(unit: Augment, called: Called, bench: Bench) -> Iterator[Example]:
    """Examples in an order of their own, edited at a severity that is drawn; those that stay true and changed."""
    operator, options = bench.extension("operator", called)
    assert isinstance(operator, Operator)
    alternatives, examples = bench.task(unit.task).alternatives, bench.examples(unit.data)
    random = rng(unit.seed, "augment", called.label)
    for at in random.permutation(len(examples)).tolist():
        severity = unit.severities[int(random.integers(len(unit.severities)))] if operator.graded else 0
        variant = perturb(
            examples[at],
            operator,
            severity,
            seed=unit.seed,
            draw=1,  # other texts than those that the model will be tested on would be
            options=options,
            peers=examples,
            alternatives=alternatives,
        )
        yield from (one.example for one in usable([variant]))


def _fooling(unit: Assault, bench: Bench) -> Iterator[Example]:
    """The texts on which an attack succeeded, then those that did most harm."""
    sources = {e.id: e for e in bench.examples(unit.data)}
    rows = json.loads(bench.blobs.open(unit.key, ATTACK).read_text("utf-8"))
    edited = [row for row in rows if row["edits"] and row["status"] in (Status.SUCCESS, Status.FAILED)]
    for row in sorted(edited, key=lambda row: -row["harm_after"]):
        yield _again(sources[row["id"]], row, bench.task(unit.task))
