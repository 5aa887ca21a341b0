"""How much of a written text is borne out: words, what they rest upon, and how tasks differ."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from harness.prediction import Text
from harness.tasks import classification, dialogue, summarization, translation
from harness.tasks.scoring.grounding import Grounding, grounding, telling
from harness.text import Example, example

SOURCE = "The council approved the new stadium on Monday, after a debate of 3 hours."
TEXTS = st.text(st.sampled_from("abcde 17.É"), max_size=40)


def test_words_that_carry_meaning_are_long_or_have_a_digit():
    """Once each, in small letters; the short words that all texts share are left out."""
    assert telling("The debate, the DEBATE of 3 on B2b") == {"debate", "3", "b2b"}
    assert telling("It is so. Über") == {"über"}


def test_a_summary_is_counted_by_hand():
    """All four words stand in the source; of the second summary two of four: mayor and says do not."""
    found = grounding("Council approved new stadium Monday.", "Stadium approved, mayor says", [SOURCE])
    assert found == Grounding(words=4, borne=4, words_after=4, borne_after=2)


@given(TEXTS, TEXTS, TEXTS)
def test_no_more_is_borne_out_than_is_said_and_all_of_it_by_itself(before, after, source):
    """More to rest upon never bears out less."""
    found = grounding(before, after, [source])
    assert 0 <= found.borne <= found.words == len(telling(before))
    assert 0 <= found.borne_after <= found.words_after
    whole = grounding(before, after, [source, before, after])
    assert (whole.borne, whole.borne_after) == (whole.words, whole.words_after)
    assert grounding(after, before, [source]) == Grounding(*found[2:], *found[:2])


def counted(task, source: Example, variant: Example, before: str, after: str) -> Grounding:
    """What a task counts of two texts."""
    return task.scoring.grounding(Text(before), Text(after), source, variant)


def test_a_word_may_stand_in_the_clean_or_in_the_edited_text():
    """An output that follows an edit has not come loose, nor has one that reads through a typo."""
    edited = example("a", SOURCE.replace("stadium", "arena").replace("council", "cuoncil"))
    found = counted(
        summarization.TASK, example("a", SOURCE), edited, "Council debate.", "Council debate arena"
    )
    assert found == Grounding(2, 2, 3, 3)


def test_a_translation_may_rest_upon_the_translation_of_the_clean_text():
    """Its words stand in no source but for names and numbers; a summary has no such way out."""
    clean = example("a", "Anna kaufte 12 Bücher am Montag.")
    before, after = "Anna bought 12 books on Monday.", "On Monday Anna purchased 12 books."
    assert counted(translation.TASK, clean, clean, before, after) == Grounding(5, 5, 5, 4)
    assert counted(summarization.TASK, clean, clean, before, after) == Grounding(5, 2, 5, 2)


def test_a_reply_may_rest_upon_any_turn():
    """All fields are read, whoever speaks."""
    talk = Example(
        "a", {"01 guest": "A table for Friday?", "02 host": "How many people?", "03 guest": "Four."}
    )
    found = counted(dialogue.TASK, talk, talk, "Table for four, Friday.", "Enjoy your holiday!")
    assert found == Grounding(3, 3, 3, 0)


def test_answers_that_are_no_texts_have_no_ground():
    """Nothing is counted of labels."""
    assert classification.TASK.scoring.grounding is None
