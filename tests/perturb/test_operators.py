"""What every operator promises, checked for each one that the package brings."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import pairwise

import pytest

from harness import catalog
from harness.errors import UserError
from harness.perturb.operator import DIRECTIONAL, Operator
from harness.perturb.severity import LADDER, perturb
from harness.text import Example, Fate, Span, Variant, apply, carry, changed, example, script
from tests.perturb.samples import fitting
from tests.perturb.saturating import SATURATES

EVERY: dict[str, Operator] = {
    row.name: catalog.find("operator", row.name)  # type: ignore[misc]
    for row in catalog.listing(["operator"])
    if row.origin == "harness"
}


def usable(operator: Operator) -> bool:
    """Whether what it needs is there: a library, a lexicon, weights."""
    if operator.weights or (operator.needs in ("nlpaug", "textattack") and not find_spec(operator.needs)):
        return False
    try:
        for one in fitting(operator, 2):
            perturb(one, operator, 1 if operator.graded else 0, seed=0, peers=fitting(operator, 4))
    except UserError:
        return False
    return True


OPERATORS = {name: operator for name, operator in EVERY.items() if usable(operator)}
ODD = {
    "empty": "",
    "one character": "x",
    "spaces": "  \t\n ",
    "emoji": "👨‍👩‍👧‍👦 loves 👍🏽 and 🇩🇪!",
    "only emoji": "👍🏽👨‍👩‍👧‍👦",
    "right-to-left": "שלום עולם، مرحبا بالعالم",
    "combining": "Cafe\u0301 na\u0308ive a\u0327\u0308\u0301bc",
    "long word": "x" * 100_000 + " and more",
    "marks only": "?! ... -- '' \"\"",
    "no spaces": "東京は日本の首都です。",
    "mixed scripts": "Привет world, 你好 κόσμε and don't forget 12 तस्वीर.",
    "half a surrogate": "broken \ud83d here",
    "unusual case": "İstanbul straße ŉ ﬁne",
    "control characters": "a\x00b \x1b[31m red\u2028line",
}
FIELDS = {
    "qa": ("question", "context"),
    "dialogue": ("1 user", "2 agent"),
    "translation": ("source",),
}
"""What the fields of odd examples are called."""
every = pytest.mark.parametrize("name", OPERATORS)
own = pytest.mark.parametrize("name", [name for name, op in OPERATORS.items() if not op.needs])
graded = pytest.mark.parametrize("name", [name for name, op in OPERATORS.items() if op.graded])


def vary(
    source: Example, name: str, severity: int = 5, draw: int = 0, peers: Sequence[Example] = ()
) -> Variant:
    operator = OPERATORS[name]
    return perturb(source, operator, severity if operator.graded else 0, seed=7, draw=draw, peers=peers)


def varied(name: str, count: int, severity: int = 5, draw: int = 0) -> list[tuple[Example, Variant]]:
    """Examples that the operator is for, and what it makes of them."""
    sources = fitting(OPERATORS[name], count)
    return [(source, vary(source, name, severity, draw, sources)) for source in sources]


def test_there_are_operators_of_every_family() -> None:
    """The package brings at least sixty operators of its own, of all levels, and some that change what is right."""
    ours = [op for op in EVERY.values() if op.needs not in ("nlpaug", "textattack")]
    assert len(ours) >= 60
    families = {"character", "word", "sentence", "format", "entity", DIRECTIONAL}
    assert {op.family for op in ours} == families
    assert all(op.summary.endswith(".") for op in EVERY.values())


@every
def test_edits_lead_from_the_clean_to_the_perturbed_text(name: str) -> None:
    """A variant's texts are its edits applied to the source, and each of them changes something."""
    for source, variant in varied(name, 40):
        for field, text in source.fields.items():
            edits = script((e for e in variant.edits if e.field == field), len(text))
            assert apply(text, edits) == variant.example.fields[field]
            assert all(text[e.start : e.end] != e.text for e in edits)
        assert variant.noop == (variant.example.fields == source.fields)


@own
def test_the_rate_is_that_of_the_edits(name: str) -> None:
    """What severity has added up on its way is what the edits come to together."""
    by_word = OPERATORS[name].unit == "word"
    for source, variant in varied(name, 40):
        sizes = [len(text.split()) if by_word else len(text) for text in source.fields.values()]
        spent = sum(
            changed(text, sorted(e for e in variant.edits if e.field == field), by_word)
            for field, text in source.fields.items()
        )
        assert variant.rate == pytest.approx(spent / sum(sizes))


@every
def test_something_is_edited(name: str, sentences: list[Example]) -> None:
    """On ordinary texts, no operator is idle throughout."""
    said = [
        f'"I don\'t, of course" said café owners. {s.text} That is all. It rained.' for s in sentences[:20]
    ]
    short = [
        "The colour of 我们今天去北京大学学习中文 is good.",
        "The garden is beautiful.",
        "The summer was cold.",
    ]
    quoted = [example(str(i), text, "good") for i, text in enumerate([*said, *short])]
    made = [variant for _, variant in varied(name, 40)]
    if OPERATORS[name].suits("classification"):
        made += [vary(one, name, peers=quoted) for one in quoted]
    assert any(not variant.noop and not variant.refusal for variant in made)


@graded
def test_higher_severities_contain_the_edits_of_lower_ones(name: str) -> None:
    """Severities are nested, so that curves grow by construction."""
    for source in fitting(OPERATORS[name], 15):
        steps = [set(vary(source, name, severity).edits) for severity in sorted(LADDER)]
        assert all(lower <= higher for lower, higher in pairwise(steps))


@every
def test_the_same_key_gives_the_same_variant(name: str) -> None:
    """A variant depends on seed, operator, example and draw, and on nothing else."""
    assert varied(name, 10) == varied(name, 10)


@pytest.mark.parametrize("name", [n for n in OPERATORS if n not in SATURATES])
def test_draws_differ(name: str) -> None:
    """Where there is something to choose, another draw makes another choice."""
    if not OPERATORS[name].graded:
        pytest.skip("all its edits are made; there may be nothing to choose")
    assert varied(name, 40) != varied(name, 40, draw=1)


@every
def test_gold_spans_survive(name: str) -> None:
    """Every span is kept or touched, and what is kept has its old text; few variants of rewrites are refused."""
    operator = OPERATORS[name]
    for source, variant in varied(name, 60):
        if operator.whole and variant.refusal:
            continue
        assert variant.refusal == ""
        after = variant.example.marks + variant.example.spans
        if operator.name != "truncate":  # which may drop an entity, and says so by leaving it out
            assert len(after) == len(source.anchors)
        for before, moved in zip(source.anchors, after, strict=False):
            _, fate = carry(before, variant.edits)
            old = source.fields[before.field][before.start : before.end]
            new = variant.example.fields[moved.field][moved.start : moved.end]
            assert new == new.strip() != ""
            assert fate is Fate.TOUCHED or new == old
            assert operator.inside_spans or new == old


@every
def test_no_edit_crosses_the_border_of_adjacent_entities(name: str) -> None:
    """Entities that touch each other, or the mark after them, stay apart."""
    if not OPERATORS[name].suits("ner"):
        pytest.skip("is not for entities")
    text = 'EuropeanParliament met Paris-London, the "Times".'
    spans = (
        Span(0, 8, "NORP"),
        Span(8, 18, "ORG"),
        Span(23, 28, "LOC"),
        Span(29, 35, "LOC"),
        Span(42, 47, "ORG"),
    )
    for draw in range(30):
        variant = vary(example("a", text, spans), name, draw=draw)
        assert OPERATORS[name].whole or variant.refusal == ""
        assert variant.refusal or len(variant.example.spans) == len(spans)


@every
@pytest.mark.parametrize("kind", ODD)
def test_odd_text_does_no_harm(name: str, kind: str) -> None:
    """Scripts, symbols and broken characters that an operator does not know are left alone or survive."""
    operator = OPERATORS[name]
    if operator.needs and kind == "long word":
        pytest.skip("what a library takes for a hundred thousand letters is not ours to say")
    fields = next((names for task, names in FIELDS.items() if operator.only_for == {task}), ("text",))
    source = Example("odd", dict.fromkeys(fields, ODD[kind]))
    variant = vary(source, name, peers=(source, Example("other", dict.fromkeys(fields, "Another text."))))
    for field in fields:
        edits = [e for e in variant.edits if e.field == field]
        assert apply(source.fields[field], edits) == variant.example.fields[field]
    if not ODD[kind].strip():
        assert variant.noop


def mean_rate(name: str, severity: int) -> float:
    rates = [variant.rate for draw in range(2) for _, variant in varied(name, 300, severity, draw)]
    return sum(rates) / len(rates)


@pytest.mark.parametrize("name", [n for n, op in OPERATORS.items() if op.graded and n not in SATURATES])
def test_the_mean_rate_is_what_severity_says(name: str) -> None:
    """Over many texts the realised share of the text is within a tenth of the target."""
    for severity in (1, 3, 5):
        assert mean_rate(name, severity) == pytest.approx(LADDER[severity], rel=0.10)


@pytest.mark.parametrize("name", [n for n in SATURATES if n in OPERATORS])
def test_where_sites_run_out_the_rate_is_lower_never_higher(name: str) -> None:
    """Operators without enough sites stay below the highest target, and below all others as they must."""
    assert mean_rate(name, 5) < 0.9 * LADDER[5], "has sites enough: take it off the table"
    assert mean_rate(name, 1) <= 1.1 * LADDER[1]


@pytest.mark.parametrize(
    "name",
    [
        n
        for n, op in OPERATORS.items()
        if op.level == "word" and not op.directional and op.suits("classification") and n != "contraction"
    ],
)
def test_numbers_and_negations_are_left_alone(name: str) -> None:
    """Word operators that preserve meaning do not touch what carries the truth of a sentence."""
    guarded = ["not", "never", "no", "12", "3.5", "seven", "all", "most", "must", "better", "can't", "don’t"]
    if name == "number-format":
        pytest.skip("writes numbers in another form, of the same value")
    source = example("a", " ".join(f"the really important people {word}" for word in guarded), "good")
    for draw in range(20):
        after = vary(source, name, draw=draw).example.text.split()
        assert [word for word in after if word in guarded] == guarded


@own
def test_long_texts_cost_what_their_length_says(name: str) -> None:
    """A text of 300 kB comes to its end: nothing in it is looked at once for each of its words."""
    operator = OPERATORS[name]
    source = fitting(operator, 1)[0]
    field = max(source.fields, key=lambda f: len(source.fields[f]))
    longer = Example("long", {**source.fields, field: " ".join([source.fields[field]] * 2500)}, source.target)
    vary(longer, name, peers=(source,))
