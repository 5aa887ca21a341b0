"""What adversarial texts may not do: each constraint, and several in a row."""

from __future__ import annotations

import os
from importlib.util import find_spec

import pytest

from harness import catalog
from harness.attack.attack import attack
from harness.attack.constraint import Bound, Candidate, constraint, refusals
from harness.attack.search import Ask
from harness.errors import BrokenPromise, UserError
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.text import Edit, Span, diff, example, vary

from .toys import sentiment, tagger, trips

TEXT = "Anna did not see three small boats near Oslo ."
SOURCE = example("x", TEXT, (Span(0, 4, "PER"), Span(40, 44, "LOC")))


def bound(name, **options):
    """A constraint with its options."""
    found = catalog.find("constraint", name)
    return Bound(found, found.bind(options), name)


def allowed(name, after, source=SOURCE, **options):
    """Whether a constraint lets a text through."""
    candidate = Candidate(source, vary(source, diff(source.text, after), by_word=True))
    return refusals([bound(name, **options)], [candidate]) == [""]


@pytest.mark.parametrize(
    ("name", "after", "fine"),
    [
        ("stop-words", TEXT.replace("boats", "botas"), True),
        ("stop-words", TEXT.replace("did", "dod"), False),
        ("label-safe", TEXT.replace("boats", "boots"), True),
        ("label-safe", TEXT.replace("not", "now"), False),
        ("label-safe", TEXT.replace("three", "thre"), False),
        ("label-safe", TEXT.replace("boats", "no boats"), False),
        ("keep-entities", TEXT.replace("boats", "ships"), True),
        ("keep-entities", TEXT.replace("Oslo", "Olso"), False),
        ("keep-entities", TEXT.replace("Anna", "Nora"), False),
        ("entities-only", TEXT.replace("Oslo", "Olso"), True),
        ("entities-only", TEXT.replace("boats", "ships"), False),
        ("edit-rate", TEXT.replace("small", "smal").replace("boats", "bots"), True),
        ("edit-rate", TEXT.replace("small", "smal").replace("boats", "bots").replace("near", "naer"), False),
    ],
)
def test_each_constraint_lets_through_what_it_should(name, after, fine):
    """The words that carry the truth, the names, the function words, the share of the text."""
    options = {"most": 0.25} if name == "edit-rate" else {}
    assert allowed(name, after, **options) == fine


def test_one_edit_is_always_allowed():
    """Otherwise a text of two words could not be attacked at all."""
    short = example("x", "so good", "pos")
    assert allowed("edit-rate", "so goood", short, most=0.1)
    assert not allowed("edit-rate", "soo goood", short, most=0.1)
    with pytest.raises(UserError, match="most should be in"):
        allowed("edit-rate", "so goood", short, most=2.0)


@pytest.mark.skipif(
    find_spec("nltk") is None or "HARNESS_RESOURCES" not in os.environ,
    reason="NLTK's tagger is not there: set HARNESS_RESOURCES to a folder with nltk_data",
)
def test_a_word_keeps_its_part_of_speech():
    """Another noun may stand for a noun, a verb may not; without another word nothing is compared."""
    source = example("x", "the old house burned quickly", "neg")
    assert allowed("part-of-speech", "the old barn burned quickly", source)
    assert not allowed("part-of-speech", "the old quickly burned quickly", source)
    assert allowed("part-of-speech", "the old big house burned quickly", source)


def test_meaning_is_compared_by_an_encoder(tiny_pretrained):
    """An unchanged text is like itself; the bound is a cosine."""
    source = example("x", "the food was good", "pos")
    encoder = str(tiny_pretrained)
    assert allowed("similarity", "the food was  good", source, least=0.99, encoder=encoder)
    assert not allowed("similarity", "the food was good", source, least=1.0 + 1e-3, encoder=encoder)


def test_a_later_constraint_is_not_asked_about_what_is_refused_already():
    """So the slow ones come last and cost little."""
    seen = []

    @constraint("counting")
    def counting(candidates):
        """Count what it is asked."""
        seen.extend(candidates)
        return [True] * len(candidates)

    texts = [TEXT.replace("not", "now"), TEXT.replace("boats", "boots")]
    candidates = [Candidate(SOURCE, vary(SOURCE, diff(TEXT, text))) for text in texts]
    assert refusals([bound("label-safe"), Bound(counting, {}, "counting")], candidates) == ["label-safe", ""]
    assert len(seen) == 1


def test_a_constraint_answers_for_each_candidate():
    """One that does not breaks its contract, and is named."""

    @constraint("lazy")
    def lazy(candidates):
        """Answer for one."""
        return [True]

    candidates = [Candidate(SOURCE, vary(SOURCE, [Edit(0, 1, "O")]))] * 2
    with pytest.raises(BrokenPromise, match="lazy answered for 1 of 2"):
        refusals([Bound(lazy, {}, "lazy")], candidates)


@attack("rename")
def rename(example, rng):
    """Misspell the first word, then the name."""
    yield Ask([[Edit(0, 1, "s")], [Edit(0, 2, "S")]])
    (span,) = example.spans
    yield Ask([[Edit(span.start + 1, span.start + 2, "x")]])


def test_refused_candidates_cost_nothing_and_are_counted():
    """The model never sees them; what refused how many is part of the outcome."""
    model, examples = tagger(), trips(3)
    outcomes = rename.run(model, NER, examples, seed=1, budget=50, constraints=[bound("keep-entities")])
    for outcome in outcomes:
        assert not outcome.success
        assert outcome.refused["keep-entities"] == 1
        assert (outcome.candidates, outcome.queries) == (3, 3)
    assert model.texts == sum(o.queries for o in outcomes)


def test_candidates_of_many_examples_are_judged_together():
    """One call a round, so that an encoder has full batches."""
    calls = []

    @constraint("batching")
    def batching(candidates):
        """Note how many come at a time."""
        calls.append(len(candidates))
        return [True] * len(candidates)

    rename.run(tagger(), NER, trips(10), seed=1, budget=50, constraints=[Bound(batching, {}, "batching")])
    assert calls == [20, 10]


def test_a_probe_is_none_of_a_constraints_business():
    """Leaving out a negation tells how much it matters, and is never an attack."""

    @attack("probing")
    def probing(example, rng):
        """Blank a protected word."""
        (reply,) = yield Ask([[Edit(2, 5, "x")]], probe=True)
        assert reply.harm >= 0

    source = example("x", "a not wonderful film", "pos")
    (outcome,) = probing.run(
        sentiment(), CLASSIFICATION, [source], seed=1, budget=9, constraints=[bound("label-safe")]
    )
    assert outcome.queries == 2
