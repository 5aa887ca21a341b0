"""How an output moves along paths of single edits, and what each edit does alone: the worked examples."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from harness.errors import UserError
from harness.models.function import Function
from harness.probe.paths import Course, first_edit, path, path_of, sensitivity
from harness.probe.probe import Found, Scene
from harness.tasks.classification import TASK
from harness.tasks.ner import TASK as NER
from harness.text import Edit, Example, Span, Variant, example, vary

LEVELS = ("a", "b", "c", "d", "e", "f", "g", "h")


def course(*probabilities: float) -> Course:
    """The course of a yes/no answer along a path."""
    p = np.array(probabilities)
    steps = np.abs(np.diff(p))
    return Course(steps, steps, np.diff(p > 0.5), abs(p[-1] - p[0]))


CLIFF, GLIDE = course(0.90, 0.88, 0.85, 0.30, 0.28), course(0.90, 0.75, 0.60, 0.45, 0.28)


def test_a_cliff_and_a_glide_are_told_apart_by_jump_and_concentration_alone() -> None:
    """Methods, 2.6: same length, same net change, same first flip."""
    assert CLIFF.steps == pytest.approx([0.02, 0.03, 0.55, 0.02])
    for one in (CLIFF, GLIDE):
        assert (one.length, one.net, one.first_flip) == (pytest.approx(0.62), pytest.approx(0.62), 3)
        assert one.tortuosity == pytest.approx(1)
    assert (CLIFF.jump, GLIDE.jump) == (pytest.approx(0.55), pytest.approx(0.17))
    assert round(CLIFF.concentration, 7) == 0.8494624
    assert round(GLIDE.concentration, 7) == 0.0322581


def test_what_cannot_be_said_of_a_path_is_not_a_number() -> None:
    """Where it hardly moved no concentration, where it came back no tortuosity, and no flip is K + 1."""
    still, back = course(0.9, 0.9, 0.895), course(0.9, 0.6, 0.88)
    assert math.isnan(still.concentration)
    assert math.isnan(still.tortuosity)
    assert math.isnan(back.tortuosity)
    assert back.concentration == pytest.approx((0.3 / 0.58 - 0.5) / 0.5)
    assert (still.first_flip, course(0.9, 0.3, 0.8).first_flip) == (3, 1)
    assert math.isnan(course(0.9, 0.3).concentration)


def test_sensitivity_is_the_mean_over_places_and_the_worst_of_them() -> None:
    """Methods, 2.13."""
    found = sensitivity((0.02, 0.60, 0.05, 0.01, 0.55), (False, True, False, False, True))
    assert found == {"average": pytest.approx(0.246), "worst": 0.60, "flipping": 0.4}


# -- on models --------------------------------------------------------------------------------------

TEXT = " ".join(LEVELS)


def edited(source: Example, words: int) -> Variant:
    """The first words written in capitals, an edit each."""
    return vary(source, [Edit(2 * at, 2 * at + 1, LEVELS[at].upper()) for at in range(words)], by_word=True)


def scene(function, *texts: str, words: int = 8, seed: int = 0) -> Scene:
    """A yes/no model on texts of eight words, of which some can be written in capitals."""
    sources = [example(str(at), text) for at, text in enumerate(texts)]
    model = Function(lambda many: [{"no": 1 - p, "yes": p} for p in map(function, many)], ("no", "yes"), TASK)
    return Scene(model, TASK, sources, {"shout": {e.id: edited(e, words) for e in sources}}, seed)


def gently(text: str) -> float:
    """Each capital takes away a twentieth."""
    return 0.7 - 0.05 * sum(c.isupper() for c in text)


def suddenly(text: str) -> float:
    """Nothing happens until one letter is a capital."""
    return 0.3 if "C" in text else 0.7


def of_path(found: list[Found], column: str) -> float:
    (value,) = {one.values[column] for one in found if not math.isnan(one.values[column])}
    return value


def test_a_model_that_glides_and_one_that_jumps_get_to_the_same_place_differently() -> None:
    """Both end 0.4 away; one went there in eight steps and flipped at the fifth, the other in one."""
    glide, cliff = (list(path.function(scene(f, TEXT))) for f in (gently, suddenly))
    assert of_path(glide, "smooth") == pytest.approx(0.95)
    assert of_path(cliff, "smooth") == pytest.approx(0.6)
    assert (of_path(glide, "jumped"), of_path(cliff, "jumped")) == (0, 1)
    assert of_path(glide, "length") == pytest.approx(0.4)
    assert (of_path(glide, "cliffs"), of_path(glide, "flips")) == (0, 1)
    assert (of_path(cliff, "cliffs"), of_path(cliff, "flips")) == (1, 1)
    assert of_path(cliff, "concentration") == pytest.approx(1)
    assert [of_path(glide, f"moved {k}") for k in range(1, 9)] == pytest.approx(
        [0.05 * k for k in range(1, 9)]
    )
    first = int(of_path(glide, "first flip"))
    assert first in (4, 5)  # 0.5 after four edits, on the brink
    hazards = [(of_path(glide, f"flip {k}"), of_path(glide, f"risk {k}")) for k in range(1, 9)]
    assert hazards == [(float(k == first), float(k <= first)) for k in range(1, 9)]
    assert [of_path(glide, f"held {k}") for k in range(1, 9)] == [float(k < first) for k in range(1, 9)]


def test_slopes_are_distances_per_share_of_the_text_edited() -> None:
    """One of eight words moves the gliding model by a twentieth: 0.4 per text, whatever the pair."""
    found = list(path.function(scene(gently, TEXT)))
    slopes = [one.values["slope"] for one in found if not math.isnan(one.values["slope"])]
    assert slopes == pytest.approx([0.05 / 0.125] * 15)


def test_the_largest_jump_is_shown_with_the_edit_that_makes_it() -> None:
    """What was edited before, the decisive edit where it then lies, and both answers."""
    source = scene(suddenly, TEXT)
    (one,) = (one for one in path.function(source) if one.jump is not None)
    assert one.jump is not None
    before = vary(source.examples[0], one.jump.made).example
    after = vary(before, one.jump.step).example
    assert ("C" in before.text, "C" in after.text) == (False, True)
    assert [said.label for said in one.jump.said] == ["yes", "no"]
    assert one.jump.distance == pytest.approx(0.4)
    assert one.jump.note == f"edit {len(one.jump.made) + 1} of 8"


def test_texts_with_too_few_edits_are_skipped_and_counted() -> None:
    """Of them nothing else is known; shorter paths take them in."""
    short = list(path.function(scene(gently, TEXT, words=5)))
    assert [one.values["skipped"] for one in short] == [1]
    assert all(math.isnan(v) for name, v in short[0].values.items() if name != "skipped")
    assert of_path(list(path.function(scene(gently, TEXT, words=5), steps=5)), "skipped") == 0
    with pytest.raises(UserError, match="steps of the probe path should be at least 1, found 0"):
        path.read({"steps": 0, "orders": 1})


def test_a_longer_path_goes_on_where_a_shorter_one_ends() -> None:
    """The order of edits is drawn by the seed and the example, and by nothing else."""
    source = example("one", TEXT)
    variant = edited(source, 8)
    short, long = (path_of(source, "shout", variant, steps, 3) for steps in (3, 8))
    assert short is not None
    assert long is not None
    assert long.texts[:4] == short.texts
    assert long.texts[-1].text == TEXT.upper()
    assert {path_of(source, "shout", variant, 8, seed).edits for seed in range(5)} != {long.edits}  # type: ignore[union-attr]


def test_several_paths_of_a_text_differ_in_their_order() -> None:
    """Three paths reach the same place; a text that is too short is skipped once."""
    found = list(path.function(scene(suddenly, TEXT), orders=3))
    firsts = [one.values["first flip"] for one in found if not math.isnan(one.values["first flip"])]
    assert len(firsts) == 3
    assert len(set(firsts)) > 1
    assert of_path(found, "moved 8") == pytest.approx(0.4)
    assert of_path(found, "skipped") == 0
    assert [one.values["skipped"] for one in path.function(scene(suddenly, TEXT, words=2), orders=3)] == [1]
    with pytest.raises(UserError, match="orders of the probe path should be at least 1, found 0"):
        path.read({"steps": 8, "orders": 0})


def test_what_a_model_does_on_its_own_is_no_jump() -> None:
    """A model that answers a little differently each time: the floor is reported and taken off."""
    asked = iter(range(10_000))
    noisy = scene(lambda text: 0.6 + 0.02 * (next(asked) % 2), TEXT, "b " + TEXT[2:], "c " + TEXT[2:])
    found = [one for one in path.function(noisy) if not math.isnan(one.values["smooth"])]
    assert max(one.values["noise"] for one in found) == pytest.approx(0.02)
    assert min(one.values["smooth"] for one in found) >= 0.98 - 1e-9
    still = [one for one in path.function(scene(gently, TEXT)) if not math.isnan(one.values["smooth"])]
    assert [one.values["noise"] for one in still] == [0]


def test_of_taggers_a_jump_is_that_of_the_word_that_moved_most() -> None:
    """One of eight words loses its tag: an eighth of the distance, and a cliff all the same."""

    def said(text: str) -> list[tuple[int, int, str]]:
        return [] if "C" in text else [(0, 1, "LOC")]

    source = Example("one", {"text": TEXT}, (Span(0, 1, "LOC"),))
    model = Function(lambda texts: [said(text) for text in texts], ("O", "B-LOC", "I-LOC"), NER)
    variant = edited(source, 8)
    variant = variant._replace(edits=variant.edits[1:], example=replace(variant.example))
    found = list(path.function(Scene(model, NER, [source], {"shout": {"one": variant}}, 0), steps=7))
    assert of_path(found, "jumped") == 1
    assert of_path(found, "cliffs") == of_path(found, "flips") == 1
    assert 0.8 < of_path(found, "smooth") < 1


def test_each_edit_is_made_alone() -> None:
    """Of eight edits one moves the jumping model, and all of them the gliding one a little."""
    (sudden,) = first_edit.function(scene(suddenly, TEXT))
    assert sudden.values == {
        "average": pytest.approx(0.4 / 8),
        "worst": pytest.approx(0.4),
        "flipping": pytest.approx(1 / 8),
    }
    (gentle,) = first_edit.function(scene(gently, TEXT))
    assert gentle.values == {"average": pytest.approx(0.05), "worst": pytest.approx(0.05), "flipping": 0}


def test_of_many_places_a_sample_is_tried() -> None:
    """Not more questions than asked for; different seeds try others."""
    seen: list[str] = []

    def noting(text: str) -> float:
        seen.append(text)
        return 0.7

    list(first_edit.function(scene(noting, TEXT), positions=3))
    assert len(seen) == 4
    tried = set(seen)
    list(first_edit.function(scene(noting, TEXT, seed=1), positions=3))
    assert set(seen) > tried
