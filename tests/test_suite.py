"""A suite file as something that can be run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import UserError
from harness.spec import schema
from harness.suite import Source, Suite, Use, load
from harness.text import Example, example

SUITE = """\
suite: tiny
task: classification
models:
  - {name: words, trainer: sklearn, training: {C: 2}}
  - {name: rules, callable: "rules:judge"}
data:
  train: {jsonl: data.jsonl, shuffle: true, limit: 5}
  validation: {jsonl: data.jsonl, shuffle: true, skip: 5}
  test: {jsonl: "${TINY_DATA:-data}.jsonl"}
  shifts:
    elsewhere: {builtin: world/sentiment, split: test, limit: 7}
perturb:
  operators: [keyboard, {nlpaug: ocr}, upper]
explain: {method: occlusion, operator: upper}
gates:
  - score.score >= 0.5
  - continuity.score{operator=nlpaug:ocr, model=rules} no worse than baseline by 0.1
"""


@pytest.fixture
def write(tmp_path: Path):
    """Loads the suite with some words replaced."""
    (tmp_path / "data.jsonl").write_text('{"text": "a", "label": "b"}\n')

    def write(*changes: tuple[str, str]) -> Suite:
        text = SUITE
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "suite.yaml"
        path.write_text(text, "utf-8")
        return load(path)

    return write


def complaints(write, *changes: tuple[str, str]) -> list[str]:
    with pytest.raises(UserError) as raised:
        write(*changes)
    return [f"{fault.line}: {fault.message}; {fault.hint}" for fault in raised.value.faults]


def test_all_that_a_suite_names_is_found(write) -> None:
    """Task, readers, operators, trainers, explainer and gates, with options and defaults."""
    suite = write()
    assert suite.task.name == "classification"
    assert [use.label for use in suite.operators] == ["keyboard", "nlpaug:ocr", "upper"]
    assert suite.operators[1].name == "nlpaug"
    assert suite.trainers["words"].options == {"C": 2.0, "max_iter": 100}
    assert suite.trainers["rules"] is None
    assert suite.places == {"words": "", "rules": "rules:judge"}
    assert list(suite.sources) == ["train", "validation", "test", "elsewhere"]
    assert suite.explainer.label == "occlusion"
    assert [line for _, line in suite.gates] == [16, 17]


def test_a_digest_depends_on_what_a_suite_says_alone(write) -> None:
    """Not on comments, layout, order of keys or defaults that are spelled out."""
    before = write().digest
    same = [("suite: tiny\n", "# hello\n\n"), ("perturb:\n", "suite: tiny\nseed: 0\nperturb:\n")]
    assert write(*same).digest == before
    assert write(("limit: 7", "limit: 8")).digest != before


def test_variables_are_expanded_in_paths(write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment, or else the default."""
    assert write().sources["test"].path == str(tmp_path / "data.jsonl")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "data.jsonl").write_text("")
    monkeypatch.setenv("TINY_DATA", "more/data")
    assert write().sources["test"].path == str(tmp_path / "more" / "data.jsonl")


def test_parts_of_one_shuffled_file_have_nothing_in_common(write) -> None:
    """What one part skips is what the other takes, and the seed decides the order."""
    sources, everything = write().sources, [example(str(n), "text") for n in range(20)]
    first, rest = (sources[name].part(everything, seed=1) for name in ("train", "validation"))
    assert len(first) == 5
    assert sorted(int(e.id) for e in first + rest) == list(range(20))
    assert sources["train"].part(everything, seed=2) != first != everything[:5]
    whole = Source(Use(None, "", {}, ""), "", limit=3)
    assert whole.part(everything, seed=1) == everything[:3]


def test_shuffled_parts_never_share_a_group() -> None:
    """Questions about one paragraph go to the same part, however parts are cut; nothing is lost."""
    everything = [
        Example(f"{g}.{q}", {"text": "t"}, group=f"g{g}") for g in range(12) for q in range(1 + g % 5)
    ]
    for first, second in ((1, 1), (4, 9), (10, 3)):
        use = Use(None, "", {}, "")
        parts = [
            Source(use, "", shuffle=True, limit=first).part(everything, seed=3),
            Source(use, "", shuffle=True, skip=first, limit=second).part(everything, seed=3),
            Source(use, "", shuffle=True, skip=first + second).part(everything, seed=3),
        ]
        assert sorted(e.id for part in parts for e in part) == sorted(e.id for e in everything)
        groups = [{e.group for e in part} for part in parts]
        assert not (groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2])
        assert abs(len(parts[0]) - first) < 5
    whole = Source(Use(None, "", {}, ""), "", limit=3)
    assert whole.part(everything, seed=1) == everything[:3]


WRONG = {
    "an operator after a wrong one": ([("keyboard", "keybord"), ("upper]", "entity-swap]"), ("operator: upper", "operator: ''")], ["13: unknown operator 'keybord'", "13: entity-swap does not preserve"]),
    "two names in one": ([("{nlpaug: ocr}", "{nlpaug: ocr, lower: 1}"), ("operator=nlpaug:ocr", "operator=upper")], ["expected one name with its options, found nlpaug, lower"]),
    "a model with two origins": ([("trainer: sklearn,", "trainer: sklearn, callable: 'a:b',")], ["4: model 'words' needs one of trainer, checkpoint or callable, found trainer and callable"]),
    "a callable without a function": ([("rules:judge", "rules")], ["5: expected package.module:function, found 'rules'"]),
    "training of a callable": ([('callable: "rules:judge"', 'callable: "rules:judge", training: {C: 1}')], ["callable models are not trained here"]),
    "two models of one name": ([("name: rules", "name: words"), ("model=rules", "model=words")], ["5: the model name 'words' is there twice"]),
    "weights where none are needed": ([("trainer: sklearn", "trainer: sklearn, pretrained: minilm")], ["starts from nothing: remove pretrained"]),
    "no weights where some are": ([("trainer: sklearn, training: {C: 2}", "trainer: hf")], ["needs pretrained weights: add pretrained"]),
    "an option of a wrong type": ([("C: 2", "C: much")], ["option 'C' of sklearn should be float, found 'much'"]),
    "a part of a wrong type": ([("limit: 5", "limit: 0")], ["7: limit should be a number from 1, found 0"]),
    "an edit that is not there": ([("operator: upper", "operator: uper")], ["14: 'uper' is not an operator of this suite; did you mean 'upper'?"]),
    "a gate on a model that is not there": ([("model=rules", "model=rule")], ["17: no model 'rule' in this suite; did you mean 'rules'?"]),
    "a split that is not there": ([("score.score >=", "score.score{split=dev} >=")], ["16: no split 'dev' in this suite"]),
    "a path that is none": ([("{jsonl: data.jsonl, shuffle: true, skip: 5}", "{jsonl: 3}")], ["8: a path or name was expected, found 3"]),
    "no reader": ([("{jsonl: data.jsonl, shuffle: true, skip: 5}", "{}")], ["8: expected {reader: path}, found nothing"]),
    "a path that is too long": ([("data.jsonl, shuffle: true, skip: 5", "x" * 5000)], ["8: no such file"]),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_refused_on_its_line(write, changes, expected: list[str]) -> None:
    """Each fault once, and no other."""
    found = complaints(write, *changes)
    assert len(found) == len(expected), found
    for one, wanted in zip(sorted(found), sorted(expected), strict=True):
        assert wanted in one


def test_the_schema_knows_every_key(write) -> None:
    """Editors complete from it; what the suite above says is in it."""
    found = schema()
    assert found["additionalProperties"] is False
    resolved = json.loads(write().spec.model_dump_json())
    assert resolved.keys() == found["properties"].keys()
    assert isinstance(write().sources["test"].part([Example("a", {})], 0), list)


def test_a_wrong_key_does_not_hide_what_else_is_wrong(write) -> None:
    """Faults of form and names that are not to be found are told in one round."""
    found = complaints(write, ("operators: [keyboard", "severties: [1]\n  operators: [keybord"))
    assert any("unknown key 'severties'" in one for one in found)
    assert any("unknown operator 'keybord'" in one for one in found)


def test_a_larger_scale_is_as_if_the_file_said_more(tmp_path: Path) -> None:
    """Limits and what is skipped grow alike; what is not limited stays so, and so do seeds and options."""
    text = """\
suite: small
task: classification
models: [{name: bag, trainer: sklearn}]
data:
  train: {jsonl: a.jsonl, shuffle: true, limit: 30}
  validation: {jsonl: a.jsonl, shuffle: true, skip: 30, limit: 10}
  test: {jsonl: a.jsonl}
  shifts: {other: {builtin: world/sentiment, split: test, limit: 5}}
perturb: {examples: 7}
attack: {examples: 3}
probe: {examples: 6}
"""
    (tmp_path / "a.jsonl").write_text('{"text": "a", "label": "b"}\n', "utf-8")
    (tmp_path / "small.yaml").write_text(text, "utf-8")
    large = text.replace("30", "120").replace("limit: 10", "limit: 40").replace("limit: 5", "limit: 20")
    (tmp_path / "large.yaml").write_text(
        large.replace("7", "28").replace("examples: 3", "examples: 12").replace("6", "24"), "utf-8"
    )
    scaled, written = load(tmp_path / "small.yaml", 4), load(tmp_path / "large.yaml")
    assert scaled.spec == written.spec
    assert (scaled.sources, scaled.digest) == (written.sources, written.digest)
    assert load(tmp_path / "small.yaml").digest != scaled.digest


def test_at_a_larger_scale_a_fault_says_what_stands_in_the_file(tmp_path: Path) -> None:
    """Not what it would have become."""
    text = "suite: x\ntask: ner\nmodels: [{name: a, trainer: sklearn}]\ndata: {test: {builtin: world/ner, limit: -1}}\n"
    (tmp_path / "x.yaml").write_text(text, "utf-8")
    with pytest.raises(UserError, match="limit should be a number from 1, found -1"):
        load(tmp_path / "x.yaml", 3)
