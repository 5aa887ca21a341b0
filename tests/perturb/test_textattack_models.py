"""The transformations of TextAttack that read a model, with the smallest models that they can read."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
import transformers

from harness.errors import UserError
from harness.perturb import libraries
from harness.perturb.foreign import listening
from harness.perturb.severity import perturb
from harness.perturb.textattack import OPERATORS
from harness.perturb.textattack_models import textattack_model
from harness.text import Span, Variant, example

pytestmark = pytest.mark.usefixtures("offline")

pytestmark = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("textattack", "flair", "nltk")),
    reason="TextAttack is not installed: pip install 'continuity-harness[textattack]'",
)


def _there(*needed: str) -> bool:
    try:
        libraries.nltk(*needed)
    except UserError:
        return False
    return True


TEXT = "the food was not good , said the man ; all 12 are in paris ."
STAY = (",", ";", ".", "not", "all", "12")
KNOWN = ["the", "food", "was", "good", "said", "man", "day", "great", "lovely", "not", "12"]
tagger = pytest.mark.skipif(
    not _there("taggers/averaged_perceptron_tagger_eng", "taggers/universal_tagset"),
    reason="NLTK's tagger is not on this machine: set HARNESS_RESOURCES",
)
every = pytest.mark.parametrize(
    "transformation",
    [pytest.param(name, marks=tagger if "merge" in name else ()) for name in OPERATORS["textattack-model"]],
)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory, tiny_pretrained: Path) -> Mapping[str, str]:
    """A language model and a file of vectors."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(tiny_pretrained, folder / "masked-lm")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = transformers.BertConfig.from_pretrained(tiny_pretrained)
        transformers.BertForMaskedLM(config).save_pretrained(folder / "masked-lm")
    rows = "".join(f"{word} {at} {at * at % 7} 1\n" for at, word in enumerate(KNOWN))
    (folder / "vectors.txt").write_text(f"{len(KNOWN)} 3\n{rows}", "utf-8")
    return {"masked-lm": str(folder / "masked-lm"), "embedding": str(folder / "vectors.txt")}


def vary(text: str, transformation: str, path: str, spans: tuple[Span, ...] = (), draw: int = 0) -> Variant:
    options = {"transformation": transformation, "path": path}
    return perturb(example("a", text, spans), textattack_model, 5, seed=0, draw=draw, options=options)


@every
def test_a_model_on_this_machine_is_enough(transformation: str, paths: Mapping[str, str]) -> None:
    """Words are replaced, put in or merged; protected words, gold spans and marks stay."""
    path, start = paths.get(transformation, paths["masked-lm"]), TEXT.index("paris")
    spans = (Span(start, start + 5, "LOC"),)
    with listening() as heard:
        variants = [vary(TEXT, transformation, path, spans, draw) for draw in range(8)]
    assert not heard
    assert any(not variant.noop for variant in variants)
    for variant in variants:
        (span,), words = variant.example.spans, variant.example.text.split()
        assert variant.example.text[span.start : span.end] == "paris"
        assert [word for word in words if word in STAY] == [word for word in TEXT.split() if word in STAY]
        assert not any("[" in word for word in words)
        more = len(words) - len(TEXT.split())
        assert (more > 0) == ("insertion" in transformation and not variant.noop)
        assert (more < 0) == ("merge" in transformation and not variant.noop)


def test_neighbours_are_the_nearest_words(tmp_path: Path) -> None:
    """In the order of their distance, without the word itself, with at most as many as TextAttack takes."""
    words = [f"wo{chr(97 + at)}" for at in range(26)]
    file = tmp_path / "vectors.txt"
    file.write_text("".join(f"{word} {at * at} 0\n" for at, word in enumerate(words)), "utf-8")
    found = {vary("woa", "embedding", str(file), draw=draw).example.text for draw in range(200)}
    assert found == set(words[:16])
    assert vary("Unknown", "embedding", str(file)).noop


def test_a_replacement_has_the_casing_of_the_word(paths: Mapping[str, str]) -> None:
    """Vectors and language models are often of lower case only."""
    found = {
        vary("Food, GOOD", "embedding", paths["embedding"], draw=draw).example.text for draw in range(30)
    }
    assert all(text.split()[0][0].isupper() and text.split()[1].isupper() for text in found)
    assert len(found) > 3


def test_no_protected_word_comes_in(paths: Mapping[str, str]) -> None:
    """A model may propose a negation or a number; that would be another statement."""
    for draw in range(40):
        after = vary("lovely great", "embedding", paths["embedding"], draw=draw).example.text
        assert not {"not", "12"} & set(after.split())


@pytest.mark.parametrize(
    ("transformation", "path", "message"),
    [
        ("masked-lm", "", "set path to one on this machine"),
        ("masked-lm", "bert-base-uncased", "nothing is downloaded"),
        ("masked-lm", "folder", "cannot make WordSwapMaskedLM: .{10,120}$"),
        ("embedding", "folder", "input embeddings cannot be read"),
        ("embedding", "prose", "a word and its numbers were expected"),
        ("masked-lms", "", "did you mean 'masked-lm'"),
    ],
)
def test_a_model_that_cannot_be_read_is_the_users_error(
    transformation: str, path: str, message: str, tmp_path: Path
) -> None:
    """The fault says what was found and what would be right."""
    (tmp_path / "prose.txt").write_text("once upon a time\n", "utf-8")
    where = {"folder": str(tmp_path), "prose": str(tmp_path / "prose.txt")}.get(path, path)
    with pytest.raises(UserError, match=message):
        vary(TEXT, transformation, where)
