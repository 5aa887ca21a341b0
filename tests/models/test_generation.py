"""How a text is generated: what may be asked for, and that a checkpoint remembers it."""

from __future__ import annotations

import pytest

from harness.models import generation
from harness.models.generation import Generation


def test_what_is_left_out_has_its_default():
    """Nothing given is greedy."""
    assert generation.parse({}) == Generation()
    assert generation.parse({"beams": 4}) == Generation(beams=4)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"beam": 4}, "generation has no key 'beam'; did you mean 'beams'?"),
        ({"max_new_tokens": 0}, "generation.max_new_tokens should be a whole number of at least 1, found 0"),
        ({"max_new_tokens": "64"}, "should be a whole number of at least 1, found '64'"),
        ({"beams": True}, "generation.beams should be a whole number of at least 1, found True"),
        ({"sample": True, "top_p": 1.5}, "generation.top_p should be above 0 and at most 1, found 1.5"),
        ({"sample": True, "temperature": 0}, "generation.temperature should be a number above 0, found 0"),
        ({"sample": True, "temperature": float("nan")}, "should be a number above 0, found nan"),
        ({"sample": True, "beams": 2}, "generation.sample goes with one beam, found beams: 2"),
        ({"temperature": 0.7}, "generation.temperature and top_p say how to draw: set sample: true"),
        ({"length_penalty": None}, "generation.length_penalty should be a number, found None"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(given, said):
    """The key, what was found and what would be right."""
    with pytest.raises(ValueError) as caught:
        generation.parse(given)
    assert said in str(caught.value)


def test_all_faults_are_told_at_once():
    """Not one after the other."""
    with pytest.raises(ValueError, match=r"max_new_tokens.*; generation\.beams"):
        generation.parse({"max_new_tokens": 0, "beams": 0})


def test_what_is_written_is_read_again(tmp_path):
    """Every setting survives; a folder without settings has none, and a spoilt file is an error."""
    settings = Generation(max_new_tokens=9, sample=True, temperature=0.5, top_p=0.9, seed=3)
    assert generation.read(tmp_path) is None
    assert generation.read(tmp_path / "nowhere") is None
    generation.write(tmp_path, settings)
    assert generation.read(tmp_path) == settings
    (tmp_path / generation.FILE).write_text("[]")
    with pytest.raises(ValueError, match="should hold a JSON object, found list"):
        generation.read(tmp_path)
