"""Synonyms and hypernyms, of the list and of WordNet."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import UserError
from harness.perturb import thesaurus, wordnet
from harness.perturb.sites import lines, protected
from tests.perturb.applied import everywhere, outcomes

NOUNS = (
    ("03", "entity", ""), ("03", "thing", "entity"), ("17", "object", "thing"), ("17", "whole", "object"),
    ("05", "organism", "whole"), ("05", "animal", "organism"), ("05", "dog", "animal"),
    ("05", "poodle", "dog"), ("05", "auk", "animal"), ("06", "car auto motor_car Ford", "whole"),
    ("18", "man", ""), ("18", "woman", ""),
)  # fmt: skip
"""File, words and what it is a kind of."""
ADJECTIVES = (("00", "glad cheerful", ""), ("00", "sorry", ""))
OPPOSITE = (("glad", "sorry"), ("man", "woman"))


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A WordNet of a few words, in the format of the real one."""
    folder = tmp_path / "nltk_data" / "corpora" / "wordnet"
    folder.mkdir(parents=True)
    for part, letter, senses in (
        ("noun", "n", NOUNS),
        ("adj", "a", ADJECTIVES),
        ("verb", "v", ()),
        ("adv", "r", ()),
    ):
        offsets = {words.split()[0]: 100 * at for at, (_, words, _) in enumerate(senses)}
        index, data = ["  1 A line of the licence.  "], []
        for file, words, above in senses:
            names = words.split()
            pointers = [f"@ {offsets[above]:08} n 0000"] if above else []
            for one, other in OPPOSITE:
                if one in names and other in offsets:
                    pointers.append(f"! {offsets[other]:08} {letter} {names.index(one) + 1:02x}01")
            cells = [f"{offsets[names[0]]:08}", file, letter, f"{len(names):02x}", *(f"{n} 0" for n in names)]
            data.append(" ".join([*cells, f"{len(pointers):03}", *pointers, "| what it is"]).ljust(99) + "\n")
            index += [f"{n} {letter} 1 0 1 1 {offsets[names[0]]:08}  " for n in names if n.islower()]
        (folder / f"index.{part}").write_text("\n".join(index) + "\n")
        (folder / f"data.{part}").write_text("".join(data))
    monkeypatch.setenv("HARNESS_RESOURCES", str(tmp_path))


def test_synonyms_agree_in_form_and_case() -> None:
    """A past tense is replaced by a past tense and a capital by a capital."""
    assert outcomes(thesaurus.synonym, "Vanished") == {"Disappeared"}


def test_synonyms_fit_the_article_before_them() -> None:
    """After ``an`` a word comes that begins with a vowel."""
    assert outcomes(thesaurus.synonym, "an automobile passes") == set()
    assert "the car passes" in outcomes(thesaurus.synonym, "the automobile passes")


def test_the_thesaurus_neither_holds_nor_makes_protected_words() -> None:
    """No synonym is a negation, a number, a quantifier, a comparative or a modal verb."""
    entries = {form for line in lines("synonyms") for forms in line.split() for form in forms.split("/")}
    assert len(entries) > 300
    assert not {entry for entry in entries if protected(entry)}


def test_an_unknown_source_of_synonyms_is_the_users_error() -> None:
    """The fault names the nearest known source."""
    with pytest.raises(UserError, match="embedded"):
        everywhere(thesaurus.synonym, "big", source="embeded")


def test_wordnet_is_read_from_its_files(tiny: None) -> None:
    """A word with one sense is replaced by the other words of that sense, phrases and names excepted."""
    assert wordnet.synonyms("car") == ("auto",)
    assert wordnet.synonyms("unheard") == ()
    assert everywhere(thesaurus.synonym, "Car", source="wordnet") == "Auto"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("a Poodle", set()),
        ("Poodle", {"Dog"}),
        ("an old poodle", {"an old dog"}),
        ("many poodles,", {"many dogs,"}),
        ("an auk", {"an animal"}),
        ("a auk", set()),
        ("a dog", set()),
        ("poodling", set()),
    ],
)
def test_a_thing_is_called_what_it_is_a_kind_of(tiny: None, text: str, after: set[str]) -> None:
    """One step up, in the number and casing of the word; nothing that is too vague, and no names."""
    assert outcomes(thesaurus.hypernym, text) == after


def test_levels_say_how_far_up(tiny: None) -> None:
    """Two steps lead past the dog, and a third to where nothing is said any more."""
    assert outcomes(thesaurus.hypernym, "the poodle", levels=2) == {"the animal"}
    assert outcomes(thesaurus.hypernym, "the poodle", levels=3) == set()
    with pytest.raises(UserError, match="at least 1, found 0"):
        outcomes(thesaurus.hypernym, "the poodle", levels=0)


def test_opposites_are_those_of_the_word_itself(tiny: None) -> None:
    """Not of its synonyms, and none of a noun."""
    assert wordnet.antonyms("glad") == ("sorry",)
    assert wordnet.antonyms("cheerful") == ()
    assert wordnet.antonyms("man") == ()


def test_vague_words_are_no_hypernyms_where_answers_name_things() -> None:
    """Less is said, so it is for labels and entities only."""
    assert [task for task in ("classification", "multilabel", "ner", "qa", "relation", "translation")
            if thesaurus.hypernym.suits(task)] == ["classification", "multilabel", "ner"]  # fmt: skip


def test_a_missing_wordnet_is_the_users_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault says where it was looked for and what to do."""
    for name in ("HARNESS_RESOURCES", "NLTK_DATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    if Path("/usr/share/wordnet/index.noun").is_file():
        pytest.skip("WordNet is installed on this machine")
    with pytest.raises(UserError, match="HARNESS_RESOURCES"):
        wordnet.synonyms("car")
