"""Words near others in an embedding space."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from harness.errors import UserError
from harness.perturb import vectors
from harness.perturb.sites import lines, protected
from harness.text import Span, example
from tests.perturb.applied import drawn, everywhere, outcomes

SPACE = {
    "tree": (1.0, 0.0, 0.0), "shrub": (0.9, 0.1, 0.0), "bush": (0.8, 0.3, 0.0), "trees": (1.0, 0.01, 0.0),
    "apple": (0.95, 0.1, 0.0), "good": (0.0, 1.0, 0.0), "bad": (0.0, 1.0, 0.1), "nice": (0.0, 0.9, 0.2),
    "not": (0.0, 1.0, 0.01), "seven": (0.9, 0.0, 0.1), "usual": (0.0, 0.1, 1.0), "unusual": (0.0, 0.1, 1.0),
    "made": (0.5, 0.0, 1.0), "make": (0.5, 0.0, 1.01), "days": (0.3, 0.3, 0.3), "hours": (0.3, 0.3, 0.31),
}  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> str:
    """The space as a text file of word2vec."""
    path = tmp_path / "space.txt"
    rows = [f"{word} {' '.join(map(str, row))}" for word, row in SPACE.items()]
    path.write_text("\n".join([f"{len(rows)} 3", *rows]) + "\n", "utf-8")
    return str(path)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """The space as the input embeddings of a model, some of whose tokens are no words."""
    tokens = ["[PAD]", "##tree", *SPACE, "Tree", "to"]
    rows = [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), *SPACE.values(), (1.0, 0.0, 0.0), (1.0, 0.0, 0.0)]
    vocabulary = {token: at for at, token in enumerate(tokens)}
    (tmp_path / "tokenizer.json").write_text(
        json.dumps({"model": {"type": "WordPiece", "vocab": vocabulary}})
    )
    matrix = {"bert.embeddings.word_embeddings.weight": np.array(rows, dtype=np.float32)}
    save_file(matrix, tmp_path / "model.safetensors")
    return str(tmp_path)


def test_a_word_is_replaced_by_its_neighbours(file: str) -> None:
    """In the casing of the word, the marks around it left alone; not by other forms of itself or by numbers."""
    assert outcomes(vectors.embedding, "Tree!", vectors=file) == {"Shrub!", "Bush!", "Apple!"}


def test_neighbours_of_a_checkpoint_are_those_of_its_whole_words(file: str, folder: str) -> None:
    """The same space gives the same neighbours, from wherever it is read."""
    for text in ("the tree", "a shrub", "nice"):
        assert outcomes(vectors.embedding, text, vectors=folder) == outcomes(
            vectors.embedding, text, vectors=file
        )


def test_tokens_that_mark_the_beginnings_of_words_are_read_too(tmp_path: Path) -> None:
    """Vocabularies of decoders and of SentencePiece mark where words begin, not where they go on."""
    rows = np.array([(1.0, 0.0), (0.9, 0.1), (1.0, 0.05)], dtype=np.float32)
    save_file({"model.embed_tokens.weight": rows}, tmp_path / "model.safetensors")
    vocabulary = [["\u2581tree", -1.0], ["\u2581bush", -2.0], ["shrub", -3.0]]
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"type": "Unigram", "vocab": vocabulary}}))
    assert outcomes(vectors.embedding, "tree", vectors=str(tmp_path)) == {"bush"}


def test_known_opposites_and_what_is_protected_are_no_neighbours(file: str) -> None:
    """However near they are; nor are denials by a prefix, other tenses, and other measures."""
    assert outcomes(vectors.embedding, "good", vectors=file) == {"nice"}
    for word in ("usual", "made", "days", "seven", "not"):
        assert outcomes(vectors.embedding, word, vectors=file, least=0.9) == set()


def test_options_say_how_many_and_how_near(file: str) -> None:
    """The nearest come first."""
    assert outcomes(vectors.embedding, "tree", vectors=file, neighbours=1) == {"apple"}
    assert outcomes(vectors.embedding, "tree", vectors=file, least=0.97) == {"apple", "shrub"}


def test_articles_and_names_are_looked_after(file: str) -> None:
    """An article fits the new word; what has a capital may be a name, and gold spans stay."""
    assert outcomes(vectors.embedding, "a tree", vectors=file) == {"a shrub", "a bush"}
    assert outcomes(vectors.embedding, "by Tree", vectors=file) == set()
    source = example("a", "by tree", (Span(3, 7, "LOC"),))
    assert all(variant.noop for variant in drawn(vectors.embedding, source, vectors=file))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"neighbours": 0}, "at least 1, found 0"),
        ({"least": 1.5}, "between -1 and 1, found 1.5"),
        ({"vectors": "./nowhere"}, "no folder ./nowhere"),
    ],
)
def test_wrong_options_are_the_users_error(options: dict[str, object], message: str) -> None:
    """The fault says what was found and what would be right."""
    with pytest.raises(UserError, match=message):
        everywhere(vectors.embedding, "a tree", **options)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("tree 1 2\nbush 1 two\n", "space.txt:2: a word and its numbers were expected"),
        ("tree 1 2\nbush 1\n", "space.txt:2: .*: 1 numbers, others have 2"),
        ("Tree 1 2\n\na tree 3 4\n", "no word in lower case"),
    ],
)
def test_a_file_that_holds_no_vectors_is_the_users_error(tmp_path: Path, content: str, message: str) -> None:
    """The fault names the line."""
    path = tmp_path / "space.txt"
    path.write_text(content, "utf-8")
    with pytest.raises(UserError, match=message):
        everywhere(vectors.embedding, "a tree", vectors=str(path))


def test_a_folder_without_input_embeddings_is_the_users_error(tmp_path: Path) -> None:
    """The fault says what was looked for."""
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"vocab": {"tree": 0}}}))
    save_file({"classifier.weight": np.zeros((1, 1), dtype=np.float32)}, tmp_path / "model.safetensors")
    with pytest.raises(UserError, match="word_embeddings"):
        everywhere(vectors.embedding, "a tree", vectors=str(tmp_path))


def test_what_is_near_does_not_depend_on_what_is_asked_at_once() -> None:
    """The neighbours of a word are the same alone and among others."""
    words, rows = list(SPACE), np.array(list(SPACE.values()), dtype=np.float32)
    together, alone = (vectors.Neighbourhood(words, rows, 10, 0.5) for _ in range(2))
    together.learn(words)
    for word in words:
        alone.learn([word])
    assert together.changes == alone.changes


def test_it_is_not_for_tasks_in_which_one_word_decides() -> None:
    """Relations by the contract of methods 9.6, questions and last turns by what they ask."""
    assert vectors.embedding.invalid_for == {"relation", "qa", "dialogue", "response"}


def test_contraries_are_pairs() -> None:
    """No word is its own opposite."""
    pairs = [line.split() for line in lines("contraries")]
    assert all(len(pair) == len(set(pair)) == 2 for pair in pairs)
    assert protected("most")
