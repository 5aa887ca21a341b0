"""JSON objects become examples with a label, with spans, or with tokens and tags."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.jsonl import jsonl
from harness.errors import Fault, UserError
from harness.text import Example, Span

Write = Callable[..., str]
Faults = Callable[..., tuple[Fault, ...]]


def line(**record: Any) -> str:
    """One line of a file."""
    return json.dumps(record) + "\n"


def test_each_kind_of_target_is_read(write: Write) -> None:
    """A line says by its keys what kind of target it has."""
    spans = [{"start": 17, "end": 22, "label": "LOC"}, {"start": 0, "end": 13, "label": "PER"}]
    path = write(
        line(text="good", label="pos")
        + "\n"
        + line(text="bad", label=0, id=7)
        + line(text="Angela Merkel in Paris", spans=spans, id="s")
        + line(text="nothing", spans=[])
        + line(tokens=["in", "New", "York"], tags=["O", "B-LOC", "I-LOC"]),
        "d.jsonl",
    )
    assert jsonl.function(path) == [
        Example("d.jsonl:1", {"text": "good"}, "pos"),
        Example("7", {"text": "bad"}, "0"),
        Example("s", {"text": "Angela Merkel in Paris"}, (Span(0, 13, "PER"), Span(17, 22, "LOC"))),
        Example("d.jsonl:5", {"text": "nothing"}, ()),
        Example("d.jsonl:6", {"text": "in New York"}, (Span(3, 11, "LOC"),)),
    ]


def test_keys_can_be_named(write: Write) -> None:
    """Data sets call the same things by other names."""
    path = write(line(dialogue="a", topic="b", fname="c", label="no", spans="no", tags="no"))
    options = {"text": "dialogue", "label": "topic", "id": "fname", "spans": "", "tags": ""}
    assert jsonl.function(path, **options) == [Example("c", {"text": "a"}, "b")]


def test_unlabelled_data_is_read_when_asked_for(write: Write) -> None:
    """No target is a fault unless the suite says that there is none."""
    assert jsonl.function(write(line(text="a")), label="")[0].target is None


GOOD = line(text="ab", label="x")


@pytest.mark.parametrize(
    ("content", "number", "field", "message"),
    [
        ("", 0, "", "no examples"),
        ("\n\n", 0, "", "no examples"),
        (GOOD + "{'text': 1}\n", 2, "", "not JSON: Expecting property name"),
        (GOOD + '{"text": "a"', 2, "", "not JSON: Expecting ',' delimiter"),
        ("[" * 100_000, 1, "", "not readable JSON"),
        ('{"text": "a", "label": ' + "9" * 5000 + "}", 1, "", "not readable JSON"),
        ("3\n", 1, "", "should be an object in braces, found 3"),
        (line(txt="a", label="x"), 1, "text", "is missing, should be a string"),
        (line(text=3, label="x"), 1, "text", "should be a string, found 3"),
        (line(text="a", label=None), 1, "label", "should be a string or an integer, found None"),
        (line(text="a", label=True), 1, "label", "should be a string or an integer, found True"),
        (line(text="a", label={"a": 1}), 1, "label", "should be a string or an integer, found {"),
        (line(text="a", lable="x"), 1, "label", "is missing, and so are spans and tags"),
        (line(text="a", label="x", spans=[]), 1, "label", "more than one target: label and spans"),
        (line(text="a", label=" "), 1, "label", "is nothing but white space"),
        (line(text="", label="x"), 1, "text", "is empty"),
        (line(text=" \t", label="x"), 1, "text", "is nothing but white space"),
        (line(text="a\0", label="x"), 1, "text", "NUL"),
        (line(text="a\ud800", label="x"), 1, "text", "surrogate"),
        (line(text="a", label="x", id=1.5), 1, "id", "should be a string or an integer, found 1.5"),
        (line(text="a", label="x", id=""), 1, "id", "is empty"),
        (line(text="a", spans={}), 1, "spans", "should be a list"),
        (line(text="a", spans=[[0, 1, "x"]]), 1, "spans.0", "should be an object with start"),
        (line(text="a", spans=[{"start": 0, "end": 1}]), 1, "spans.0.label", "is missing"),
        (line(text="a", spans=[{"start": "0", "end": 1, "label": "x"}]), 1, "spans.0.start", "an integer"),
        (
            line(text="a", spans=[{"start": 0, "end": 2, "label": "x"}]),
            1,
            "spans.0",
            "not inside a text of 1",
        ),
        (line(text="ab", spans=[{"start": 0, "end": True, "label": "x"}]), 1, "spans.0.end", "found True"),
        (line(text="a", spans=[{"start": -1, "end": 1, "label": "x"}]), 1, "spans.0", "not inside"),
        (line(text="a", spans=[{"start": 1, "end": 0, "label": "x"}]), 1, "spans.0", "not inside"),
        (line(text="a", spans=[{"start": 1, "end": 1, "label": "x"}]), 1, "spans.0", "[1, 1) is empty"),
        (line(text="a", spans=[{"start": 0, "end": 1, "label": ""}]), 1, "spans.0.label", "is empty"),
        (
            line(
                text="abc", spans=[{"start": 1, "end": 3, "label": "x"}, {"start": 0, "end": 2, "label": "y"}]
            ),
            1,
            "spans.1",
            "'x' [1, 3) overlaps or precedes 'y' [0, 2)",
        ),
        (line(tags=["O"]), 1, "tokens", "is missing, should be a list of strings"),
        (line(tokens=["a", "b"], tags=["O"]), 1, "tags", "found 1 for 2 tokens"),
        (line(tokens=["a"], tags=["X"]), 1, "tags.0", "tag 'X' should be O"),
        (line(tokens=["a"], tags=[3]), 1, "tags.0", "should be a string, found 3"),
        (line(tokens=["a", " "], tags=["O", "O"]), 1, "tokens.1", "is empty"),
        (line(tokens=[], tags=[]), 1, "text", "is empty"),
        (b"\xff\n", 1, "", "is not UTF-8"),
    ],
)
def test_faults_name_line_and_field(
    faults: Faults, content: str | bytes, number: int, field: str, message: str
) -> None:
    """Each way in which a line can be wrong is told apart, with its place."""
    (fault,) = faults(jsonl, content)
    assert (fault.line, fault.field) == (number, field)
    assert message in fault.message


def test_broken_json_is_located_by_column(faults: Faults) -> None:
    """A line may be long; the column says where it breaks."""
    (fault,) = faults(jsonl, '{"text": "a",, "label": "x"}\n')
    assert (fault.line, fault.column) == (1, 14)


def test_a_misspelt_key_is_recognised(faults: Faults) -> None:
    """The nearest key that is there is offered."""
    (fault,) = faults(jsonl, line(text="a", lable="x"))
    assert fault.hint == "did you mean 'lable'?"


def test_ids_that_occur_twice_name_both_lines(faults: Faults) -> None:
    """Both lines are needed to decide which of them is wrong."""
    (fault,) = faults(jsonl, line(text="a", label="x", id=1) + GOOD + line(text="b", label="x", id="1"))
    assert (fault.line, fault.message) == (3, "id '1' is that of line 1; ids should be unique")


def test_all_faults_come_at_once_in_order(faults: Faults) -> None:
    """Faults of lines and of their examples are shown together, five of them."""
    content = line(text=" ", label="x") + "?\n" + GOOD + "".join(line(text="", label="x") for _ in range(9))
    found = faults(jsonl, content)
    assert [f.line for f in found] == [1, 2, 4, 5, 6, 0]
    assert found[-1].message == "and 6 more like these"


def test_a_line_of_a_megabyte_is_read_or_refused_briefly(write: Write, faults: Faults) -> None:
    """A long text is no fault, and a long faulty value does not bury its message."""
    assert len(jsonl.function(write(line(text="x" * 1_000_000, label="y")))[0].text) == 1_000_000
    (fault,) = faults(jsonl, line(text=["x" * 1_000_000], label="y", **{"k" * 1_000_000: 1}))
    assert len(str(fault)) < 500


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])).filter(str.strip))
def test_any_text_comes_back_unchanged(write: Write, text: str) -> None:
    """Nothing is normalised, stripped or split."""
    path = write(json.dumps({"text": text, "label": text}, ensure_ascii=False) + "\n")
    (one,) = jsonl.function(path)
    assert (one.text, one.target) == (text, text)


SPAN = {"start": 0, "end": 1, "label": "x"}
VALUES: list[object] = [
    None,
    True,
    3,
    0.5,
    "",
    "a",
    "ab\n",
    "\ud800",
    [],
    ["a"],
    ["O"],
    ["B-x"],
    [3],
    {},
    SPAN,
    [SPAN],
    [SPAN, SPAN],
    [{}],
]
RECORD = st.dictionaries(
    st.sampled_from(["text", "label", "id", "spans", "tokens", "tags"]), st.sampled_from(VALUES)
)


@given(st.one_of(st.binary(), st.lists(RECORD).map(lambda rs: "\n".join(map(json.dumps, rs)).encode())))
def test_any_bytes_are_read_or_refused(write: Write, content: bytes) -> None:
    """No file makes the reader fail in another way than by naming faults."""
    path = write(content)
    try:
        examples = jsonl.function(path)
    except UserError as error:
        assert all(fault.file == path for fault in error.faults)
    else:
        assert examples


def test_several_labels_and_several_texts_are_read(write: Write) -> None:
    """A list of labels is put in order and may be empty; texts keep the names of their keys."""
    path = write(line(q="why", a="so", label=["b", "a"]) + line(q="what", a="this", label=[]), "d.jsonl")
    assert jsonl.function(path, fields=("q", "a")) == [
        Example("d.jsonl:1", {"q": "why", "a": "so"}, ("a", "b")),
        Example("d.jsonl:2", {"q": "what", "a": "this"}, ()),
    ]


def test_what_is_wrong_with_labels_and_texts_is_named(faults: Faults) -> None:
    """The place says which of the labels, and which of the texts."""
    content = line(q="why", a="so", label=["b", 1.5]) + line(q="what", label="x")
    found = faults(jsonl, content, fields=("q", "a"))
    assert [(fault.line, fault.field) for fault in found] == [(1, "label.1"), (2, "a")]


ASKED = {"question": "Who won?", "context": "Marie won. Pierre won too."}


def test_questions_are_read_with_their_answers(write: Write) -> None:
    """As a list of objects or as SQuAD's lists, repaired where they slipped; questions about a text belong together."""
    content = (
        line(**ASKED, answers=[{"text": "Marie", "answer_start": 0}, {"text": "Marie", "answer_start": 0}])
        + line(**ASKED, answers={"text": [" Pierre"], "answer_start": [3]})
        + line(question="Who lost?", context="Nobody.", answers={"text": [], "answer_start": []})
    )
    marie, pierre, none = jsonl.function(write(content, "q.jsonl"), answers="answers")
    assert marie == Example("q.jsonl:1", ASKED, (Span(0, 5, "Marie", "context"),), marie.group)
    assert pierre.spans == (Span(11, 17, "Pierre", "context"),)
    assert none.target == ()
    assert marie.group == pierre.group != none.group


def test_questions_and_contexts_may_be_called_otherwise(write: Write) -> None:
    """The example's fields are those of the task all the same."""
    path = write(line(q="Who?", doc="Marie", gold=[{"text": "Marie", "answer_start": 0}]))
    (one,) = jsonl.function(path, answers="gold", fields=("q", "doc"))
    assert one.fields == {"question": "Who?", "context": "Marie"}


@pytest.mark.parametrize(
    ("answers", "field", "message"),
    [
        ("Marie", "answers", "a list, or lists of text and answer_start"),
        (["Marie"], "answers.0", "should be an object with text and answer_start"),
        ([{"text": " ", "answer_start": 0}], "answers.0.text", "is empty"),
        ([{"text": "Marie"}], "answers.0.answer_start", "is missing"),
        ({"text": ["Marie"]}, "answers.answer_start", "is missing"),
        ({"text": ["Marie"], "answer_start": []}, "answers", "0 offsets for 1 texts"),
        ([{"text": "won", "answer_start": 0}], "answers.0", "where 'Mar' stands; it is at 6, 18"),
        ([{"text": "Paul", "answer_start": 0}], "answers.0", "it is nowhere in the paragraph"),
    ],
)
def test_what_is_wrong_with_answers_is_named(
    faults: Faults, answers: object, field: str, message: str
) -> None:
    """Down to the answer concerned."""
    (fault,) = faults(jsonl, line(**ASKED, answers=answers), answers="answers")
    assert (fault.line, fault.field) == (1, field)
    assert message in fault.message


def test_columns_that_are_named_are_kept(write: Write, faults: Faults) -> None:
    """As text, whatever they are; what a line does not have is left out, and what is no scalar is refused."""
    path = write(
        line(text="good", label="pos", channel="mail", year=2024, paid=True)
        + line(text="bad", label="neg", channel=None)
    )
    kept = [dict(e.meta) for e in jsonl.function(path, columns=("channel", "year", "paid"))]
    assert kept == [{"channel": "mail", "year": "2024", "paid": "true"}, {}]
    (fault,) = faults(jsonl, line(text="good", label="pos", channel=["mail"]), columns=("channel",))
    assert (fault.line, fault.field) == (1, "channel")
    assert "should be a text, a number, true or false" in fault.message
