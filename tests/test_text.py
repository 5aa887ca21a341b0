"""The edit algebra: what a script does to a text, to other scripts and to gold spans."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.text import (
    Edit,
    Example,
    Fate,
    Span,
    after,
    apply,
    carry,
    carry_all,
    changed,
    compose,
    diff,
    distance,
    edit_rate,
    example,
    invert,
    path,
    script,
    vary,
    words,
)

ALPHABET = "ab .\u0301é\U0001f600\u200dא"
"""Letters, space and a mark; a combining accent, emoji, a joiner, and a letter written right to left."""
TEXTS = st.text(ALPHABET, max_size=24)


@st.composite
def scripts(draw: st.DrawFn, length: int) -> tuple[Edit, ...]:
    """Any valid script on a text of that length: insertions, deletions, replacements, adjacent or not."""
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    edits = [
        Edit(a, b, draw(st.text(ALPHABET, max_size=3))) for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    taken: list[Edit] = []
    for edit in edits:
        if not taken or (
            edit.start >= taken[-1].end and (edit.start, edit.end) != (taken[-1].start, taken[-1].end)
        ):
            taken.append(edit)
    return script(taken, length)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, tuple[Edit, ...]]:
    text = draw(TEXTS)
    return text, draw(scripts(len(text)))


@given(edited())
def test_inverting_a_script_leads_back(case: tuple[str, tuple[Edit, ...]]) -> None:
    """Applying the inverse to the edited text restores the original."""
    text, edits = case
    assert apply(apply(text, edits), invert(text, edits)) == text


@given(st.data())
def test_composing_is_applying_in_turn(data: st.DataObject) -> None:
    """One composed script does what the two scripts do one after the other."""
    text, first = data.draw(edited())
    middle = apply(text, first)
    second = data.draw(scripts(len(middle)))
    assert apply(text, compose(text, first, second)) == apply(middle, second)


@given(edited())
def test_composing_with_the_inverse_changes_nothing(case: tuple[str, tuple[Edit, ...]]) -> None:
    """A script followed by its inverse composes to the empty script."""
    text, edits = case
    assert compose(text, edits, invert(text, edits)) == ()


@given(TEXTS, TEXTS)
def test_a_diff_leads_from_one_text_to_the_other(before: str, after: str) -> None:
    """The script that is found for two strings turns the one into the other."""
    assert apply(before, diff(before, after)) == after


@given(edited())
def test_a_diff_of_equal_texts_is_empty(case: tuple[str, tuple[Edit, ...]]) -> None:
    """Equal texts need no edit."""
    assert diff(case[0], case[0]) == ()


def test_a_diff_leaves_unchanged_words_and_common_letters_alone() -> None:
    """Only the letters that differ within a changed word are part of an edit."""
    assert diff("the quick fox", "the quack fox") == (Edit(6, 7, "a"),)


@given(edited())
def test_a_path_grows_by_one_edit_and_ends_at_the_whole_script(case: tuple[str, tuple[Edit, ...]]) -> None:
    """The path has a step for each edit, each containing the one before."""
    text, edits = case
    steps = list(path(edits))
    assert [len(step) for step in steps] == list(range(1, len(edits) + 1))
    assert all(set(a) < set(b) for a, b in pairwise(steps))
    assert not steps or apply(text, steps[-1]) == apply(text, edits)


@given(st.data())
def test_edits_lead_on_from_what_others_have_made(data: st.DataObject) -> None:
    """Whichever are made first: the others, moved along, lead to where all of them lead at once."""
    text, edits = data.draw(edited())
    order = data.draw(st.permutations(edits))
    for size in range(len(order) + 1):
        made, rest = order[:size], order[size:]
        assert apply(apply(text, made), after(rest, made)) == apply(text, edits)


def test_edits_are_moved_by_what_lies_before_them_in_their_field() -> None:
    """Longer and shorter texts before push and pull; what lies behind, or in another field, does not."""
    one = Edit(4, 5, "x")
    for made, place in (
        (Edit(0, 0, "ab"), (6, 7)),
        (Edit(1, 4, ""), (1, 2)),
        (Edit(4, 4, "ab"), (6, 7)),
        (Edit(5, 5, "ab"), (4, 5)),
        (Edit(0, 0, "ab", "title"), (4, 5)),
    ):
        assert after([one], [made]) == (Edit(*place, "x"),)
    assert after([Edit(1, 1, "a"), Edit(3, 3, "b")], [Edit(1, 3, "")]) == (Edit(1, 1, "ab"),)


@given(st.data())
def test_spans_that_no_edit_touches_keep_their_text(data: st.DataObject) -> None:
    """A kept span covers the same characters as before, wherever it has moved."""
    text, edits = data.draw(edited())
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    span = Span(start, data.draw(st.integers(start, len(text))), "X")
    moved, fate = carry(span, edits)
    if fate is Fate.KEPT and span.start < span.end:
        assert moved is not None
        assert apply(text, edits)[moved.start : moved.end] == text[span.start : span.end]


@given(st.data())
def test_carried_spans_lie_in_the_edited_text(data: st.DataObject) -> None:
    """A span that survives is neither empty nor outside of the text."""
    text, edits = data.draw(edited())
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    span = Span(start, data.draw(st.integers(start + 1, len(text))), "X")
    moved, fate = carry(span, edits)
    assert (moved is None) == (fate in (Fate.DROPPED, Fate.REFUSED))
    if moved is not None:
        assert 0 <= moved.start < moved.end <= len(apply(text, edits))


TEXT = "Angela Merkel visited Paris in May."
PER, LOC, DATE = Span(0, 13, "PER"), Span(22, 27, "LOC"), Span(31, 34, "DATE")
VECTORS = [
    ([Edit(0, 0, "Dr. ")], (4, 17, "kept"), (26, 31, "kept"), (35, 38, "kept")),
    ([Edit(13, 13, " again")], (0, 13, "kept"), (28, 33, "kept"), (37, 40, "kept")),
    ([Edit(22, 27, "PARIS")], (0, 13, "kept"), (22, 27, "touched"), (31, 34, "kept")),
    ([Edit(22, 27, "New York")], (0, 13, "kept"), (22, 30, "touched"), (34, 37, "kept")),
    ([Edit(22, 27, "")], (0, 13, "kept"), "dropped", (26, 29, "kept")),
    ([Edit(14, 22, "")], (0, 13, "kept"), (14, 19, "kept"), (23, 26, "kept")),
    ([Edit(7, 21, "")], "refused", (8, 13, "kept"), (17, 20, "kept")),
    ([Edit(6, 6, " ")], (0, 14, "touched"), (23, 28, "kept"), (32, 35, "kept")),
    ([Edit(21, 22, "")], (0, 13, "kept"), (21, 26, "kept"), (30, 33, "kept")),
    ([Edit(0, 0, "Dr. "), Edit(24, 25, "")], (4, 17, "kept"), (26, 30, "touched"), (34, 37, "kept")),
]


@pytest.mark.parametrize(("edits", "per", "loc", "date"), VECTORS)
def test_spans_are_carried_as_the_methods_say(
    edits: list[Edit], per: object, loc: object, date: object
) -> None:
    """The ten vectors of section 9.2: kept, touched, dropped and refused spans, to the character."""
    for span, expected in ((PER, per), (LOC, loc), (DATE, date)):
        moved, fate = carry(span, edits)
        assert (fate.value if moved is None else (moved.start, moved.end, fate.value)) == expected


def test_a_whole_span_is_replaced_only_by_operators_that_keep_its_type() -> None:
    """Without the claim that a swap keeps the label, replacing exactly a span is refused."""
    assert carry(LOC, [Edit(22, 27, "Siemens")], swaps=False) == (None, Fate.REFUSED)


def test_one_refused_span_makes_the_gold_unusable() -> None:
    """The reason names the span whose boundary is crossed."""
    spans, reason = carry_all([PER, LOC], [Edit(7, 21, "")])
    assert spans == ()
    assert "PER [0, 13)" in reason


@pytest.mark.parametrize(
    "bad", [[Edit(0, 3, "x"), Edit(2, 4, "y")], [Edit(1, 1, "x"), Edit(1, 1, "y")], [Edit(3, 9, "")]]
)
def test_scripts_that_cannot_be_applied_at_once_are_errors(bad: list[Edit]) -> None:
    """Overlapping edits, two insertions at one place and edits outside of the text are refused."""
    with pytest.raises(ValueError):
        script(bad, 5)


def textbook(before: list[str], after: list[str]) -> int:
    """Levenshtein distance by its recursive definition, as a full table."""
    table = {(i, 0): i for i in range(len(before) + 1)} | {(0, j): j for j in range(len(after) + 1)}
    for i, x in enumerate(before, 1):
        for j, y in enumerate(after, 1):
            table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1, table[i - 1, j - 1] + (x != y))
    return table[len(before), len(after)]


@given(st.lists(st.sampled_from("abcdef"), max_size=9), st.lists(st.sampled_from("abcdefxyz"), max_size=9))
def test_distance_is_levenshteins_whatever_shortcut_applies(before: list[str], after: list[str]) -> None:
    """The shortcuts for pure insertions and for new elements agree with the full table."""
    assert distance(before, after) == textbook(before, after)


def test_distance_of_long_texts_takes_no_table() -> None:
    """Twenty thousand characters against as many in another order: a second, not an hour."""
    before, after = "abcdefghij" * 2000, "jihgfedcba" * 2000
    assert distance(before[:300], after[:300]) == textbook(before[:300], after[:300])
    assert 0 < distance(before, after) <= len(before)


@given(edited())
def test_changed_words_are_counted_where_the_edits_are(case: tuple[str, tuple[Edit, ...]]) -> None:
    """Counting word by word gives no less than the distance of the whole texts, and nothing for nothing."""
    text, edits = case
    whole = distance(text.split(), apply(text, edits).split())
    assert changed(text, edits, by_word=True) >= whole
    assert changed(text, (), by_word=True) == 0


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Edit(0, 3, ""), 1),  # a word is left out, its space stays
        (Edit(0, 4, ""), 1),  # the space goes with it
        (Edit(3, 3, " um"), 1),  # a word is put in
        (Edit(3, 4, ""), 2),  # two words become one: one is changed, one is gone
        (Edit(1, 1, " "), 2),  # one becomes two
        (Edit(1, 2, "x"), 1),  # a letter in a word
        (Edit(0, 7, "two one"), 2),  # two words change places
        (Edit(3, 4, "\n"), 0),  # white space is no word
    ],
)
def test_an_edit_costs_the_words_that_it_changes(edit: Edit, words: int) -> None:
    """What severity spends on each kind of edit."""
    assert changed("one two three", [edit], by_word=True) == words


@given(st.data())
def test_spans_that_an_edit_touches_are_found(data: st.DataObject) -> None:
    """By bisection as by looking at all of them, nested and overlapping ones included."""
    ends = st.lists(st.integers(0, 20), min_size=2, max_size=2, unique=True).map(sorted)
    spans = tuple(sorted({Span(a, b, "X") for a, b in data.draw(st.lists(ends, max_size=6))}))
    start, end = sorted(data.draw(st.tuples(st.integers(0, 20), st.integers(0, 20))))
    wanted = {s for s in spans if start < s.end and s.start < end}
    assert set(Example("a", {"text": "x" * 20}, spans).touched("text", start, end)) == wanted


@given(st.data())
def test_spans_carried_together_are_those_carried_one_by_one(data: st.DataObject) -> None:
    """Many spans through many edits: each as if it were alone."""
    text, edits = data.draw(edited())
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8, unique=True)))
    spans = [Span(a, b, "X") for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    alone = [carry(span, edits) for span in spans]
    together, why = carry_all(spans, edits)
    if any(fate is Fate.REFUSED for _, fate in alone):
        assert together == ()
        assert why
    else:
        assert together == tuple(moved for moved, _ in alone if moved is not None)


def test_edit_rates_are_those_of_the_methods() -> None:
    """Section 8.2: five edited characters of 35; and one word of six."""
    edits = [Edit(0, 0, "Dr. "), Edit(24, 25, "")]
    assert edit_rate(TEXT, edits, by_word=False) == pytest.approx(5 / 35)
    assert edit_rate(TEXT, [Edit(24, 25, "")], by_word=True) == pytest.approx(1 / 6)
    upper = [Edit(i, i + 1, c.upper()) for i, c in enumerate(TEXT) if c.islower()]
    assert edit_rate(TEXT, upper, by_word=False) == pytest.approx(25 / 35)


def test_a_variant_carries_the_gold_along() -> None:
    """Varying an example edits its text and moves its spans; the id stays."""
    variant = vary(Example("a", {"text": TEXT}, (PER, LOC)), iter([Edit(24, 25, ""), Edit(0, 0, "Dr. ")]))
    assert variant.example.text == "Dr. Angela Merkel visited Pais in May."
    assert variant.example.spans == (Span(4, 17, "PER"), Span(26, 30, "LOC"))
    assert variant.example.id == "a"
    assert not variant.noop


def test_edits_are_applied_to_the_field_they_name() -> None:
    """Edits given as an iterator reach every field, not only the first."""
    source = Example("a", {"question": "who", "context": "me"})
    variant = vary(source, iter([Edit(0, 2, "us", "context"), Edit(0, 3, "Who", "question")]))
    assert variant.example.fields == {"question": "Who", "context": "us"}


def test_edits_that_change_nothing_are_a_no_op() -> None:
    """Replacing a text by itself is not evidence of anything."""
    assert vary(example("a", "same"), [Edit(0, 4, "same")]).noop


def test_a_check_can_refuse_a_variant() -> None:
    """What a task says against the edits becomes the variant's refusal."""
    variant = vary(example("a", "not bad"), [Edit(0, 4, "")], check=lambda _, edits: "drops a negation")
    assert variant.refusal == "drops a negation"


@given(st.text(max_size=30))
def test_words_are_those_of_split(text: str) -> None:
    """The offsets of words agree with splitting at white space."""
    assert [text[a:b] for a, b in words(text)] == text.split()


def test_adjacent_deletions_come_back_as_one_insertion() -> None:
    """Two deletions that touch are undone at one place, in the right order."""
    edits = [Edit(0, 1, ""), Edit(1, 2, "")]
    assert invert("abc", edits) == (Edit(0, 0, "ab"),)
