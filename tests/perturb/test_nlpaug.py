"""The augmenters of nlpaug that need no model, brought back to edits."""

from __future__ import annotations

import random  # noqa: TID251 - what is tested is that it is left alone
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from harness.errors import UserError
from harness.perturb import augmenters, libraries, nlpaug
from harness.perturb.augmenters import Unit, asked, in_context
from harness.perturb.foreign import listening
from harness.perturb.operator import Operator
from harness.perturb.severity import LADDER, perturb
from harness.perturb.sites import Word
from harness.text import Span, Variant, example

pytestmark = pytest.mark.usefixtures("offline")

pytest.importorskip("nlpaug", reason="nlpaug is not installed: pip install 'continuity-harness[nlpaug]'")

TEXT = (
    "Because the children of the king usually believe what their good teachers say about castles near Lisbon."
)
SPANS = (Span(TEXT.index("Lisbon"), len(TEXT) - 1, "LOC"),)


def _there(*needed: str) -> bool:
    try:
        libraries.nltk(*needed)
    except UserError:
        return False
    return True


wordnet = pytest.mark.skipif(
    not _there("corpora/wordnet", "taggers/averaged_perceptron_tagger_eng"),
    reason="WordNet or NLTK's tagger is not on this machine: set HARNESS_RESOURCES",
)
CASES: Sequence[Any] = [
    *[pytest.param(nlpaug.nlpaug, {"augmenter": name}, id=name) for name in nlpaug.CHARACTER],
    pytest.param(nlpaug.nlpaug_word, {"augmenter": "spelling"}, id="spelling"),
    pytest.param(nlpaug.nlpaug_word, {"augmenter": "synonym"}, id="synonym", marks=wordnet),
    *[pytest.param(nlpaug.nlpaug_random, {"augmenter": name}, id=name) for name in nlpaug.RANDOM],
    pytest.param(nlpaug.nlpaug_antonym, {}, id="antonym", marks=wordnet),
    pytest.param(nlpaug.nlpaug_reserved, {"tokens": ("king, monarch", "say, tell us")}, id="reserved"),
]
every = pytest.mark.parametrize(("operator", "options"), CASES)


def vary(
    text: str,
    operator: Operator = nlpaug.nlpaug,
    options: Mapping[str, Any] | None = None,
    spans: tuple[Span, ...] = (),
    severity: int = 5,
    draw: int = 0,
) -> Variant:
    severity = severity if operator.graded else 0
    return perturb(example("a", text, spans), operator, severity, seed=0, draw=draw, options=options)


@every
def test_every_augmenter_makes_edits(operator: Operator, options: Mapping[str, Any]) -> None:
    """Each works offline, without stumbling over ordinary words, and leaves the gold usable."""
    text = TEXT.replace("king", "king of the")  # function words that stand together
    with listening() as heard:
        variants = [vary(text, operator, options, draw=draw) for draw in range(5)]
    assert any(not variant.noop for variant in variants)
    assert not heard
    for draw in range(5):
        variant = vary(TEXT, operator, options, SPANS, draw=draw)
        (span,) = variant.example.spans
        assert variant.refusal == ""
        assert operator.inside_spans or variant.example.text[span.start : span.end] == "Lisbon"


@every
def test_the_global_generators_neither_matter_nor_change(
    operator: Operator, options: Mapping[str, Any]
) -> None:
    """nlpaug draws from them; behind the fence nobody notices, and the same key gives the same variant."""
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002, TID251
    python, numpy = random.getstate(), np.random.get_state(legacy=False)["state"]["key"].tolist()  # noqa: NPY002
    first = vary(TEXT, operator, options)
    assert random.getstate() == python
    assert np.random.get_state(legacy=False)["state"]["key"].tolist() == numpy  # noqa: NPY002
    random.seed(2)
    assert vary(TEXT, operator, options) == first


def test_severity_takes_exactly_its_share_of_nlpaugs_edits() -> None:
    """Twenty words at severity 3 are three typos, however many nlpaug would make."""
    assert len(vary(" ".join(["reading"] * 20), severity=3).edits) == round(LADDER[3] * 20)


# -- labels --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", nlpaug.CHARACTER)
def test_negations_numbers_and_short_words_are_not_mistyped(name: str) -> None:
    """A single wrong letter can turn them into other words."""
    assert vary("not never no 12 2019 3.5 it is of don't", options={"augmenter": name}).noop


def test_a_letter_typed_at_the_edge_of_a_name_belongs_to_it() -> None:
    """Otherwise the model would be blamed for finding all of ``xLisbon``."""
    for draw in range(30):
        variant = vary("Lisbon", options={"augmenter": "insert"}, spans=(Span(0, 6, "LOC"),), draw=draw)
        assert variant.noop or variant.example.spans == (Span(0, 7, "LOC"),)


@pytest.mark.parametrize("name", ["word-delete", "word-crop", "word-substitute"])
def test_only_function_words_are_left_out(name: str) -> None:
    """Without a content word, a negation or a number, labels may not be true."""
    text = "it is not the fault of the 12 authors"
    for draw in range(20):
        after = vary(text, nlpaug.nlpaug_random, {"augmenter": name}, draw=draw).example.text.split()
        assert {"it", "not", "fault", "12", "authors"} <= set(after) <= {*text.split(), "_"}


def test_words_left_out_take_their_white_space_along() -> None:
    """``the`` goes with the gap after it; the word that comes next is not written in capitals."""
    for draw in range(20):
        after = vary("we see the fault", nlpaug.nlpaug_random, draw=draw).example.text
        assert after in ("we see the fault", "we see fault")
    assert any(not vary("we see the fault", nlpaug.nlpaug_random, draw=draw).noop for draw in range(20))


def test_protected_words_are_not_swapped() -> None:
    """Nor does a word change places with one."""
    for draw in range(20):
        variant = vary(
            "all old men must not rest", nlpaug.nlpaug_random, {"augmenter": "word-swap"}, draw=draw
        )
        assert variant.example.text in ("all old men must not rest", "all men old must not rest")


def test_swapped_words_keep_the_white_space_between_them() -> None:
    """What stands between the two words is left where it is."""
    found = {
        vary("old \t men", nlpaug.nlpaug_random, {"augmenter": "word-swap"}, draw=d).example.text
        for d in range(9)
    }
    assert found == {"old \t men", "men \t old"}


def test_blanks_are_what_the_user_says() -> None:
    """A word of one's own in the place of function words."""
    options = {"augmenter": "word-substitute", "words": ("xx",)}
    found = {vary("the fault", nlpaug.nlpaug_random, options, draw=draw).example.text for draw in range(20)}
    assert found == {"the fault", "xx fault"}


def test_a_misspelling_never_says_no() -> None:
    """nlpaug's list has ``no`` among the misspellings of ``in``."""
    assert "no" in augmenters.build("spelling").model.dict["in"]
    words = " ".join(["in"] * 40)
    for draw in range(20):
        assert (
            "no"
            not in vary(words, nlpaug.nlpaug_word, {"augmenter": "spelling"}, draw=draw).example.text.split()
        )


def test_marks_around_a_misspelt_word_stay() -> None:
    """The list has words only; ``"because,`` is one of them with marks."""
    found = {
        vary('"because,', nlpaug.nlpaug_word, {"augmenter": "spelling"}, draw=d).example.text
        for d in range(9)
    }
    assert len(found) > 2
    assert all(text[0] == '"' and text[-1] == "," for text in found)


@wordnet
def test_a_synonym_is_not_a_name() -> None:
    """WordNet takes B. B. King and the author of Carrie for synonyms of a king."""
    for draw in range(60):
        after = vary("the old king sleeps", nlpaug.nlpaug_word, draw=draw).example.text
        assert "b. b." not in after
        assert "martin" not in after


@wordnet
def test_the_words_around_say_what_part_of_speech_a_word_is() -> None:
    """A park is a place and to park is to leave a car; nothing else in the sentence is replaced."""
    made, said = augmenters.build("synonym"), {}
    for text in ("we sat in a small park today", "you must park the car here"):
        at = text.index("park")
        unit = in_context(Word(at, at + 4, "park", "text"), example("a", text))
        said[text] = {word for draw in range(40) for word in asked("synonym", made, unit, draw / 40)}
    noun, verb = said.values()
    assert "commons" in noun - verb
    assert verb <= {"park"}


@wordnet
def test_an_antonym_says_the_opposite() -> None:
    """Which is meant to move a model, and is therefore no part of robustness."""
    found = {vary("a good old day", nlpaug.nlpaug_antonym, draw=draw).example.text for draw in range(40)}
    assert found <= {f"a {new} old day" for new in ("bad", "evil", "ill")} | {
        f"a good {new} day" for new in ("new", "young")
    }
    assert len(found) > 2
    assert nlpaug.nlpaug_antonym.directional


def test_reserved_phrases_stand_for_each_other() -> None:
    """Whole words only, in the casing of the list unless one says otherwise."""
    options: dict[str, Any] = {"tokens": ("FWD, Fwd", "Best regards, Sincerely"), "case_sensitive": True}
    found = {
        vary("FWD fwd FWDX Best regards!", nlpaug.nlpaug_reserved, options, draw=draw).example.text
        for draw in range(40)
    }
    assert found <= {
        f"{first} fwd FWDX {last}!" for first in ("FWD", "Fwd") for last in ("Best regards", "Sincerely")
    }
    assert "Fwd fwd FWDX Best regards!" in found
    assert "FWD fwd FWDX Sincerely!" in found


# -- the library ---------------------------------------------------------------------------------


def test_the_order_of_nlpaugs_list_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps it as a set would have it, which is another order in every process."""
    made = augmenters.build("spelling")
    before = vary(TEXT, nlpaug.nlpaug_word, {"augmenter": "spelling"})
    assert all(words == sorted(words) for words in made.model.dict.values())
    augmenters.build.cache_clear()
    again = vary(TEXT, nlpaug.nlpaug_word, {"augmenter": "spelling"})
    assert again == before


def test_what_nlpaug_raises_is_counted_and_the_word_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """One word that it cannot read does not end a run, and does not go unnoticed."""

    def stumble(_: str) -> list[str]:
        raise IndexError("no such letter")

    monkeypatch.setattr(augmenters.build("ocr"), "augment", stumble, raising=False)
    with listening() as heard:
        assert vary("three ordinary words", options={"augmenter": "ocr"}).noop
    assert heard == {"nlpaug ocr: IndexError: no such letter": 3}


def test_an_answer_that_changes_the_words_around_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are shown for context only."""
    monkeypatch.setattr(augmenters.build("ocr"), "augment", lambda _: ["two other words"], raising=False)
    unit = Unit(Word(4, 7, "new", "text"), ("two",), ("ones",))
    assert asked("ocr", augmenters.build("ocr"), unit, 0.5) == ["new"]


@pytest.mark.parametrize(
    ("operator", "options", "message"),
    [
        (nlpaug.nlpaug, {"augmenter": "keybord"}, "did you mean 'keyboard'"),
        (nlpaug.nlpaug, {"augmenter": "synonym"}, "it belongs to nlpaug-word"),
        (nlpaug.nlpaug_word, {"augmenter": "context-insert"}, "it belongs to nlpaug-model"),
        (nlpaug.nlpaug_random, {"augmenter": "word-substitute", "words": ()}, "one or more words"),
        (nlpaug.nlpaug_random, {"augmenter": "word-substitute", "words": ("a", "")}, "one or more words"),
        (nlpaug.nlpaug_reserved, {}, "at least two phrases"),
        (nlpaug.nlpaug_reserved, {"tokens": ("FWD",)}, 'tokens: \\["FWD, Fwd, FW"'),
    ],
)
def test_options_that_make_no_sense_are_the_users_error(
    operator: Operator, options: Mapping[str, Any], message: str
) -> None:
    """The fault says what would be right."""
    with pytest.raises(UserError, match=message):
        vary(TEXT, operator, options)


def test_a_missing_package_is_the_users_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault says how to install it."""
    augmenters.build.cache_clear()
    monkeypatch.setitem(sys.modules, "nlpaug.augmenter.char", None)
    with pytest.raises(UserError, match=r"continuity-harness\[nlpaug\]"):
        vary(TEXT)
    augmenters.build.cache_clear()


def test_missing_data_is_the_users_error_and_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """nlpaug itself would try to download it."""
    augmenters.build.cache_clear()
    monkeypatch.setattr(libraries, "_there", lambda *_: False)
    with pytest.raises(UserError, match=r"NLTK lacks corpora/wordnet, taggers/.*\n.*HARNESS_RESOURCES"):
        vary(TEXT, nlpaug.nlpaug_word)
    augmenters.build.cache_clear()
