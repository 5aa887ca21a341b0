"""Sources of translations, written carelessly."""

from __future__ import annotations

from harness.perturb.severity import perturb
from harness.perturb.source import source_noise
from harness.text import Example


def versions(text: str, draws: int = 60) -> set[str]:
    source = Example("a", {"source": text}, ("x",))
    return {
        perturb(source, source_noise, 5, seed=0, draw=draw).example.fields["source"] for draw in range(draws)
    }


def seen(text: str) -> list[set[str]]:
    """What each word of a text becomes."""
    found: list[set[str]] = [set() for _ in text.split()]
    for version in versions(text):
        for own, word in zip(found, version.split(), strict=True):
            own.add(word)
    return found


def test_letters_accents_capitals_and_the_last_stop_get_lost() -> None:
    """Each in the words that have them."""
    the, woman, cafe, sits = seen("The woman café sits.")
    assert the == {"The", "the"}
    assert {"womman", "woan"} & woman or len(woman) > 3
    assert "cafe" in cafe
    assert "sits" in sits


def test_what_has_to_be_copied_is_spared() -> None:
    """Numbers, names and negations stay, also at the beginning of the text, and so do inner full stops."""
    for text in ("Paris never 12 Berlin 3.50 NASA", "Ada isn't 2nd Rome"):
        assert versions(text) == {text}
    first, *_ = seen("Gone. They went home.")
    assert "Gone" not in first


def test_scripts_without_case_are_left_alone() -> None:
    """There is no telling what is a name."""
    assert versions("東京は日本の首都です。 东京") == {"東京は日本の首都です。 东京"}


def test_it_is_for_what_is_made_from_a_source() -> None:
    """Translations and summaries."""
    assert source_noise.suits("translation")
    assert source_noise.suits("summarization")
    assert not source_noise.suits("classification")
