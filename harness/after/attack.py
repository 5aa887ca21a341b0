"""Attacks without a suite: a model, a file of examples, recipes, and a line for each example."""

from __future__ import annotations

import importlib.util
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from harness import catalog
from harness.after.predict import shown
from harness.attack.attack import Attack
from harness.attack.constraint import Bound, Constraint
from harness.attack.goal import Goal, Judge
from harness.attack.outcome import Outcome, Status
from harness.attack.record import told
from harness.data.check import check_splits
from harness.errors import BrokenPromise, Fault, UserError
from harness.execute.attacking import progress
from harness.execute.bench import Bench, called, checkpoint
from harness.journal import Journal
from harness.measure.statistics import clopper_pearson
from harness.models.device import resolve
from harness.models.model import Model
from harness.models.remote import is_endpoint
from harness.plan import check_targets, digest, some
from harness.rng import rng
from harness.store import Blobs
from harness.tasks.task import LABELLED, Task
from harness.text import Example

READERS: Mapping[str, str] = {
    ".jsonl": "jsonl",
    ".json": "squad",
    ".csv": "csv",
    ".tsv": "tsv",
    ".conll": "conll",
    ".bio": "conll",
    ".iob": "conll",
    ".txt": "conll",
}
"""Which reader a file is for, by the ending of its name."""
WORLD = "world/"
RESAMPLES = 2000


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to attack, how, and where to write it.

    Args:
        task: The task's name.
        model: A folder or a name on the hub; ``RUN:MODEL@SEED``; ``package.module:function``; a URL.
        data: A file, or ``world/…`` for the embedded data.
        recipes: Names of attacks, as a suite writes them: ``beam`` or ``beam:width=4``.
        out: The file of lines.
        reader: What reads the data; by the file's ending if empty.
        options: Of the reader, ``key=value``.
        goal: What attacks are after, written as recipes are.
        constraints: What texts have to meet, likewise.
        examples: At most so many, drawn at random.
        budget: Queries per example.
        seconds: Time per example.
        seed: Decides all random numbers.
        control: Whether to try edits at random with as many queries.
        plugins: Python files with extensions.
        device: Where to compute.
        store: Where models of runs are kept.
        force: Whether to begin anew what a file of another attack holds.
    """

    task: str
    model: str
    data: str
    recipes: tuple[str, ...]
    out: Path
    reader: str = ""
    options: tuple[str, ...] = ()
    goal: str = "untargeted"
    constraints: tuple[str, ...] = ()
    examples: int = 100
    budget: int = 200
    seconds: float = math.inf
    seed: int = 0
    control: bool = True
    plugins: tuple[str, ...] = ()
    device: str = "auto"
    store: Path = Path(".harness")
    force: bool = False


@dataclass(frozen=True)
class Rate:
    """A number with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Summary:
    """What a recipe came to.

    Args:
        recipe: Its label.
        examples: All of them.
        skipped: Those that were wrong already or gave nothing to attack.
        errors: Those on which something broke.
        success: Successes among the attacked; None if nothing was attacked. Clopper-Pearson.
        accuracy: Share of all that is right under attack, among those without an error. Clopper-Pearson.
        control: Successes of edits at random with as many queries.
        changed: Mean share of words edited in successes. Bootstrap over examples, as what follows.
        minimal: The same of the edits that are needed.
        queries: Median for an attacked example.
        queries_p90: Nine of ten need no more.
        seconds: Mean for an attacked example.
        notes: What should be known.
    """

    recipe: str
    examples: int
    skipped: int
    errors: int
    success: Rate | None
    accuracy: Rate | None
    control: Rate | None
    changed: Rate | None
    minimal: Rate | None
    queries: Rate | None
    queries_p90: float | None
    seconds: float | None
    notes: tuple[str, ...]


def run(request: Request, say: Callable[[str], None]) -> list[Summary]:
    """Attack; what the file holds already is not attacked again.

    Args:
        request: What to do.
        say: Told now and then how far it has got.

    Raises:
        UserError: If something is wrong with what was asked for, before anything is computed.
    """
    task = catalog.find("task", request.task, request.plugins)
    assert isinstance(task, Task)
    chosen = [_recipe(text, task, request.plugins) for text in request.recipes]
    goal, constraints = _goal(request, task), _constraints(request)
    examples = _examples(request, task)
    model = _model(request, task, examples)
    journal = _journal(request, examples)
    by_id, summaries = {example.id: example for example in examples}, list[Summary]()
    for label, attack, options in chosen:
        rows = [row for row in journal.rows if row["recipe"] == label]
        done = {row["id"] for row in rows}
        left = [example for example in examples if example.id not in done]
        outcomes = attack.stream(
            model,
            task,
            left,
            seed=request.seed,
            budget=request.budget,
            options=options,
            goal=goal,
            constraints=constraints,
            seconds=request.seconds,
            control=_control(attack, request.plugins) if request.control else None,
            finish=True,
        )
        tell = progress(partial(_told, say, label), len(examples), rows)
        for _, outcome in outcomes:
            row = line(label, by_id[outcome.id], outcome, task, model.labels)
            journal.add(row)
            rows.append(row)
            tell(row)
        summaries.append(summary(label, rows))
    return summaries


def _told(say: Callable[[str], None], label: str, text: str) -> None:
    say(f"{label}: {text}")


def line(
    recipe: str, example: Example, outcome: Outcome, task: Task, labels: tuple[str, ...]
) -> dict[str, Any]:
    """An outcome as a line of the file."""
    row = told(example, outcome, task, labels)
    said = {
        name: None if one is None else shown(example, one, task.form)
        for name, one in (("before", outcome.clean), ("after", outcome.final))
    }
    return {
        "recipe": recipe,
        "id": row["id"],
        "status": row["status"],
        "original": _texts(example.fields),
        "adversarial": _texts(row["fields"]) if row["edits"] else None,
        "queries": row["queries"],
        "edits": row["edits"],
        "minimal_edits": row["minimal"],
        **said,
        **{name: row[name] for name in KEPT},
    }


KEPT = (
    "note",
    "stage",
    "rate",
    "minimal_rate",
    "candidates",
    "refused",
    "truncated",
    "unstable",
    "control",
    "entities",
    "seconds",
)
"""What else of a record stands in a line, see :func:`harness.attack.record.told`."""


def _texts(fields: Mapping[str, str]) -> str | dict[str, str]:
    return next(iter(fields.values())) if len(fields) == 1 else dict(fields)


# -- what was asked for ----------------------------------------------------------------------------


def _found(kind: str, text: str, plugins: Sequence[str]) -> tuple[catalog.Extension, dict[str, Any]]:
    """An extension with its options, from ``name`` or ``name:key=value;key=value``."""
    try:
        record, given = catalog.find(kind, text, plugins), ""
    except UserError:
        name, _, given = text.partition(":")
        if not given:
            raise
        record = catalog.find(kind, name, plugins)
    pairs = [pair.partition("=") for pair in given.split(";") if pair]
    try:
        if len(pairs) == 1 and not pairs[0][1]:
            first = next(iter(record.options), "")
            return record, record.bind({first: _typed(pairs[0][0], record.options.get(first))})
        return record, record.bind({k: _typed(v, record.options.get(k)) for k, _, v in pairs})
    except ValueError as error:
        raise UserError(str(error)) from None


def _typed(text: str, default: Any) -> Any:
    """What was written on a command line, as the default's kind; as it is if it is not of that kind."""
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(text.lower(), text)
    if isinstance(default, tuple):
        return tuple(text.split(","))
    if isinstance(default, int | float):
        try:
            return type(default)(text)
        except ValueError:
            return text
    return text


def _recipe(text: str, task: Task, plugins: Sequence[str]) -> tuple[str, Attack, dict[str, Any]]:
    record, options = _found("attack", text, plugins)
    assert isinstance(record, Attack)
    if not record.suits(task.name):
        raise UserError(Fault(f"{text} cannot attack models of {task.name}", field="recipe"))
    try:
        record.ready(options)
    except UserError as error:
        raise UserError([replace(one, message=f"{text}: {one.message}") for one in error.faults]) from None
    return text, record, options


def _goal(request: Request, task: Task) -> Judge:
    record, options = _found("goal", request.goal, request.plugins)
    assert isinstance(record, Goal)
    return record.judge(task, options)


def _constraints(request: Request) -> list[Bound]:
    found = []
    for text in request.constraints:
        record, options = _found("constraint", text, request.plugins)
        assert isinstance(record, Constraint)
        found.append(Bound(record, options, text))
    return found


def _control(attack: Attack, plugins: Sequence[str]) -> Attack | None:
    found = catalog.find("attack", attack.control[0], plugins) if attack.control else None
    assert found is None or isinstance(found, Attack)
    return found


def _examples(request: Request, task: Task) -> tuple[Example, ...]:
    """The examples to attack; of texts for taggers, those that have something to find."""
    name = request.reader or _reader(request.data)
    record = catalog.find("reader", name, request.plugins)
    pairs = {k: v for k, _, v in (option.partition("=") for option in request.options)}
    try:
        options = record.bind({k: _typed(v, record.options.get(k)) for k, v in pairs.items()})
    except ValueError as error:
        raise UserError(Fault(str(error), field="option")) from None
    found = record.function(request.data, **options)
    splits = {"data": found}
    if faults := check_splits(splits, False, False, task.alternatives) or check_targets(task, splits):
        raise UserError(faults)
    chosen = some(task, found, request.examples, request.seed)
    if not chosen:
        raise UserError(Fault("no example has anything to find", request.data))
    return chosen


def _reader(data: str) -> str:
    if data.startswith(WORLD):
        return "builtin"
    if not Path(data).is_file():
        raise UserError(Fault("no such file", data))
    ending = Path(data).suffix.lower()
    if ending not in READERS:
        known = ", ".join(READERS)
        raise UserError(Fault(f"which reader? Known endings: {known}", data, hint="say --reader NAME"))
    return READERS[ending]


def _model(request: Request, task: Task, examples: Sequence[Example]) -> Model:
    reference, device = request.model, resolve(request.device)
    labels = task.function(examples)
    if is_endpoint(reference) or _is_function(reference):
        return called(reference, labels, task)
    if ":" in reference or (Path(reference) / "run.json").is_file():
        from harness.after.kept import load

        return load(reference, request.store).model
    Bench(Blobs(request.store), request.plugins, device, 1).calm()
    if task.form in LABELLED:  # a sample of the data need not have all of the model's labels
        from harness.training.pretrained import labels as known

        own = known(reference)
        if unknown := sorted(set(labels) - set(own)):
            fault = Fault(
                f"the data have labels that the model does not know: {', '.join(unknown)}", reference
            )
            raise UserError(fault)
        labels = own
    try:
        return checkpoint(reference, labels, task, device)
    except (OSError, ValueError, BrokenPromise) as error:
        raise UserError(Fault(f"cannot be loaded: {error}", reference)) from error


def _is_function(reference: str) -> bool:
    module, colon, _ = reference.partition(":")
    top = module.partition(".")[0]
    return bool(colon) and top.isidentifier() and importlib.util.find_spec(top) is not None


# -- the file -------------------------------------------------------------------------------------


def _journal(request: Request, examples: Sequence[Example]) -> Journal:
    """The file, if it is of this attack; what decides its lines lies in a file beside it."""
    beside = request.out.with_name(f"{request.out.name}.about.json")
    about = _about(request, examples)
    if request.force:
        request.out.unlink(missing_ok=True)
    elif request.out.exists() and request.out.stat().st_size:
        before = _read(beside)
        if differs := [key for key, value in about.items() if before.get(key) != value]:
            what = ", ".join(f"{key} {before.get(key)!r}, now {about[key]!r}" for key in differs)
            hint = "choose another --out, or --force to begin anew"
            raise UserError(Fault(f"holds another attack: {what}", str(request.out), hint=hint))
    journal = Journal(request.out)
    beside.write_text(json.dumps(about, indent=1), "utf-8")
    return journal


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _about(request: Request, examples: Sequence[Example]) -> dict[str, Any]:
    asked = asdict(request)
    own = {key: asked[key] for key in ("task", "model", "goal", "budget", "seed", "control")}
    seconds = None if math.isinf(request.seconds) else request.seconds
    return own | {
        "constraints": list(request.constraints),
        "seconds": seconds,
        "examples": digest(examples),
        "content": _content(request.model),
    }


def _content(model: str) -> str:
    """What weights the model has, as far as they can be seen."""
    from harness.models.weights import digest as of_weights

    with suppress(UserError):
        return of_weights(model)
    return model


# -- what it comes to -----------------------------------------------------------------------------


def summary(recipe: str, rows: Sequence[Mapping[str, Any]]) -> Summary:
    """What a recipe came to, of its lines."""
    by = {status: [row for row in rows if row["status"] == status] for status in Status}
    won, failed = by[Status.SUCCESS], by[Status.FAILED]
    attacked = won + failed
    control = [row["control"] for row in attacked if row["control"] is not None]
    queries = [float(row["queries"]) for row in attacked]
    random = rng("harness attack", recipe)
    return Summary(
        recipe=recipe,
        examples=len(rows),
        skipped=len(by[Status.SKIPPED]),
        errors=len(by[Status.ERROR]),
        success=_share(len(won), len(attacked)),
        accuracy=_share(len(failed), len(rows) - len(by[Status.ERROR])),
        control=_share(sum(control), len(control)),
        changed=_resampled([row["rate"] for row in won], np.mean, random),
        minimal=_resampled([row["minimal_rate"] for row in won if row["minimal_edits"]], np.mean, random),
        queries=_resampled(queries, np.median, random),
        queries_p90=float(np.quantile(queries, 0.9)) if queries else None,
        seconds=float(np.mean([row["seconds"] for row in attacked])) if attacked else None,
        notes=tuple(_notes(rows, attacked)),
    )


def _share(hits: int, of: int) -> Rate | None:
    if not of:
        return None
    found = clopper_pearson(hits, of)
    return Rate(found.value, found.low, found.high)


def _resampled(
    values: Sequence[float], statistic: Callable[..., Any], random: np.random.Generator
) -> Rate | None:
    """A statistic of examples with its percentile interval."""
    if not values:
        return None
    data = np.array(values, float)
    drawn = statistic(data[random.integers(len(data), size=(RESAMPLES, len(data)))], axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Rate(float(statistic(data)), float(low), float(high))


def _notes(rows: Sequence[Mapping[str, Any]], attacked: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not attacked:
        yield "nothing was attacked"
    if errors := [row for row in rows if row["status"] == Status.ERROR]:
        yield f"{len(errors)} broke, first {errors[0]['id']}: {errors[0]['note']}"
    for name, what in (
        ("unstable", "changed their answer when asked again: the model is not deterministic"),
        ("truncated", "were cut short by the budget"),
    ):
        if count := sum(bool(row[name]) for row in attacked):
            yield f"{count} {what}"
    if count := sum(not row["candidates"] and row["queries"] == 1 for row in attacked):
        yield f"{count} gave nothing to try"
    control = [row for row in attacked if row["control"] is not None]
    won = sum(row["status"] == Status.SUCCESS for row in control)
    if control and won <= sum(row["control"] for row in control):
        yield "no better than edits at random with as many queries"
