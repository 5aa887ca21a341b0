"""Our own attacks: they find what matters, keep to their limits, and beat guessing."""

from __future__ import annotations

from time import perf_counter

import pytest

from harness import catalog
from harness.attack.constraint import Bound, constraint
from harness.attack.recipes import (
    beam,
    genetic,
    greedy_character,
    greedy_entity,
    greedy_synonym,
    standard,
)
from harness.attack.recipes import random as at_random
from harness.errors import UserError
from harness.models.function import Function
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.text import Edit, Span, apply, carry, edit_rate, example, words

from .toys import FILLER, GOOD, reviews, sentiment, tagger, trips

SEARCHES = [greedy_character, beam, genetic, at_random]
ALL = [*SEARCHES, greedy_synonym, standard]


def run(attack, model, task, examples, budget=80, **options):
    """Attack with seed 1."""
    return attack.run(
        model, task, examples, seed=1, budget=budget, options=attack.bind(options) if options else None
    )


def single():
    """Reviews with a single keyword."""
    return reviews(20)[::2]


def double():
    """Reviews with two keywords."""
    return reviews(20)[1::2]


# -- greedy --------------------------------------------------------------------------------------


def test_greedy_finds_the_word_that_decides():
    """One misspelt keyword flips the label, and no other word is edited."""
    for source, outcome in zip(
        single(), run(greedy_character, sentiment(), CLASSIFICATION, single()), strict=True
    ):
        (edit,) = outcome.edits
        keyword = next(word for word in GOOD if word in source.text)
        start = source.text.index(keyword)
        assert outcome.success
        assert start < edit.start <= edit.end < start + len(keyword)


def test_greedy_adds_up_edits_where_one_is_not_enough():
    """Two keywords need two misspellings, one in each; nothing else stays edited."""
    outcomes = run(greedy_character, sentiment(), CLASSIFICATION, double())
    assert all(o.success and len(o.edits) == 2 for o in outcomes)


def test_greedy_asks_for_fewer_texts_than_there_are_words():
    """Ranking by leaving out one word after the other would take more before the first edit."""
    outcomes = run(greedy_character, sentiment(), CLASSIFICATION, single())
    assert all(o.queries < len(words(source.text)) for o, source in zip(outcomes, single(), strict=True))


def test_a_hopeless_text_is_soon_given_up():
    """A model that no edit moves is asked once a pair of words, and not for every misspelling of each."""
    texts = [example("x", FILLER, "neg")]
    (outcome,) = run(greedy_character, sentiment(), CLASSIFICATION, texts)
    assert not outcome.success
    assert outcome.queries <= 1 + (len(words(FILLER)) + 1) // 2
    assert outcome.edits == ()
    assert outcome.harm_after == outcome.harm_before


def test_words_that_do_harm_only_together_are_found():
    """No word alone moves this model, so that each pair has to be tried as one."""

    def said(text: str) -> str:
        return "pos" if "heavy" in text.split() or "rain" in text.split() else "neg"

    model = Function(lambda texts: [said(text) for text in texts], ("neg", "pos"), CLASSIFICATION)
    texts = [example("x", "heavy rain is in town", "pos")]
    (outcome,) = run(greedy_character, model, CLASSIFICATION, texts, together=2)
    assert outcome.success
    assert len(outcome.edits) == 2


def test_synonyms_flip_a_model_that_knows_words_by_heart():
    """Only the word that it looks at is replaced."""
    model = Function(
        lambda texts: ["pos" if "huge" in text.split() else "neg" for text in texts],
        ("neg", "pos"),
        CLASSIFICATION,
    )
    texts = [example("x", "they bought a huge cake after we selected the drinks", "pos")]
    (outcome,) = run(greedy_synonym, model, CLASSIFICATION, texts)
    assert outcome.success
    assert [edit.text for edit in outcome.edits] == ["gigantic"]


def test_names_that_a_tagger_does_not_know_are_swapped_in():
    """The gold span is that of the new name."""
    for source, outcome in zip(trips(6), run(greedy_entity, tagger(), NER, trips(6)), strict=True):
        (span,), (edit,) = source.spans, outcome.edits
        assert outcome.success
        assert (edit.start, edit.end) == (span.start, span.end)
        assert len(edit.text.split()) == len(source.text[span.start : span.end].split())


# -- the others ----------------------------------------------------------------------------------


def test_a_beam_finds_two_words_that_greedy_search_cannot_tell_apart():
    """It carries several texts along, and takes the fewest edits there are."""
    outcomes = run(beam, sentiment(), CLASSIFICATION, double(), budget=2000)
    assert all(o.success and len(o.edits) == 2 for o in outcomes)


def test_a_genetic_search_crosses_its_way_to_several_edits():
    """Both keywords have to go, and a generation has to inherit from the last."""
    outcomes = run(genetic, sentiment(), CLASSIFICATION, double(), budget=600)
    assert sum(o.success for o in outcomes) >= 8
    assert all(len(o.edits) >= 2 for o in outcomes if o.success)


@pytest.mark.parametrize("attack", [greedy_character, beam, genetic])
def test_searching_beats_guessing_at_the_same_budget(attack):
    """Else the search would be of no use."""
    budget = 100
    searched, guessed = (
        run(one, sentiment(), CLASSIFICATION, reviews(30), budget=budget, share=0.15)
        for one in (attack, at_random)
    )
    assert sum(o.success for o in searched) > sum(o.success for o in guessed)


@pytest.mark.parametrize("attack", [greedy_character, greedy_synonym, greedy_entity, beam, genetic, standard])
def test_every_search_names_the_guessing_that_it_has_to_beat(attack):
    """An attack at random on the same kind of moves, by a name and options that there are."""
    name, options = attack.control
    assert catalog.find("attack", name) is at_random
    at_random.bind(dict(options))


# -- what all keep to ----------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "most"), [(0.01, 1), (0.15, 2), (1.0, 15)])
@pytest.mark.parametrize("attack", SEARCHES, ids=lambda one: one.name)
def test_no_more_than_a_share_of_the_words_is_edited(attack, share, most):
    """At least one word may be edited, or short texts could not be attacked."""
    outcomes = run(attack, sentiment(), CLASSIFICATION, reviews(6), share=share)
    assert any(o.edits for o in outcomes)
    assert all(len(o.edits) <= most for o in outcomes)


@pytest.mark.parametrize("attack", SEARCHES, ids=lambda one: one.name)
def test_no_word_has_more_than_one_small_edit(attack):
    """A letter lost, added or other, or two swapped: readers read on."""
    for source, outcome in zip(
        reviews(8),
        run(attack, sentiment(), CLASSIFICATION, reviews(8), moves=("character",))
        if "moves" in attack.options
        else run(attack, sentiment(), CLASSIFICATION, reviews(8)),
        strict=True,
    ):
        edited = [
            sum(start <= edit.start < end for edit in outcome.edits) for start, end in words(source.text)
        ]
        assert max(edited) <= 1
        assert edit_rate(source.text, outcome.edits, by_word=True) == pytest.approx(sum(edited) / len(edited))
        assert all(len(edit.text) <= 2 and edit.end - edit.start <= 2 for edit in outcome.edits)


@pytest.mark.parametrize("attack", SEARCHES, ids=lambda one: one.name)
def test_entities_are_misspelt_but_keep_their_place(attack):
    """Every edit of a name lies inside of it, so that its gold span can be carried."""
    outcomes = run(attack, tagger(), NER, trips(12))
    assert any(o.success for o in outcomes)
    for source, outcome in zip(trips(12), outcomes, strict=True):
        (span,) = source.spans
        carried, _ = carry(span, outcome.edits)
        after = apply(source.text, outcome.edits)
        name, before = after[carried.start : carried.end], source.text[span.start : span.end]
        assert (name[0], name[-1]) == (before[0], before[-1])


@pytest.mark.parametrize("attack", ALL, ids=lambda one: one.name)
def test_outcomes_depend_on_nothing_but_the_seed(attack):
    """Neither on how many examples are attacked at a time, nor on their order."""
    few, many, turned = (
        attack.run(sentiment(), CLASSIFICATION, texts, seed=2, budget=90, in_flight=size)
        for texts, size in ((reviews(8), 1), (reviews(8), 64), (reviews(8)[::-1], 3))
    )
    told = [[(o.id, o.status, o.queries, o.edits) for o in one] for one in (few, many, turned[::-1])]
    assert told[0] == told[1] == told[2]


@pytest.mark.parametrize("text", ["", "no", "…", "a b c", "😀", "日本語", "film"])
@pytest.mark.parametrize("attack", ALL, ids=lambda one: one.name)
def test_a_text_with_little_to_edit_is_attacked_all_the_same(attack, text):
    """The attack fails; the text is not left out of the count."""
    (outcome,) = run(attack, sentiment(), CLASSIFICATION, [example("x", text, "neg")])
    assert not outcome.skipped
    assert not outcome.success


def test_a_text_of_nothing_but_a_gold_span_is_attacked():
    """Within the span; what lies around it has no letters."""
    source = example("x", "Lisbon!", (Span(0, 6, "LOC"),))
    (outcome,) = run(greedy_character, tagger(), NER, [source])
    assert outcome.success


@pytest.mark.parametrize(
    ("attack", "options"),
    [
        (greedy_character, {"share": 0.0}),
        (greedy_character, {"share": 1.1}),
        (greedy_character, {"tries": 0}),
        (greedy_character, {"together": 0}),
        (greedy_character, {"ranked": 0}),
        (greedy_synonym, {"source": "thesaurus"}),
        (beam, {"width": 0}),
        (genetic, {"population": 1}),
        (genetic, {"moves": ("letters",)}),
        (at_random, {"share": 2.0}),
    ],
)
def test_options_out_of_range_are_the_users_fault(attack, options):
    """They are found before anything is asked for long."""
    with pytest.raises(UserError):
        run(attack, sentiment(), CLASSIFICATION, reviews(1), budget=9, **options)


@pytest.mark.parametrize("attack", [greedy_character, greedy_synonym, at_random], ids=lambda one: one.name)
def test_long_texts_take_seconds_and_are_looked_at_in_part(attack):
    """Ten thousand words cost no more queries than fifty, and time in proportion."""
    text = " ".join(f"huge{chr(97 + at % 26)}{chr(97 + at // 26 % 26)}" for at in range(10_000))
    start = perf_counter()
    (outcome,) = run(attack, sentiment(), CLASSIFICATION, [example("x", text, "neg")], budget=60, ranked=20)
    assert not outcome.success
    assert perf_counter() - start < 20


def test_edits_refer_to_the_clean_text():
    """Scripts are kept on the original, however many edits are added."""
    (outcome,) = run(greedy_character, sentiment(), CLASSIFICATION, reviews(2)[1:])
    assert all(isinstance(edit, Edit) for edit in outcome.edits)
    assert apply(reviews(2)[1].text, outcome.edits) != reviews(2)[1].text


@constraint("one-word")
def one_word(candidates):
    """No more than a single edit."""
    return [len(candidate.variant.edits) == 1 for candidate in candidates]


def test_a_constraint_refuses_what_a_probe_may_ask():
    """Words are probed in pairs, but what is kept is a candidate like any other."""
    bound = [Bound(one_word, {}, "one-word")]
    enough, not_enough = (
        greedy_character.run(sentiment(), CLASSIFICATION, texts, seed=1, budget=200, constraints=bound)
        for texts in (single(), double())
    )
    assert all(o.success and len(o.edits) == 1 for o in enough)
    assert all(not o.success and len(o.edits) <= 1 for o in not_enough)


@pytest.mark.parametrize("attack", [greedy_synonym, beam, genetic, at_random], ids=lambda one: one.name)
def test_what_is_missing_is_told_before_anything_is_asked(attack, monkeypatch, tmp_path):
    """WordNet that is nowhere to be found, say, with the remedy."""
    for name in ("HARNESS_RESOURCES", "NLTK_DATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    model = sentiment()
    options = {"source": "wordnet"} | ({"moves": ("synonym",)} if "moves" in attack.options else {})
    with pytest.raises(UserError, match="WordNet is not found"):
        run(attack, model, CLASSIFICATION, reviews(1), **options)
    assert model.texts == 0
