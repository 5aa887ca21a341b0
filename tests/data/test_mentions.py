"""What training has seen of entities."""

from __future__ import annotations

from harness.data.mentions import PARTITIONS, confusable, counted, found_confusable, known
from harness.text import Example, Span


def marked(text, *spans):
    """A text with entities, each a name in it and its type."""
    return Example(
        "e", {"text": text}, tuple(Span(text.index(n), text.index(n) + len(n), t) for n, t in spans)
    )


TRAIN = [
    marked("Paris and Paris Hilton and York", ("Paris", "LOC"), ("Paris Hilton", "PER"), ("York", "LOC"))
]


def test_mentions_are_parted_by_name_type_and_words():
    """Seen with the type, seen with another, a word seen inside that type, or new."""
    of = known(TRAIN, fold=False)
    told = [("Paris", "LOC"), ("Paris", "PER"), ("New York", "LOC"), ("New York", "PER"), ("paris", "LOC")]
    assert [PARTITIONS[of.partition(*one)] for one in told] == [
        "seen",
        "type-shifted",
        "partial",
        "new",
        "new",
    ]


def test_case_decides_unless_it_is_left_aside():
    """The choice changes a lot, so both are told."""
    assert PARTITIONS[known(TRAIN, fold=True).partition("PARIS", "LOC")] == "seen"


def test_what_is_said_belongs_to_the_partition_of_its_own_name():
    """A right span counts where the gold one is, a wrong one where its own name and type are."""
    text = "Paris saw Oslo and York"
    example = marked(text, ("Paris", "LOC"), ("Oslo", "LOC"))
    said = [Span(0, 5, "LOC"), Span(19, 23, "PER")]
    assert counted(example, said, known(TRAIN, fold=False)) == [1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]


def test_a_name_with_several_types_in_the_test_data_is_confusable():
    """Whether it is found there is counted by itself."""
    examples = [marked("Paris wins", ("Paris", "LOC")), marked("paris sings", ("paris", "PER"))]
    names = confusable(examples)
    assert names == {"paris"}
    assert found_confusable(examples[0], [Span(0, 5, "LOC")], names) == [1, 1]
    assert found_confusable(examples[1], [Span(0, 5, "LOC")], names) == [0, 1]
