"""Curves as inline SVG that stands under a strict Content-Security-Policy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from harness.errors import BrokenPromise
from harness.report import safe
from harness.report.view import Point
from harness.rows import Histogram, Row

# Blue and orange first, which colour blindness leaves apart, in tones legible on white and on near-black.
COLOURS: tuple[str, ...] = ("#2f80c9", "#d9730d", "#8a7bd1", "#3d9970", "#b8569a", "#808890")
_DASHES: tuple[tuple[int, ...], ...] = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3), (4, 4), (1, 3))
_SHAPES: tuple[str, ...] = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
_ELEMENTS = frozenset({"svg", "g", "path", "rect", "line", "text", "tspan", "defs", "clipPath"})
_FORBIDDEN = re.compile(r"^on|href$|^style$|^id$")
_INK = "currentColor"


def severity_curves(rows: Sequence[Row], start: Mapping[str, float], models: Sequence[str], axis: str) -> str:
    """One small chart per operator, a line per model and a band for its interval.

    Colour, dash and shape tell models apart. Text takes the colour of the page.

    Args:
        rows: Rows of one measure whose conditions have ``operator`` and ``severity``; rows of
            severity 0 (operators without degrees) and rows without a value are left out.
        start: The value without any edit, by model, drawn at severity 0.
        models: All models, in the order of their colours.
        axis: What the vertical axis shows.

    Returns:
        An ``<svg>`` element, or an empty string if there is nothing to draw.

    Raises:
        BrokenPromise: If the renderer's output holds anything but shapes and text.
    """
    values = _values(rows, start)
    return _drawn(values, models, axis, "severity of the edits", "operator", _SEVERITIES)


def budget_curves(points: Sequence[Point], models: Sequence[str], axis: str) -> str:
    """Likewise one chart per attack: the share of examples that fell within a budget of queries.

    Args:
        points: What is drawn; the horizontal axis is logarithmic.
        models: All models, in the order of their colours.
        axis: What the vertical axis shows.
    """
    values = [_value(one.attack, one.model, one.budget, one.value, one.low, one.high) for one in points]
    most = max((one.budget for one in points), default=1)
    queries = {
        "scale": {"type": "log", "domain": [1, most], "nice": False},
        "axis": {"values": [10**power for power in range(len(str(most)))], "format": ",d", "grid": False},
    }
    return _drawn(values, models, axis, "queries", "attack", queries)


def learning_curves(rows: Sequence[Row], models: Sequence[str], axis: str) -> str:
    """Likewise a chart of the score by share of the training data.

    Args:
        rows: Rows with ``fraction``; the horizontal axis is logarithmic.
        models: All models, in the order of their colours.
        axis: What the vertical axis shows.
    """
    fractions = sorted({float(row.condition["fraction"]) for row in rows})
    values = [
        _value("all models", row.model, float(row.condition["fraction"]), row.value, row.low, row.high)
        for row in rows
    ]
    shares = {
        "scale": {"type": "log", "domain": [min(fractions, default=1), 1], "nice": False},
        "axis": {"values": fractions, "format": ".0%", "grid": False},
    }
    return _drawn(values, models, axis, "share of the training data", "suite", shares)


def survival_curves(rows: Sequence[Row], models: Sequence[str], axis: str) -> str:
    """Likewise one chart per operator: the share of answers that hold after so many edits.

    Args:
        rows: Rows whose conditions have ``probe`` and ``step``, with a value.
        models: All models, in the order of their colours.
        axis: What the vertical axis shows.
    """
    probes = {str(row.condition["probe"]) for row in rows}

    def panel(row: Row) -> str:
        named = (str(row.condition.get("operator", "")), str(row.condition["probe"]))
        return " ".join(part for part in named[: 1 + (len(probes) > 1)] if part)

    values = [
        _value(name, model, 0, 1.0, 1.0, 1.0)
        for name, model in dict.fromkeys((panel(r), r.model) for r in rows)
    ]
    values += [
        _value(panel(row), row.model, float(row.condition["step"]), row.value, row.low, row.high)
        for row in rows
    ]
    most = max((int(row.condition["step"]) for row in rows), default=1)
    steps = {"axis": {"values": list(range(most + 1)), "format": "d", "grid": False}}
    return _drawn(values, models, axis, "edits made", "operator", steps)


def histograms(found: Sequence[Histogram]) -> str:
    """One small chart per set of outliers and model: how familiar its texts look beside the test texts.

    Args:
        found: What is drawn.

    Returns:
        As :func:`severity_curves`.
    """
    if not found:
        return ""
    import vl_convert

    values = [value for one in found for value in _bars(one)]
    svg = vl_convert.vegalite_to_svg(_histograms(values))
    return inline(
        svg,
        title="How familiar texts look",
        description=f"{len(found)} small charts, one per set of outliers and model, with the share of the "
        "test texts and of the outliers over how familiar they look; the table below tells them in figures.",
    )


def _bars(one: Histogram) -> Values:
    width = (one.high - one.low) / len(one.known)
    panel = _label(f"{one.outliers}, {one.model}, by {one.by}")
    return [
        {
            "panel": panel,
            "texts": texts,
            "x": one.low + at * width,
            "end": one.low + (at + 1) * width,
            "share": share,
        }
        for texts, shares in zip(KINDS, (one.known, one.strange), strict=True)
        for at, share in enumerate(shares)
    ]


KINDS = ("test texts", "outliers")


def _histograms(values: Values) -> dict[str, Any]:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {"values": values},
        "facet": {
            "field": "panel",
            "type": "nominal",
            "title": None,
            "sort": list(dict.fromkeys(value["panel"] for value in values)),
        },
        "columns": 3,
        "spacing": {"row": 18, "column": 22},
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "spec": {
            "width": 250,
            "height": 90,
            "mark": {"type": "rect", "opacity": 0.55},
            "encoding": {
                "x": {
                    "field": "x",
                    "type": "quantitative",
                    "title": None,
                    "scale": {"zero": False, "nice": False},
                    "axis": {"tickCount": 5, "grid": False},
                },
                "x2": {"field": "end"},
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "title": None,
                    "axis": {"tickCount": 3, "format": "%"},
                },
                "y2": {"datum": 0},
                "color": {
                    "field": "texts",
                    "type": "nominal",
                    "scale": {"domain": list(KINDS), "range": list(COLOURS[:2])},
                    "legend": {"orient": "top", "title": None, "symbolSize": 60, "offset": 8},
                },
            },
        },
        "config": _THEME,
    }


_SEVERITIES: Mapping[str, Any] = {"axis": {"values": [0, 1, 2, 3, 4, 5], "format": "d", "grid": False}}

Values = list[dict[str, str | float | None]]


def _drawn(
    values: Values, models: Sequence[str], axis: str, across: str, panel: str, x: Mapping[str, Any]
) -> str:
    if not values:
        return ""
    import vl_convert

    svg = vl_convert.vegalite_to_svg(_specification(values, [_label(m) for m in models], _label(axis), x))
    panels = len({value["panel"] for value in values})
    return inline(
        svg,
        title=f"{axis} by {across}",
        description=f"{panels} small charts, one per {panel}, with a line per model; "
        "the table below holds the same numbers.",
    )


def _values(rows: Sequence[Row], start: Mapping[str, float]) -> Values:
    drawn = [row for row in rows if row.value is not None and float(row.condition["severity"]) > 0]
    origins = dict.fromkeys((str(row.condition["operator"]), row.model) for row in drawn)
    values = [
        _value(operator, model, 0.0, start[model], None, None)
        for operator, model in origins
        if model in start
    ]
    return values + [
        _value(
            str(row.condition["operator"]),
            row.model,
            float(row.condition["severity"]),
            row.value,
            row.low,
            row.high,
        )
        for row in drawn
    ]


def _value(
    panel: str, model: str, x: float, value: float | None, low: float | None, high: float | None
) -> dict[str, str | float | None]:
    return {
        "panel": _label(panel),
        "model": _label(model),
        "x": x,
        "value": value,
        "low": value if low is None else low,
        "high": value if high is None else high,
    }


def _label(text: str) -> str:
    """Text for the renderer, which aborts the whole process at a character that XML forbids."""
    return safe.xml(safe.line(text))


def _specification(
    values: Sequence[Mapping[str, Any]], models: list[str], axis: str, across: Mapping[str, Any]
) -> dict[str, Any]:
    """The chart in Vega-Lite, written out: its Python front end would double the time to render."""
    panels = list(dict.fromkeys(value["panel"] for value in values))
    x = {"field": "x", "type": "quantitative", "title": None, **across}
    y = {"type": "quantitative", "title": None, "scale": {"zero": False}, "axis": {"tickCount": 4}}
    top = {"orient": "top", "title": None, "symbolSize": 60, "symbolOpacity": 1, "offset": 8}

    def per_model(*options: object) -> dict[str, Any]:
        chosen = [options[index % len(options)] for index in range(len(models))]
        return {
            "field": "model",
            "type": "nominal",
            "scale": {"domain": models, "range": chosen},
            "legend": top,
        }

    colour = per_model(*COLOURS)
    dash = per_model(*(list(one) for one in _DASHES))
    shape = per_model(*_SHAPES)
    band = {
        "mark": {"type": "area", "opacity": 0.16},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour},
    }
    line = {
        "mark": {"type": "line", "strokeWidth": 2},
        "encoding": {
            "x": x,
            "y": {**y, "field": "value"},
            "color": colour,
            "strokeDash": {**dash, "legend": None},
        },
    }
    points = {
        "mark": {"type": "point", "filled": True, "size": 34, "opacity": 1},
        "encoding": {"x": x, "y": {**y, "field": "value"}, "color": colour, "shape": shape},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": {"text": axis, "anchor": "start", "dx": 28, "offset": 4},
        "data": {"values": list(values)},
        "facet": {"field": "panel", "type": "nominal", "title": None, "sort": panels},
        "columns": 4,
        "spacing": {"row": 18, "column": 22},
        "spec": {"width": 180, "height": 110, "layer": [line, points, band]},
        "config": _THEME,
    }


_THEME: Mapping[str, Any] = {
    "aria": False,
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "title": {"color": _INK, "fontSize": 12, "fontWeight": 600},
    "header": {
        "labelColor": _INK,
        "labelFontSize": 12,
        "labelAnchor": "start",
        "labelPadding": 6,
        "labelLimit": 180,
    },
    "legend": {"labelColor": _INK, "labelFontSize": 12, "symbolStrokeWidth": 0, "columnPadding": 16},
    "axis": {
        "labelColor": _INK,
        "labelFontSize": 10,
        "labelOpacity": 0.8,
        "domainColor": _INK,
        "domainOpacity": 0.35,
        "tickColor": _INK,
        "tickOpacity": 0.35,
        "gridColor": _INK,
        "gridOpacity": 0.1,
    },
}


def inline(svg: str, title: str, description: str) -> str:
    """The drawing for a page: named for screen readers, and checked to hold shapes and text only.

    Identifiers are the only references that a clip path needs; anything with one is refused, so
    that several drawings on a page cannot meet.

    Raises:
        BrokenPromise: If it holds another element, a link, a style or an event handler.
    """
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        names = [name for name in element.attrib if _FORBIDDEN.search(name) or "url(" in element.attrib[name]]
        if element.tag not in _ELEMENTS or names:
            raise BrokenPromise(f"the chart renderer made <{element.tag}> with {names or 'no business here'}")
    root.set("role", "img")
    root.set("aria-label", _label(title))
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        named = ElementTree.Element(tag)
        named.text = _label(text)
        root.insert(position, named)
    return ElementTree.tostring(root, encoding="unicode")
