"""What may be edited, and into what: readable misspellings, true synonyms, names of the same type."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.attack.moves import character, entity
from harness.attack.moves.move import Moves, sites, whole_words
from harness.attack.moves.sets import NAMES, named
from harness.attack.moves.synonym import synonyms
from harness.errors import UserError
from harness.perturb.sites import Word
from harness.rng import rng
from harness.text import Edit, Example, Span, apply, distance, example, vary

from .resources import wordnet_is_there

EMPTY = example("x", "")


def becoming(moves: Moves, source: Example, most: int = 99) -> dict[str, set[str]]:
    """What each place may become."""
    return {
        site.place.text: {
            apply(
                site.place.text,
                [edit._replace(start=edit.start - site.place.start, end=edit.end - site.place.start)],
            )
            for edit in site.edits
        }
        for site in sites(source, [moves], rng(0), most)
    }


# -- misspellings --------------------------------------------------------------------------------


@given(st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=3, max_size=12), st.integers(0, 9))
@settings(deadline=None)
def test_a_misspelling_changes_one_place_and_keeps_first_and_last_letter(text, seed):
    """One letter more, less or other, or two swapped; never the edges of the word."""
    word = Word(0, len(text), text, "text")
    for edit in character.misspellings(word, EMPTY, rng(seed)):
        after = apply(text, [edit])
        assert after != text
        assert (after[0], after[-1]) == (text[0], text[-1])
        assert distance(text, after) <= 2
        assert edit.start > 0
        assert edit.end < len(text)


def test_misspellings_near_the_beginning_come_first():
    """Sub-words are cut off from the left, so that these leave least of a word."""
    found = character.misspellings(Word(0, 9, "wonderful", "text"), EMPTY, rng(0))
    starts = [edit.start for edit in found]
    assert starts == sorted(starts)
    assert len(found) == len(set(found))
    assert {apply("wonderful", [edit]) for edit in found} >= {"wnoderful", "wnderful", "wondeful"}


def test_short_words_negations_and_marks_are_left_alone():
    """A wrong letter can turn them into other words."""
    source = example("x", 'He would never "really" say no, wouldn\'t he? (Maybe.) 42 😀 日本')
    assert [word.text for word in character.editable(source)] == ["would", "really", "say", "Maybe"]


# -- synonyms ------------------------------------------------------------------------------------


def test_synonyms_keep_casing_and_what_the_article_asks_for():
    """Else a reader stumbles over something else than the word."""
    source = example("x", "Enormous crowds purchased a huge cake and an enormous drink")
    found = becoming(synonyms("embedded"), source)
    assert found["Enormous"] == {"Huge", "Gigantic"}
    assert found["purchased"] == {"bought"}
    assert found["huge"] == {"gigantic"}
    assert "enormous" not in found


def test_synonyms_leave_gold_spans_numbers_and_negations_alone():
    """What would change the answer, or may be a name, is not for them."""
    text = "We never buy huge Smart shoes"
    span = (Span(text.index("huge"), text.index("huge") + 4, "SIZE"),)
    assert set(becoming(synonyms("embedded"), example("x", text, span))) == {"buy"}
    assert becoming(synonyms("embedded"), example("x", "not two more")) == {}


@wordnet_is_there
def test_wordnet_knows_more_words_and_any_sense_more_still():
    """The more senses are drawn from, the more of what is found is wrong in its sentence."""
    source = example("x", "a rather tedious film about some cinema")
    found = {name: becoming(synonyms(name), source) for name in ("wordnet", "any-sense")}
    assert "movie" in found["any-sense"]["film"]
    assert "plastic" not in found["wordnet"].get("film", set())
    assert "film" not in found["wordnet"]  # it has many senses
    assert found["wordnet"]["tedious"] <= found["any-sense"]["tedious"] != set()


def test_an_unknown_source_of_synonyms_is_the_users_fault():
    """The message names the nearest one."""
    with pytest.raises(UserError, match="wordnet"):
        synonyms("wordnets")


# -- names ---------------------------------------------------------------------------------------


def test_names_become_names_of_the_same_type_in_the_same_casing():
    """Those with as many words come first."""
    source = example("x", "We saw Lisbon and NAIROBI", (Span(7, 13, "LOC"), Span(18, 25, "LOC")))
    found = sites(source, [entity.MOVES], rng(0), 9)
    assert [site.place.text for site in found] == ["Lisbon", "NAIROBI"]
    assert all(edit.text != "Lisbon" for edit in found[0].edits)
    assert {"Oslo", "Cape Town"} <= {edit.text for edit in found[0].edits}
    assert {"OSLO", "CAPE TOWN"} <= {edit.text for edit in found[1].edits}
    sizes = [len(edit.text.split()) == 1 for edit in found[0].edits]
    assert sizes == sorted(sizes, reverse=True)


def test_types_whose_names_are_unknown_stay():
    """So do answers, whose label is what they say, and texts without gold spans."""
    answer = Span(7, 13, "Lisbon")
    for source in (
        example("x", "We saw Lisbon", (Span(7, 13, "DISEASE"),)),
        example("x", "We saw Lisbon", (answer,)),
        example("x", "We saw Lisbon", "pos"),
    ):
        assert sites(source, [entity.MOVES], rng(0), 9) == []


def test_arguments_of_a_relation_are_of_the_type_of_the_list_they_stand_in():
    """Their labels say only which is the head."""
    marks = (Span(0, 12, "head"), Span(22, 28, "tail"))
    source = Example("x", {"text": "Peter Nobody lives in Lisbon"}, "lives-in", marks=marks)
    assert set(becoming(entity.MOVES, source)) == {"Lisbon"}
    assert "Oslo" in becoming(entity.MOVES, source)["Lisbon"]


# -- several move sets ---------------------------------------------------------------------------


def test_moves_that_overlap_share_a_site():
    """So that no two edits of a script ever do."""
    text = "We saw New Delhi once more yesterday"
    source = example("x", text, (Span(7, 16, "LOC"),))
    found = sites(source, named(["all"]), rng(0), 99)
    assert [site.place.text for site in found] == ["saw", "New Delhi", "once", "more", "yesterday"]
    for site in found:
        for edit in site.edits:
            assert site.place.start <= edit.start <= edit.end <= site.place.end
            assert vary(source, [edit]).refusal == ""
    assert any(edit.end - edit.start == 9 for edit in found[1].edits)
    assert any(edit.end - edit.start < 3 for edit in found[1].edits)


def test_all_fields_are_looked_at():
    """A question and its context, or the turns of a dialogue."""
    source = Example("x", {"question": "Which museum?", "context": "Some museum"}, ())
    found = sites(source, named(["character"]), rng(0), 99)
    assert [(site.place.field, site.place.text) for site in found] == [
        ("context", "Some"),
        ("context", "museum"),
        ("question", "Which"),
        ("question", "museum"),
    ]


def test_of_a_long_text_so_many_sites_are_drawn():
    """From all of it, and no others are even looked at."""
    looked = []

    def shout(place, source, draw):
        looked.append(place)
        return [place.edit(0, len(place.text), place.text.upper())]

    source = example("x", " ".join(f"word{at}" for at in range(10_000)))
    found = sites(source, [Moves(whole_words, shout)], rng(0), 20)
    starts = [site.place.start for site in found]
    assert len(found) == len(looked) == 20
    assert starts == sorted(starts)
    assert starts[0] < 30_000 < starts[-1]
    assert isinstance(found[0].edits[0], Edit)


@pytest.mark.parametrize("names", [["charakter"], []])
def test_moves_that_there_are_not_are_the_users_fault(names):
    """The message says which there are."""
    with pytest.raises(UserError, match="character"):
        named(names)


@pytest.mark.parametrize("text", ["", " ", "…", "😀 🎉", "日本語 です", "12 34", "a b c"])
def test_texts_without_words_to_edit_have_no_sites(text):
    """Nor do they raise."""
    assert sites(example("x", text, "pos"), named(NAMES), rng(0), 9) == []
