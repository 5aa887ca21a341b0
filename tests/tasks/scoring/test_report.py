"""The classification report against those of scikit-learn and seqeval, on the same tags and labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import classification_report as of_entities
from seqeval.scheme import IOB2
from sklearn.metrics import classification_report as of_labels

from harness.data.tags import from_tags, join
from harness.prediction import Classes, Spans
from harness.tasks.scoring import classes, labels, spans
from harness.tasks.scoring.report import report
from harness.text import Example

LABELS = ("a", "b", "c", "d")
TAGS = ("O", "B-LOC", "I-LOC", "B-PER", "I-PER")
some = st.sampled_from(LABELS)
segment = st.tuples(st.sampled_from(("O", "LOC", "PER")), st.integers(1, 3)).map(
    lambda s: ["O"] * s[1] if s[0] == "O" else [f"B-{s[0]}"] + [f"I-{s[0]}"] * (s[1] - 1)
)
sentence = st.lists(segment, min_size=1, max_size=5).map(
    lambda parts: [tag for part in parts for tag in part]
)


def equal(lines, theirs, rename):
    """Whether our lines are those of another report that is a dictionary."""
    ours = {
        rename.get(line.name, line.name): [
            float(one) for one in (line.precision, line.recall, line.f1, line.support)
        ]
        for line in lines
    }
    keys = ("precision", "recall", "f1-score", "support")
    wanted = {
        name: [float(row[key]) for key in keys] for name, row in theirs.items() if isinstance(row, dict)
    }
    for name in wanted.keys() & {"micro avg", "macro avg", "weighted avg"} | wanted.keys() - {"samples avg"}:
        assert ours[name] == pytest.approx(wanted[name]), name
    averages = {"micro avg", "macro avg", "weighted avg"}
    assert {name for name in ours if "average" not in name} - averages == wanted.keys() - averages - {
        "samples avg"
    }


def short(which=""):
    """Our names of averages, as theirs."""
    return {f"{kind} average{which}": f"{kind} avg" for kind in ("micro", "macro", "weighted")}


@given(st.lists(st.tuples(some, some), min_size=1, max_size=20))
@settings(max_examples=40)
def test_labels_are_reported_as_by_scikit_learn(pairs):
    """Per label and averaged; labels that do not occur are left out by both."""
    columns, total = classes.columns(LABELS), np.zeros(2 + 3 * len(LABELS))
    for gold, said in pairs:
        row = np.array([label == said for label in LABELS], np.float32)
        total += classes.stats(Example("x", {"text": "x"}, gold), Classes(LABELS, row), LABELS)
    gold, said = ([pair[at] for pair in pairs] for at in (0, 1))
    theirs = of_labels(gold, said, output_dict=True, zero_division=0)
    equal(report(columns, total)["label"], theirs, short())


@given(st.lists(st.tuples(st.frozensets(some), st.frozensets(some)), min_size=1, max_size=12))
@settings(max_examples=40)
def test_sets_of_labels_are_reported_as_by_scikit_learn(pairs):
    """On the labels that occur or are given."""
    present = [label for label in LABELS if any(label in one for pair in pairs for one in pair)]
    if len(present) < 2:
        return
    columns, total = labels.columns(LABELS), np.zeros(3 + 3 * len(LABELS))
    for gold, said in pairs:
        row = np.array([label in said for label in LABELS], np.float32)
        example = Example("x", {"text": "x"}, tuple(sorted(gold)))
        total += labels.stats(example, Classes(LABELS, row, exclusive=False), LABELS)
    gold, said = (
        np.array([[label in pair[at] for label in present] for pair in pairs], int) for at in (0, 1)
    )
    theirs = of_labels(gold, said, target_names=present, output_dict=True, zero_division=0)
    equal(report(columns, total)["label"], theirs, short())


@given(st.lists(st.tuples(sentence, sentence), min_size=1, max_size=5))
@settings(max_examples=60)
def test_entities_and_words_are_reported_as_by_seqeval_and_scikit_learn(pairs):
    """Entities by type, words by tag; averages of words with and without O."""
    total, tags = np.zeros(len(spans.columns(TAGS))), ([], [])
    for pair in pairs:
        size = max(map(len, pair))
        gold, said = ([*one, *["O"] * (size - len(one))] for one in pair)
        text, words = join([f"w{at}." for at in range(size)])
        prediction = Spans(
            TAGS,
            from_tags(words, said),
            np.array(words, np.int32),
            np.zeros((size, len(TAGS)), np.float32),
        )
        total += spans.stats(Example("x", {"text": text}, from_tags(words, gold)), prediction, TAGS)
        tags[0].append(gold)
        tags[1].append(said)
    tables = report(spans.columns(TAGS), total)
    if "entity" in tables:
        strict = {"mode": "strict", "scheme": IOB2, "zero_division": 0}
        equal(tables["entity"], of_entities(*tags, output_dict=True, **strict), short())
    flat = [[tag for one in part for tag in one] for part in tags]
    present = sorted({*flat[0], *flat[1]})
    theirs = of_labels(*flat, output_dict=True, zero_division=0)
    equal(tables["token"], {**theirs, "accuracy": 0}, short(", with O"))
    inside = [tag for tag in present if tag != "O"]
    if inside:
        theirs = of_labels(*flat, labels=inside, output_dict=True, zero_division=0)
        own = [line for line in tables["token"] if line.name != "O"]
        equal(own, theirs, short(", without O"))


def test_series_of_sums_are_reported_at_once():
    """The shape of the sums is that of each number."""
    sums = np.random.default_rng(0).integers(0, 9, (3, 7, 2 + 3 * len(LABELS))).astype(float)
    table = report(classes.columns(LABELS), sums)["label"]
    assert {np.shape(number) for line in table for number in line[1:5]} == {(3, 7)}
    for at in np.ndindex(3, 7):
        alone = report(classes.columns(LABELS), sums[at])["label"]
        assert [float(line.f1) for line in alone] == pytest.approx([float(line.f1[at]) for line in table])


def test_scores_without_labels_have_no_report():
    """Texts and answers are not classified."""
    assert report(["n", "recall@1"], np.zeros(2)) == {}
