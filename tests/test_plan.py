"""A suite as units whose keys say everything that decides a result."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.plan import Plan, check_targets, digest, full, plan, sample
from harness.suite import load
from harness.text import Example, Span, example
from harness.units import Data, Predict, Train, read_back, spelled
from harness.variation import MAIN, Variation

SUITE = """\
suite: tiny
task: classification
models:
  - {name: words, trainer: sklearn}
  - {name: rules, callable: "rules:judge"}
data: {train: {builtin: world/sentiment}, validation: {builtin: world/sentiment}, test: {builtin: world/sentiment}}
vary: {seeds: [0, 1], train_fraction: [1.0, 0.5]}
perturb: {severities: [5, 1], operators: [keyboard, upper, whitespace], examples: 4}
attack: {recipes: [greedy-character], examples: 3}
explain: {method: occlusion, examples: 2}
"""
SPLITS = {
    name: [example(f"{name}-{n}", f"text {n}", "good" if n % 2 else "bad") for n in range(size)]
    for name, size in (("train", 8), ("validation", 4), ("test", 6))
}


@pytest.fixture
def make(tmp_path: Path):
    """Plans the suite with some words replaced."""

    def make(*changes: tuple[str, str], splits=SPLITS, numerics: str = "{}", base: str = "code") -> Plan:
        text = SUITE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "suite.yaml"
        path.write_text(text)
        return plan(load(path), splits, {"words": "", "bag": "", "rules": base}, numerics)

    return make


def keys(found: Plan, kind: str = "") -> set[str]:
    return {unit.key for unit in found.wanted() if kind in ("", unit.kind)}


def test_inputs_come_first_and_no_unit_twice(make) -> None:
    """So that running them in order is enough."""
    seen: set[str] = set()
    for unit in make().wanted():
        assert unit.key not in seen
        assert all(one.key in seen for one in unit.inputs if one.performed)
        seen.add(unit.key)


def test_there_is_a_unit_for_everything_a_suite_asks(make) -> None:
    """Trainings per seed and fraction; conditions per operator and severity on whole training data."""
    found = make()
    assert [(run.fraction, run.seed) for run in found.models["words"]] == [
        (1.0, 0),
        (1.0, 1),
        (0.5, 0),
        (0.5, 1),
    ]
    conditions = list(found.scores["words", 0, MAIN])
    assert conditions[:2] == [("test", "", "", 0), ("train", "", "", 0)]
    assert [(operator, severity) for _, operator, _, severity in conditions[2:]] == [
        ("keyboard", 1), ("keyboard", 5), ("upper", 1), ("upper", 5), ("whitespace", 1), ("whitespace", 5),
    ]  # fmt: skip
    assert list(found.scores["words", 0, Variation(0.5)]) == conditions[:2]
    assert list(found.scores["rules", None, MAIN]) == [conditions[0], *conditions[2:]]
    assert {name: len(units) for name, units in found.attacks.items()} == {"words": 1, "rules": 1}
    assert {name: unit.size for name, unit in found.units.items()} == {
        "train": 8, "validation": 4, "test": 6, "train sample": 6, "perturbed": 4, "attacked": 3, "explained": 2,
    }  # fmt: skip


def test_keys_are_the_same_in_every_process_and_release(make) -> None:
    """A golden value: what old stores hold stays valid."""
    (unit,) = [u for u in make().wanted() if isinstance(u, Data) and u.name == "test"]
    assert unit.key == "4f8b9b95a1e902511bfd6c1169faaaac467e6c76"
    assert json.loads(json.dumps(unit.recipe)) == unit.recipe


def test_names_places_and_comments_do_not_enter_keys(make) -> None:
    """What was computed under another name is found again."""
    before = make()
    after = make(("suite: tiny", "suite: other # comment"), ("name: words", "name: bag"))
    assert keys(before) == keys(after)


@pytest.mark.parametrize(
    ("changes", "kept", "changed"),
    [
        (
            [("trainer: sklearn", "trainer: sklearn, training: {C: 1}")],
            {"train", "perturb", "predict", "attack"},
            set(),
        ),
        ([("trainer: sklearn", "trainer: sklearn, training: {C: 2}")], {"perturb", "data"}, {"train"}),
        ([("seeds: [0, 1]", "seeds: [2, 3]")], {"perturb"}, {"train"}),
        ([("keyboard", "ocr")], {"train"}, set()),
        ([("tiny", "tiny\nseed: 1"), (", examples: 4", "")], set(), {"perturb", "attack"}),
        (
            [("tiny", "tiny\nstatistics: {resamples: 500}")],
            {"train", "perturb", "predict", "score", "attack"},
            set(),
        ),
        (
            [("recipes: [greedy-character]", "recipes: [greedy-character], budget: 9")],
            {"train", "predict"},
            {"attack"},
        ),
    ],
)
def test_keys_change_with_what_decides_the_result_and_nothing_else(make, changes, kept, changed) -> None:
    """An option that equals its default, the number of resamples: not. A seed, a budget: yes."""
    before, after = make(), make(*changes)
    for kind in kept:
        assert keys(before, kind) == keys(after, kind), kind
    for kind in changed:
        assert not keys(before, kind) & keys(after, kind), kind


def test_the_machine_enters_keys_of_what_is_computed_on_it(make) -> None:
    """Data and perturbations are the same everywhere; models and answers may not be."""
    before, after = make(), make(numerics='{"threads": 2}')
    for kind in ("data", "perturb"):
        assert keys(before, kind) == keys(after, kind)
    for kind in ("train", "predict", "score", "attack", "explain"):
        assert not keys(before, kind) & keys(after, kind)


def test_a_changed_model_changes_what_it_says_and_nothing_else(make) -> None:
    """The other model's units stay."""
    before, after = make(), make(base="other code")
    same = {unit.title for unit in before.wanted() if unit.key in keys(after)}
    assert "predict words seed 0 on test" in same
    assert not any("rules" in title for title in same)


def test_agreement_is_of_the_runs_that_have_finished(make) -> None:
    """At least two, on whole training data; a callable has one run and agrees with nobody."""
    found = make()
    (agree,) = found.agreements(()).values()
    assert [said.model.seed for said in agree.said] == [0, 1]
    assert all(isinstance(said, Predict) and isinstance(said.model, Train) for said in agree.said)
    assert found.agreements({agree.said[0].key}) == {}


def test_digests_see_every_part_of_an_example() -> None:
    """And the order, but not the kind of mapping."""
    base = Example("a", {"text": "t"}, "x", "g", {"k": "v"})
    others = [
        Example("b", {"text": "t"}, "x", "g", {"k": "v"}),
        Example("a", {"text": "u"}, "x", "g", {"k": "v"}),
        Example("a", {"text": "t"}, None, "g", {"k": "v"}),
        Example("a", {"text": "t"}, (Span(0, 1, "x"),), "g", {"k": "v"}),
        Example("a", {"text": "t"}, "x", "", {"k": "v"}),
        Example("a", {"text": "t"}, "x", "g", {}),
    ]
    assert len({digest([one]) for one in [base, *others]}) == 7
    assert digest([base, others[0]]) != digest([others[0], base])


def test_a_sample_keeps_the_order_and_smaller_ones_are_inside_larger_ones() -> None:
    """None, or more than there are, is everything."""
    found = [example(str(n), "text") for n in range(30)]
    small, large = sample(found, 5, "x"), sample(found, 12, "x")
    assert {e.id for e in small} < {e.id for e in large}
    assert list(large) == [e for e in found if e in large]
    assert sample(found, None) == sample(found, 99) == tuple(found)


def test_targets_that_do_not_suit_the_task_are_counted(make) -> None:
    """The first of each split, and how many more."""
    task = make().task
    splits = {"train": [example("a", "t", ()), example("b", "t", ())], "test": [example("c", "t", "x")]}
    (fault,) = check_targets(task, splits)
    assert (fault.field, "(and 1 more)" in fault.message) == ("data.train", True)


def test_a_unit_can_be_spelled_out_and_read_back(make) -> None:
    """Through JSON, all of it comes back: what decides the result, and what is for people only."""
    for unit in make().wanted():
        again = read_back(json.loads(json.dumps(spelled(unit))))
        assert (again, again.key, again.title) == (unit, unit.key, unit.title)


PROBED = ("explain: {", "probe: {probes: [path, looks], examples: 3}\nplugins: [looks.py]\nexplain: {")
LOOKS = """\
from harness.probe.probe import Reading, probe

@probe("looks", Reading("looks", "looks"))
def looks(scene):
    "Makes no edits."
"""


def test_a_probe_is_a_unit_for_each_probed_run(make, tmp_path: Path) -> None:
    """Its inputs are a sample, and the strongest edits of the first gradual operators if it makes edits."""
    (tmp_path / "looks.py").write_text(LOOKS)
    found = make(PROBED)
    assert found.readings["looks"][0].measure == "looks"
    path, looks = found.probes["words"]
    assert [unit.title for unit in (path, looks)] == ["probe words with path", "probe words with looks"]
    assert {unit.kind for unit in (path, looks)} == {"probe"}
    assert [(p.operator.label, p.severity) for p in path.edited] == [("keyboard", 5)]
    assert looks.edited == ()
    assert path.data == looks.data
    assert path.data.size == 3
    assert path.model.seed == 0
    both = make(
        (PROBED[0], PROBED[1].replace("examples: 3", "examples: 3, runs: 2, operators: [whitespace]"))
    )
    assert [unit.model.seed for unit in both.probes["words"]] == [0, 1, 0, 1]
    assert [p.operator.label for p in both.probes["words"][0].edited] == ["whitespace"]
    assert [unit.key for unit in both.probes["words"]][2] == looks.key
    assert read_back(json.loads(json.dumps(spelled(path)))).key == path.key


def test_who_is_not_probed_has_the_same_units(make, tmp_path: Path) -> None:
    """Naming probes adds units and changes none."""
    (tmp_path / "looks.py").write_text(LOOKS)
    assert keys(make()) < keys(make(PROBED))


VARIED = ("seeds: [0, 1], train_fraction: [1.0, 0.5]", "seeds: [0, 1], settings: {weak: {C: 0.1}}")


def test_one_step_aside_leaves_the_keys_of_the_main_runs_alone(make) -> None:
    """What a store holds of a suite without further axes stays valid; runs aside see clean test data only."""
    plain, varied = make((VARIED[0], "seeds: [0, 1]")), make(VARIED)
    assert keys(plain) < keys(varied)
    assert list(varied.scores["words", 0, Variation(setting="weak")]) == [("test", "", "", 0)]
    assert [run.variation for run in full(varied.models["words"])] == [MAIN, MAIN]


def test_a_setting_that_changes_nothing_is_no_further_run(make) -> None:
    """Its key is that of the main run."""
    same = make((VARIED[0], "seeds: [0, 1], settings: {same: {C: 1.0}}"))
    assert keys(same) == keys(make((VARIED[0], "seeds: [0, 1]")))


def test_the_first_draw_of_a_part_is_the_one_there_always_was(make) -> None:
    """Further draws are other parts."""
    before, after = (
        make(),
        make(("train_fraction: [1.0, 0.5]", "train_fraction: [1.0, 0.5], subsets: [0, 1]")),
    )
    assert keys(before) < keys(after)
    draws = {run.variation.subset: run.subset for run in after.models["words"] if run.fraction == 0.5}
    assert len(set(draws.values())) == 2


TRAINED = (
    "{name: words, trainer: sklearn}",
    "{name: words, trainer: torch, pretrained: here}\n  - {name: bag, trainer: sklearn}",
)


def test_a_checkpoint_is_a_run_of_its_own_where_the_trainer_can_stop(make) -> None:
    """Tested on clean data, and explained if that is asked for; a bag of words has no step to stop after."""
    axes = VARIED[0]
    plain = make(TRAINED, (axes, "seeds: [0, 1]"))
    some = make(TRAINED, (axes, "seeds: [0, 1], checkpoints: [0.25, 0.5]"))
    told = make(
        TRAINED,
        (axes, "seeds: [0, 1], checkpoints: [0.25, 0.5]"),
        ("examples: 2}", "examples: 2, checkpoints: true}"),
    )
    assert keys(plain) < keys(some) < keys(told)
    assert [run.checkpoint for run in some.models["words"]] == [1, 1, 0.5, 0.5, 0.25, 0.25]
    assert len(some.models["bag"]) == 2
    assert list(some.scores["words", 1, Variation(checkpoint=0.5)]) == [("test", "", "", 0)]
    explained = [(u.model.seed, u.model.checkpoint) for u in told.explanations["words"]]
    assert explained == [(0, 1.0), (0, 0.5), (0, 0.25)]
    assert some.models["words"][2].title == "train words seed 0, checkpoint 0.5"


def test_a_run_on_shuffled_gold_is_trained_for_each_explained_seed(make) -> None:
    """And no other; what augmentation adds would give the gold away."""
    made = "{name: words, trainer: sklearn, training: {augment: {operators: [keyboard]}}}"
    plain = make((TRAINED[0], made))
    found = make((TRAINED[0], made), ("examples: 2}", "examples: 2, shuffled: true}"))
    assert keys(plain) < keys(found)
    (run,) = [run for run in found.models["words"] if run.shuffled]
    assert (run.seed, run.extra) == (0, None)
    assert [unit.model.shuffled for unit in found.explanations["words"]] == [False, True]


def test_a_model_is_trained_on_each_kind_of_part_alone(make) -> None:
    """Its data are the cut ones, and it is asked with that kind alone; the main runs are asked with all."""
    kinds = ("empty", "first-sentence")
    cut = {
        f"partial:{kind}{more}": SPLITS[name][:2]
        for kind in kinds
        for more, name in (("", "test"), (":train", "train"), (":validation", "validation"))
    }
    data = (
        "test: {builtin: world/sentiment}}",
        "test: {builtin: world/sentiment}, partial: [empty, first-sentence]}",
    )
    asked = make((VARIED[0], "seeds: [0, 1]"), data, splits={**SPLITS, **cut})
    found = make((VARIED[0], "seeds: [0, 1], parts: true"), data, splits={**SPLITS, **cut})
    assert keys(asked) < keys(found)
    run = next(run for run in found.models["words"] if run.part == "empty")
    assert (run.data.name, run.validation.name) == ("partial:empty:train", "partial:empty:validation")
    assert list(found.partial["words", 0, Variation(part="empty")]) == ["empty"]
    assert list(found.partial["words", 0, MAIN]) == ["empty", "first-sentence"]


def test_an_order_enters_the_key_only_where_there_is_one(make) -> None:
    """A run without an order of its own has the key that it had before there were orders."""
    run = make().models["words"][0]
    assert "order" not in run.recipe
    assert run.key != replace(run, order=3).key
    assert replace(run, order=3).title == "train words seed 0, order 3"
