"""SemEval's sentences with tags, FewRel's tokens with indices, and arguments in JSONL."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.arguments import untagged
from harness.data.check import check_splits
from harness.data.jsonl import jsonl
from harness.data.relations import fewrel, semeval
from harness.suite import Source, Use
from harness.text import Example, Span

SEMEVAL = (
    '1\t"The <e1>child</e1> was wrapped into the <e2>cradle</e2>."\r\nOther\r\nComment:\r\n\r\n'
    '2\t"He said "<e2>no</e2>" to the <e1> old  man </e1>."\r\nMessage-Topic(e2,e1)\r\nComment: odd\r\nmore\r\n'
    "8003\tno <e1>quotes</e1><e2>touch</e2> \nCause-Effect(e1,e2)\n"
)


def surfaces(example: Example) -> list[str]:
    """What the marks stand for."""
    return [example.text[m.start : m.end] for m in example.marks]


def test_sentences_with_tags_are_read(write) -> None:
    """Outer quotation marks are not part of them, inner ones are; comments are skipped."""
    one, two, three = semeval.function(write(SEMEVAL))
    assert one == Example(
        "1",
        {"text": "The child was wrapped into the cradle."},
        "Other",
        marks=(Span(4, 9, "head"), Span(31, 37, "tail")),
    )
    assert two.text == 'He said "no" to the  old  man .'
    assert (two.id, two.target, surfaces(two)) == ("2", "Message-Topic(e2,e1)", ["old  man", "no"])
    assert (three.text, surfaces(three)) == ("no quotestouch", ["quotes", "touch"])


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("Other\n", 1, "should be a number, a TAB and a sentence, found 'Other'"),
        ('1\t"<e1>a</e1> <e2>b</e2>"\n\n2\t"<e1>a</e1> <e2>b</e2>"\nOther\n', 1, "has no label"),
        ('1\t"<e1>a</e1> <e2>b</e2>"\nComment: x\n', 1, "has no label"),
        ('\n7\t"<e1>a</e1> b"\nOther\n', 2, "<e2> and </e2> should be there once, found none"),
        ('1\t"<e1>a</e1> <e1>b</e2>"\nOther\n', 1, "<e1> is there twice"),
        ('1\t"</e1>a<e1> <e2>b</e2>"\nOther\n', 1, "the tag of the head closes before it opens"),
        ('1\t"<e1> </e1> <e2>b</e2>"\nOther\n', 1, "the head is empty"),
        ('1\t"<e1>a <e2>b</e2></e1>"\nOther\n', 1, "'tail' [2, 3) overlaps or precedes 'head' [0, 3)"),
    ],
)
def test_what_is_wrong_with_a_sentence_is_told_with_its_line(faults, content, line, message) -> None:
    """Nothing is skipped in silence."""
    (fault,) = faults(semeval, content)
    assert fault.line == line
    assert message in fault.message


@given(st.text(st.characters(exclude_characters="<>"), max_size=30), st.data())
def test_tags_are_taken_out_and_nothing_else(text: str, data) -> None:
    """What remains is the text, and the marks are where the tags were, without white space around."""
    cuts = sorted(data.draw(st.integers(0, len(text))) for _ in range(4))
    parts = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    if not (parts[1].strip() and parts[3].strip()):
        return
    plain, (head, tail) = untagged("{}<e1>{}</e1>{}<e2>{}</e2>{}".format(*parts))
    assert plain == text
    assert (plain[head.start : head.end], plain[tail.start : tail.end]) == (
        parts[1].strip(),
        parts[3].strip(),
    )
    assert cuts[0] <= head.start < head.end <= cuts[1]


def instance(tokens: list[str], head: list[list[int]], tail: list[list[int]]) -> dict[str, object]:
    """One of FewRel's."""
    return {"tokens": tokens, "h": ["h", "Q1", head], "t": ["t", "Q2", tail]}


def test_tokens_and_their_indices_are_read(write) -> None:
    """Blank tokens are left out, and of several mentions the first is marked."""
    rows = {"P1": [instance(["Wilton", "Bridge", " ", "was", "\n", "Wye", "Wye"], [[0, 1]], [[5], [6]])]}
    (found,) = fewrel.function(write(json.dumps(rows)))
    assert found == Example(
        "P1:1",
        {"text": "Wilton Bridge was Wye Wye"},
        "P1",
        marks=(Span(0, 13, "head"), Span(18, 21, "tail")),
    )


@pytest.mark.parametrize(
    ("content", "field", "message"),
    [
        ("[1]", "", "should be an object with a list for each relation, found [1]"),
        ('{"P1": 3}', "P1", "should be a list, found 3"),
        ('{"P1": [[]]}', "P1.0", "should be an object with tokens, h and t"),
        (
            json.dumps({"P1": [instance(["a", 3], [[0]], [[1]])]}),
            "P1.0",
            "tokens should be a list of strings",
        ),
        (
            json.dumps({"P1": [instance(["a", "b"], [[0]], [[2]])]}),
            "P1.0",
            "t names the tokens [2]; there are 2",
        ),
        (
            json.dumps({"P1": [instance(["a", "b"], [[0]], [])]}),
            "P1.0",
            "t should be [name, id, [[token, …], …]]",
        ),
        (json.dumps({"P1": [instance(["a", " "], [[0]], [[1]])]}), "P1.0", "nothing but white space"),
        (json.dumps({"P1": [instance(["a", "b"], [[0]], [[0]])]}), "P1:1.marks.1", "overlaps"),
    ],
)
def test_what_is_wrong_with_an_instance_is_told_with_its_place(faults, content, field, message) -> None:
    """By relation and number, since such files may have one line only."""
    (fault,) = faults(fewrel, content)
    assert fault.field == field
    assert message in fault.message


def test_broken_json_is_told_with_line_and_column(faults) -> None:
    """As an editor counts them."""
    (fault,) = faults(fewrel, '{"P1":\n [}')
    assert (fault.line, fault.column) == (2, 3)


def test_json_lines_may_have_arguments_by_offsets_or_by_tags(write) -> None:
    """Both give the same example; without arguments there are no marks."""
    lines = [
        {"id": "a", "text": "the cat ate fish", "label": "x", "head": {"start": 4, "end": 7}, "tail": {"start": 12, "end": 16}},
        {"id": "b", "text": "the <e1>cat</e1> ate <e2>fish</e2>", "label": "x"},
        {"id": "c", "text": "the cat ate fish", "label": "x"},
    ]  # fmt: skip
    one, other, none = jsonl.function(write("\n".join(map(json.dumps, lines))))
    assert (one.fields, one.marks) == (other.fields, other.marks)
    assert surfaces(one) == ["cat", "fish"]
    assert none.marks == ()


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"head": None}, "head", "should be an object with start and end, found None"),
        ({"head": {"start": 1}}, "head.end", "is missing, should be an integer"),
        ({"head": {"start": 0, "end": 99}}, "marks.0", "[0, 99) is not inside a text of 16 characters"),
        ({"head": {"start": 11, "end": 13}}, "marks.1", "overlaps or precedes"),
        ({"tail": None}, "tail", "should be an object"),
        ({"text": "a <e1>b</e1>"}, "text", "<e2> and </e2> should be there once"),
    ],
)
def test_what_is_wrong_with_arguments_is_told_with_their_key(faults, changes, field, message) -> None:
    """Offsets outside of the text, arguments that overlap, and those that are missing."""
    row = {
        "text": "the cat ate fish",
        "label": "x",
        "head": {"start": 4, "end": 7},
        "tail": {"start": 12, "end": 16},
    }
    if "text" in changes:
        row = {"label": "x"}
    found = faults(jsonl, json.dumps({**row, **changes}))
    assert found[0].field == field
    assert message in found[0].message


def test_a_text_may_hold_tags_that_are_no_arguments(write) -> None:
    """If the reader is told so."""
    (found,) = jsonl.function(write('{"text": "see <e1>", "label": "x"}'), head="")
    assert (found.text, found.marks) == ("see <e1>", ())


@pytest.mark.real
def test_semeval_2010_is_read_whole(real: Path) -> None:
    """8,000 and 2,717 sentences with 19 labels, as published; every tag is gone."""
    train = semeval.function(str(real / "relation-semeval2010" / "TRAIN_FILE.TXT"))
    test = semeval.function(str(real / "relation-semeval2010" / "TEST_FILE_FULL.TXT"))
    assert (len(train), len(test)) == (8000, 2717)
    assert Counter(e.target for e in test)["Other"] == 454
    assert len({e.target for e in train}) == 19
    assert not [e for e in train + test if "<e" in e.text or len(e.marks) != 2]
    assert check_splits({"train": train, "test": test}) == ()


@pytest.mark.real
def test_a_shuffled_split_of_fewrel_has_all_labels_in_every_part(real: Path) -> None:
    """Its file is sorted by relation; shuffled, 2,000 of 11,200 hold all 16."""
    everything = fewrel.function(str(real / "relation-fewrel" / "val_wiki.json"))
    assert len(everything) == 11_200
    use = Use(None, "", {}, "")
    for part in (Source(use, "", True, 0, 2000), Source(use, "", True, 2000, 300)):
        assert len({e.target for e in part.part(everything, seed=0)}) == 16
    assert all(e.text == " ".join(e.text.split()) for e in everything)
