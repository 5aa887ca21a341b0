"""Our own attacks: what they may edit, and that searching beats guessing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.attack.moves import editable, misspellings
from harness.attack.recipes import greedy_character, random_character
from harness.errors import UserError
from harness.perturb.sites import Word
from harness.rng import rng
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.text import Edit, apply, carry, distance, example

from .toys import GOOD, reviews, sentiment, tagger, trips


@given(st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=4, max_size=12), st.integers(0, 9))
@settings(deadline=None)
def test_a_misspelling_changes_one_place_and_keeps_first_and_last_letter(text, seed):
    """One letter more, less or other, or two swapped; never the edges of the word."""
    word = Word(0, len(text), text, "text")
    for edit in misspellings(word, rng(seed), each=3):
        after = apply(text, [edit])
        assert after != text
        assert (after[0], after[-1]) == (text[0], text[-1])
        assert distance(text, after) <= 2
        assert edit.start > 0
        assert edit.end < len(text)


def test_there_are_as_many_misspellings_of_each_kind_as_asked_for():
    """Swap, deletion, insertion and slip of a key."""
    word = Word(0, 9, "wonderful", "text")
    assert len(misspellings(word, rng(0), each=1)) == 4
    assert len(set(misspellings(word, rng(0), each=3))) == 12


def test_short_words_negations_and_marks_are_left_alone():
    """A wrong letter can turn them into other words."""
    source = example("x", 'He would never "really" say so, wouldn\'t he? (Maybe.)')
    assert [word.text for word in editable(source)] == ["would", "really", "Maybe"]


def test_greedy_finds_the_word_that_decides():
    """One misspelt keyword flips the label, and no other word is edited."""
    texts = [one for at, one in enumerate(reviews(20)) if at % 2 == 0]
    outcomes = greedy_character.run(sentiment(), CLASSIFICATION, texts, seed=1, budget=50)
    for source, outcome in zip(texts, outcomes, strict=True):
        (edit,) = outcome.edits
        keyword = next(word for word in GOOD if word in source.text)
        start = source.text.index(keyword)
        assert outcome.success
        assert start < edit.start <= edit.end < start + len(keyword)


def test_greedy_adds_up_edits_where_one_is_not_enough():
    """Two keywords need two misspellings, one in each."""
    texts = [one for at, one in enumerate(reviews(20)) if at % 2 == 1]
    outcomes = greedy_character.run(sentiment(), CLASSIFICATION, texts, seed=1, budget=80)
    assert all(o.success and len(o.edits) == 2 for o in outcomes)


@pytest.mark.parametrize(("share", "most"), [(0.01, 1), (0.15, 2), (1.0, 15)])
@pytest.mark.parametrize("recipe", [greedy_character, random_character])
def test_no_more_than_a_share_of_the_words_is_edited(recipe, share, most):
    """At least one word may be edited, or short texts could not be attacked."""
    outcomes = recipe.run(
        sentiment(), CLASSIFICATION, reviews(6), seed=1, budget=80, options={"share": share}
    )
    assert all(len(o.edits) <= most for o in outcomes)


@pytest.mark.parametrize("recipe", [greedy_character, random_character])
def test_entities_are_misspelt_but_keep_their_place(recipe):
    """Every edit of a name lies inside of it, so that its gold span can be carried."""
    examples = trips(12)
    outcomes = recipe.run(tagger(), NER, examples, seed=1, budget=60)
    assert any(o.success for o in outcomes)
    for source, outcome in zip(examples, outcomes, strict=True):
        (span,) = source.spans
        carried, _ = carry(span, outcome.edits)
        after = apply(source.text, outcome.edits)
        name, before = after[carried.start : carried.end], source.text[span.start : span.end]
        assert (name[0], name[-1]) == (before[0], before[-1])


def test_searching_beats_guessing_at_the_same_budget():
    """Else the search would be of no use."""
    searched, guessed = (
        recipe.run(sentiment(), CLASSIFICATION, reviews(30), seed=1, budget=60, options={"share": 0.15})
        for recipe in (greedy_character, random_character)
    )
    assert sum(o.success for o in searched) > sum(o.success for o in guessed)


def test_a_failed_attack_reports_the_most_harm_it_did():
    """Without edits if there was none."""
    texts = [example("x", "A text of plain words only", "neg")]
    (outcome,) = greedy_character.run(sentiment(), CLASSIFICATION, texts, seed=1, budget=50)
    assert not outcome.success
    assert outcome.edits == ()
    assert outcome.harm_after == outcome.harm_before


@pytest.mark.parametrize("text", ["", "no", "…", "a b c"])
def test_a_text_without_words_to_misspell_is_given_up(text):
    """It is attacked and the attack fails; it is not left out of the count."""
    for recipe in (greedy_character, random_character):
        (outcome,) = recipe.run(sentiment(), CLASSIFICATION, [example("x", text, "neg")], seed=1, budget=9)
        assert (outcome.skipped, outcome.success, outcome.edits) == (False, False, ())


@pytest.mark.parametrize("options", [{"share": 0.0}, {"share": 1.5}, {"tries": 0}, {"ranked": 0}])
def test_options_out_of_range_are_the_users_fault(options):
    """They are found before anything is asked for long."""
    with pytest.raises(UserError):
        greedy_character.run(sentiment(), CLASSIFICATION, reviews(1), seed=1, budget=9, options=options)


def test_long_texts_are_ranked_in_part():
    """Ranking costs a query a word, which is bounded."""
    text = " ".join(f"wordy{chr(97 + at % 26)}{chr(97 + at // 26)}" for at in range(300))
    (outcome,) = greedy_character.run(
        sentiment(), CLASSIFICATION, [example("x", text, "neg")], seed=1, budget=1000, options={"ranked": 10}
    )
    assert outcome.queries <= 1 + 10 + 10 * 12
    assert not outcome.success


def test_edits_refer_to_the_clean_text():
    """Scripts are kept on the original, however many edits are added."""
    (outcome,) = greedy_character.run(sentiment(), CLASSIFICATION, reviews(2)[1:], seed=1, budget=80)
    assert all(isinstance(edit, Edit) for edit in outcome.edits)
    assert apply(reviews(2)[1].text, outcome.edits) != reviews(2)[1].text
