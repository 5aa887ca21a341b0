"""Fills the generated parts of the documentation from the code they describe: ``make docs``.

A generated part stands between ``<!-- generated: name -->`` and ``<!-- /generated -->``; all the rest
of a page is written by hand. ``tests/test_docs.py`` fails when a part is not what this module makes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any, get_args

import typer
from typer.core import TyperCommand, TyperGroup

from harness import catalog, rows, spec
from harness.assertion import CONDITIONS
from harness.catalog import Extension
from harness.cli import app
from harness.data.world import COLLECTIONS, builtin
from harness.errors import ExitCode, UserError
from harness.measure.tables import Measure
from harness.perturb.operator import Operator
from harness.perturb.severity import LADDER, perturb
from harness.report import words
from harness.text import Edit, Example, Span
from harness.training.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PART = re.compile(r"(<!-- generated: (?P<name>[\w.-]+) -->\n).*?(<!-- /generated -->)", re.DOTALL)
WIDTH = 96


# -- Markdown --------------------------------------------------------------------------------------


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A Markdown table; pipes in cells are escaped."""
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def code(text: object) -> str:
    """Text as code."""
    return f"`{text}`"


def prose(text: str) -> str:
    """A docstring's sentence as Markdown: reStructuredText's literals become code."""
    return re.sub(r":\w+:`([^`]+)`", r"`\1`", text).replace("``", "`")


# -- the suite -------------------------------------------------------------------------------------


def suite_keys(model: str = "Spec") -> str:
    """The keys of a part of a suite, with what they may hold and what they hold if left out."""
    schema = spec.schema()
    part = schema if model == "Spec" else schema["$defs"].get(model)
    part = part or getattr(spec, model).model_json_schema()  # checked apart, such as a part of `training`
    required = part.get("required", ())
    return table(
        ("key", "value", "default"),
        (
            (code(key), kind(about), "required" if key in required else default(about))
            for key, about in part["properties"].items()
        ),
    )


def kind(about: Mapping[str, Any]) -> str:
    """What a value may be, in words, from its JSON Schema."""
    if "$ref" in about:
        return f"mapping, see [below](#{about['$ref'].rpartition('/')[2].removesuffix('Spec').lower()})"
    if "anyOf" in about:
        return " or ".join(kind(one) for one in about["anyOf"] if one.get("type") != "null")
    if "const" in about or "enum" in about:
        return " or ".join(code(one) for one in about.get("enum", [about.get("const")]))
    if about["type"] == "array":
        return f"list of: {kind(about['items'])}"
    plain = {
        "string": "text",
        "integer": "whole number",
        "number": "number",
        "object": "mapping",
        "boolean": "true or false",
    }
    return plain[about["type"]] + limits(about)


def limits(about: Mapping[str, Any]) -> str:
    """The range of a number."""
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    found = [f"{sign} {about[key]:g}" for key, sign in signs.items() if key in about]
    return f" ({', '.join(found)})" if found else ""


def default(about: Mapping[str, Any]) -> str:
    """What a key holds if it is left out."""
    value = about.get("default")
    if isinstance(value, dict):
        return "its own defaults"
    return "none" if value in (None, "", []) else code(json.dumps(value))


# -- extensions ------------------------------------------------------------------------------------


def extensions(kind: str) -> str:
    """All built-in extensions of a kind."""
    records = catalog.every(kind).values()
    return table(
        (kind, "options", "what it does"),
        ((code(r.name), options(r), f"{prose(r.summary)} {remarks(r)}".strip()) for r in records),
    )


def perturbations() -> str:
    """Operators by the family that they count with in scores, each with an example."""
    families: dict[str, list[Operator]] = {}
    for record in catalog.every("operator").values():
        assert isinstance(record, Operator)
        families.setdefault(record.family, []).append(record)
    return "\n\n".join(
        f"### {family.capitalize()}\n\n"
        + table(
            ("operator", "options", "what it does", "for example"),
            (
                (code(r.name), options(r), f"{prose(r.summary)} {remarks(r)}".strip(), shown_edit(r))
                for r in records
            ),
        )
        for family, records in families.items()
    )


SAMPLES = (
    Example(
        "ner",
        {
            "text": "Angela Merkel, who is not well known here, didn't visit 12 old friends in Paris "
            "because of the weather."
        },
        (Span(0, 13, "PER"), Span(74, 79, "LOC")),
    ),
    Example(
        "classification",
        {
            "text": "I want to say that the food was good. It's a café in the center of town, and they played "
            "music, for example!"
        },
        "good",
    ),
    Example("classification", {"text": "She says the garden is beautiful."}, "good"),
    Example(
        "relation",
        {"text": "The storm in the north caused severe damage to the harbour."},
        "Cause-Effect(e1,e2)",
        marks=(Span(4, 9, "head"), Span(37, 43, "tail")),
    ),
    Example(
        "qa",
        {
            "question": "When did Ada Lovelace write the first program of 3?",
            "context": "Ada Lovelace was born in London. She wrote the first program in 1843. Few read it.",
        },
        (Span(64, 68, "answer", "context"),),
    ),
    *(
        Example(
            task,
            {
                "1 user": "Hello, I am moving.",
                "2 agent": "Where to?",
                "3 user": "To Lisbon, I think.",
                "4 agent": "When?",
                "5 user": "In May. What does it cost?",
            },
            ("That depends.",),
            meta={"speaker": "agent"},
        )
        for task in ("dialogue", "response")
    ),
    Example(
        "translation", {"source": "Two men in São Paulo are playing chess at a table."}, ("Zwei Männer.",)
    ),
)
"""What operators are shown on, by task: each on the first that it changes."""


def shown_edit(record: Operator) -> str:
    """What an operator makes of a sample: the words that it changes, before and after."""
    suited = [one for one in SAMPLES if record.suits(one.id)]
    for source in suited if not record.needs else ():
        peers = [replace(one, id=f"{one.id}-{at}") for at, one in enumerate(suited)]
        for draw in range(5):
            try:
                made = perturb(source, record, 3 if record.graded else 0, seed=5, draw=draw, peers=peers)
            except UserError:  # it needs something that is not on every machine
                return ""
            if not made.noop and not made.refusal:
                edit = made.edits[0]
                return _around(source.fields[edit.field], edit)
    return ""


def _around(text: str, edit: Edit, most: int = 40) -> str:
    """The words that an edit is made in, before and after."""
    start = text.rfind(" ", 0, edit.start) + 1
    end = text.find(" ", edit.end)
    end = len(text) if end < 0 else end
    before = text[start:end]
    after = text[start : edit.start] + edit.text + text[edit.end : end]
    told = [one if len(one) <= most else one[: most - 1] + "…" for one in (before, after)]
    return " → ".join(code(_seen(one)) if one.strip() else "nothing" for one in told)


def _seen(text: str) -> str:
    """Text for a cell of a table: what cannot be seen is named."""
    named = "".join(c if c.isprintable() else f"<{unicodedata.name(c, f'U+{ord(c):04X}')}>" for c in text)
    return named.replace("`", "\u02cb")


def options(record: Extension) -> str:
    """Options with their defaults."""
    return ", ".join(code(f"{name}: {json.dumps(value)}") for name, value in record.options.items())


def remarks(record: Extension) -> str:
    """What it takes to use an extension, and where it cannot be used."""
    return " ".join(_remarks(record))


def _remarks(record: Extension) -> Iterator[str]:
    if not getattr(record, "graded", True):
        yield "No degrees: severity is 0."
    if getattr(record, "unit", "word") == "character":
        yield "Severity counts characters."
    if not getattr(record, "inside_spans", True):
        yield "Leaves gold spans alone."
    yield from _scope(record)
    if getattr(record, "pretrained", False):
        yield "Needs `pretrained`."
    if getattr(record, "gradients", False):
        yield "Needs a differentiable network."
    if needs := getattr(record, "needs", ""):
        yield f"Needs the extra `{needs}`." if needs in ("nlpaug", "textattack") else f"Needs {needs}."


def _scope(record: Extension) -> Iterator[str]:
    """Which tasks and languages an operator is for, and whose idea it is."""
    if made := getattr(record, "only_for", ()):
        yield f"For {', '.join(sorted(made))} only."
    if unfit := getattr(record, "invalid_for", ()):
        yield f"Not for {', '.join(sorted(unfit))}."
    if spoken := getattr(record, "language", ""):
        yield f"Language: {spoken}."
    if reference := getattr(record, "reference", ""):
        yield f"After {reference}."


# -- commands, results, measures -------------------------------------------------------------------


def commands() -> dict[str, TyperCommand]:
    """Every command by its full name, such as ``harness runs ls``."""
    return dict(_commands("harness", typer.main.get_command(app)))


def _commands(name: str, found: object) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(found, TyperGroup):
        for own, command in found.commands.items():
            yield from _commands(f"{name} {own}", command)
    elif isinstance(found, TyperCommand):
        yield name, found


def helps() -> str:
    """``--help`` of every command."""
    parts = []
    for name, command in commands().items():
        context = typer.Context(command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH)
        parts.append(f"## {name}\n\n```text\n{command.get_help(context)}\n```")
    return "\n\n".join(parts)


def exit_codes() -> str:
    """Exit codes and their meaning."""
    return table(
        ("code", "name", "meaning"),
        ((str(int(one)), one.name.lower(), words.outcome(one).meaning) for one in ExitCode),
    )


def conditions() -> str:
    """The conditions that a gate may name."""
    return ", ".join(map(code, CONDITIONS))


def severities() -> str:
    """The ladder of severities."""
    return table(
        ("severity", *map(str, LADDER)),
        [("share of the text", *(f"{share:.0%}" for share in LADDER.values()))],
    )


def formulas() -> str:
    """The headline of every property."""
    records = [r for r in catalog.every("measure").values() if isinstance(r, Measure)]
    return table(("property", "headline"), ((r.name, r.formula) for r in records))


def results() -> str:
    """The keys of ``results.json``."""
    return table(("key", "holds"), ((code(f.name), _held(f.type)) for f in fields(rows.Results)))


def _held(written: Any) -> str:
    """What a key of ``results.json`` holds, from its annotation."""
    named = re.findall(r"[A-Z]\w+", str(written))
    if not named:
        return "a number"
    record = getattr(rows, named[0])
    listed = "a list of records" if "tuple" in str(written) else "a record"
    summary = (record.__doc__ or "").strip().partition("\n\n")[0].replace("\n    ", " ")
    return f"{listed}: {prose(summary)}"


def documented(record: type) -> str:
    """The fields of a record as its docstring explains them, with what they are if nothing is said."""
    about = dict(re.findall(r"^ {8}(\w+): (.*(?:\n {12}.*)*)", record.__doc__ or "", re.MULTILINE))
    return table(
        ("field", "meaning", "default"),
        ((code(f.name), prose(re.sub(r"\s+", " ", about[f.name])), _missing(f)) for f in fields(record)),
    )


def by_task() -> str:
    """What is measured and attacked of each task, as the functions of its scoring say."""
    tasks: Mapping[str, Any] = catalog.every("task")
    return table(
        ("task", "metric", "chance", "further scores", "output distance", "an attack has succeeded if"),
        ((code(name), *_scored(task.scoring)) for name, task in tasks.items()),
    )


def _scored(scoring: Any) -> tuple[str, ...]:
    unrelated = "The same answers beside the references of unrelated examples."
    return (
        code(scoring.metric.partition("|version")[0]),
        _said(scoring.chance) if scoring.unrelated is None else unrelated,
        ", ".join(map(code, scoring.details(("B-LABEL",)))).replace("f1:B-", "f1:"),
        _said(scoring.moved),
        _said(scoring.broken).removeprefix("Whether "),
    )


def _said(function: Any) -> str:
    """The first sentence about a function, without where it is specified."""
    about = (getattr(function, "func", function).__doc__ or "").partition("\n\n")[0]
    return prose(re.sub(r"\s+", " ", re.sub(r" \((?:methods|section)[^)]*\)", "", about)))


def _missing(field: Any) -> str:
    """What a field is if nothing is said."""
    if field.default is not MISSING:
        return {"": "empty", None: "null"}.get(field.default, code(field.default))
    return "always given" if field.default_factory is MISSING else "empty"


def row_fields() -> str:
    """The fields of a row, which are also the columns of ``results.parquet``."""
    return documented(rows.Row)


def training() -> str:
    """The keys of ``training`` for the trainers of transformers."""
    return documented(Settings)


def vocabulary() -> str:
    """Statuses of rows and verdicts of gates, as they are written."""
    return "\n".join(
        f"- {title}: {', '.join(map(code, values))}"
        for title, values in (
            ("`status` of a row", rows.Status),
            ("`direction` of a row", get_args(rows.Direction)),
            ("`verdict` of a gate", rows.Verdict),
        )
    )


# -- the embedded world ----------------------------------------------------------------------------


def collections() -> str:
    """The collections of the embedded world, with the sizes of their splits."""
    return table(
        ("collection", "splits and their sizes"),
        (
            (code(path), ", ".join(f"{code(name)} {split.size:,}" for name, split in one.splits.items()))
            for path, one in sorted(COLLECTIONS.items())
        ),
    )


def world(name: str) -> str:
    """The first examples of a collection's test split, or of its last."""
    path = f"world/{name}"
    split = "test" if "test" in COLLECTIONS[path].splits else list(COLLECTIONS[path].splits)[-1]
    shown = ["\n".join(_shown(one)) for one in builtin.function(path, split=split, limit=3)]
    return "```text\n" + "\n\n".join(shown) + "\n```"


def _shown(one: Example) -> Iterator[str]:
    """An example line by line: its fields, its marks, its target."""
    for name, text in one.fields.items():
        yield f"{name}: {text}"
    for mark in one.marks:
        yield f"{mark.label}: {one.fields[mark.field][mark.start : mark.end]}"
    found = [one.fields[span.field][span.start : span.end] for span in one.spans]
    if one.spans:
        labels = [span.label for span in one.spans]
        yield "→ " + "; ".join(
            text if text == label else f"{text} ({label})" for text, label in zip(found, labels, strict=True)
        )
    else:
        yield "→ " + (" | ".join(one.references) or "nothing")
    if "time" in one.meta:
        yield f"time: {one.meta['time']}"


# -- pages -----------------------------------------------------------------------------------------

MAKERS: Mapping[str, Callable[[], str]] = {
    "suite": suite_keys,
    "perturbations": perturbations,
    "commands": helps,
    "exit-codes": exit_codes,
    "conditions": conditions,
    "severities": severities,
    "formulas": formulas,
    "tasks": by_task,
    "results": results,
    "row": row_fields,
    "training": training,
    "vocabulary": vocabulary,
    "collections": collections,
}

FAMILIES: Mapping[str, Callable[[str], str]] = {"suite": suite_keys, "extensions": extensions, "world": world}


def made(name: str) -> str:
    """The generated part of that name: one of :data:`MAKERS`, or ``head.rest`` of :data:`FAMILIES`.

    Raises:
        KeyError: If there is none.
    """
    head, dot, rest = name.partition(".")
    return FAMILIES[head](rest) if dot else MAKERS[name]()


def filled(page: str) -> str:
    """A page with its generated parts made anew."""
    return PART.sub(lambda m: f"{m[1]}{made(m['name'])}\n{m[3]}", page)


def pages() -> list[Path]:
    """The README and everything in ``docs``."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def main() -> None:
    """Write every page again."""
    for path in pages():
        path.write_text(filled(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
