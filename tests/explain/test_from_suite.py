"""From the section ``explain`` of a suite to the columns that measures are functions of."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from harness.errors import UserError
from harness.execute.files import EXPLANATIONS
from harness.execute.local import Settings, execute
from harness.execute.perform import keep_data
from harness.gather import gather
from harness.plan import digest, plan
from harness.store import Store
from harness.suite import load
from harness.text import example

SUITE = """\
suite: tiny
task: classification
models: [{name: rules, callable: "explained_rules:judge"}]
data: {test: {builtin: world/sentiment}}
perturb: {severities: [5], operators: [keyboard]}
explain: %s
"""
RULES = """\
def judge(texts):
    return [{"good": p, "bad": 1 - p} for p in (0.3 + 0.5 * ("good" in text) + 0.1 * ("fine" in text) for text in texts)]
"""
WORDS = ["good", "fine", "good fine", "so so"] * 3


def planned(folder: Path, explain: str):
    """The plan of a suite with this section."""
    (folder / "suite.yaml").write_text(SUITE % explain, "utf-8")
    texts = [f"it was a very {word} day {at}" for at, word in enumerate(WORDS)]
    labels = ("good", "bad")
    splits = {"test": [example(str(at), text, labels[at % 2]) for at, text in enumerate(texts)]}
    return plan(load(folder / "suite.yaml"), splits, {"rules": "code"}, "{}")


def unit(folder: Path, explain: str):
    """What is to be explained."""
    (one,) = planned(folder, explain).explanations["rules"]
    return one


def test_what_is_checked_decides_the_result_and_its_order_does_not(tmp_path):
    """Nor do draws, where nothing is drawn."""
    one = unit(tmp_path, "{method: occlusion, checks: [again, erasure]}")
    assert one.checks == ("again", "erasure")
    assert unit(tmp_path, "{method: occlusion, checks: [erasure, again, again], draws: 7}").key == one.key
    assert unit(tmp_path, "{method: occlusion, checks: [again]}").key != one.key
    few, many = (unit(tmp_path, f"{{method: occlusion, checks: [sensitivity], draws: {n}}}") for n in (7, 8))
    assert few.key != many.key


def test_the_dear_check_is_made_on_demand_only(tmp_path):
    """Noise asks for each attribution again and again."""
    assert unit(tmp_path, "{method: occlusion}").checks == ("again", "erasure", "randomised")
    assert unit(tmp_path, "{method: occlusion, checks: []}").checks == ()


def test_a_check_that_does_not_exist_is_refused_where_it_stands(tmp_path):
    """The message says what there is."""
    with pytest.raises(UserError, match="erasure"):
        planned(tmp_path, "{method: occlusion, checks: [erosion]}")


def test_the_columns_that_were_asked_for_come_back_from_the_store(tmp_path, monkeypatch):
    """Each as it was found, undefined numbers included."""
    (tmp_path / "explained_rules.py").write_text(RULES, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = planned(tmp_path, "{method: occlusion, checks: [erasure, randomised]}")
    store = Store(tmp_path / "store")

    def restore(wanted):
        examples = next(e for e in found.data.values() if digest(e) == wanted.digest)
        return keep_data(wanted, examples, store.blobs)

    report = execute(found.wanted(), store, Settings((), "cpu", 1, 1), restore, lambda _: None)
    assert report.failed == report.skipped == {}
    (one,) = found.explanations["rules"]
    rows = json.loads(store.blobs.open(one.key, EXPLANATIONS).read_text("utf-8"))["explanations"]
    spec = load(tmp_path / "suite.yaml").spec
    (table,) = gather(found, {}, store.blobs, {}, spec, {}).models[0].explanations
    store.close()
    assert set(table.more) == {
        *("kendall", "top", "infidelity", "change"),
        *("comprehensiveness", "sufficiency", "turning", "randomised"),
    }
    assert table.more["comprehensiveness"].tolist() == [row["comprehensiveness"] for row in rows]
    assert table.more["turning"].tolist() == [row["turning"] for row in rows]
    assert np.isnan(table.more["randomised"]).all()
    assert [one.tolist() for one in table.weights] == [row["weights"] for row in rows]
    assert list(table.targets) == [row["target"] for row in rows]
    assert table.passes == rows[0]["passes"] > 0
