"""SQuAD's JSON: paragraphs with questions, answers that have slipped, and questions without one."""

from __future__ import annotations

import copy
import json
from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import pytest

from harness.data.check import check_splits
from harness.data.squad import squad
from harness.suite import Source, Use
from harness.text import Example, Span

CONTEXT = "The Nobel Prize went to Marie. Pierre got the prize too."
DATA: dict[str, Any] = {
    "version": "v2.0",
    "data": [
        {
            "title": "Prizes",
            "paragraphs": [
                {
                    "context": CONTEXT,
                    "qas": [
                        {
                            "id": "1",
                            "question": "Who got it?",
                            "is_impossible": False,
                            "answers": [
                                {"text": "Marie", "answer_start": 24},
                                {"text": "to Marie", "answer_start": 21},
                                {"text": "Marie", "answer_start": 24},
                            ],
                        },
                        {
                            "id": "2",
                            "question": "Who did not?",
                            "is_impossible": True,
                            "answers": [],
                            "plausible_answers": [{"text": "Pierre", "answer_start": 31}],
                        },
                    ],
                },
                {"context": "Ünïcode 🎉 Paris", "qas": [{"id": "3", "question": "?", "answers": [{"text": "Paris", "answer_start": 10}]}]},
            ],
        }
    ],
}  # fmt: skip


def changed(**answer: Any) -> str:
    """The data with another first answer."""
    data = copy.deepcopy(DATA)
    data["data"][0]["paragraphs"][0]["qas"][0]["answers"][0] |= answer
    return json.dumps(data)


@pytest.mark.parametrize("mark", [b"", BOM_UTF8], ids=["plain", "with a byte order mark"])
def test_questions_are_read_with_all_their_answers(write, mark: bytes) -> None:
    """Both versions; the same answer twice is one; a paragraph is a group; offsets are code points."""
    one, two, three = squad.function(write(mark + json.dumps(DATA, ensure_ascii=False).encode()))
    assert one == Example(
        "1",
        {"question": "Who got it?", "context": CONTEXT},
        (Span(24, 29, "Marie", "context"), Span(21, 29, "to Marie", "context")),
        "data.0.paragraphs.0",
    )
    assert (two.target, two.group) == ((), one.group)
    assert (three.spans, three.group) == ((Span(10, 15, "Paris", "context"),), "data.0.paragraphs.1")


def test_an_answer_that_has_slipped_is_repaired_if_there_is_one_place_only(write) -> None:
    """Also where its offset makes no sense at all; white space around it is not part of it."""
    for start in (23, 0, -5, 4000):
        found = squad.function(write(changed(answer_start=start)))
        assert found[0].spans[0] == Span(24, 29, "Marie", "context")
    found = squad.function(write(changed(text=" Marie ", answer_start=23)))
    assert found[0].spans[0] == Span(24, 29, "Marie", "context")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"text": "got", "answer_start": 3}, ""),
        ({"text": "r", "answer_start": 0}, "the answer 'r' to '1' is not at 0, where 'T' stands; it is at 11, 26, 34, 35, 47"),
        ({"text": "Curie"}, "the answer 'Curie' to '1' is not at 24, where 'Marie' stands; it is nowhere in the paragraph"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_repaired_is_refused_with_its_places(write, faults, answer, message) -> None:
    """The file, the place in it, what stands there, and where else it could be."""
    if not message:
        assert squad.function(write(changed(**answer)))[0].spans[0].start == 38
        return
    (fault,) = faults(squad, changed(**answer))
    assert fault.field == "data.0.paragraphs.0.qas.0.answers.0.answer_start"
    assert fault.message == message


@pytest.mark.parametrize(
    ("content", "field", "message"),
    [
        ("[]", "", "should be an object, found []"),
        ("{}", "data", "is missing, should be a list"),
        ('{"data": [3]}', "data.0", "should be an object, found 3"),
        ('{"data": [{"paragraphs": [{"qas": []}]}]}', "data.0.paragraphs.0.context", "is missing"),
        ('{"data": [{"paragraphs": [{"context": "a", "qas": [{"id": "q", "question": "?", "answers": []}]}]}]}', "data.0.paragraphs.0.qas.0.answers", "question 'q' has no answer"),
        ('{"data": [{"paragraphs": [{"context": "a", "qas": [{"id": "q", "answers": []}]}]}]}', "data.0.paragraphs.0.qas.0.question", "is missing"),
        (changed(text=" "), "data.0.paragraphs.0.qas.0.answers.0.text", "the answer to '1' is empty"),
        (changed(answer_start="24"), "data.0.paragraphs.0.qas.0.answers.0.answer_start", "should be an integer, found '24'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(faults, content: str, field: str, message: str) -> None:
    """Such files often have one line only, so that places are those of the JSON."""
    (fault,) = faults(squad, content)
    assert fault.field == field
    assert message in fault.message


def test_a_question_twice_is_refused_before_anything_is_computed(write) -> None:
    """Ids are unique, or results could not be told apart."""
    data = copy.deepcopy(DATA)
    data["data"] *= 2
    (fault, *_) = check_splits({"test": squad.function(write(json.dumps(data)))}, False, False, True)
    assert "has the id of an earlier one" in fault.message


@pytest.mark.real
def test_xquad_is_read_whole_and_split_by_paragraphs(real: Path) -> None:
    """1,190 questions about 240 paragraphs in each language; parts have no paragraph in common."""
    for language in ("en", "de", "es"):
        found = squad.function(str(real / "qa-xquad" / f"xquad.{language}.json"))
        assert (len(found), len({e.group for e in found})) == (1190, 240)
        assert check_splits({"test": found}, False, False, True) == ()
    use = Use(None, "", {}, "")
    parts = [Source(use, "", True, 0, 900).part(found, 0), Source(use, "", True, 900).part(found, 0)]
    assert sum(map(len, parts)) == 1190
    assert not {e.group for e in parts[0]} & {e.group for e in parts[1]}
    assert not {e.fields["context"] for e in parts[0]} & {e.fields["context"] for e in parts[1]}
