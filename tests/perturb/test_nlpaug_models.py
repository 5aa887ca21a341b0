"""The augmenters of nlpaug that read a model, with the smallest models that they can read."""

from __future__ import annotations

import json
import random  # noqa: TID251 - what is tested is that it is left alone
import shutil
import socket
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from harness.errors import UserError
from harness.perturb import nlpaug_models
from harness.perturb.foreign import listening
from harness.perturb.nlpaug import MODELS
from harness.perturb.nlpaug_models import nlpaug_back_translation, nlpaug_model
from harness.perturb.severity import perturb
from harness.text import Span, Variant, example

pytest.importorskip("nlpaug", reason="nlpaug is not installed: pip install 'continuity-harness[nlpaug]'")

pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # gensim leaves files open
TEXT = "the food was not good , said the man ; all 12 are in paris ."
STAY = (",", ";", ".", "not", "all", "12")
KNOWN = ["the", "food", "was", "good", "said", "man", "day", "great", "lovely"]
gensim = pytest.mark.skipif(
    find_spec("gensim") is None, reason="nlpaug reads vectors with gensim: pip install gensim"
)
every = pytest.mark.parametrize(
    "augmenter",
    [pytest.param(name, marks=() if name.startswith(("context", "tfidf")) else gensim) for name in MODELS],
)


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def refuse(self: socket.socket, address: Any) -> None:
        assert self.family == socket.AF_UNIX, "the network was used"  # torch's loaders talk through these
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory, tiny_pretrained: Path) -> Mapping[str, str]:
    """A path for each source of words."""
    folder = tmp_path_factory.mktemp("models")
    statistics(folder / "tfidf", KNOWN)
    rows = "".join(f"{word} {at} {at * at % 7} 1\n" for at, word in enumerate(KNOWN))
    (folder / "glove.txt").write_text(rows, "utf-8")
    (folder / "fasttext.txt").write_text(f"{len(KNOWN)} 3\n{rows}", "utf-8")
    if find_spec("gensim"):
        from gensim.models import KeyedVectors

        vectors = KeyedVectors.load_word2vec_format(str(folder / "fasttext.txt"))
        vectors.save_word2vec_format(str(folder / "word2vec.bin"), binary=True)
    return {
        "context": str(language_model(tiny_pretrained, folder / "context")),
        "tfidf": str(folder / "tfidf"),
        "glove": str(folder / "glove.txt"),
        "fasttext": str(folder / "fasttext.txt"),
        "word2vec": str(folder / "word2vec.bin"),
    }


def language_model(plain: Path, folder: Path) -> Path:
    """The tiny BERT with a head that says words."""
    shutil.copytree(plain, folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = transformers.BertConfig.from_pretrained(plain)
        transformers.BertForMaskedLM(config).save_pretrained(folder)
    return folder


def statistics(folder: Path, words: list[str]) -> None:
    """nlpaug's two files, in which all words are alike."""
    folder.mkdir()
    (folder / "tfidfaug_w2idf.txt").write_text("".join(f"{word} 0.5\n" for word in words), "utf-8")
    (folder / "tfidfaug_w2tfidf.txt").write_text(
        "".join(f"{word} {1 / len(words)}\n" for word in words), "utf-8"
    )


def vary(text: str, augmenter: str, path: str, spans: tuple[Span, ...] = (), draw: int = 0) -> Variant:
    options = {"augmenter": augmenter, "path": path}
    return perturb(example("a", text, spans), nlpaug_model, 5, seed=0, draw=draw, options=options)


@every
def test_a_model_on_this_machine_is_enough(augmenter: str, paths: Mapping[str, str]) -> None:
    """Words are replaced or put in; protected words, gold spans and marks stay, and no mark of the model comes."""
    path, start = paths[augmenter.partition("-")[0]], TEXT.index("paris")
    with listening() as heard:
        variants = [vary(TEXT, augmenter, path, (Span(start, start + 5, "LOC"),), draw) for draw in range(8)]
    assert not heard
    assert any(not variant.noop for variant in variants)
    for variant in variants:
        (span,), words = variant.example.spans, variant.example.text.split()
        assert variant.example.text[span.start : span.end] == "paris"
        assert [word for word in words if word in STAY] == [word for word in TEXT.split() if word in STAY]
        assert not any("[" in word for word in words)
        assert (len(words) > len(TEXT.split())) == (augmenter.endswith("insert") and not variant.noop)


@every
def test_the_global_generators_neither_matter_nor_change(augmenter: str, paths: Mapping[str, str]) -> None:
    """Not even torch's, from which a language model's words are drawn."""
    path = paths[augmenter.partition("-")[0]]
    random.seed(1)
    torch.manual_seed(1)
    python, own = random.getstate(), torch.random.get_rng_state()
    first = vary(TEXT, augmenter, path)
    assert random.getstate() == python
    assert torch.equal(torch.random.get_rng_state(), own)
    torch.manual_seed(2)
    assert vary(TEXT, augmenter, path) == first


def test_the_text_around_a_masked_word_is_what_the_model_reads(
    paths: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it stands, but no more than is near, and whole words only."""
    made: Any = nlpaug_models._read("context-substitute", paths["context"])
    asked: list[str] = []

    def predict(texts: list[str], target_words: list[str], n: int) -> list[list[str]]:
        asked.extend(texts)
        return [["tree"]]

    monkeypatch.setattr(made.model, "predict", predict)
    text = f'{"before " * 20}"Food," {"after " * 20}'.strip()
    at = text.index('"Food')
    variants = [vary(text, "context-substitute", paths["context"], draw=draw) for draw in range(8)]
    assert {'"Tree,"'} == {v.example.text[at:][:7] for v in variants} - {'"Food,"'}
    (masked,) = {one for one in asked if '"[MASK],"' in one}
    assert masked == f'{"before " * 14}"[MASK]," {"after " * 16}'.rstrip()


def test_two_models_of_one_kind_are_not_mistaken_for_each_other(tmp_path: Path) -> None:
    """nlpaug itself remembers the first one that it has read."""
    statistics(tmp_path / "one", ["food", "bread"])
    statistics(tmp_path / "two", ["food", "water"])
    for name, word in (("one", "bread"), ("two", "water"), ("one", "bread")):
        path = str(tmp_path / name)
        found = {vary("food", "tfidf-substitute", path, draw=d).example.text for d in range(20)}
        assert found == {"food", word}


def test_no_protected_word_comes_in(tmp_path: Path) -> None:
    """A model may propose a negation or a number; that would be another statement."""
    statistics(tmp_path / "model", ["food", "not", "never", "12"])
    for action in ("substitute", "insert"):
        found = {
            vary("food", f"tfidf-{action}", str(tmp_path / "model"), draw=d).example.text for d in range(30)
        }
        assert found <= {"food", "Food food"}


@pytest.mark.parametrize(
    ("augmenter", "path", "message"),
    [
        ("context-substitute", "", "set path to one on this machine"),
        ("context-substitute", "bert-base-uncased", "nothing is downloaded"),
        ("context-substitute", "tfidf", "is not the folder of a model"),
        ("context-substitute", "gpt2", "does not read models of the kind 'gpt2'"),
        ("tfidf-insert", "context", "cannot make TfIdfAug: FileNotFoundError"),
        ("tfdf-insert", "tfidf", "did you mean 'tfidf-insert'"),
        ("keyboard", "tfidf", "it belongs to nlpaug"),
    ],
)
def test_a_model_that_cannot_be_read_is_the_users_error(
    augmenter: str, path: str, message: str, paths: Mapping[str, str], tmp_path: Path
) -> None:
    """The fault says what was found and what would be right."""
    (tmp_path / "config.json").write_text('{"model_type": "gpt2"}', "utf-8")
    with pytest.raises(UserError, match=message):
        vary(TEXT, augmenter, {**paths, "gpt2": str(tmp_path)}.get(path, path))


def test_a_model_that_stumbles_is_heard(paths: Mapping[str, str]) -> None:
    """A text that is too long for it is left as it was."""
    with listening() as heard:
        vary("a b c d e f g h i j k l m n o p " * 4, "context-insert", paths["context"])
    assert all(message.startswith("nlpaug context-insert: ") for message in heard)
    assert heard


def test_sentences_come_back_translated(tiny_seq2seq: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by itself; one with a gold span is left alone."""
    path = str(tiny_seq2seq)
    made: Any = nlpaug_models._translator(path, path)
    monkeypatch.setattr(made.model, "predict", lambda texts: [text.replace("dog", "hound") for text in texts])
    text = "A dog barks. The dog of Ann sleeps! A dog\nand a dog"
    source = example("a", text, (Span(text.index("Ann"), text.index("Ann") + 3, "PER"),))
    variant = perturb(source, nlpaug_back_translation, 0, seed=0, options={"there": path, "back": path})
    assert variant.example.text == "A hound barks. The dog of Ann sleeps! A hound\nand a hound"


def test_models_that_translate_are_read(tiny_seq2seq: Path, tmp_path: Path) -> None:
    """Random weights write nothing of use, but they are asked."""
    folder = shutil.copytree(tiny_seq2seq, tmp_path / "model")
    settings = folder / "tokenizer_config.json"
    inputs = {"model_input_names": ["input_ids", "attention_mask"]}  # as it is with models that translate
    settings.write_text(json.dumps(json.loads(settings.read_text("utf-8")) | inputs), "utf-8")
    options = {"there": str(folder), "back": str(folder)}
    made: Any = nlpaug_models._translator(*options.values())
    made.model.max_length = 8
    assert [type(text) for text in made.model.predict(["A dog.", "Dogs!"])] == [str, str]
    with listening() as heard:
        perturb(example("a", "A dog."), nlpaug_back_translation, 0, seed=0, options=options)
        assert perturb(example("a", " "), nlpaug_back_translation, 0, seed=0, options=options).noop
    assert not heard
    with pytest.raises(UserError, match="set back to one"):
        perturb(example("a", "A dog."), nlpaug_back_translation, 0, seed=0, options={**options, "back": ""})
