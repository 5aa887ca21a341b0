"""Near-duplicates are found, all of them and no others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.data.near import nearly_known
from harness.text import Example

LETTERS = st.lists(st.text("abc", min_size=1, max_size=1), min_size=1, max_size=12).map(" ".join)


def of(*texts):
    """Examples with these texts."""
    return [Example(str(at), {"text": text}, "l") for at, text in enumerate(texts)]


def test_a_text_with_a_word_changed_in_a_long_one_is_nearly_known():
    """Of 30 words one: 28 of 34 pairs are shared, more than .8."""
    words = [f"w{at}" for at in range(30)]
    other = [*words[:29], "else"]
    assert nearly_known(of(" ".join(words)), of(" ".join(other), "something else altogether")) == [
        True,
        False,
    ]


def test_a_text_that_shares_thirteen_words_in_a_row_is_nearly_known():
    """However much there is around them; twelve are not enough."""
    words = [f"w{at}" for at in range(13)]
    before = " ".join(f"x{at}" for at in range(40))
    assert nearly_known(of(" ".join(words)), of(f"{before} {' '.join(words)} y")) == [True]
    assert nearly_known(of(" ".join(words[:12])), of(f"{before} {' '.join(words[:12])} y")) == [False]


def test_case_and_punctuation_hide_nothing():
    """They are left aside."""
    assert nearly_known(of("The film, it was fine."), of("the film it was FINE!")) == [True]


@given(st.lists(LETTERS, max_size=8), st.lists(LETTERS, min_size=1, max_size=8), st.floats(0.2, 1.0))
def test_the_filter_loses_no_pair_and_makes_up_none(train, tested, alike):
    """The same as comparing each text with each."""

    def pairs(text):
        words = text.split()
        return {f"{a} {b}" for a, b in zip(["", *words], [*words, ""], strict=True)}

    def near(text):
        mine = pairs(text)
        return any(len(mine & pairs(o)) / len(mine | pairs(o)) >= alike for o in train)

    assert nearly_known(of(*train), of(*tested), alike, run=1000) == [near(text) for text in tested]
