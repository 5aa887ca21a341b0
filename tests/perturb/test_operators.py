"""What every operator promises, checked for each one that the package brings."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import pairwise

import pytest

from harness import catalog
from harness.perturb.operator import Operator
from harness.perturb.severity import LADDER, perturb
from harness.text import Example, Fate, Span, Variant, apply, carry, example, script

OPERATORS: dict[str, Operator] = {
    row.name: catalog.find("operator", row.name)  # type: ignore[misc]
    for row in catalog.listing(["operator"])
    if row.origin == "harness" and (row.name != "nlpaug" or find_spec("nlpaug"))
}
ODD = {
    "empty": "",
    "spaces": "  \t\n ",
    "emoji": "👨‍👩‍👧‍👦 loves 👍🏽 and 🇩🇪!",
    "right-to-left": "שלום עולם، مرحبا بالعالم",
    "combining": "Cafe\u0301 na\u0308ive a\u0327\u0308\u0301bc",
    "long word": "x" * 2000 + " and more",
    "marks only": "?! ... -- '' \"\"",
    "no spaces": "東京は日本の首都です。",
    "half a surrogate": "broken \ud83d here",
    "unusual case": "İstanbul straße ŉ ﬁne",
}
SATURATES = {
    "synonym": "few words have a safe synonym",
    "contraction": "few phrases can be contracted",
    "paraphrase": "few phrases are in the list",
    "slang": "few words have an abbreviation",
    "drop-stopword": "there are only so many function words",
    "lower": "most words are in lower case already",
    "whitespace": "there are five letters to a gap, and severity counts characters",
    "quotes": "few words have quotation marks",
    "mojibake": "few words are not plain ASCII",
    "entity-typo": "most words are not names",
    "entity-case": "most words are not names",
}
every = pytest.mark.parametrize("name", OPERATORS)
graded = pytest.mark.parametrize("name", [name for name, op in OPERATORS.items() if op.graded])


def vary(source: Example, name: str, severity: int = 5, draw: int = 0) -> Variant:
    operator = OPERATORS[name]
    return perturb(source, operator, severity if operator.graded else 0, seed=7, draw=draw)


def test_there_are_operators_of_every_level() -> None:
    """The package brings at least twenty operators, at all five levels."""
    assert len(OPERATORS) >= 20
    assert {op.level for op in OPERATORS.values()} == {"character", "word", "sentence", "format", "entity"}
    assert all(op.summary.endswith(".") for op in OPERATORS.values())


@every
def test_edits_lead_from_the_clean_to_the_perturbed_text(name: str, sentences: list[Example]) -> None:
    """A variant's text is its edits applied to the source, and each of them changes something."""
    for source in sentences[:40]:
        variant = vary(source, name)
        assert apply(source.text, script(variant.edits, len(source.text))) == variant.example.text
        assert all(source.text[e.start : e.end] != e.text for e in variant.edits)
        assert variant.noop == (variant.example.text == source.text)


@every
def test_something_is_edited(name: str, sentences: list[Example]) -> None:
    """On ordinary sentences with names, no operator is idle throughout."""
    quoted = [
        example(str(i), f'"I don\'t, of course" said {s.text}', ()) for i, s in enumerate(sentences[:20])
    ]
    assert any(not vary(source, name).noop for source in sentences[:40] + quoted)


@graded
def test_higher_severities_contain_the_edits_of_lower_ones(name: str, sentences: list[Example]) -> None:
    """Severities are nested, so that curves grow by construction."""
    for source in sentences[:15]:
        steps = [set(vary(source, name, severity).edits) for severity in sorted(LADDER)]
        assert all(lower <= higher for lower, higher in pairwise(steps))


@every
def test_the_same_key_gives_the_same_variant(name: str, sentences: list[Example]) -> None:
    """A variant depends on seed, operator, example and draw, and on nothing else."""
    for source in sentences[:10]:
        assert vary(source, name) == vary(source, name)


@pytest.mark.parametrize("name", [n for n in OPERATORS if n not in SATURATES])
def test_draws_differ(name: str, sentences: list[Example]) -> None:
    """Where there is something to choose, another draw makes another choice."""
    assert any(vary(source, name).edits != vary(source, name, draw=1).edits for source in sentences[:40])


@every
def test_gold_spans_survive(name: str, sentences: list[Example]) -> None:
    """No variant is refused, and every span is kept or touched; what is kept has its old text."""
    for source in sentences[:60]:
        variant = vary(source, name)
        assert variant.refusal == ""
        assert len(variant.example.spans) == len(source.spans)
        for before, after in zip(source.spans, variant.example.spans, strict=True):
            _, fate = carry(before, variant.edits)
            old = source.text[before.start : before.end]
            new = variant.example.text[after.start : after.end]
            assert new == new.strip() != ""
            assert fate is Fate.TOUCHED or new == old
            assert OPERATORS[name].inside_spans or new == old


@every
def test_no_edit_crosses_the_border_of_adjacent_entities(name: str) -> None:
    """Entities that touch each other, or the mark after them, stay apart."""
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
        assert variant.refusal == ""
        assert len(variant.example.spans) == len(spans)


@every
@pytest.mark.parametrize("kind", ODD)
def test_odd_text_does_no_harm(name: str, kind: str) -> None:
    """Scripts, symbols and broken characters that an operator does not know are left alone or survive."""
    source = example("odd", ODD[kind])
    variant = vary(source, name)
    assert apply(source.text, variant.edits) == variant.example.text
    if not source.text.strip():
        assert variant.noop


def mean_rate(name: str, severity: int, sentences: list[Example]) -> float:
    rates = [vary(source, name, severity).rate for source in sentences]
    return sum(rates) / len(rates)


@pytest.mark.parametrize("name", [n for n, op in OPERATORS.items() if op.graded and n not in SATURATES])
def test_the_mean_rate_is_what_severity_says(name: str, sentences: list[Example]) -> None:
    """Over many texts the realised share of the text is within a tenth of the target."""
    for severity in (1, 3, 5):
        assert mean_rate(name, severity, sentences) == pytest.approx(LADDER[severity], rel=0.10)


@pytest.mark.parametrize("name", SATURATES)
def test_where_sites_run_out_the_rate_is_lower_never_higher(name: str, sentences: list[Example]) -> None:
    """Operators without enough sites stay below the highest target, and below all others as they must."""
    assert mean_rate(name, 5, sentences) < 0.9 * LADDER[5], "has sites enough: take it off the table"
    assert mean_rate(name, 1, sentences) <= 1.1 * LADDER[1] * (2 if name == "contraction" else 1)


@pytest.mark.parametrize(
    "name", [n for n, op in OPERATORS.items() if op.level == "word" and n != "contraction"]
)
def test_numbers_and_negations_are_left_alone(name: str) -> None:
    """Word operators that preserve meaning do not touch what carries the truth of a sentence."""
    guarded = ["not", "never", "no", "12", "3.5", "seven", "all", "most", "must", "better", "can't", "don’t"]
    source = example("a", " ".join(f"the really important people {word}" for word in guarded))
    for draw in range(20):
        after = vary(source, name, draw=draw).example.text.split()
        assert [word for word in after if word in guarded] == guarded


@every
def test_other_fields_are_edited_too(name: str) -> None:
    """An operator works on whatever fields an example has, and names the one it edits."""
    source = Example(
        "a", {"question": 'What is "it"?', "context": "It is what people don't believe, said Ann."}
    )
    variant = vary(source, name)
    assert {edit.field for edit in variant.edits} <= set(source.fields)
