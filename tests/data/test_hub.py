"""Data sets of the hub become examples; local folders stand in for it here."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.data.hub import hub
from harness.errors import UserError
from harness.text import Example, Span


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is asked of the hub and nothing is left in the user's cache."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))


@pytest.fixture
def datasets(offline: None) -> Any:
    """The library, imported only once it cannot reach the hub any more."""
    return pytest.importorskip("datasets", reason="the library datasets is not installed")


def folder(datasets: Any, tmp_path: Path, rows: list[dict[str, Any]], **features: Any) -> str:
    """A data set with one split, its classes declared by the given features."""
    path = tmp_path / "set"
    path.mkdir()
    table = datasets.Dataset.from_list(rows)
    for name, feature in features.items():
        table = table.cast_column(name, feature)
    table.to_parquet(str(path / "train.parquet"))
    return str(path)


def test_without_the_library_there_is_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is optional; whoever needs it is told so."""
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UserError, match=r"cannot import the library datasets.*\n.*pip install datasets"):
        hub.function("owner/name")


def test_the_path_is_no_file_of_the_suite() -> None:
    """``owner/name`` must not be resolved against the suite's folder."""
    assert not hub.local


def test_classes_are_read_by_name(datasets: Any, tmp_path: Path) -> None:
    """A label is what the data set calls it, not its number."""
    rows = [{"text": "good", "label": 1}, {"text": "bad", "label": 0}]
    path = folder(datasets, tmp_path, rows, label=datasets.ClassLabel(names=["neg", "pos"]))
    assert hub.function(path) == [
        Example(f"{path}/train:1", {"text": "good"}, "pos"),
        Example(f"{path}/train:2", {"text": "bad"}, "neg"),
    ]


def test_several_classes_and_several_texts_are_read_by_name(datasets: Any, tmp_path: Path) -> None:
    """A sequence of classes is a tuple of labels; texts keep the names of their columns."""
    classes = datasets.Sequence(datasets.ClassLabel(names=["a", "b"]))
    path = folder(datasets, tmp_path, [{"q": "why", "s": "so", "label": [1, 0]}], label=classes)
    assert hub.function(path, fields=("q", "s")) == [
        Example(f"{path}/train:1", {"q": "why", "s": "so"}, ("a", "b"))
    ]


def test_tags_are_read_by_name(datasets: Any, tmp_path: Path) -> None:
    """Sequences of classes are tags, and become spans."""
    names = datasets.ClassLabel(names=["O", "B-LOC", "I-LOC"])
    rows = [{"tokens": ["in", "New", "York"], "ner_tags": [0, 1, 2]}]
    path = folder(datasets, tmp_path, rows, ner_tags=datasets.Sequence(names))
    assert [(e.text, e.target) for e in hub.function(path)] == [("in New York", (Span(3, 11, "LOC"),))]


def test_a_row_without_a_class_is_a_fault(datasets: Any, tmp_path: Path) -> None:
    """Test sets of shared tasks say -1 where they keep the label to themselves."""
    rows = [{"text": "good", "label": 1}, {"text": "bad", "label": -1}]
    path = folder(datasets, tmp_path, rows, label=datasets.ClassLabel(names=["neg", "pos"]))
    with pytest.raises(UserError) as caught:
        hub.function(path)
    assert [(f.line, f.field) for f in caught.value.faults] == [(2, "label")]
    assert [e.target for e in hub.function(path, label="")] == [None, None]


@pytest.mark.usefixtures("datasets")
def test_a_split_can_be_cut_and_missing_ones_are_named(tmp_path: Path) -> None:
    """The library's own way to name a part of a split works, and its refusals are the user's."""
    path = tmp_path / "set"
    path.mkdir()
    (path / "train.jsonl").write_text(
        "".join(json.dumps({"text": f"{n}", "label": "x"}) + "\n" for n in range(5))
    )
    assert [e.text for e in hub.function(str(path), split="train[:2]")] == ["0", "1"]
    with pytest.raises(UserError, match=r"cannot be loaded: .*nosuch"):
        hub.function(str(path), split="nosuch")


# The library leaves a file open that it cannot parse.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("datasets")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("train.parquet", b"not parquet"),
        ("train.csv", b"text,label\na,x\nb,c,d\n"),
        ("train.jsonl", b'{"text": "a'),
        ("notes.py", b"print()"),
    ],
)
def test_a_damaged_file_is_a_fault(tmp_path: Path, name: str, content: bytes) -> None:
    """What the library cannot parse, or would have to execute, is refused with its reason."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match="cannot be loaded"):
        hub.function(str(tmp_path))


@pytest.mark.usefixtures("datasets")
def test_offline_a_data_set_that_is_not_here_is_named() -> None:
    """There is no traceback when the network is not to be had."""
    with pytest.raises(UserError, match="owner/nosuchset: cannot be loaded"):
        hub.function("owner/nosuchset")


def test_sources_and_references_are_read(datasets: Any, tmp_path: Path) -> None:
    """Translations lie in one column, as they mostly do on the hub."""
    path = folder(datasets, tmp_path, [{"translation": {"de": "Guten Tag", "en": "Good day"}}])
    options = hub.bind({"source": "translation.de", "target": "translation.en"})
    assert hub.function(path, **options) == [
        Example(f"{path}/train:1", {"source": "Guten Tag"}, ("Good day",))
    ]


def test_questions_are_read_as_squad_has_them_on_the_hub(datasets: Any, tmp_path: Path) -> None:
    """Answers are lists of texts and of offsets; no answer is no text."""
    asked = {"question": "Who?", "context": "Marie won."}
    rows = [
        {"id": "a", **asked, "answers": {"text": ["Marie"], "answer_start": [0]}},
        {"id": "b", **asked, "answers": {"text": [], "answer_start": []}},
    ]
    one, none = hub.function(folder(datasets, tmp_path, rows), id="id", answers="answers")
    assert (one.id, one.fields, one.spans) == ("a", asked, (Span(0, 5, "Marie", "context"),))
    assert none.target == ()


def test_columns_that_are_named_are_kept(datasets: Any, tmp_path: Path) -> None:
    """As text."""
    path = folder(datasets, tmp_path, [{"text": "good", "label": "pos", "stars": 5}])
    assert dict(hub.function(path, columns=("stars",))[0].meta) == {"stars": "5"}
