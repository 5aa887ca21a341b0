"""Slips of grammar: wrong forms, and words that sound like the right one."""

from __future__ import annotations

import pytest

from harness.perturb import grammar
from harness.perturb.forms import slips, with_ed, with_s, without_s
from harness.perturb.sites import lines, protected, wordlist
from harness.text import Span, example
from tests.perturb.applied import drawn, everywhere, outcomes


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("she walks,", {"she walk,"}),
        ("they walk", {"they walks"}),
        ("he walked", {"he walk"}),
        ("they went", {"they go", "they gone", "they goed"}),
        ("has known", {"have known", "has knew"}),
        ("it stopped", {"it stop"}),
        ("two children", {"two child", "two childs"}),
        ("that is", {"that are"}),
        ("some information", {"some informations"}),
        ("two gadgets", {"two gadget"}),
        ("Bananas rot", set()),
        ("Gadgets rot", set()),
        ("the Banks family", {"the Banks families"}),
        ("it was previous news", {"it were previous news"}),
        ("he doesn't", set()),
        ("well-walked", set()),
        ("WALKS", {"WALK"}),
    ],
)
def test_learners_slip_in_number_person_and_tense(text: str, after: set[str]) -> None:
    """Irregular words are inflected by rule as well; what may be a name or is no form of anything stays."""
    assert outcomes(grammar.inflection, text) == after


def test_nothing_present_becomes_past() -> None:
    """A base or third person never gets a past form, but the wrong one of a verb that has the same in both."""
    pasts = {form for entry in wordlist("verbs") for form in entry.split("/")[1:2]}
    for entry in wordlist("verbs"):
        verb, *rest = entry.split("/")
        if verb not in rest and verb not in wordlist("nouns"):
            assert not {with_ed(verb), *rest[:1]} & set(slips()[verb]), verb
            assert not pasts & set(slips()[with_s(verb)]) - {verb}, verb


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("try", "tries"),
        ("play", "plays"),
        ("box", "boxes"),
        ("go", "goes"),
        ("watch", "watches"),
        ("add", "adds"),
    ],
)
def test_an_s_is_added_by_rule(word: str, form: str) -> None:
    """With an e where it would not be heard otherwise, and for a y."""
    assert with_s(word) == form


@pytest.mark.parametrize(
    ("word", "form"),
    [("try", "tried"), ("play", "played"), ("bake", "baked"), ("stop", "stopped"), ("visit", "visited")],
)
def test_ed_is_added_by_rule(word: str, form: str) -> None:
    """The last letter of a short word is doubled."""
    assert with_ed(word) == form


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("bodies", "body"),
        ("gloves", "glove"),
        ("boxes", "box"),
        ("glass", ""),
        ("physics", ""),
        ("always", ""),
    ],
)
def test_an_s_is_taken_off_where_it_is_likely_a_plural(word: str, stem: str) -> None:
    """Going by the spelling alone."""
    assert without_s(word) == stem


def test_no_list_has_a_word_twice() -> None:
    """Verbs and nouns are listed once each, and none is protected but *need*, which is not listed."""
    for name in ("verbs", "nouns"):
        found = [word for line in lines(name) for word in line.split()]
        assert len(found) == len(set(found)) > 450
        assert not {entry for entry in found if protected(entry.split("/")[0])}


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("their house", {"there house", "they're house"}),
        ("They’re here", {"Their here", "There here", "They’re hear"}),
        ("it's late", {"its late"}),
        ("its tail", {"it's tail", "its tale"}),
        ("(your)", {"(you're)"}),
        ("the Reed family", set()),
        ("the weather", set()),
        ("whether", set()),
        ("no, four", set()),
    ],
)
def test_a_word_is_taken_for_one_that_sounds_the_same(text: str, after: set[str]) -> None:
    """With the marks around it, whatever the apostrophe; names, numbers and negations stay."""
    assert outcomes(grammar.homophone, text) == after


def test_homophones_replace_nothing_that_carries_the_truth() -> None:
    """No word of the list is protected but *whether*, which is only ever written by mistake."""
    known = grammar._homophones()
    assert not {word for word in known if protected(word)}
    assert all(word not in others for word, others in known.items())


def test_slips_stay_out_of_names() -> None:
    """A gold span is left as it is."""
    source = example("a", "the banks were there", (Span(4, 9, "ORG"), Span(15, 20, "LOC")))
    for operator in (grammar.inflection, grammar.homophone):
        texts = {variant.example.text for variant in drawn(operator, source)}
        assert all(text[:9] == "the banks" and text.endswith(" there") for text in texts)


def test_every_word_of_a_text_may_slip() -> None:
    """All at once, the text is full of mistakes and still says the same."""
    assert everywhere(grammar.inflection, "he likes dogs") == "he like dog"
