"""The transformations of TextAttack that need no model, brought back to edits."""

from __future__ import annotations

import os
import random  # noqa: TID251 - what is tested is that it is left alone
import re
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from harness.errors import UserError
from harness.perturb import libraries, textattack, transformations
from harness.perturb.foreign import listening
from harness.perturb.operator import Operator
from harness.perturb.severity import LADDER, perturb
from harness.text import Example, Span, Variant, example

pytestmark = pytest.mark.usefixtures("offline")

installed = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("textattack", "flair", "nltk")),
    reason="TextAttack is not installed: pip install 'continuity-harness[textattack]'",
)


def _there(*needed: str) -> bool:
    try:
        libraries.nltk(*needed)
    except UserError:
        return False
    return True


TEXT = (
    "Because the children of the old king usually believe what their good teachers say about castles, "
    "it is clear that they couldn't have sold twenty five of them to Ann Lee in Germany."
)
SPANS = tuple(
    Span(TEXT.index(name), TEXT.index(name) + len(name), label)
    for name, label in (("Ann Lee", "PER"), ("Germany", "LOC"))
)
RECORDS: Mapping[str, Operator] = {
    one.name: one for one in vars(textattack).values() if isinstance(one, Operator)
}
NEEDS = {name: data for name, data in transformations.DATA.items() if not _there(*data)}
CASES: Sequence[Any] = [
    pytest.param(
        RECORDS[operator],
        name,
        id=name,
        marks=pytest.mark.skipif(name in NEEDS, reason=f"{NEEDS.get(name)} missing: set HARNESS_RESOURCES"),
    )
    for operator, own in textattack.OPERATORS.items()
    if operator in RECORDS
    for name in own
]
every = pytest.mark.parametrize(("operator", "transformation"), CASES)
wordnet = pytest.mark.skipif(
    "wordnet" in NEEDS, reason="WordNet is not on this machine: set HARNESS_RESOURCES"
)
tagger = pytest.mark.skipif("inflections" in NEEDS, reason="NLTK's tagger is not here: set HARNESS_RESOURCES")


def vary(
    text: str, transformation: str, spans: tuple[Span, ...] = (), severity: int = 5, draw: int = 0
) -> Variant:
    operator = next(RECORDS[name] for name, own in textattack.OPERATORS.items() if transformation in own)
    options = {"transformation": transformation}
    severity = severity if operator.graded else 0
    return perturb(example("a", text, spans), operator, severity, seed=0, draw=draw, options=options)


def texts(text: str, transformation: str, draws: int = 30) -> set[str]:
    """All the texts that draws lead to."""
    return {vary(text, transformation, draw=draw).example.text for draw in range(draws)}


# -- all of them ---------------------------------------------------------------------------------


@installed
@every
def test_every_transformation_makes_edits(operator: Operator, transformation: str) -> None:
    """Each works offline, without stumbling over ordinary words, and leaves the gold usable."""
    text = "东京是日本的首都。" if operator.language == "zh" else TEXT
    spans = () if operator.language == "zh" else SPANS
    with listening() as heard:
        variants = [vary(text, transformation, spans, draw=draw) for draw in range(6)]
    assert not heard
    assert any(not variant.noop for variant in variants)
    for variant in variants:
        assert variant.refusal == ""
        assert len(variant.example.spans) == len(spans)
        for before, after in zip(spans, variant.example.spans, strict=True):
            new = variant.example.text[after.start : after.end]
            assert new == new.strip() != ""
            assert operator.inside_spans or new == text[before.start : before.end]


@installed
@every
def test_the_global_generators_neither_matter_nor_change(operator: Operator, transformation: str) -> None:
    """TextAttack draws from them; behind the fence nobody notices, and the same key gives the same variant."""
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002, TID251
    vary(TEXT, transformation, SPANS)  # which may import what is imported once
    environment, python, legacy = dict(os.environ), random.getstate(), np.random.get_state()  # noqa: NPY002
    first = vary(TEXT, transformation, SPANS)
    assert dict(os.environ) == environment
    assert random.getstate() == python
    assert (np.random.get_state()[1] == legacy[1]).all()  # noqa: NPY002
    random.seed(2)
    assert vary(TEXT, transformation, SPANS) == first


@installed
def test_every_transformation_is_had_or_its_absence_explained() -> None:
    """The classes of TextAttack, base classes apart, are those of the operators and those that are not to be had."""
    module = libraries.textattack().transformations
    abstract = {
        "Transformation",
        "SentenceTransformation",
        "WordInsertion",
        "WordMerge",
        "WordSwap",
        "WordSwapDifferentialEvolution",
    }
    found, left = {module.Transformation}, [module.Transformation]
    while left:
        left = [
            one for kind in left for one in kind.__subclasses__() if one.__module__.startswith("textattack.")
        ]
        found.update(left)
    named = {_kebab(kind.__name__) for kind in found if kind.__name__ not in abstract}
    offered = {name for own in textattack.OPERATORS.values() for name in own}
    assert offered == set(transformations.TRANSFORMATIONS)
    assert {_kebab(kind) for kind, _ in transformations.TRANSFORMATIONS.values()} == offered
    assert named == offered | set(transformations.UNAVAILABLE)


def _kebab(name: str) -> str:
    """The name of a class as we spell it."""
    plain = name.removeprefix("WordSwap").replace("WordNet", "Wordnet").replace("HowNet", "Hownet")
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", plain).lower()


@installed
def test_severity_takes_exactly_its_share() -> None:
    """Twenty words at severity 3 are three typos, however many TextAttack proposes."""
    assert len(vary(" ".join(["reading"] * 20), "qwerty", severity=3).edits) == round(LADDER[3] * 20)


@installed
@wordnet
def test_the_order_of_sets_does_not_matter() -> None:
    """TextAttack draws from sets of words, whose order is another one in every process."""
    synonyms = transformations.build("word-insertion-random-synonym")._get_synonyms("king")
    word = transformations.Word(0, 4, "king", "text")
    proposed = transformations.proposals("wordnet", transformations.build("wordnet"), word, 0.5)
    for found in (synonyms, proposed):
        assert len(found) > 3
        assert found == sorted(found)


# -- labels --------------------------------------------------------------------------------------


@installed
@pytest.mark.parametrize("transformation", textattack.OPERATORS["textattack"])
def test_negations_numbers_and_short_words_are_not_mistyped(transformation: str) -> None:
    """A single wrong letter can turn them into other words."""
    assert vary("not never no 12 2019 3.5 it is of don't", transformation).noop


@installed
def test_a_letter_typed_at_the_edge_of_a_name_belongs_to_it() -> None:
    """Otherwise the model would be blamed for finding all of ``xLisbon``."""
    for draw in range(30):
        variant = vary("Lisbon", "random-character-insertion", (Span(0, 6, "LOC"),), draw=draw)
        assert variant.noop or variant.example.spans == (Span(0, 7, "LOC"),)


@installed
def test_invisible_changes_look_the_same() -> None:
    """Characters of no width, or one that a backspace takes back."""
    for text in texts("castle", "invisible-characters"):
        assert re.sub("[\u200b-\u200d]", "", text) == "castle"
    for text in texts("castle", "deletions"):
        assert re.sub(".\x08", "", text) == "castle"
    assert all(set(text) - set("castle") or text == "castle" for text in texts("castle", "homoglyph-swap"))


@installed
def test_contractions_go_both_ways() -> None:
    """With nothing left over where a word has been."""
    assert texts("it is clear", "contract") == {"it is clear", "it's clear"}
    assert texts("it, is clear", "contract") == {"it, is clear"}
    assert texts("we couldn't go", "extend") == {"we couldn't go", "we could not go"}


@installed
@tagger
def test_nouns_and_verbs_are_inflected_but_nothing_is_compared() -> None:
    """``old`` does not become ``older``, nor ``good`` ``better``."""
    found = [text.split() for text in texts("she believes the old teachers", "inflections")]
    assert {words[1] for words in found} == {"believe", "believed", "believing"}
    assert {words[4] for words in found} == {"teacher"}
    assert {words[3] for words in found} == {"old"}


@installed
@wordnet
def test_a_synonym_is_neither_protected_nor_a_name() -> None:
    """``king`` has names among its synonyms; numbers and negations are not replaced."""
    assert vary("not never no 12 seven all most must better", "wordnet").noop
    found = texts("a king", "wordnet", draws=60)
    assert len(found) > 3
    assert all(text.islower() for text in found)


@installed
def test_only_function_words_are_deleted() -> None:
    """Without a content word, a negation or a number, labels may not be true."""
    for after in texts("it is not the fault of the 12 authors", "word-deletion"):
        assert {"it", "not", "fault", "12", "authors"} <= set(after.split())
        assert "  " not in after


@installed
def test_protected_words_are_not_swapped() -> None:
    """Nor does a word change places with one, however far."""
    found = texts("all old men must not rest here", "word-inner-swap-random", draws=60)
    assert "all men old must not rest here" in found
    assert "all old here must not rest men" in found
    assert all([text.split()[at] for at in (0, 3, 4)] == ["all", "must", "not"] for text in found)


@installed
def test_numbers_are_changed_as_a_whole() -> None:
    """In the form in which they stand; zero, two and four are spared by TextAttack."""
    found = texts("we sold twenty five of 17 and 2 phones", "change-number", draws=60)
    patterns = [re.fullmatch(r"we sold ([a-z\s-]+) of (\d+) and 2 phones", text) for text in found]
    assert all(patterns)
    assert len({match.group(1) for match in patterns if match}) > 3
    assert len({match.group(2) for match in patterns if match}) > 3
    assert textattack.textattack_number.directional


@installed
def test_names_are_known_from_the_gold() -> None:
    """A first or last name for a person, a country or city for one; each is the entity afterwards."""
    for draw in range(10):
        for transformation, label in (("change-name", "PER"), ("change-location", "LOC")):
            variant = vary(TEXT, transformation, SPANS, draw=draw)
            person, place = (variant.example.text[one.start : one.end] for one in variant.example.spans)
            assert person.startswith("Ann ") or person.endswith(" Lee")
            assert (person == "Ann Lee") == (label != "PER" or variant.noop)
            assert (place == "Germany") == (label != "LOC" or variant.noop)
    unnamed = Example("a", {"text": TEXT}, (Span(SPANS[0].start, SPANS[0].end, "ORG"),))
    assert perturb(unnamed, textattack.textattack_name, 5, seed=0).noop


@installed
def test_long_texts_and_long_words_cost_what_they_are_long() -> None:
    """A word of 100,000 letters is not shown, for every candidate would be as long."""
    for transformation in ("homoglyph-swap", "invisible-characters", "word-deletion"):
        vary("x" * 100_000 + " and more", transformation)
        assert not vary("the teachers of the castle " * 1000, transformation, severity=1).noop


# -- the library ---------------------------------------------------------------------------------


@installed
def test_what_textattack_raises_is_counted_and_the_word_left_as_it_was() -> None:
    """It draws a number below one that numpy has no room for."""
    with listening() as heard:
        assert vary("1000000000000000000000 phones", "change-number").noop
    ((message, count),) = heard.items()
    assert message.startswith("textattack change-number: ValueError: ")
    assert count == 1


@installed
def test_nothing_is_said_of_a_text_that_is_changed_elsewhere() -> None:
    """A candidate counts only if all but the word stands where it stood."""
    word, shown = (
        transformations.Word(4, 7, "old", "text"),
        transformations.Word(0, 11, "the old men", "text"),
    )
    assert transformations.standing("the former men", word, shown) == "former"
    assert transformations.standing("The former men", word, shown) == ""


@pytest.mark.parametrize(
    ("operator", "transformation", "message"),
    [
        ("textattack", "qwertz", "did you mean 'qwerty'"),
        ("textattack", "wordnet", "it belongs to textattack-word"),
        ("textattack-word", "masked-lm", "it belongs to textattack-model"),
        ("textattack-word", "hownet", "cannot be used: its bank of words has to be downloaded"),
        ("textattack-word", "back-translation", "nlpaug-back-translation does the same"),
    ],
)
def test_a_transformation_that_is_not_to_be_had_is_the_users_error(
    operator: str, transformation: str, message: str
) -> None:
    """The fault names the operator that has it, or the reason why none can; nothing is imported for it."""
    with pytest.raises(UserError, match=message):
        perturb(example("a", TEXT), RECORDS[operator], 5, seed=0, options={"transformation": transformation})


@installed
def test_missing_data_is_the_users_error_and_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """TextAttack itself would try to download it."""
    transformations.build.cache_clear()
    monkeypatch.setattr(libraries, "_there", lambda *_: False)
    with pytest.raises(UserError, match=r"NLTK lacks corpora/wordnet.*\n.*HARNESS_RESOURCES"):
        vary(TEXT, "wordnet")
    transformations.build.cache_clear()


def test_a_missing_library_is_the_users_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault says how to install it."""

    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}")

    transformations.build.cache_clear()
    libraries.textattack.cache_clear()
    monkeypatch.setattr(libraries, "import_module", missing)
    with pytest.raises(UserError, match=r"pip install 'continuity-harness\[textattack\]'"):
        vary(TEXT, "qwerty")
    libraries.textattack.cache_clear()
