"""The card of an exported model: its numbers are those of the run's results, with their intervals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.after.kept import Kept
from harness.models.generation import Generation
from harness.report import words
from harness.report.json import FILE, load_results
from harness.report.safe import markdown as text
from harness.rows import PROPERTIES, Results, Row
from harness.tasks.task import Form
from harness.text import Example
from harness.units import Train


@dataclass(frozen=True)
class Check:
    """How many answers of the exported model equal those of the run's, of how many asked; and why none."""

    equal: int = 0
    asked: int = 0
    note: str = ""


def results_of(kept: Kept) -> Results | None:
    """The results of the model's run; None for a retraining, which measures other things."""
    path = kept.folder / FILE
    return load_results(path.read_bytes(), str(path)) if path.is_file() else None


def card(kept: Kept, results: Results | None, pipeline: str, check: Check, example: Example) -> str:
    """A model card: YAML for machines, then the same for people.

    Values in the YAML are written as JSON, which YAML contains, so that nothing can break it.

    Args:
        kept: The model.
        results: Of its run, if it has any.
        pipeline: Name of the pipeline that loads it; empty if none does.
        check: What came of comparing answers.
        example: To show what the model reads.
    """
    head = "\n".join(f"{key}: {json.dumps(value)}" for key, value in _facts(kept, results, pipeline))
    body = "\n".join(_body(kept, results, pipeline, check, example))
    return f"---\n{head}\n---\n\n{body}\n"


def _facts(kept: Kept, results: Results | None, pipeline: str) -> Iterator[tuple[str, Any]]:
    if pipeline:
        yield "library_name", "transformers"
        yield "pipeline_tag", pipeline
    if isinstance(kept.unit, Train) and kept.unit.place:
        place = Path(kept.unit.place)
        yield "base_model", place.name if place.is_absolute() else kept.unit.place
    yield "tags", ["continuity-harness", kept.task.name]
    score = _headline(kept, results)
    if results is not None and score is not None:
        metric = {"type": kept.task.scoring.metric, "value": score.value, "name": kept.task.scoring.metric}
        task = {"type": pipeline or kept.task.name, "name": kept.task.name}
        data = {"name": f"{results.suite.name}, test", "type": results.suite.name}
        yield "model-index", [{"name": kept.unit.name, "results": [{"task": task, "dataset": data, "metrics": [metric]}]}]  # fmt: skip


def _headline(kept: Kept, results: Results | None, split: str = "test") -> Row | None:
    rows = results.rows if results is not None else ()
    own = [
        row
        for row in rows
        if (row.property, row.measure, row.model) == ("score", "score", kept.unit.name)
        and row.condition.get("split") == split
        and "seed" not in row.condition
        and "operator" not in row.condition
    ]
    return own[0] if own else None


def _body(
    kept: Kept, results: Results | None, pipeline: str, check: Check, example: Example
) -> Iterator[str]:
    yield f"# {text(kept.unit.name)}: {text(kept.task.name)}\n"
    yield f"{_origin(kept)} Exported from run {text(str(kept.about['run']['id']))} by `harness export`.\n"
    yield "## Use\n"
    yield from _use(kept, pipeline, check, example)
    yield "\n## Training\n"
    yield from _training(kept, results)
    if results is not None:
        yield "\n## What was measured\n"
        yield from _measured(kept, results)
        yield "\n## Limits\n"
        yield from _limits(kept, results)
    else:
        yield "\nIt was retrained; what was compared, and with what, is in the report of the retraining."


def _origin(kept: Kept) -> str:
    if isinstance(kept.unit, Train):
        return f"Fine-tuned with seed {kept.unit.seed}."
    return "A checkpoint that was there already, as it is."


_CALLS = {
    Form.LABELS: ", top_k=None",
    Form.WORDS: ', aggregation_strategy="first"',
    Form.CHOICE: ', function_to_apply="sigmoid"',
}


def _use(kept: Kept, pipeline: str, check: Check, example: Example) -> Iterator[str]:
    if not pipeline:
        yield "It is no model of transformers. `harness predict` answers with it, and this reads it:\n"
        yield f"```python\n{_bag(kept)}\n```"
        return
    yield "```python\nfrom transformers import pipeline\n"
    yield f'model = pipeline("{pipeline}", "."{_CALLS.get(kept.task.form, "")})'
    given = json.dumps(asked(kept, example), ensure_ascii=False)
    if kept.task.form is Form.TEXT:
        given += "".join(f", {name}={value!r}" for name, value in writing(kept, pipeline).items())
    yield f"model({'**' if kept.task.form is Form.ANSWER else ''}{given})\n```\n"
    if kept.task.form is Form.LABELS:
        yield "Labels above one half are those that it gives.\n"
    if kept.task.form is Form.CHOICE:
        yield "Each candidate is asked about on its own; the highest score is the best.\n"
    if check.asked:
        yield f"Compared with the run's own answers: {check.equal} of {check.asked} are equal."
    else:
        yield f"Answers were not compared with the run's own: {check.note}."


def _bag(kept: Kept) -> str:
    return (
        "from harness.catalog import find\n"
        f'model = find("trainer", "{getattr(kept.unit, "trainer").name}").load('  # noqa: B009
        f'".", find("task", "{kept.task.name}"), "cpu")'
    )


def asked(kept: Kept, example: Example) -> Any:
    """What a pipeline is to be given for an example."""
    reading = kept.task.inputs(example)[0]
    if kept.task.form is Form.ANSWER:
        return dict(example.fields)
    if kept.task.form is Form.TEXT and (prompt := _prompt(kept, example)):
        return prompt
    if len(reading) == 1:
        return reading[0].text
    return {"text": reading[0].text, "text_pair": reading[1].text}


def writing(kept: Kept, pipeline: str) -> dict[str, Any]:
    """What a pipeline has to be told to write as the run did; what it is not told, it has defaults for."""
    settings: Generation = kept.model.settings  # type: ignore[attr-defined]
    asked_for = ("max_new_tokens", "num_beams", "do_sample")
    usual = Generation().arguments
    told = {k: v for k, v in settings.arguments.items() if k in asked_for or usual.get(k) != v}
    # A prompt has its special tokens already, and is not to be repeated.
    prompted = {"return_full_text": False, "add_special_tokens": False}
    return told | (prompted if pipeline == "text-generation" else {})


def _prompt(kept: Kept, example: Example) -> str:
    """What a decoder is given to continue, instruction and template included; empty for other models."""
    network: Any = getattr(kept.model, "network", None)
    source: Any = getattr(kept.model.encode([example])[0][0].data, "source", None)
    if network is None or source is None or network.config.is_encoder_decoder:
        return ""
    tokenizer: Any = kept.model.tokenizer  # type: ignore[attr-defined]
    return str(tokenizer.decode(source.ids))


def _training(kept: Kept, results: Results | None) -> Iterator[str]:
    about = kept.about["suite"]
    data: Mapping[str, Any] = about["resolved"]["data"]
    yield f"- Suite {text(about['name'])}, digest `{about['digest']}`."
    for split in ("train", "validation", "test"):
        if split in kept.about["data"]:
            size = kept.about["data"][split]["examples"]
            source = f" from {_code(json.dumps(data[split], ensure_ascii=False))}" if data.get(split) else ""
            yield f"- {split.capitalize()}: {size:,} examples{source}."
    own: Mapping[str, Any] = next(m for m in about["resolved"]["models"] if m["name"] == kept.unit.name)
    given = {key: value for key, value in own.items() if value and key != "name"}
    yield f"- Model: {_code(json.dumps(given, ensure_ascii=False))}."
    if results is not None:
        main = [run for run in results.models if run.model == kept.unit.name and run.main]
        seeds = [str(run.seed) for run in main]
        yield f"- Seeds that were trained: {', '.join(dict.fromkeys(seeds))}; this is {kept.unit.seed}."
        for run in main:
            if run.seed == kept.unit.seed:
                yield f"- This seed: {words.number(run.after)} on validation, {words.number(run.test)} on test."


def _measured(kept: Kept, results: Results) -> Iterator[str]:
    """Headline metric on every split, then the five properties."""
    yield "| what | value | 95 % interval | examples | runs | status |".replace(
        "95 %", f"{results.suite.resolved['statistics']['level']:.0%}".replace("%", " %")
    )
    yield "|---|---|---|---|---|---|"
    for split in ("test", *results.suite.resolved["data"]["shifts"]):
        if (row := _headline(kept, results, split)) is not None:
            yield _line(f"{kept.task.scoring.metric} on {split}", row)
    cells = {one.property: one for one in results.scorecard if one.model == kept.unit.name}
    for name in PROPERTIES:
        if name in cells:
            yield _line(name, cells[name])
    formulas = {one.property: one.formula for one in cells.values()}
    yield ""
    for name in (name for name in PROPERTIES if name in formulas):
        yield f"- {name.capitalize()}: {text(formulas[name])}"


def _line(name: str, one: Any) -> str:
    cells = (
        text(name),
        words.number(one.value),
        words.interval(one.low, one.high),
        f"{one.n:,}",
        str(one.runs),
        text(": ".join(filter(None, (words.status(one.status) or "ok", one.note)))),
    )
    return f"| {' | '.join(cells)} |"


def _limits(kept: Kept, results: Results) -> Iterator[str]:
    yield "- The numbers are about data like the test data, and edits and attacks like those of the suite."
    if len({run.seed for run in results.models if run.model == kept.unit.name}) > 1:
        yield "- They are about all seeds together; this one alone may be better or worse."
    for warning in results.run.warnings:
        yield f"- {text(warning)}"
    for gate in _broken(kept, results):
        yield f"- Gate {_code(gate.expression)}: {gate.verdict}. {text(gate.reason)}"


def _broken(kept: Kept, results: Results) -> Sequence[Any]:
    return [g for g in results.gates if g.verdict != "pass" and g.model in ("", kept.unit.name)]


def _code(content: str) -> str:
    return f"<code>{text(content)}</code>"
