"""Words in characters that look the same."""

from __future__ import annotations

import unicodedata

import pytest

from harness.errors import UserError
from harness.perturb import visual
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.text import Span, example
from tests.perturb.applied import drawn, everywhere, outcomes

EVERY = [visual.lookalike, visual.upside_down, visual.viper, visual.zalgo, visual.bidi]


@pytest.mark.parametrize(
    ("style", "after"),
    [
        ("bold", "𝐋𝐨𝐨𝐤, 𝐡𝐞𝐫𝐞!"),
        ("bold-italic", "𝑳𝒐𝒐𝒌, 𝒉𝒆𝒓𝒆!"),
        ("script", "𝓛𝓸𝓸𝓴, 𝓱𝓮𝓻𝓮!"),
        ("fraktur", "𝕷𝖔𝖔𝖐, 𝖍𝖊𝖗𝖊!"),
        ("sans", "𝖫𝗈𝗈𝗄, 𝗁𝖾𝗋𝖾!"),
        ("monospace", "𝙻𝚘𝚘𝚔, 𝚑𝚎𝚛𝚎!"),
        ("fullwidth", "Ｌｏｏｋ, ｈｅｒｅ!"),
        ("circled", "Ⓛⓞⓞⓚ, ⓗⓔⓡⓔ!"),
        ("small-caps", "Lᴏᴏᴋ, ʜᴇʀᴇ!"),
    ],
)
def test_words_are_written_in_the_letters_of_a_style(style: str, after: str) -> None:
    """The letters change, marks stay; small capitals keep capitals as they are."""
    assert everywhere(visual.lookalike, "Look, here!", style=style) == after
    if style != "small-caps":
        assert unicodedata.normalize("NFKC", after) == "Look, here!"


def test_any_style_is_drawn_for_each_word() -> None:
    """Over many draws every style comes up."""
    assert len(outcomes(visual.lookalike, "movie", draws=300)) == len(visual.styled_letters())


def test_every_style_has_all_letters() -> None:
    """No letter of a style is one of another style, or not assigned."""
    for style, letters in visual.styled_letters().items():
        found = [chr(new) if isinstance(new, int) else new for new in letters.values()]
        assert len(set(found)) == (26 if style == "small-caps" else 52)
        assert all(unicodedata.name(one) for one in found)


def test_words_are_turned_upside_down() -> None:
    """Letters are flipped and read from the other end; the marks around them stay where they are."""
    assert everywhere(visual.upside_down, "(movie), Paris") == "(ǝᴉʌoɯ), sᴉɹɐԀ"


def test_letters_get_marks_of_their_own() -> None:
    """Every letter keeps its base and its case, and at least one has changed."""
    for after in outcomes(visual.viper, "Building", draws=100):
        assert len(after) == len("Building")
        for before, now in zip("Building", after, strict=True):
            assert now == before or now in visual.marked_letters()[before]
            assert now.isupper() == before.isupper()
    assert all(
        a != b for a, b in zip("Building", everywhere(visual.viper, "Building", share=1.0), strict=True)
    )


@pytest.mark.parametrize("height", [1, 3])
def test_marks_pile_up(height: int) -> None:
    """So many on each letter, and under them the text is as it was."""
    after = everywhere(visual.zalgo, "The movie!", height=height)
    assert "".join(c for c in after if not unicodedata.combining(c)) == "The movie!"
    assert len(after) == len("The movie!") + height * len("Themovie")


def test_piled_marks_belong_to_one_letter() -> None:
    """Marks that join two letters, or that nobody sees, are not among them."""
    assert all(unicodedata.combining(mark) for mark in visual.PILED)
    assert not any(
        "DOUBLE" in unicodedata.name(m) and "BELOW" not in unicodedata.name(m) for m in visual.PILED[0x5C:]
    )


def test_words_are_stored_backwards_and_shown_as_they_were() -> None:
    """Between an override and its end stand the inner letters, last first."""
    assert everywhere(visual.bidi, "a movie, Paris") == "a m\u202eivo\u202ce, P\u202eira\u202cs"


def test_what_reads_from_right_to_left_stays() -> None:
    """Hebrew between the controls would be shown backwards."""
    assert outcomes(visual.bidi, "שלום עולם", draws=20) == set()


@pytest.mark.parametrize("operator", EVERY)
def test_names_keep_their_labels_and_negations_their_letters(operator: Operator) -> None:
    """A look-alike never reaches across the border of a name; what says no is not touched."""
    source = example("a", 'Not "Paris", (Rome) never', (Span(5, 10, "LOC"), Span(14, 18, "LOC")))
    for variant in drawn(operator, source):
        assert variant.refusal == ""
        text = variant.example.text
        assert text.startswith('Not "')
        assert text.endswith(") never")
        assert all(text[span.end] in '")' and text[span.start - 1] in '"(' for span in variant.example.spans)


@pytest.mark.parametrize(
    ("operator", "options", "said"),
    [
        (visual.lookalike, {"style": "bould"}, "bold"),
        (visual.viper, {"share": 0.0}, "share should be"),
        (visual.viper, {"share": 1.5}, "share should be"),
        (visual.zalgo, {"height": 0}, "height should be"),
    ],
)
def test_a_wrong_option_is_the_users_error(operator: Operator, options: dict[str, object], said: str) -> None:
    """The fault names what was found and what would be right."""
    with pytest.raises(UserError, match=said):
        perturb(example("a", "text"), operator, 5, seed=0, options=options)
