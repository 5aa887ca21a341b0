"""The account of a retraining: a page for people, JSON for programs, and the way to the new models."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.after.compare import Change, Comparison, Flip
from harness.after.retrain import NEW, OLD, Retrained
from harness.errors import ExitCode
from harness.measure.drift import Drift
from harness.measure.statistics import Interval
from harness.output import RUN_FILE, publish
from harness.prepare import Prepared
from harness.report import words
from harness.report.safe import markdown as text
from harness.units import spelled

PAGE, RECORD = "retrain.md", "retrain.json"
SHOWN = 20
"""Lost examples on the page; the record has all of them."""
ALPHA = 0.05
"""Adjusted p-values up to it count as drift."""
TONES = {Change.BETTER: "good", Change.NOT_WORSE: "good", Change.WORSE: "bad", Change.INCONCLUSIVE: "unsure"}


def write(found: Retrained, prepared: Prepared, reports: Path) -> Path:
    """Write the account into a folder of its own, all at once; returns the folder."""
    folder = reports / prepared.suite.spec.suite / f"retrain-{found.id}"
    files = {
        PAGE: ("\n".join(page(found, prepared)) + "\n").encode(),
        RECORD: _json(record(found, prepared)),
        RUN_FILE: _json(_run(found, prepared)),
    }
    publish(folder, files, lambda scratch: None)
    return folder


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode(
        "utf-8", "replace"
    )


# -- for programs ----------------------------------------------------------------------------------


def record(found: Retrained, prepared: Prepared) -> dict[str, Any]:
    """All of it, as JSON holds it."""
    return {
        "id": found.id,
        "suite": {"name": prepared.suite.spec.suite, "digest": prepared.suite.digest},
        "exit_code": int(found.exit_code),
        "new_data": {
            "file": str(found.wish.new),
            "train": len(found.parts.train),
            "test": len(found.parts.test),
            "left_out_of_training": found.parts.known_test,
            "left_out_of_the_test": found.parts.known_train,
        },
        "from": found.wish.origin,
        "margin": found.wish.margin,
        "metric": prepared.plan.task.scoring.metric,
        "drift": [
            asdict(one) | {"adjusted_p": p, "drifted": _drifted(p)}
            for one, p in zip(found.drift, found.adjusted, strict=True)
        ],
        "models": {
            name: {test: _comparison(one) for test, one in tests.items()}
            for name, tests in found.models.items()
        },
        "failures": dict(found.failures),
    }


def _drifted(p: float | None) -> bool | None:
    return None if p is None else p <= ALPHA


def _comparison(one: Comparison) -> dict[str, Any]:
    return {
        "verdict": one.change,
        "n": one.n,
        "old": one.old,
        "new": one.new,
        "difference": _interval(one.difference),
        "by_seed": list(one.by_seed),
        "churn": _interval(one.churn),
        "right_to_wrong": _interval(one.lost),
        "wrong_to_right": _interval(one.won),
        "flips": [
            {
                "id": f.example.id,
                "fields": dict(f.example.fields),
                "old": f.old,
                "new": f.new,
                "seeds": f.seeds,
            }
            for f in one.flips
        ],
    }


def _interval(one: Interval) -> dict[str, Any]:
    return {"value": one.value, "low": one.low, "high": one.high, "method": one.method, "status": one.status}


def _run(found: Retrained, prepared: Prepared) -> dict[str, Any]:
    """What the commands that take a model need, as in the ``run.json`` of a run."""
    wish, suite, plan = found.wish, prepared.suite, prepared.plan
    command = ["harness", "retrain", suite.file, "--new", str(wish.new), "--from", wish.origin]
    command += ["--test-share", f"{wish.share:g}", *(["--reader", wish.reader] if wish.reader else [])]
    units = [unit for units in found.units.values() for unit in units]
    data: dict[str, Any] = {
        name: {"digest": unit.digest, "examples": unit.size} for name, unit in plan.units.items()
    }
    if units:
        data["train"] = {"digest": units[0].data.digest, "examples": units[0].data.size}
    return {
        "run": {"id": f"retrain-{found.id}", "command": shlex.join(command)},
        "suite": {
            "name": suite.spec.suite,
            "file": suite.file,
            "digest": suite.digest,
            "resolved": suite.spec.model_dump(mode="json"),
        },
        "data": data,
        "models": [spelled(unit) for unit in units],
        "plugins": list(suite.plugins),
        "units": {unit.key: unit.title for unit in units},
    }


# -- for people ------------------------------------------------------------------------------------


def headline(code: ExitCode) -> str:
    """What it comes to, in a sentence."""
    return {
        ExitCode.GATE_FAILED: "A new model is worse than the one before: keep the old one.",
        ExitCode.INCOMPLETE: "Some of the work failed, so that not everything could be compared.",
        ExitCode.INCONCLUSIVE: "There is too little data to say that the new models are not worse.",
    }.get(code, "No new model was shown to be worse than the one before.")


def page(found: Retrained, prepared: Prepared) -> Iterator[str]:
    """The page in Markdown."""
    parts, wish = found.parts, found.wish
    yield f"## Retraining of {text(prepared.suite.spec.suite)}\n"
    yield f"{headline(found.exit_code)} Exit code {int(found.exit_code)}.\n"
    yield f"- New data: {len(parts.train):,} examples to learn from, {len(parts.test):,} to judge by."
    if parts.known_test or parts.known_train:
        yield (
            f"- Left out: {parts.known_test:,} that are in the old test or validation data, "
            f"{parts.known_train:,} that are in the old training data."
        )
    yield f"- Trained from {'the last checkpoint' if wish.origin == 'last' else 'scratch'} on old and new data."
    for name, why in found.failures.items():
        yield f"- **Failed:** {text(name)}: {text(why)}"
    yield "\n### Has the data drifted?\n"
    yield from _drift(found.drift, found.adjusted)
    yield "\n### New against old\n"
    yield from _verdicts(found, prepared)
    for name, tests in found.models.items():
        for test, one in tests.items():
            if one.flips:
                yield f"\n### {text(name)}, {test}: right before, wrong now\n"
                yield from _flips(one.flips)


def _drift(drift: Sequence[Drift], adjusted: Sequence[float | None]) -> Iterator[str]:
    yield "| what | drifted? | effect | p (adjusted) | old | new |"
    yield "|---|---|---|---|---|---|"
    for one, p in zip(drift, adjusted, strict=True):
        said = "too few examples" if p is None else "yes" if p <= ALPHA else "not shown"
        effect = f"{words.number(one.effect)} ({one.scale})"
        yield f"| {one.what} | {said} | {effect} | {words.number(p)} | {one.before:,} | {one.after:,} |"


def _verdicts(found: Retrained, prepared: Prepared) -> Iterator[str]:
    yield (
        f"{text(prepared.plan.task.scoring.metric)}, on average over seeds; differences with one-sided 95 % "
        f"bounds; a loss of up to {found.wish.margin:g} is tolerated.\n"
    )
    yield "| model | data | verdict | old | new | difference | seeds | churn | right to wrong | wrong to right |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for name, tests in found.models.items():
        for test, one in tests.items():
            cells = (
                text(name),
                f"{test} ({one.n:,})",
                f"{words.symbol(TONES[one.change])} {one.change}",
                words.number(one.old),
                words.number(one.new),
                _figure(one.difference),
                " ".join(words.number(d) for d in one.by_seed),
                _figure(one.churn),
                _figure(one.lost),
                _figure(one.won),
            )
            yield f"| {' | '.join(cells)} |"


def _figure(one: Interval) -> str:
    return f"{words.number(one.value)} {words.interval(one.low, one.high)}"


def _flips(flips: Sequence[Flip]) -> Iterator[str]:
    for flip in flips[:SHOWN]:
        fields: Mapping[str, str] = flip.example.fields
        shown = " / ".join(value[:300] for value in fields.values())
        gold = flip.example.target
        right = gold if isinstance(gold, str) else " + ".join(_gold(flip)) or "nothing"
        yield (
            f"- <code>{text(shown)}</code>  \n  gold <code>{text(str(right))}</code>, was "
            f"<code>{text(flip.old[:200])}</code>, is <code>{text(flip.new[:200])}</code> "
            f"({flip.seeds} seed{'s' if flip.seeds > 1 else ''}, {text(flip.example.id)})"
        )
    if len(flips) > SHOWN:
        yield f"- and {len(flips) - SHOWN} more in `{RECORD}`"


def _gold(flip: Flip) -> list[str]:
    spans = [f"{flip.example.fields[s.field][s.start : s.end]} ({s.label})" for s in flip.example.spans]
    return spans or list(flip.example.references)


def spoken(found: Retrained, folder: Path) -> Iterator[str]:
    """The account for a terminal."""
    for one, p in zip(found.drift, found.adjusted, strict=True):
        said = "too few examples to tell" if p is None else "drifted" if p <= ALPHA else "no drift shown"
        if p is not None:
            said += f" (effect {words.number(one.effect)}, {one.scale}; p {words.number(p)})"
        yield f"{one.what}: {said}"
    for name, tests in found.models.items():
        for test in (OLD, NEW):
            c = tests[test]
            yield (
                f"{words.symbol(TONES[c.change])} {name} on {test}: {c.change}: {words.number(c.old)} → "
                f"{words.number(c.new)}, difference {_figure(c.difference)}; {words.number(c.churn.value)} of "
                f"answers differ, {words.number(c.lost.value)} right to wrong"
            )
    for name, why in found.failures.items():
        yield f"failed: {name}: {why}"
    yield f"{headline(found.exit_code)} {folder / PAGE}"
