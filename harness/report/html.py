"""report.html: one page that holds everything, opens anywhere and lets nothing run or call home."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any

from harness.report import (
    charts,
    diff,
    moves,
    parted,
    probes,
    robust,
    safe,
    select,
    sliced,
    varied,
    view,
    words,
)
from harness.report.reporter import reporter
from harness.rows import Results

if TYPE_CHECKING:
    from jinja2 import Environment


@reporter("html")
def html(results: Results) -> Mapping[str, bytes]:
    """The report for people: one self-contained page, offline, in print and by keyboard."""
    from markupsafe import Markup

    style, script = _asset("report.css"), _asset("report.js")
    axis, rows = view.curves(results)
    chart = charts.severity_curves(rows, view.start(results, rows), select.models(results), axis)
    models, points = select.models(results), view.spent(results)
    budgets = charts.budget_curves(points, models, "Examples that fell")
    learning = charts.learning_curves(varied.curve(results), models, results.suite.metric)
    held = charts.survival_curves(probes.curve(results), models, "Answers that hold")
    page = (
        _environment()
        .get_template("report.html")
        .render(
            results=results,
            policy=policy(style, script),
            # The only strings that are not escaped: our own files, and a drawing that charts.inline checked.
            style=Markup(style),
            script=Markup(script),
            chart=Markup(chart),
            curve_rows=rows,
            budgets=Markup(budgets),
            learning=Markup(learning),
            held=Markup(held),
            probed=probes.found(results),
            histogram=Markup(charts.histograms(results.outliers)),
        )
    )
    return {"report.html": safe.encodable(page).encode()}


def sheet(suite: str, task: str, items: Sequence[Any], columns: Sequence[str]) -> str:
    """A page on which people judge perturbed texts, and that saves what they say as CSV.

    Args:
        suite: The suite's name.
        task: The task's.
        items: What to judge: ``operator``, ``severity``, ``id``, ``gold`` and the ``pieces`` of a diff.
        columns: Of the CSV.
    """
    from markupsafe import Markup

    style, script = _asset("report.css"), _asset("review.js")
    page = (
        _environment()
        .get_template("review.html")
        .render(
            suite=suite,
            task=task,
            items=items,
            columns=columns,
            policy=policy(style, script),
            style=Markup(style),
            script=Markup(script),
        )
    )
    return safe.encodable(page)


def policy(style: str, script: str) -> str:
    """A Content-Security-Policy under which exactly this style and this script take effect."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def _asset(name: str) -> str:
    return (resources.files("harness.report") / "assets" / name).read_text(encoding="utf-8")


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "glyphs": safe.glyphs,
        "number": words.number,
        "condition": words.condition,
        "percent": words.percent,
        "duration": words.duration,
        "size": words.size,
        "status": words.status,
    }
    environment.globals |= {
        "view": view,
        "varied": varied,
        "robust": robust,
        "sliced": sliced,
        "moves": moves,
        "parted": parted,
        "words": words,
        "select": select,
        "step": diff.step,
        "position": position,
    }
    return environment


def _visible(value: object) -> object:
    """What every expression of a template goes through: even in attributes nothing stays unseen."""
    from markupsafe import Markup

    return safe.terminal(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def position(value: float, lowest: float = 0.0) -> float:
    """Where a score from ``lowest`` to 1 lies on a scale of 0 to 100, at its ends if beyond them."""
    return round(100 * min(1.0, max(0.0, (value - lowest) / (1 - lowest))), 2)
