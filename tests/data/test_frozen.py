"""Frozen sets: written and read back, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.data.frozen import frozen, line, sha256
from harness.errors import UserError
from harness.text import Edit, Example, Span, Variant, vary

TEXT = "Ann lives in Oslo."
SOURCES = {
    "spans": Example("a", {"text": TEXT}, (Span(0, 3, "PER"), Span(13, 17, "LOC"))),
    "label": Example("b", {"premise": TEXT, "hypothesis": "She does."}, "yes", "g1", {"topic": "home"}),
    "references": Example("c", {"source": TEXT}, ("Ann wohnt in Oslo.", "Ann lebt in Oslo.")),
    "marks": Example("d", {"text": TEXT}, "lives", marks=(Span(0, 3, "head"), Span(13, 17, "tail"))),
    "nothing": Example("e", {"text": TEXT}, None),
}


def written(path: Path, *lines: str) -> str:
    path.write_text("".join(lines), "utf-8")
    return str(path)


@pytest.mark.parametrize("kind", SOURCES)
def test_what_is_frozen_is_read_as_it_was(kind: str, tmp_path: Path) -> None:
    """Fields, every kind of target, group, columns and marks."""
    source = SOURCES[kind]
    name = next(iter(source.fields))
    made = vary(source, [Edit(4, 9, "lives™", name)])
    assert frozen.function(written(tmp_path / "x.jsonl", line(made))) == [made.example]


def test_a_line_says_what_was_done(tmp_path: Path) -> None:
    """The public format: edits against the clean text, rate, status and reason."""
    told = json.loads(line(vary(SOURCES["spans"], [Edit(0, 3, "Bo")], by_word=True)))
    assert told["fields"] == {"text": "Bo lives in Oslo."}
    assert told["target"][0] == {"field": "text", "start": 0, "end": 2, "label": "PER"}
    assert told["edits"] == [{"field": "text", "start": 0, "end": 3, "replacement": "Bo"}]
    assert (told["rate"], told["status"], told["reason"]) == (0.25, "changed", "")
    refused = json.loads(line(vary(SOURCES["spans"], [Edit(2, 5, "")])))
    assert refused["status"] == "refused"
    assert "crosses the boundary" in refused["reason"]


def test_only_evidence_is_read_unless_asked_for(tmp_path: Path) -> None:
    """What an operator left as it was, or whose gold was lost, says nothing."""
    source = SOURCES["spans"]
    lines = [line(Variant(source, (), 0.0)), line(vary(source, [Edit(2, 5, "")]))]
    path = written(tmp_path / "x.jsonl", *lines)
    with pytest.raises(UserError, match="no examples"):
        frozen.function(path)
    assert [e.id for e in frozen.function(path, keep=("unchanged",))] == ["a"]


def test_a_changed_file_is_not_what_was_frozen(tmp_path: Path) -> None:
    """The manifest beside it knows better; without one anything is read."""
    path = tmp_path / "x.jsonl"
    written(path, line(Variant(SOURCES["label"], (), 0.0), clean=True))
    manifest = {"files": [{"file": "x.jsonl", "sha256": sha256(path)}]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    assert len(frozen.function(str(path))) == 1
    path.write_text(path.read_text("utf-8").replace("She", "He"), "utf-8")
    with pytest.raises(UserError, match="is not what was frozen"):
        frozen.function(str(path))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"status": "new"}, "status: should be one of"),
        ({"fields": {}}, "fields: should hold a text"),
        ({"target": [{"start": 0}]}, "target.0: a span has"),
        ({"target": [{"start": 0, "end": 99, "label": "X"}]}, "not inside a text of 18 characters"),
        ({"id": 7}, "id: should be a text"),
        ({"marks": {}}, "marks: should be a list"),
    ],
)
def test_faults_name_line_and_key(change: dict[str, object], said: str, tmp_path: Path) -> None:
    """What was found and what would be right."""
    row = json.loads(line(Variant(SOURCES["spans"], (), 0.0), clean=True)) | change
    path = written(tmp_path / "x.jsonl", json.dumps(row) + "\n")
    with pytest.raises(UserError) as caught:
        frozen.function(path)
    assert f"{path}:1" in str(caught.value)
    assert said in str(caught.value)


def test_an_unknown_status_to_keep_is_the_users_error(tmp_path: Path) -> None:
    """With the nearest that there is."""
    with pytest.raises(UserError, match="did you mean 'changed'"):
        frozen.function(written(tmp_path / "x.jsonl"), keep=("change",))
