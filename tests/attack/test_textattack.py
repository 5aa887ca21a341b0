"""TextAttack's recipes run offline on every task that they suit, and say what they lack."""

from __future__ import annotations

import inspect
import os
import random  # noqa: TID251 - to see that it is not drawn from
import subprocess
import sys
import threading
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import catalog
from harness.attack.textattack import RECIPES
from harness.attack.textattack_search import script
from harness.errors import UserError
from harness.perturb import libraries
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.text import Example, Span, apply, carry, example, vary

from .toys import reviews, sentiment, tagger, trips

pytestmark = pytest.mark.usefixtures("offline")

installed = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("textattack", "flair", "nltk")),
    reason="TextAttack is not installed: pip install 'continuity-harness[textattack]'",
)
deepwordbug, pruthi, textfooler = (
    RECIPES[f"textattack/{name}"] for name in ("deepwordbug", "pruthi", "textfooler")
)
misspelling = pytest.mark.parametrize("recipe", [deepwordbug, pruthi], ids=lambda one: one.name)


# -- the records ---------------------------------------------------------------------------------


@installed
def test_every_recipe_that_textattack_has_is_known():
    """By a name of its own, under ``textattack/``."""
    library = libraries.textattack().attack_recipes
    theirs = {name for name, one in vars(library).items() if inspect.isclass(one)} - {"AttackRecipe"}
    assert sorted(one.made for one in RECIPES.values()) == sorted(theirs)
    assert {name.partition("/")[0] for name in RECIPES} == {"textattack"}


@installed
def test_recipes_are_listed_with_what_they_lack_and_without_the_library():
    """It takes eight seconds to import."""
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from harness.catalog import listing; rows = listing(['attack'])\n"
            "print(*(f'{row.name}: {row.problem}' for row in rows), sep='\\n')\n"
            "print(sorted({'torch', 'textattack', 'flair', 'nltk', 'sklearn'} & set(sys.modules)))",
        ],
        env={**os.environ, "HARNESS_RESOURCES": "", "TA_CACHE_DIR": "", "HOME": "/nowhere"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert told[-1] == "[]"
    assert {line.partition(":")[0] for line in told} >= set(RECIPES)
    assert any("textfooler: lacks counter-fitted word vectors" in line for line in told)
    assert any("spanish: cannot be run: it asks WordNet" in line for line in told)


def test_a_recipe_is_found_by_its_name_like_any_attack():
    """Although it looks like that of another package's."""
    assert catalog.find("attack", "textattack/pwws") is RECIPES["textattack/pwws"]
    with pytest.raises(UserError, match="did you mean 'textattack/deepwordbug'"):
        catalog.find("attack", "textattack/deepwordbugs")


def test_stand_ins_are_options_of_the_recipes_that_read_them():
    """And decide, by their content, what a recipe does."""
    assert textfooler.options == {"vectors": "", "encoder": ""}
    assert textfooler.weights == ("vectors", "encoder")
    assert deepwordbug.options == {}
    with pytest.raises(ValueError, match="unknown option 'vectors' of textattack/pwws"):
        RECIPES["textattack/pwws"].bind({"vectors": "minilm"})


def test_what_a_recipe_lacks_is_told_before_the_model_is_asked(monkeypatch, tmp_path):
    """All of it: what, where it was looked for, and what to do."""
    monkeypatch.setenv("HARNESS_RESOURCES", str(tmp_path))
    monkeypatch.setenv("TA_CACHE_DIR", str(tmp_path / "cache"))
    model = sentiment()
    with pytest.raises(UserError) as caught:
        textfooler.run(model, CLASSIFICATION, reviews(1), seed=1, budget=9)
    told = str(caught.value)
    assert f"lacks counter-fitted word vectors; looked in {tmp_path}/textattack/word_embeddings" in told
    assert f"{tmp_path}/cache/word_embeddings/paragramcf" in told
    assert "set vectors, to minilm for example" in told
    assert "lacks Universal Sentence Encoder" in told
    assert "pip install tensorflow-hub" in told
    assert model.batches == 0


@pytest.mark.parametrize("name", ["alzantot", "french", "spanish", "chinese"])
def test_a_recipe_that_nobody_can_run_says_why(name):
    """It is TextAttack's own fault."""
    with pytest.raises(UserError, match="cannot be run: "):
        RECIPES[f"textattack/{name}"].run(sentiment(), CLASSIFICATION, reviews(1), seed=1, budget=9)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"vectors": "/nowhere", "encoder": "minilm"}, "vectors: .*'/nowhere' cannot be the counter-fitted"),
        ({"vectors": "minilm", "encoder": "bert"}, "encoder: .*'bert' cannot be the Universal"),
    ],
)
def test_a_stand_in_has_to_be_on_this_machine(options, told):
    """Names on a hub are not for here."""
    with pytest.raises(UserError, match=told):
        textfooler.run(
            sentiment(), CLASSIFICATION, reviews(1), seed=1, budget=9, options=textfooler.bind(options)
        )


def test_recipes_for_classifiers_do_not_suit_taggers():
    """What they replace may be a name."""
    with pytest.raises(UserError, match="does not suit ner"):
        RECIPES["textattack/pwws"].run(tagger(), NER, trips(1), seed=1, budget=9)


def test_a_missing_library_is_the_users_fault_and_says_what_to_do(monkeypatch):
    """The remedy is a command."""
    monkeypatch.setattr("harness.attack.textattack_resources.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'continuity-harness\[textattack\]'"):
        deepwordbug.run(sentiment(), CLASSIFICATION, reviews(1), seed=1, budget=9)


# -- what they do --------------------------------------------------------------------------------


@installed
@misspelling
def test_a_recipe_flips_a_classifier_offline(recipe):
    """Single keywords are misspelt; what the model says of the edited text is really wrong."""
    model, examples = sentiment(), reviews(6)[::2]
    outcomes = recipe.run(model, CLASSIFICATION, examples, seed=1, budget=400)
    assert all(o.success for o in outcomes)
    for source, outcome in zip(examples, outcomes, strict=True):
        (said,) = model.function([apply(source.text, outcome.edits)])
        assert said["neg"] > said["pos"]


@installed
@misspelling
def test_a_recipe_misleads_a_tagger_offline(recipe):
    """Names are misspelt within their bounds, so that finding them is still asked for."""
    model, examples = tagger(), trips(6)
    outcomes = recipe.run(model, NER, examples, seed=1, budget=400)
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
def test_characters_that_cannot_be_seen_mislead_a_classifier():
    """The recipe's goal is for its user to say, and is ours."""
    recipe = RECIPES["textattack/bad-characters"]
    outcomes = recipe.run(sentiment(), CLASSIFICATION, reviews(4), seed=1, budget=2000)
    assert any(o.success for o in outcomes)
    for source, outcome in zip(reviews(4), outcomes, strict=True):
        seen = [char for char in apply(source.text, outcome.edits) if char.isprintable()]
        assert "".join(seen) == source.text


@installed
def test_leaving_words_out_is_no_success_but_is_shown():
    """The model does not change its answer: that is what the recipe is after."""
    recipe = RECIPES["textattack/input-reduction"]
    (outcome,) = recipe.run(sentiment(), CLASSIFICATION, reviews(1), seed=1, budget=400)
    assert outcome.status == "failed"
    assert apply(reviews(1)[0].text, outcome.edits).split() == LEFT.split()


LEFT = "wonderful film several from country long yesterday"
"""Not less: TextAttack counts words as they stood in the clean text, and misses some as others go."""


@installed
def test_searches_in_flight_do_not_disturb_one_another():
    """TextAttack draws from global generators, which every search finds as if it were alone."""
    one, many = (
        deepwordbug.run(tagger(), NER, trips(8), seed=5, budget=100, in_flight=size) for size in (1, 64)
    )
    assert [(o.edits, o.queries, o.harm_after) for o in one] == [
        (o.edits, o.queries, o.harm_after) for o in many
    ]


@installed
def test_questions_of_many_searches_share_batches():
    """Although TextAttack itself attacks one example after the other."""
    model = sentiment()
    outcomes = deepwordbug.run(model, CLASSIFICATION, reviews(20), seed=1, budget=200)
    assert model.batches < sum(o.queries for o in outcomes) / 5


@installed
def test_the_budget_holds_and_threads_end():
    """Also for searches that are cut short in the middle."""
    before = threading.active_count()
    for model, task, examples in (
        (sentiment(), CLASSIFICATION, reviews(6)),
        (tagger(), NER, trips(6)),
    ):
        outcomes = deepwordbug.run(model, task, examples, seed=1, budget=5)
        assert max(o.queries for o in outcomes) <= 5
        assert model.texts <= 5 * len(examples)
    assert threading.active_count() == before


@installed
def test_the_process_is_left_as_it_was():
    """Environment and global generators do not change, however often TextAttack draws."""
    import torch

    libraries.textattack()
    environment, state, legacy = dict(os.environ), random.getstate(), np.random.get_state()  # noqa: NPY002
    torchs = torch.get_rng_state()
    deepwordbug.run(sentiment(), CLASSIFICATION, reviews(3), seed=1, budget=50)
    assert dict(os.environ) == environment
    assert random.getstate() == state
    assert (np.random.get_state()[1] == legacy[1]).all()  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), torchs)


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
    (outcome,) = deepwordbug.run(sentiment(), CLASSIFICATION, [example("x", text, "neg")], seed=1, budget=50)
    assert outcome.status in ("success", "failed")


@installed
def test_a_text_that_textattack_stumbles_over_does_not_stop_the_others(monkeypatch):
    """Its example ends with an error that says what was raised, and its thread ends."""
    keys = libraries.textattack().transformations.WordSwapQWERTY
    adjacent = keys._get_adjacent

    def stumbling(self, letter):
        return {}[letter] if letter == "z" else adjacent(self, letter)

    monkeypatch.setattr(keys, "_get_adjacent", stumbling)
    examples = [example("0", "a wonderful puzzle", "pos"), example("1", "a wonderful film", "pos")]
    before = threading.active_count()
    broken, fine = pruthi.run(sentiment(), CLASSIFICATION, examples, seed=1, budget=500)
    assert broken.status == "error"
    assert "KeyError: 'z'" in broken.note
    assert fine.success
    assert threading.active_count() == before


# -- from their texts to our edits ---------------------------------------------------------------


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_edits_lead_to_the_very_text(before, after, other):
    """Whatever the recipe has made of the fields."""
    source = Example("x", {"premise": before, "hypothesis": other})
    edits = script(source, (after, other))
    assert apply(before, [edit for edit in edits if edit.field == "premise"]) == after
    assert not [edit for edit in edits if edit.field == "hypothesis"]


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
    edits = script(source, after)
    carried, _ = carry(source.spans[0], edits)
    assert apply(source.text, edits) == after
    assert after[carried.start : carried.end] == name
