"""The commands: each parses, makes one call and prints. Nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from harness.errors import ExitCode, Fault, UserError

app = typer.Typer(
    name="harness",
    help="Is a fine-tuned NLP model continuous, stable, robust, general and explainable?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
runs_app = typer.Typer(help="Look at past runs.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(runs_app, name="runs")

SuiteFile = Annotated[Path, typer.Argument(help="A suite file.", show_default=False)]
RunName = Annotated[str, typer.Argument(help="A run: its id, its suite's name (the newest), or its folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
StoreDir = Annotated[Path, typer.Option("--store", envvar="HARNESS_STORE", help="Where results are kept.")]
ReportsDir = Annotated[
    Path, typer.Option("--reports", envvar="HARNESS_REPORTS", help="Where reports are written.")
]
BaselineFile = Annotated[Path | None, typer.Option("--baseline", help="Compare with this baseline file.")]
Strict = Annotated[bool, typer.Option("--strict", help="An inconclusive gate fails the run (exit code 4).")]
ModelName = Annotated[
    str,
    typer.Argument(help="RUN:MODEL@SEED; MODEL may be left out where there is one, @SEED for the first."),
]
InputFile = Annotated[
    str, typer.Option("--input", "-i", help="A file; - for standard input; or world/stream:jump.")
]
InputFormat = Annotated[str, typer.Option("--format", help="jsonl, or text: a text on each line.")]
STORE, REPORTS = Path(".harness"), Path("reports")


def _command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Turn what a user did wrong into exit code 2 and messages that name the place."""

    @wraps(function)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except UserError as error:
            _show_faults(error, bool(kwargs.get("as_json")))
            raise typer.Exit(ExitCode.WRONG_INPUT) from None
        except KeyboardInterrupt:
            typer.echo("interrupted; what was finished is kept, run again to go on", err=True)
            raise typer.Exit(130) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except OSError as error:  # no space, no permission: what was finished is kept
            from harness.report.safe import line

            typer.echo(f"error: {line(str(error))}", err=True)
            raise typer.Exit(ExitCode.INCOMPLETE) from None

    return guarded


def _show_faults(error: UserError, as_json: bool) -> None:
    from harness.report.safe import terminal

    if as_json:
        typer.echo(json.dumps({"errors": [asdict(fault) for fault in error.faults]}, indent=1))
        return
    for fault in error.faults:
        typer.echo(f"error: {terminal(str(fault))}", err=True)
    if len(error.faults) > 1:
        typer.echo(f"{len(error.faults)} errors", err=True)


def _print(value: Any) -> None:
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=str))


@app.command()
@_command
def run(
    suite: SuiteFile,
    store: StoreDir = STORE,
    reports: ReportsDir = REPORTS,
    workers: Annotated[int, typer.Option(help="Processes; 0: one a core.", min=0)] = 0,
    baseline: BaselineFile = None,
    strict: Strict = False,
    scale: Annotated[int, typer.Option(help="So many times the examples that the suite says.", min=1)] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    as_json: Json = False,
) -> None:
    """Run a suite: train, vary, measure, gate, report. Only what is missing is computed."""
    from harness.progress import following
    from harness.run import Options
    from harness.run import run as run_suite

    command = f"harness run {suite}" + (f" --scale {scale}" if scale > 1 else "")
    options = Options(store, reports, workers, strict, baseline, command, scale)
    with following(quiet or as_json) as emit:
        finished = run_suite(suite, options, emit)
    if as_json:
        _print(
            {
                "run": finished.results.run.id,
                "folder": str(finished.folder),
                "exit_code": finished.results.exit_code,
            }
        )
    else:
        _summary(finished.results, finished.folder)
    raise typer.Exit(finished.results.exit_code)


def _summary(results: Any, folder: Path) -> None:
    from rich.console import Console

    from harness.report.terminal import summary

    summary(results, Console(), str(folder / "report.html"))


@app.command()
@_command
def validate(suite: SuiteFile, as_json: Json = False) -> None:
    """Check a suite and its data; nothing is computed. All errors at once."""
    from harness.prepare import read_splits
    from harness.suite import load

    loaded = load(suite)
    sizes = {name: len(found) for name, found in read_splits(loaded).items()}
    if as_json:
        _print({"suite": loaded.spec.suite, "examples": sizes, "gates": len(loaded.gates)})
    else:
        listed = ", ".join(f"{name} {size:,}" for name, size in sizes.items())
        typer.echo(f"{suite}: valid ({listed} examples; {len(loaded.gates)} gates)")


@app.command()
@_command
def plan(
    suite: SuiteFile,
    store: StoreDir = STORE,
    explain: Annotated[bool, typer.Option("--explain", help="Say why units are not there yet.")] = False,
    as_json: Json = False,
) -> None:
    """Show the work of a suite: what is there, what is missing, what it will cost."""
    from harness.costs import costs, reasons
    from harness.prepare import prepare
    from harness.report.safe import line
    from harness.store import Store

    prepared = prepare(suite)
    opened = Store(store)
    try:
        rows = costs(prepared.plan, opened)
        why = reasons(prepared.plan, opened) if explain else []
    finally:
        opened.close()
    if as_json:
        _print({"run": prepared.id, "units": rows, "missing": why})
        return
    typer.echo(f"run {prepared.id} of {prepared.suite.spec.suite} on {prepared.device}")
    for row in rows:
        cost = "" if row["seconds"] is None else f"about {row['seconds']:.0f} s of work"
        typer.echo(
            f"  {row['kind']:<9}{row['total']:>6} units {row['cached']:>6} cached {row['missing']:>6} to do  {cost}"
        )
    for reason in why:
        typer.echo(f"  {line(reason['unit'])}: {line(reason['why'])}")


@app.command()
@_command
def report(
    run: RunName,
    store: StoreDir = STORE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder; default: the run's own.")
    ] = None,
    labels: Annotated[
        bool, typer.Option("--labels", help="Print precision, recall and F1 by label.")
    ] = False,
) -> None:
    """Write the reports of a run again from what is kept; no model is needed."""
    from rich.console import Console

    from harness import output as files
    from harness.archive import find
    from harness.report import terminal
    from harness.run import render

    folder, results = find(run, store)
    target = output or folder
    target.mkdir(parents=True, exist_ok=True)
    files.renew(target, render(results))
    _summary(results, target)
    if labels:
        terminal.labels(results, Console())


@app.command()
@_command
def compare(first: RunName, second: RunName, store: StoreDir = STORE, as_json: Json = False) -> None:
    """Compare two runs row by row."""
    from rich.console import Console

    from harness import bases
    from harness.archive import compare as compare_runs
    from harness.archive import find, show

    (one, before), (other, after) = find(first, store), find(second, store)
    kept = [bases.read(folder / bases.FILE)[0] for folder in (one, other)]
    rows = compare_runs(before, after, *kept)
    if as_json:
        _print(rows)
    else:
        show(rows, Console())


@app.command(name="explain-score")
@_command
def explain_score(
    run: RunName,
    model: Annotated[str, typer.Option(help="Only this model.")] = "",
    property: Annotated[str, typer.Option(help="Only this one of the five properties.")] = "",
    store: StoreDir = STORE,
    as_json: Json = False,
) -> None:
    """Take the headlines of a run apart: what each is made of, and with what weight."""
    from rich.console import Console

    from harness.archive import find
    from harness.errors import nearest
    from harness.report.parts import explained
    from harness.report.terminal import parts
    from harness.rows import PROPERTIES

    results = find(run, store)[1]
    models = list(dict.fromkeys(one.model for one in results.scorecard))
    if property and property not in PROPERTIES:
        raise UserError(Fault(f"no property {property!r}", hint=nearest(property, PROPERTIES)))
    if model and model not in models:
        raise UserError(Fault(f"no model {model!r} in this run", hint=nearest(model, models)))
    told = explained(results, model, property)
    if as_json:
        _print([asdict(one) for one in told])
    else:
        parts(told, Console())


@app.command(name="list")
@_command
def list_extensions(
    kind: Annotated[str, typer.Argument(help="Only this kind, such as operator.")] = "", as_json: Json = False
) -> None:
    """List what there is: operators, tasks, trainers, attacks, readers, measures, reporters."""
    from harness.catalog import KINDS, listing
    from harness.errors import nearest
    from harness.report.safe import terminal

    if kind and kind not in KINDS:
        raise UserError(Fault(f"unknown kind {kind!r}", hint=nearest(kind, KINDS)))
    rows = listing((kind,) if kind else KINDS)
    if as_json:
        _print([asdict(row) for row in rows])
        return
    for row in rows:
        wrong = f"{'not here' if row.summary else 'broken'}: {row.problem}" if row.problem else ""
        typer.echo(f"{row.kind:<10} {row.name:<28} {terminal(f'{row.summary} {wrong}'.strip())}")


@app.command()
@_command
def perturb(
    what: Annotated[
        str, typer.Argument(help="An operator, such as keyboard or nlpaug:ocr; or a suite file.")
    ],
    text: Annotated[str, typer.Argument(help="The text to edit.")] = "",
    severity: Annotated[int, typer.Option(min=1, max=5)] = 3,
    draws: Annotated[int, typer.Option(min=1, help="How many variants.")] = 1,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    freeze: Annotated[
        Path | None, typer.Option("--freeze", help="Write the perturbed test sets of a suite to this folder.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier frozen set.")] = False,
    store: StoreDir = STORE,
    as_json: Json = False,
) -> None:
    """Try an operator on a text and show what it changes; or freeze the perturbed sets of a suite."""
    if freeze is not None:
        _freeze(Path(what), freeze, store, force, as_json)
        return
    from rich.console import Console

    from harness.catalog import find
    from harness.perturb.severity import perturb as vary
    from harness.report.diff import inline
    from harness.text import example

    if not text:
        raise UserError(Fault(f"no text for {what} to edit", hint="give one, or --freeze DIR with a suite"))
    name, _, option = what.partition(":")
    found = find("operator", name)
    try:
        options = found.bind(option or None)
    except ValueError as error:
        raise UserError(str(error)) from None
    source = example("text", text)
    graded = getattr(found, "graded", True)
    variants = [
        vary(source, found, severity if graded else 0, seed=seed, draw=draw, options=options)  # type: ignore[arg-type]
        for draw in range(draws)
    ]
    if as_json:
        _print(
            [
                {"text": v.example.text, "rate": v.rate, "edits": [[e.start, e.end, e.text] for e in v.edits]}
                for v in variants
            ]
        )
        return
    console = Console(highlight=False)
    for variant in variants:
        console.print(inline(text, [(e.start, e.end, e.text) for e in variant.edits]))
        console.print(f"[dim]{variant.rate:.1%} edited, {len(variant.edits)} edits[/dim]")


def _freeze(suite: Path, folder: Path, store: Path, force: bool, as_json: bool) -> None:
    from harness.after.freeze import freeze
    from harness.progress import following

    with following(as_json) as emit:
        written = freeze(suite, folder, store, force, emit)
    if as_json:
        _print([asdict(one) for one in written])
        return
    for one in written:
        counts = ", ".join(f"{count} {state}" for state, count in one.counts.items())
        typer.echo(f"{one.file}: {counts}; {one.rate:.1%} edited")
    typer.echo(f"wrote {len(written)} sets, clean.jsonl and manifest.json to {folder}")


@app.command()
@_command
def attack(
    task: Annotated[str, typer.Option(help="What the model does: see harness list task.")],
    model: Annotated[
        str, typer.Option(help="A folder, a name on the hub, RUN:MODEL@SEED, module:function, or a URL.")
    ],
    data: Annotated[str, typer.Option(help="A file of examples with gold; or world/ner and its like.")],
    recipe: Annotated[
        list[str] | None, typer.Option(help="An attack: see harness list attack. Several are allowed.")
    ] = None,
    examples: Annotated[int, typer.Option(help="At most so many, drawn at random.", min=1)] = 100,
    out: Annotated[Path, typer.Option("--out", "-o", help="A line for each example.")] = Path(
        "attacks.jsonl"
    ),
    goal: Annotated[str, typer.Option(help="What counts as success: see harness list goal.")] = "untargeted",
    constraint: Annotated[
        list[str] | None, typer.Option(help="What texts have to meet: see harness list constraint.")
    ] = None,
    budget: Annotated[int, typer.Option(help="Model queries per example.", min=1)] = 200,
    seconds: Annotated[float, typer.Option(help="Time per example; 0: any.", min=0)] = 0.0,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    control: Annotated[bool, typer.Option(help="Whether to try edits at random as well.")] = True,
    reader: Annotated[str, typer.Option(help="What reads the data; else the file's ending decides.")] = "",
    option: Annotated[list[str] | None, typer.Option(help="An option of the reader, key=value.")] = None,
    plugin: Annotated[list[str] | None, typer.Option(help="A Python file with extensions.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, mps, cuda or cuda:1.")] = "auto",
    store: StoreDir = STORE,
    force: Annotated[bool, typer.Option("--force", help="Begin anew what holds another attack.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    as_json: Json = False,
) -> None:
    """Attack any fine-tuned model, without a suite; killed, it goes on where it was."""
    import math

    from rich.console import Console

    from harness.after.attack import Request
    from harness.after.attack import run as run_attack
    from harness.report.safe import line
    from harness.report.terminal import attacked

    request = Request(
        task=task,
        model=model,
        data=data,
        recipes=tuple(recipe or ("standard",)),
        out=out,
        reader=reader,
        options=tuple(option or ()),
        goal=goal,
        constraints=tuple(constraint or ()),
        examples=examples,
        budget=budget,
        seconds=seconds or math.inf,
        seed=seed,
        control=control,
        plugins=tuple(plugin or ()),
        device=device,
        store=store,
        force=force,
    )
    silent = quiet or as_json
    found = run_attack(request, lambda text: None if silent else typer.echo(f"  {line(text)}", err=True))
    if as_json:
        _print({"out": str(out), "recipes": [asdict(one) for one in found]})
        return
    attacked([asdict(one) for one in found], Console())
    typer.echo(f"wrote {out}")


@app.command()
@_command
def review(
    suite: SuiteFile,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="A page (.html) that saves verdicts, or a table (.csv).")
    ] = Path("review.html"),
    each: Annotated[int, typer.Option(help="Texts of each operator.", min=1)] = 50,
    store: StoreDir = STORE,
) -> None:
    """Write a sheet on which people judge whether the labels of perturbed texts are still true."""
    from harness.after.review import review as write
    from harness.progress import following

    with following(False) as emit:
        count = write(suite, output, each, store, emit)
    typer.echo(
        f"wrote {output}: {count} texts to judge; what is saved goes into the suite as\n"
        "  perturb: {reviews: [FILE.csv]}"
    )


@app.command()
@_command
def init(
    task: Annotated[str, typer.Argument(help="Which task; see: harness list task.")] = "ner",
    output: Annotated[Path, typer.Option("--output", "-o")] = Path("suite.yaml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite.")] = False,
) -> None:
    """Write a commented suite to start from."""
    from harness.scaffold import scaffold

    text = scaffold(task)
    if output.exists() and not force:
        raise UserError(Fault("exists already", str(output), hint="choose another name, or --force"))
    output.write_text(text, "utf-8")
    typer.echo(f"wrote {output}; next: harness run {output}")


@app.command()
@_command
def predict(
    model: ModelName,
    source: InputFile = "-",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; default: standard output.")
    ] = None,
    format: InputFormat = "jsonl",
    batch: Annotated[int, typer.Option(help="Lines held at a time.", min=1)] = 256,
    store: StoreDir = STORE,
) -> None:
    """Answer a stream of texts with a model of a run: JSON lines in, JSON lines out, in order.

    A line that cannot be read gets an error in its place and a message on standard error, and the
    exit code is 3; the rest goes on.
    """
    from harness.after.kept import load
    from harness.after.predict import answers, told
    from harness.after.stream import lines, opened, shape

    _check_format(format)
    if output is not None and source != "-" and output.exists() and output.samefile(source):
        raise UserError(Fault("is the input: choose another output", str(output)))
    kept = load(model, store)
    wanted = shape(kept.examples("test"))
    bad = 0
    with opened(source) as stream, _written(output) as target:
        for line, said in answers(kept.model, lines(stream, wanted, format), batch):  # type: ignore[arg-type]
            target.write(json.dumps(told(line, said, kept.task), ensure_ascii=False, allow_nan=False) + "\n")
            if said is None:
                bad += 1
                _complain(source, line)
            target.flush()
    if bad:
        typer.echo(f"{bad} line(s) without an answer", err=True)
        raise typer.Exit(ExitCode.INCOMPLETE)


@app.command()
@_command
def export(
    model: ModelName,
    folder: Annotated[Path, typer.Argument(help="Where to; empty or not there.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace an earlier export.")] = False,
    onnx: Annotated[bool, typer.Option("--onnx", help="Add ONNX; needs the extra onnx.")] = False,
    store: StoreDir = STORE,
) -> None:
    """Write a model of a run as a folder that others load, with a card that holds its numbers."""
    from harness.after.export import export as write
    from harness.after.kept import load

    kept = load(model, store)
    check = write(kept, folder, force, onnx)
    compared = f"{check.equal} of {check.asked} answers equal the run's own" if check.asked else check.note
    typer.echo(f"wrote {kept.title} to {folder}; {compared}")


@app.command()
@_command
def retrain(
    suite: SuiteFile,
    new: Annotated[Path, typer.Option("--new", help="A file of new data, with gold.", show_default=False)],
    origin: Annotated[
        str, typer.Option("--from", help="scratch, or last for the last checkpoint.")
    ] = "scratch",
    share: Annotated[float, typer.Option("--test-share", help="Of the new data, to judge by.")] = 0.3,
    margin: Annotated[float, typer.Option(help="A loss of score that is tolerated.")] = 0.02,
    reader: Annotated[str, typer.Option(help="Of the new file; default: as the training data.")] = "",
    store: StoreDir = STORE,
    reports: ReportsDir = REPORTS,
    workers: Annotated[int, typer.Option(help="Processes; 0: one a core.", min=0)] = 0,
    strict: Strict = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
    as_json: Json = False,
) -> None:
    """Fine-tune on old and new data, and say whether the new model may take the old one's place.

    Says whether the data have drifted, and compares the new model with the old one on old and on new
    test data: exit code 1 if it is shown to be worse on either.
    """
    from harness.after import account
    from harness.after.retrain import Wish
    from harness.after.retrain import retrain as again
    from harness.prepare import prepare
    from harness.progress import following
    from harness.report.safe import line
    from harness.store import Store

    if origin not in ("scratch", "last"):
        raise UserError(Fault(f"unknown origin {origin!r}", field="--from", hint="known: scratch, last"))
    for name, value in (("--test-share", share), ("--margin", margin)):
        if not 0 < value < 1:
            raise UserError(Fault(f"should lie between 0 and 1, found {value}", field=name))
    prepared = prepare(suite)
    wish = Wish(new, origin, share, margin, reader, workers or min(8, os.cpu_count() or 1))  # type: ignore[arg-type]
    opened = Store(store)
    try:
        with following(quiet or as_json) as emit:
            found = again(prepared, wish, opened, emit, strict)
    finally:
        opened.close()
    folder = account.write(found, prepared, reports)
    if as_json:
        _print(account.record(found, prepared) | {"folder": str(folder)})
    else:
        for told in account.spoken(found, folder):
            typer.echo(line(told))
    raise typer.Exit(found.exit_code)


@app.command()
@_command
def watch(
    model: ModelName,
    source: InputFile = "-",
    label: Annotated[
        list[str] | None, typer.Option("--label", "-l", help="Watch its share; may be repeated; default all.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Column that divides the stream, such as topic.")] = "",
    operator: Annotated[
        str, typer.Option("--operator", help="Watch how often its edits flip an answer, such as keyboard.")
    ] = "",
    severity: Annotated[int, typer.Option(help="Of the operator.", min=1, max=5)] = 1,
    reference: Annotated[
        str,
        typer.Option("--reference", help="What was normal, a file like the input; default: the test data."),
    ] = "",
    false_alarms: Annotated[
        float,
        typer.Option("--false-alarms", help="Probability of ever raising one, however long the stream."),
    ] = 0.01,
    margin: Annotated[float, typer.Option(help="A rise of a share by so much is no reason.")] = 0.05,
    first: Annotated[bool, typer.Option("--first", help="Stop at the first alarm.")] = False,
    format: InputFormat = "jsonl",
    batch: Annotated[int, typer.Option(help="Lines held at a time.", min=1)] = 64,
    store: StoreDir = STORE,
    as_json: Json = False,
) -> None:
    """Watch a stream: exit code 1 if the share of a label, or of answers that flip, has risen.

    The test is sequential: one may look at it after every line, for as long as one likes.
    """
    from harness.after.kept import load
    from harness.after.stream import lines, opened, shape
    from harness.after.watch import Alarm, Watcher, Wish, record, sentence, watched
    from harness.report.safe import line as safe

    _check_format(format)
    for name, value, least in (("--false-alarms", false_alarms, 1e-9), ("--margin", margin, 0.0)):
        if not least <= value < 1:
            raise UserError(Fault(f"should be at least {least:g} and below 1, found {value}", field=name))
    kept = load(model, store)
    wanted = shape(kept.examples("test"))
    wish = Wish(tuple(label or ()), by, operator, severity, false_alarms, margin)
    normal = _reference(reference, wanted, format)
    watcher = Watcher(kept, wish, normal)
    alarms: list[Any] = []
    bad = 0
    with opened(source) as stream:
        for found in watcher.follow(lines(stream, wanted, format), batch):  # type: ignore[arg-type]
            if not isinstance(found, Alarm):
                bad += 1
                _complain(source, found)
                continue
            alarms.append(record(found))
            if not as_json:
                typer.echo(f"alarm: line {found.line.number}: {safe(sentence(found, wish))}")
            if first:
                break
    if as_json:
        _print(
            {
                "false_alarm_rate": false_alarms,
                "lines": watcher.lines,
                "without_answer": bad,
                "alarms": alarms,
                "watched": watched(watcher),
            }
        )
    else:
        typer.echo(
            f"{watcher.lines} lines, {len(watcher.watches)} shares watched, {len(alarms)} alarms; the "
            f"probability of any false alarm is at most {false_alarms:g}"
        )
    raise typer.Exit(ExitCode.GATE_FAILED if alarms else ExitCode.INCOMPLETE if bad else ExitCode.PASSED)


def _reference(path: str, wanted: Any, format: str) -> list[Any]:
    """The lines of a reference, all of which have to be right."""
    from harness.after.stream import lines, opened
    from harness.data.lines import capped

    if not path:
        return []
    with opened(path) as stream:
        found = list(lines(stream, wanted, format))  # type: ignore[arg-type]
    if faults := [Fault(line.fault, path, line.number) for line in found if line.fault]:
        raise UserError(capped(faults))
    return found


def _check_format(format: str) -> None:
    if format not in ("jsonl", "text"):
        raise UserError(Fault(f"unknown format {format!r}", field="--format", hint="known: jsonl, text"))


def _complain(source: str, line: Any) -> None:
    from harness.report.safe import line as safe

    place = "standard input" if source == "-" else source
    typer.echo(f"error: {safe(str(Fault(line.fault, place, line.number)))}", err=True)


@contextmanager
def _written(path: Path | None) -> Iterator[TextIO]:
    """A file to write, or standard output."""
    if path is None:
        yield sys.stdout
        return
    with path.open("w", encoding="utf-8") as file:
        yield file


@runs_app.command(name="ls")
@_command
def runs_ls(store: StoreDir = STORE, as_json: Json = False) -> None:
    """List past runs, newest first."""
    from harness.archive import history

    rows = history(store)
    if as_json:
        _print(rows)
        return
    for row in rows:
        typer.echo(
            f"{row['id']}  {row['started']}  exit {row['exit_code']}  {row['suite']:<20} {row['folder']}"
        )


@app.command()
@_command
def gate(
    run: RunName,
    store: StoreDir = STORE,
    baseline: BaselineFile = None,
    strict: Strict = False,
    as_json: Json = False,
) -> None:
    """Judge a run's gates again from what is kept; no model is needed."""
    from rich.console import Console

    from harness.archive import find
    from harness.report.terminal import gates
    from harness.run import regate

    folder, results = find(run, store)
    judged = regate(results, folder, baseline, strict)
    if as_json:
        _print([asdict(g) for g in judged.gates])
    else:
        gates(judged, Console())
    raise typer.Exit(judged.exit_code)


@app.command()
@_command
def baseline(
    run: RunName,
    store: StoreDir = STORE,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Default: where the suite looks for it.")
    ] = None,
) -> None:
    """Accept a run as the baseline that later runs are compared with."""
    from harness import bases
    from harness.archive import find
    from harness.baseline import accept, beside

    folder, results = find(run, store)
    path = output or Path(results.suite.baseline)
    count = accept(results, path, bases.read(folder / bases.FILE)[0])
    typer.echo(
        f"wrote {path} ({count} rows of run {results.run.id}) and {beside(path)}; review and commit both"
    )


@app.command()
@_command
def schema(what: Annotated[str, typer.Argument(help="suite or results.")] = "suite") -> None:
    """Print a JSON Schema: of suite files for editors, or of results.json for programs."""
    if what == "suite":
        from harness.spec import schema as of_suite

        _print(of_suite())
    elif what == "results":
        from harness.report.json import results_schema

        _print(results_schema())
    else:
        raise UserError(Fault(f"no schema of {what!r}", hint="known: suite, results"))


@app.command()
@_command
def doctor(store: StoreDir = STORE, as_json: Json = False) -> None:
    """Say what works on this machine, and how to get what does not."""
    from harness.doctor import checks
    from harness.report.safe import line

    found = checks(store)
    if as_json:
        _print([asdict(c) for c in found])
    else:
        for c in found:
            remedy = f"\n      {'':<22} {c.remedy}" if c.remedy else ""
            typer.echo(f"{c.state:<5} {c.name:<22} {line(c.found)}{remedy}")
    raise typer.Exit(0 if all(c.state != "fail" for c in found) else ExitCode.WRONG_INPUT)


def main() -> None:
    """The ``harness`` command."""
    app(prog_name="harness")
