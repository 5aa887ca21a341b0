"""Words misspelt, replaced, dropped or doubled."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.errors import UserError
from harness.perturb import word, wordnet
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.perturb.sites import lines, negates, protected, table, wordlist
from harness.text import Edit, Span, example


def outcomes(operator: Operator, text: str, draws: int = 60, **options: object) -> set[str]:
    """All the texts that severity 5 makes of one text."""
    return {
        perturb(example("a", text), operator, 5, seed=0, draw=d, options=options).example.text
        for d in range(draws)
    }


def test_common_words_are_misspelt_as_people_do() -> None:
    """Wrong forms come from the list, in the case of the right one."""
    assert outcomes(word.misspell, "Believe") <= {"Believe", "Beleive", "Belive"}
    assert len(outcomes(word.misspell, "Believe")) == 3


def test_words_off_the_list_are_misspelt_by_ear() -> None:
    """Rules of sound reach words that no list has, unless they are turned off."""
    assert "foto" in outcomes(word.misspell, "photo")
    assert outcomes(word.misspell, "photo", rules=False) == {"photo"}


def test_no_listed_misspelling_is_right() -> None:
    """Wrong forms differ from the right one, and no word is listed twice."""
    keys = [line.partition(":")[0] for line in lines("misspellings")]
    assert len(keys) >= 150
    assert len(keys) == len(set(keys))
    assert all(right not in wrong for right, wrong in table("misspellings").items())


def test_synonyms_agree_in_form_and_case() -> None:
    """A past tense is replaced by a past tense and a capital by a capital."""
    assert outcomes(word.synonym, "Vanished") == {"Vanished", "Disappeared"}


def test_synonyms_fit_the_article_before_them() -> None:
    """After ``an`` a word comes that begins with a vowel."""
    found = outcomes(word.synonym, "an automobile passes")
    assert found == {"an automobile passes"}
    assert "the car passes" in outcomes(word.synonym, "the automobile passes")


def test_the_thesaurus_neither_holds_nor_makes_protected_words() -> None:
    """No synonym is a negation, a number, a quantifier, a comparative or a modal verb."""
    entries = {form for line in lines("synonyms") for forms in line.split() for form in forms.split("/")}
    assert len(entries) > 300
    assert not {entry for entry in entries if protected(entry)}


def test_an_unknown_source_of_synonyms_is_the_users_error() -> None:
    """The fault names the nearest known source."""
    with pytest.raises(UserError, match="embedded"):
        outcomes(word.synonym, "big", source="embeded")


def test_wordnet_is_read_from_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word with one sense is replaced by the other words of that sense, phrases and names excepted."""
    folder = tmp_path / "nltk_data" / "corpora" / "wordnet"
    folder.mkdir(parents=True)
    for part in wordnet.PARTS:
        (folder / f"index.{part}").write_text("  1 A line of the licence.  \n")
    (folder / "data.noun").write_text("00000000 06 n 04 car 0 auto 0 motor_car 0 Ford 0 000 | wheels\n")
    (folder / "index.noun").write_text("  1 A line of the licence.  \ncar n 1 0 1 1 00000000  \n")
    monkeypatch.setenv("HARNESS_RESOURCES", str(tmp_path))
    assert wordnet.synonyms("car") == ("auto",)
    assert wordnet.synonyms("unheard") == ()
    assert outcomes(word.synonym, "Car", source="wordnet") == {"Car", "Auto"}


def test_a_missing_wordnet_is_the_users_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault says where it was looked for and what to do."""
    for name in ("HARNESS_RESOURCES", "NLTK_DATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    if Path("/usr/share/wordnet/index.noun").is_file():
        pytest.skip("WordNet is installed on this machine")
    with pytest.raises(UserError, match="HARNESS_RESOURCES"):
        wordnet.synonyms("car")


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("They don't know", "They do not know"),
        ("I am here", "I'm here"),
        ("IT IS LATE", "IT'S LATE"),
        ("we\u2019re late", "we are late"),
        ("We cannot stay", "We can't stay"),
        ("it's been long", "it's been long"),
        ("I know what it is.", "I know what it is."),
    ],
)
def test_contractions_are_made_and_undone_where_only_one_reading_fits(text: str, after: str) -> None:
    """Negation survives, ambiguous forms and ends of clauses are left alone."""
    assert outcomes(word.contraction, text) - {text} == {after} - {text}


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("I want to go home", {"I would like to go home", "I wish to go home"}),
        ("So I cannot stay", {"So I am unable to stay", "So I am not able to stay"}),
        ("I think that it rains", {"I believe that it rains", "It seems to me that it rains"}),
        ("now I think that it rains", {"now I believe that it rains", "now it seems to me that it rains"}),
        ("how do i look", {"how can i look", "what do i have to do to look"}),
        ("AT ONCE", {"IMMEDIATELY", "RIGHT AWAY", "STRAIGHT AWAY"}),
        ("the need to attempt to", set()),
        ("How many  times?", {"How often?"}),
        ("How often?", set()),
        ("next week\u2019s bill", set()),
        ("They want tolls", set()),
    ],
)
def test_a_phrase_is_said_in_other_words(text: str, after: set[str]) -> None:
    """In its casing; where another phrase has a second meaning, not back again; whole words only."""
    assert outcomes(word.paraphrase, text) - {text} == after


def test_a_paraphrase_never_turns_what_is_said() -> None:
    """Where one phrase denies something the other does too, but for some that deny in form alone."""
    in_form = re.compile("(cannot|do not) remember|cannot wait|at no cost|without delay")

    def denies(phrase: str) -> bool:
        said = in_form.sub("", phrase).replace("unable", "not able").replace("cannot", "can not")
        return any(map(negates, said.split()))

    for phrase, others in word._paraphrases().items():
        assert phrase not in others
        assert {denies(other) for other in others} == {denies(phrase)}, phrase


def test_slang_keeps_the_case() -> None:
    """A capital letter stays one."""
    assert outcomes(word.slang, "People") == {"People", "Ppl", "Peeps"}


def test_words_are_doubled_outside_of_names() -> None:
    """A word of a gold span is never written twice, not even next to it."""
    source = example("a", "visit New York now", (Span(6, 14, "LOC"),))
    found = {e for d in range(40) for e in perturb(source, word.duplicate_word, 5, seed=0, draw=d).edits}
    assert found == {Edit(5, 5, " visit"), Edit(18, 18, " now")}


def test_a_dropped_word_leaves_single_gaps() -> None:
    """The white space after the word goes with it, or that before it at the end of the text."""
    edits = {
        e
        for d in range(60)
        for e in perturb(example("a", "go to bed then sit at"), word.drop_stopword, 5, seed=0, draw=d).edits
    }
    assert edits == {Edit(3, 6, ""), Edit(18, 21, "")}


def test_only_function_words_are_dropped() -> None:
    """What may be dropped carries no truth of its own."""
    assert not {entry for entry in wordlist("stopwords") if protected(entry)}


def test_fillers_follow_words_without_a_mark() -> None:
    """A hesitation never splits a word from its comma and never enters a name."""
    source = example("a", "So, Ada Lovelace wrote it.", (Span(4, 16, "PER"),))
    for draw in range(40):
        for edit in perturb(source, word.filler, 5, seed=0, draw=draw).edits:
            assert edit.start in (16, 22)
            assert edit.text.strip() in word.FILLERS
