"""Scores of texts: sacreBLEU's and rouge-score's numbers from sums, and how far texts move."""

from __future__ import annotations

import math

import numpy as np
import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from harness.prediction import Text
from harness.tasks.scoring import bleu, chrf
from harness.tasks.scoring.texts import DIALOGUE, SUMMARIZATION, TRANSLATION
from harness.text import Example

CAT, ON_A_MAT = "the cat sat on the mat", "the cat is on a mat"
HARD = (
    "",
    " ",
    "a",
    "é",
    "é",
    "日本語の文です。",
    "Größe: 1,5 m – „prima“!",
    "a.b,c 3.14 1,000.5 5-6 -",
    "(hi) 'quoted' \"x\" ... !? ",
    "&quot;a&amp;b&lt;",
    "<skipped> x-\ny\nz",
    "the the the the the",
    "\u2028line\u00a0space\t tab",
    "👍🏽 👨‍👩‍👧 ok",
    "don't can't it's",
    "A very, very long sentence that goes on and on, and on; until it does not any more.",
)
SOME = st.one_of(
    st.sampled_from(HARD),
    st.lists(
        st.sampled_from(["the", "cat", "Cat.", "sat", "on", "mat", ",", "(a)", "3.5", "ß"]), max_size=12
    ).map(" ".join),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
)
GOLD = SOME.filter(str.strip)
CORPUS = st.integers(1, 3).flatmap(
    lambda refs: st.lists(
        st.tuples(SOME, st.lists(GOLD, min_size=refs, max_size=refs)), min_size=1, max_size=6
    )
)


def example(*references: str) -> Example:
    return Example("x", {"source": "Quelle"}, references)


def sums(scoring, corpus):
    """Statistics of a corpus of ``(said, references)``, added up."""
    return sum(scoring.row(example(*gold), Text(said), ()) for said, gold in corpus)


def streams(corpus):
    """The corpus as sacreBLEU takes it: what was said, and a list for each reference."""
    return [said for said, _ in corpus], [
        list(gold) for gold in zip(*(gold for _, gold in corpus), strict=True)
    ]


@given(CORPUS)
def test_chrf_of_a_corpus_is_that_of_sacrebleu(corpus):
    """chrF++ with one reference and with several, on texts however odd."""
    said, gold = streams(corpus)
    oracle = sacrebleu.CHRF(word_order=2).corpus_score(said, gold).score / 100
    assert TRANSLATION.score(sums(TRANSLATION, corpus)) == pytest.approx(oracle, abs=1e-12)
    assert DIALOGUE.score(sums(DIALOGUE, corpus)) == pytest.approx(oracle, abs=1e-12)


@given(CORPUS)
def test_bleu_of_a_corpus_is_that_of_sacrebleu(corpus):
    """BLEU with its tokens, smoothing, brevity and several references."""
    said, gold = streams(corpus)
    oracle = sacrebleu.BLEU(force=True).corpus_score(said, gold).score / 100
    assert TRANSLATION.details(())["bleu"](sums(TRANSLATION, corpus)) == pytest.approx(oracle, abs=1e-12)


@given(CORPUS)
def test_rouge_of_a_corpus_is_the_mean_of_that_of_the_library(corpus):
    """ROUGE-1, 2 and L with stems, each against the reference that is best for it."""
    scorer = RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)
    oracle = [scorer.score_multi(gold, said) for said, gold in corpus]
    found, details = sums(SUMMARIZATION, corpus), SUMMARIZATION.details(())
    scores = {"rougeL": SUMMARIZATION.score(found)} | {k: details[k](found) for k in ("rouge1", "rouge2")}
    for kind, value in scores.items():
        assert value == pytest.approx(np.mean([one[kind].fmeasure for one in oracle]))


@given(st.lists(CORPUS, min_size=2, max_size=3))
def test_scores_of_many_sums_are_those_of_each(corpora):
    """A bootstrap asks for all resamples at once."""
    for scoring in (TRANSLATION, SUMMARIZATION, DIALOGUE):
        rows = [sums(scoring, corpus) for corpus in corpora]
        for score in (scoring.score, scoring.chance, *scoring.details(()).values()):
            np.testing.assert_allclose(score(np.stack(rows)), [float(score(row)) for row in rows], rtol=1e-12)


def test_the_signatures_are_those_of_sacrebleu():
    """Whoever reads a report can make the number again with the library alone."""
    metric = sacrebleu.CHRF(word_order=2)
    metric.corpus_score([CAT], [[ON_A_MAT]])
    assert "chrF2++|" + str(metric.get_signature()).replace("nrefs:1", "nrefs:best") == chrf.SIGNATURE
    metric = sacrebleu.BLEU()
    metric.corpus_score([CAT], [[ON_A_MAT]])
    assert "BLEU|" + str(metric.get_signature()).replace("nrefs:1", "nrefs:all") == bleu.SIGNATURE
    assert TRANSLATION.metric == chrf.SIGNATURE


@pytest.mark.parametrize("scoring", [TRANSLATION, SUMMARIZATION, DIALOGUE], ids=["chrf", "rouge", "dialogue"])
def test_chance_is_the_score_against_the_references_of_others(scoring):
    """What is said scores 1 against its own reference, and as if swapped against that of another."""
    one, other = example(CAT), example("dogs bark at the moon")
    row = scoring.row(one, Text(CAT), (), other)
    assert scoring.score(row) == 1.0
    assert scoring.chance(row) == scoring.score(scoring.row(other, Text(CAT), ()))
    assert len(row) == len(scoring.columns(()))
    assert scoring.score(scoring.stats(one, Text(CAT), ())) == 1.0


# -- how far texts move ----------------------------------------------------------------------------


def test_the_distance_of_texts_is_that_of_the_worked_example():
    """Methods, section 1.5: chrF with beta 1 is 37.83865 in both directions."""
    assert chrf.distance(CAT, ON_A_MAT) == pytest.approx(0.6216135, abs=5e-8)
    assert chrf.distance(ON_A_MAT, CAT) == pytest.approx(0.6216135, abs=5e-8)
    assert 100 * chrf.fscore(chrf.counts(CAT, ON_A_MAT, 6)) == pytest.approx(40.45376, abs=5e-6)
    assert 100 * chrf.fscore(chrf.counts(ON_A_MAT, CAT, 6)) == pytest.approx(35.54112, abs=5e-6)


@given(SOME, SOME)
def test_the_distance_of_texts_is_a_proper_one(one, other):
    """Symmetric, within [0, 1], 0 to itself; sacreBLEU's chrF1 wherever that is defined."""
    found = chrf.distance(one, other)
    assert 0 <= found <= 1
    assert chrf.distance(one, one) == 0
    assert found == pytest.approx(chrf.distance(other, one), abs=1e-12)
    if one.strip() and other.strip() and one != other:
        oracle = sacrebleu.CHRF(beta=1).sentence_score(one, [other]).score
        assert found == pytest.approx(1 - oracle / 100, abs=1e-12)


@pytest.mark.parametrize(("one", "other", "hard"), [("", "", 0), ("", " \n", 0), ("", "a", 1), ("a", "", 1)])
def test_an_empty_text_is_far_from_all_but_itself(one, other, hard):
    """sacreBLEU would give two empty texts the score 0."""
    assert TRANSLATION.moved(Text(one), Text(other), (), example("x")).hard == hard


def test_where_the_reference_is_known_its_probability_moves():
    """Per token, as a geometric mean: exp(-2/4) to exp(-4/4), though the text stays as it was."""
    clean, edited = Text("a", gold=-2.0, gold_tokens=4), Text("a", gold=-4.0, gold_tokens=4)
    moved = TRANSLATION.moved(clean, edited, (), example("x"))
    assert (moved.hard, moved.flip) == (0.0, 0.0)
    assert moved.soft == pytest.approx(math.exp(-0.5) - math.exp(-1))
    assert TRANSLATION.harm(example("x"), edited) == pytest.approx(1 - math.exp(-1))


def test_where_the_reference_is_unknown_the_text_has_to_tell():
    """The soft distance is the hard one, and harm is what is missing to a perfect score."""
    moved = TRANSLATION.moved(Text(CAT), Text(ON_A_MAT, gold=-1.0, gold_tokens=2), (), example("x"))
    assert moved.soft == moved.hard == pytest.approx(0.6216135, abs=5e-8)
    assert moved.flip == 1.0
    oracle = sacrebleu.CHRF(word_order=2).sentence_score(CAT, [ON_A_MAT]).score / 100
    assert TRANSLATION.harm(example(ON_A_MAT), Text(CAT)) == pytest.approx(1 - oracle)


@pytest.mark.parametrize("scoring", [TRANSLATION, SUMMARIZATION, DIALOGUE])
def test_a_text_is_lost_when_it_is_like_any_other(scoring):
    """A paraphrase is not lost; an unrelated or an empty text is, and one reference of several is enough."""
    gold = example("dogs bark at the moon", "the cat is sitting on the mat")
    assert not scoring.broken(gold, Text("the cat sat on a mat"))
    assert scoring.broken(gold, Text("we have sold more cars this year"))
    assert scoring.broken(gold, Text(""))


# -- further scores --------------------------------------------------------------------------------


def scores_of(scoring, *pairs: tuple[Text, str]) -> dict[str, float]:
    found = sum(scoring.stats(example(gold), said, ()) for said, gold in pairs)
    return {name: float(one(found)) for name, one in scoring.details(()).items()}


def test_the_shape_of_texts_is_told():
    """Lengths, texts cut short, empty texts; variety within replies; perplexity of the references."""
    found = scores_of(
        DIALOGUE,
        (Text("no no no no", gold=-3.0, gold_tokens=2, cut=True), "yes we can"),
        (Text("", gold=-1.0, gold_tokens=2), "a b c d e"),
    )
    assert found["length_ratio"] == 4 / 8
    assert (found["cut_rate"], found["empty_rate"]) == (0.5, 0.5)
    assert (found["distinct_1"], found["distinct_2"]) == (1 / 4, 1 / 3)
    assert found["perplexity"] == pytest.approx(math.e)


def test_what_a_model_does_not_tell_is_not_defined():
    """No perplexity without probabilities, no variety without words: not a number, and so no row."""
    found = scores_of(DIALOGUE, (Text(""), "yes"))
    assert math.isnan(found["perplexity"])
    assert math.isnan(found["distinct_2"])


@given(CORPUS)
def test_scores_stay_within_their_bounds(corpus):
    """Whatever is said."""
    for scoring in (TRANSLATION, SUMMARIZATION, DIALOGUE):
        found = sums(scoring, corpus)
        assert 0 <= scoring.score(found) <= 1 + 1e-12
        for one in scoring.details(()).values():
            value = float(one(found))
            assert math.isnan(value) or one.bounds[0] <= value <= one.bounds[1] + 1e-12
