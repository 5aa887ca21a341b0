"""TextAttack's recipes run offline on both tasks, judged like any other attack."""

from __future__ import annotations

import os
import random  # noqa: TID251 - to see that it is not drawn from
import socket
import threading
from importlib.util import find_spec

import numpy as np
import pytest

from harness.attack import textattack as bridge
from harness.attack.engine import Ask
from harness.attack.textattack import RECIPES, textattack
from harness.errors import UserError
from harness.perturb import libraries
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.text import Edit, Example, Span, apply, carry, example, vary

from .toys import reviews, sentiment, tagger, trips

installed = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("textattack", "flair", "nltk")),
    reason="TextAttack is not installed: pip install 'continuity-harness[textattack]'",
)


@pytest.fixture(autouse=True)
def _offline(monkeypatch):
    def refuse(*_):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@installed
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_flips_a_classifier_offline(recipe):
    """Single keywords are misspelt; what the model says of the edited text is really wrong."""
    model, examples = sentiment(), reviews(6)[::2]
    outcomes = textattack.run(model, CLASSIFICATION, examples, seed=1, budget=400, options={"recipe": recipe})
    assert all(o.success for o in outcomes)
    for source, outcome in zip(examples, outcomes, strict=True):
        (said,) = model.function([apply(source.text, outcome.edits)])
        assert said["neg"] > said["pos"]


@installed
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_misleads_a_tagger_offline(recipe):
    """Names are misspelt within their bounds, so that finding them is still asked for."""
    model, examples = tagger(), trips(6)
    outcomes = textattack.run(model, NER, examples, seed=1, budget=400, options={"recipe": recipe})
    assert sum(o.success for o in outcomes) >= 5
    for source, outcome in zip(examples, outcomes, strict=True):
        variant = vary(source, outcome.edits)
        (span,) = variant.example.spans
        name = variant.example.text[span.start : span.end]
        assert variant.refusal == ""
        assert all(part.isalpha() for part in name.split())
        assert variant.example.text[span.start - 1] == " "
        assert not variant.example.text[span.end].isalpha()


@installed
def test_searches_in_flight_do_not_disturb_one_another():
    """TextAttack draws from global generators, which every search finds as if it were alone."""
    one, many = (
        textattack.run(sentiment(), CLASSIFICATION, reviews(8), seed=5, budget=100, in_flight=size)
        for size in (1, 64)
    )
    assert [(o.edits, o.queries, o.harm_after) for o in one] == [
        (o.edits, o.queries, o.harm_after) for o in many
    ]


@installed
def test_questions_of_many_searches_share_batches():
    """Although TextAttack itself attacks one example after the other."""
    model = sentiment()
    outcomes = textattack.run(model, CLASSIFICATION, reviews(20), seed=1, budget=200)
    assert model.batches < sum(o.queries for o in outcomes) / 5


@installed
def test_the_budget_holds_and_threads_end():
    """Also for searches that are cut short in the middle."""
    before = threading.active_count()
    model = sentiment()
    outcomes = textattack.run(model, CLASSIFICATION, reviews(6), seed=1, budget=5)
    assert max(o.queries for o in outcomes) <= 5
    assert threading.active_count() == before


@installed
def test_the_process_is_left_as_it_was():
    """Environment and global generators do not change, however often TextAttack draws."""
    environment, state, legacy = dict(os.environ), random.getstate(), np.random.get_state()  # noqa: NPY002
    textattack.run(sentiment(), CLASSIFICATION, reviews(3), seed=1, budget=50)
    assert dict(os.environ) == environment
    assert random.getstate() == state
    assert (np.random.get_state()[1] == legacy[1]).all()  # noqa: NPY002


@installed
@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "…",
        "ok",
        "naïve café — “so” 1,000 €!",
        "日本語 です 😀",
        "a\u200bb c\u00ad\td\ne",
        "O'Neil's e-mail@x.y",
    ],
)
def test_unusual_texts_are_attacked_without_an_error(text):
    """Whatever its tokeniser makes of them."""
    (outcome,) = textattack.run(sentiment(), CLASSIFICATION, [example("x", text, "neg")], seed=1, budget=50)
    assert not outcome.skipped


def test_a_missing_library_is_the_users_fault_and_says_what_to_do(monkeypatch):
    """The remedy is a command."""

    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}")

    libraries.textattack.cache_clear()
    monkeypatch.setattr(libraries, "import_module", missing)
    with pytest.raises(UserError, match=r"pip install 'continuity-harness\[textattack\]'"):
        textattack.run(sentiment(), CLASSIFICATION, reviews(1), seed=1, budget=9)
    libraries.textattack.cache_clear()


def test_an_unknown_recipe_names_the_nearest():
    """Without importing anything for it."""
    with pytest.raises(UserError, match="deepwordbug"):
        textattack.run(
            sentiment(), CLASSIFICATION, reviews(1), seed=1, budget=9, options={"recipe": "deepwordbugs"}
        )


@pytest.mark.parametrize(
    ("after", "name"),
    [
        ("We saw xLisbon.", "xLisbon"),
        ("We saw Lisbonx.", "Lisbonx"),
        ("We saw Lisbonn.", "Lisbonn"),
        ("We saw isbon.", "isbon"),
        ("We saw Lisbo.", "Lisbo"),
        ("We saw iLsbon.", "iLsbon"),
        ("Wex sawx Lisbon.", "Lisbon"),
        ("We saw [UNK].", "[UNK]"),
    ],
)
def test_letters_typed_at_the_edge_of_a_name_belong_to_it(after, name):
    """A diff alone would put them outside, and the model would be blamed for finding the name."""
    source = Example("x", {"text": "We saw Lisbon."}, (Span(7, 13, "LOC"),))
    edits = bridge._script(source, after)
    carried, _ = carry(source.spans[0], edits)
    assert apply(source.text, edits) == after
    assert after[carried.start : carried.end] == name


def test_a_search_that_raises_raises_where_it_is_driven():
    """An error in a thread must not pass for a search that gave up."""

    def broken(ask):
        ask(Ask([[Edit(0, 1, "b")]]))
        raise ZeroDivisionError

    search = bridge._inside_out(broken, 1)
    assert next(search) == Ask([[Edit(0, 1, "b")]])
    with pytest.raises(ZeroDivisionError):
        search.send([])


def test_an_abandoned_search_is_unwound():
    """Its own clean-up runs before the caller goes on."""
    unwound = []

    def waiting(ask):
        try:
            ask(Ask([[]]))
        finally:
            unwound.append(True)

    search = bridge._inside_out(waiting, 1)
    next(search)
    search.close()
    assert unwound == [True]


def test_only_one_search_moves_at_a_time():
    """What a search draws depends on its seed and turn alone, not on the others."""

    def drawing(into):
        def search(ask):
            for _ in range(3):
                into.append(float(np.random.random()))  # noqa: NPY002
                ask(Ask([[]]))

        return search

    def drive(*searches):
        for search in searches:
            next(search)
        for _ in range(2):
            for search in searches:
                search.send([])
        for search in searches:
            search.close()

    alone, one, other = [], [], []
    drive(bridge._inside_out(drawing(alone), 1))
    drive(bridge._inside_out(drawing(one), 1), bridge._inside_out(drawing(other), 2))
    assert len(alone) == 3
    assert one == alone
    assert one != other
