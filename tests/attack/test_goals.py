"""What attacks may be after: each goal on answers made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from harness import catalog
from harness.attack.goal import Seen
from harness.attack.goals import fate, invented
from harness.attack.record import entities
from harness.errors import UserError
from harness.models.function import Function
from harness.prediction import Classes, Text
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.tasks.qa import TASK as QA
from harness.tasks.translation import TASK as TRANSLATION
from harness.text import Edit, Example, Span, example, vary

TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
ANNA = example("x", "Anna Berg left Oslo early .", (Span(0, 9, "PER"), Span(15, 19, "LOC")))


def judge(name, task, **options):
    """A goal for a task."""
    goal = catalog.find("goal", name)
    return goal.judge(task, goal.bind(options))


def tagged(example, *spans):
    """What a tagger says that finds these."""
    model = Function(lambda texts: [list(spans) for _ in texts], TAGS, NER)
    (pieces,) = model.encode([example])
    return Seen(example, model.decode(example, pieces, model.forward(pieces)))


def labelled(target, **probabilities):
    """What a classifier says of a text with that gold label."""
    labels = tuple(probabilities)
    return Seen(
        example("x", "fine", target), Classes(labels, np.array(list(probabilities.values()), np.float32))
    )


RIGHT = tagged(ANNA, (0, 9, "PER"), (15, 19, "LOC"))


@pytest.mark.parametrize(
    ("goal", "said", "reached"),
    [
        pytest.param("lose-entity", [(0, 9, "PER")], True, id="one is missed"),
        pytest.param("lose-entity", [(0, 9, "PER"), (15, 19, "PER")], False, id="mistyped is not lost"),
        pytest.param("lose-entity", [(0, 4, "PER"), (15, 19, "LOC")], False, id="cut short is not lost"),
        pytest.param("mistype-entity", [(0, 9, "PER"), (15, 19, "PER")], True, id="a person for a place"),
        pytest.param("mistype-entity", [(0, 9, "PER")], False, id="missed is not mistyped"),
        pytest.param("split-entity", [(0, 4, "PER"), (5, 9, "PER"), (15, 19, "LOC")], True, id="two halves"),
        pytest.param("split-entity", [(0, 14, "PER"), (15, 19, "LOC")], True, id="run over"),
        pytest.param("split-entity", [(0, 4, "LOC"), (15, 19, "LOC")], False, id="half, of another type"),
        pytest.param(
            "invent-entity", [(0, 9, "PER"), (15, 19, "LOC"), (20, 25, "PER")], True, id="out of nothing"
        ),
        pytest.param(
            "invent-entity", [(0, 14, "PER"), (15, 19, "LOC")], False, id="run over is not invented"
        ),
        pytest.param("lose-share", [(0, 9, "PER")], True, id="one of two is a half"),
        pytest.param("untargeted", [(0, 9, "PER")], True, id="anything wrong"),
    ],
)
def test_a_goal_about_entities_is_one_kind_of_mistake(goal, said, reached):
    """Missed, mistyped, other bounds and invented are told apart; harm lies in [0, 1]."""
    reply = judge(goal, NER)(RIGHT, tagged(ANNA, *said))
    assert reply.broken == reached
    assert 0 <= reply.harm <= 1
    assert not judge(goal, NER)(RIGHT, RIGHT).broken


def test_an_entity_can_be_invented_where_there_is_none():
    """A sentence without entities has nothing to lose, but room for one too many."""
    empty = example("x", "nobody left early .", ())
    before, after = tagged(empty), tagged(empty, (0, 6, "PER"))
    assert judge("untargeted", NER)(before, before) is None
    assert not judge("invent-entity", NER)(before, before).broken
    assert judge("invent-entity", NER)(before, after).broken


def test_a_share_of_the_entities_is_a_threshold():
    """All of them have to go if all are asked for."""
    one, both = tagged(ANNA, (0, 9, "PER")), tagged(ANNA)
    whole = judge("lose-share", NER, share=1.0)
    assert (whole(RIGHT, one).broken, whole(RIGHT, both).broken) == (False, True)


def test_only_entities_that_were_found_before_can_be_lost():
    """Where the model found none, there is nothing to attack; where it found one, that one counts."""
    none, half = tagged(ANNA), tagged(ANNA, (0, 9, "PER"))
    lose = judge("lose-entity", NER)
    assert lose(none, none) is None
    assert not lose(half, half).broken
    assert lose(half, none).broken


def test_gold_is_looked_for_where_it_stands_after_the_edits():
    """An edit before a name moves it; finding it there is no mistake."""
    moved = vary(ANNA, [Edit(10, 14, "departed from")]).example
    assert not judge("untargeted", NER)(RIGHT, tagged(moved, (0, 9, "PER"), (24, 28, "LOC"))).broken
    assert judge("lose-entity", NER)(RIGHT, tagged(moved, (0, 9, "PER"))).broken


def test_fates_of_entities_are_counted_as_in_the_worked_example():
    """20 right before; 3 missed, 2 mistyped, 1 with other bounds after (methods, section 3.5)."""
    text = " ".join("Oslo" for _ in range(20)) + " and then some words"
    places = [(at * 5, at * 5 + 4, "LOC") for at in range(20)]
    gold = example("x", text, tuple(Span(*one) for one in places))
    after = [*places[6:], (0, 4, "PER"), (5, 9, "PER"), (10, 19, "LOC"), (104, 108, "LOC")]
    counts = entities(tagged(gold, *places), tagged(gold, *after))
    # The one that runs over covers a neighbour, which then has other bounds as well.
    assert counts == [20, 2, 2, 2, 1, 4]


def test_a_fate_has_one_name():
    """Other bounds and another type together are a wrong type."""
    gold = Span(0, 9, "PER")
    assert fate(gold, [gold]) == "found"
    assert fate(gold, [Span(0, 4, "LOC")]) == "mistyped"
    assert fate(gold, [Span(0, 4, "PER")]) == "split"
    assert fate(gold, [Span(15, 19, "PER")]) == "missed"
    assert invented(ANNA, [Span(10, 14, "LOC")]) == [Span(10, 14, "LOC")]


def test_a_targeted_attack_wants_one_label():
    """Another wrong label is no success, and examples of that label are not attacked."""
    wanted = judge("targeted", CLASSIFICATION, label="bad")
    start = labelled("good", good=0.8, bad=0.1, odd=0.1)
    assert wanted(start, labelled("good", good=0.1, bad=0.2, odd=0.7)) == (pytest.approx(0.2), False)
    assert wanted(start, labelled("good", good=0.1, bad=0.7, odd=0.2)) == (pytest.approx(0.7), True)
    assert wanted(labelled("bad", good=0.1, bad=0.9, odd=0), start) is None
    with pytest.raises(UserError, match=r"no label 'awful'.*good, bad, odd"):
        judge("targeted", CLASSIFICATION, label="awful")(start, start)


def test_confidence_may_drop_without_another_label_winning():
    """The drop is measured from the clean text."""
    wanted = judge("confidence-drop", CLASSIFICATION, drop=0.3)
    start = labelled("good", good=0.9, bad=0.1)
    assert wanted(start, labelled("good", good=0.55, bad=0.45)).broken
    assert not wanted(start, labelled("good", good=0.65, bad=0.35)).broken
    assert wanted(start, start) == (0.0, False)


def test_what_is_wrong_before_has_reached_any_goal_of_a_label():
    """Such an example is skipped, whatever the goal."""
    wrong = labelled("good", good=0.2, bad=0.8)
    for name, options in (("targeted", {"label": "bad"}), ("confidence-drop", {}), ("untargeted", {})):
        assert judge(name, CLASSIFICATION, **options)(wrong, wrong).broken


QUESTION = Example(
    "q",
    {"question": "Who left?", "context": "Anna Berg of Oslo left early ."},
    (Span(0, 9, "Anna Berg", "context"),),
)


def answered(answer):
    """What a reader says that answers so."""
    model = Function(lambda inputs: [answer for _ in inputs], ("start", "end"), QA)
    (pieces,) = model.encode([QUESTION])
    return Seen(QUESTION, model.decode(QUESTION, pieces, model.forward(pieces)))


@pytest.mark.parametrize(
    ("answer", "wrong", "low", "elsewhere"),
    [
        ("Anna Berg", False, False, False),
        ("Anna", True, False, False),
        ("Anna Berg of Oslo left early", True, True, False),
        ("Oslo", True, True, True),
        (None, True, True, False),
    ],
)
def test_answers_can_be_cut_short_lowered_or_moved(answer, wrong, low, elsewhere):
    """A part of the answer is wrong by exact match, but neither low in F1 nor elsewhere."""
    before, after = answered("Anna Berg"), answered(answer)
    assert judge("untargeted", QA)(before, after).broken == wrong
    assert judge("lower-f1", QA, below=0.6)(before, after).broken == low
    assert judge("move-answer", QA)(before, after).broken == elsewhere


def written(source, text, gold="the small red house stands on the hill"):
    """What a model writes."""
    return Seen(Example("t", {"source": source}, (gold,)), Text(text))


def test_a_lower_score_counts_only_if_the_input_hardly_changed():
    """Half of the input rewritten would be another task."""
    source = "das kleine rote haus steht dort oben auf dem huegel"
    before = written(source, "the small red house stands on the hill")
    lost = "a dog"
    near = judge("lower-score", TRANSLATION)(before, written(source.replace("rote", "rotte"), lost))
    far = judge("lower-score", TRANSLATION)(before, written("ein hund steht dort unten im wald allein", lost))
    same = judge("lower-score", TRANSLATION)(before, before)
    assert (near.broken, far.broken, same.broken) == (True, False, False)
    assert near.harm > far.harm == 0.0
    with pytest.raises(UserError, match="metric should be one of chrf"):
        judge("lower-score", TRANSLATION, metric="bleurt")(before, before)


def test_a_word_is_inserted_if_nobody_else_said_it():
    """Neither the input, nor the reference, nor the model before."""
    before = written("das haus", "the house")
    wanted = judge("insert-word", TRANSLATION, word="refund")
    assert wanted(before, written("das hausx", "a Refund for the house")).broken
    assert not wanted(before, written("das refund haus", "the refund house")).broken
    assert not wanted(before, written("das hausx", "refunding")).broken
    assert wanted(written("das haus", "refund"), before) is None
    with pytest.raises(UserError, match="insert-word needs its word"):
        judge("insert-word", TRANSLATION)(before, before)


def test_a_goal_says_which_tasks_it_makes_sense_for():
    """It is the suite that is wrong then."""
    with pytest.raises(
        UserError, match="the goal lose-entity makes no sense for classification, but for ner"
    ):
        catalog.find("goal", "lose-entity").judge(CLASSIFICATION)
