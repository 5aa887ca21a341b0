"""Runs that differ by more than their seed, from the suite to the report."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest

from harness.prepare import prepare

SUITE = """\
suite: varied
task: classification
models:
  - name: small
    pretrained: {pretrained}
    trainer: torch
    training: {{epochs: 2, batch_size: 4, learning_rate: 0.01, evaluate_every: 0}}
  - {{name: words, trainer: sklearn}}
  - {{name: rules, callable: "rules:judge"}}
data:
  train: {{jsonl: train.jsonl}}
  validation: {{jsonl: test.jsonl}}
  test: {{jsonl: test.jsonl}}
  others:
    theirs:
      train: {{jsonl: theirs.jsonl}}
      validation: {{jsonl: test.jsonl, limit: 8}}
      test: {{jsonl: theirs.jsonl}}
vary:
  seeds: [0, 1]
  orders: [0, 1]
  train_fraction: [1.0, 0.5]
  subsets: [0, 1]
  checkpoints: [0.5]
  settings: {{slow: {{learning_rate: 0.0001}}, weak: {{C: 0.001}}}}
explain: {{method: gradient-x-input, examples: 12, runs: 2, checkpoints: true, checks: []}}
statistics: {{resamples: 100}}
gates:
  - generalization.cross_score{{model=words, trained=theirs, tested=home}} >= 0.1
"""


@pytest.fixture(scope="module")
def project(make_project, tmp_path_factory, tiny_pretrained):
    """The suite, run once for all tests."""
    found = make_project(tmp_path_factory.mktemp("varied"))
    found.write("suite.yaml", SUITE.format(pretrained=tiny_pretrained))
    (found.folder / "theirs.jsonl").write_text(
        (found.folder / "train.jsonl").read_text().replace("train", "theirs")
    )
    said = found.apart("run", "suite.yaml", "--quiet")
    assert said.code in (0, 4), said.err
    return found


def rows(project, measure, model):
    """The rows of a measure and a model."""
    return [r for r in project.results()["rows"] if (r["measure"], r["model"]) == (measure, model)]


def test_every_axis_makes_its_runs_and_none_is_made_twice(project):
    """Two seeds: main, half of the data in two draws, the other order each, half way, a setting, other data."""
    told = [
        (
            one["model"],
            one["seed"],
            one["fraction"],
            one["subset"],
            one["order"],
            one["setting"],
            one["source"],
            one["checkpoint"],
        )
        for one in project.results()["models"]
    ]
    main = [(1.0, 0, None, "", "", 1.0), (0.5, 0, None, "", "", 1.0), (0.5, 1, None, "", "", 1.0)]
    both = [(seed, *one) for one in main for seed in (0, 1)]
    orders = [(1, 1.0, 0, 0, "", "", 1.0), (0, 1.0, 0, 1, "", "", 1.0)]
    half = [(seed, 1.0, 0, None, "", "", 0.5) for seed in (0, 1)]
    aside = [(seed, 1.0, 0, None, *one, 1.0) for one in (("slow", ""), ("", "theirs")) for seed in (0, 1)]
    assert [one[1:] for one in told if one[0] == "small"] == [*both, *orders, *half, *aside]
    words = [(seed, 1.0, 0, None, *one, 1.0) for one in (("weak", ""), ("", "theirs")) for seed in (0, 1)]
    assert [one[1:] for one in told if one[0] == "words"] == [*both, *words]
    assert all(one["test"] is not None for one in project.results()["models"])


def test_causes_curves_settings_and_data_sets_have_their_rows(project):
    """A bag of words has no order, so none is varied; a model that was given has a line of the matrix only."""
    causes = [row["condition"] for row in rows(project, "variance_share", "small")]
    assert causes == [
        *({"cause": cause} for cause in ("initialisation", "order", "rest")),
        *({"cause": cause, "fraction": 0.5} for cause in ("subset", "seed")),
    ]
    assert all(
        row["value"] is None or row["status"] == "underpowered"
        for row in rows(project, "variance_share", "small")
    )
    assert {row["condition"]["cause"] for row in rows(project, "variance_share", "words")} == {
        "subset",
        "seed",
    }
    assert [row["condition"]["setting"] for row in rows(project, "setting_score", "words")] == [
        "as-written",
        "weak",
    ]
    assert len(rows(project, "learning_area", "small")) == len(rows(project, "fleiss_kappa", "small")) == 1
    assert len(rows(project, "cross_score", "small")) == 4
    assert [row["condition"] for row in rows(project, "cross_score", "rules")] == [
        {"tested": "home"},
        {"tested": "theirs"},
    ]
    assert rows(project, "rank_agreement", "")


def test_runs_that_stopped_on_the_way_are_scored_and_explained(project):
    """Beside the end of their training; a bag of words has no way to stop on."""
    names = ("checkpoint_score", "checkpoint_gain", "checkpoint_agreement", "checkpoint_top_words")
    for name in names:
        (row,) = rows(project, name, "small")
        assert row["condition"] == {"checkpoint": 0.5}
        assert not rows(project, name, "words")
    stopped = [one for one in project.results()["models"] if one["checkpoint"] < 1]
    assert [(one["model"], one["epochs"]) for one in stopped] == [("small", 1.0)] * 2
    (score,) = rows(project, "checkpoint_score", "small")
    (agreement,) = rows(project, "checkpoint_agreement", "small")
    assert score["value"] == pytest.approx(sum(one["test"] for one in stopped) / 2, abs=1e-6)
    assert agreement["note"].startswith("with the run at its end, 2 seeds")


def test_examples_on_which_runs_disagree_are_listed_with_what_each_said(project):
    """Most unstable first; where all agree there is nothing to list."""
    found = [one for one in project.results()["unstable"] if one["model"] == "small"]
    churn = rows(project, "churn", "small")[0]["value"]
    assert bool(found) == (churn > 0)
    for one in found:
        assert [seed for seed, _ in one["said"]] == [0, 1]
        assert len({answer["label"] for _, answer in one["said"]}) == 2
    assert not [one for one in project.results()["unstable"] if one["model"] == "words"]


def test_answers_say_of_which_run_they_are(project):
    """A line of the table of predictions names every axis."""
    (path,) = (project.folder / "reports").glob("*/*/predictions.parquet")
    table = pq.read_table(path).select(
        [*("model", "seed", "fraction", "subset", "order", "setting", "source", "checkpoint")]
    )
    axes = {tuple(line.values()) for line in table.to_pylist()}
    assert {one for one in axes if one[0] == "small"} >= {
        ("small", 0, 1.0, 0, 1, "", "", 1.0),
        ("small", 1, 0.5, 1, None, "", "", 1.0),
        ("small", 1, 1.0, 0, None, "slow", "", 1.0),
        ("small", 0, 1.0, 0, None, "", "theirs", 1.0),
        ("small", 0, 1.0, 0, None, "", "", 0.5),
    }


def test_the_report_has_a_section_about_runs(project):
    """With the matrix of data sets among the conditions."""
    page = next((project.folder / "reports").glob("*/*/report.html")).read_text("utf-8")
    for title in ("What causes the spread", "Learning curve", "On the way", "Settings", "Across data sets"):
        assert f">{title}</h3>" in page
    assert "setting slow" in page


def test_an_order_that_is_the_seed_is_the_main_run(project):
    """So that two seeds and two orders are four runs, two of which were there already."""
    units = json.loads(next((project.folder / "reports").glob("*/*/run.json")).read_text())["units"]
    assert sorted(title for title in units.values() if "order" in title and title.startswith("train")) == [
        "train small seed 0, order 1",
        "train small seed 1, order 0",
    ]


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ("subsets: [0, 1]", "subsets: [0, 0]", "vary.subsets.1", "the subset 0 is there twice"),
        ("train_fraction: [1.0, 0.5]", "train_fraction: [1.0]", "vary.subsets", "all draws of the whole"),
        ("checkpoints: [0.5]", "checkpoints: [0.5, 0.5]", "vary.checkpoints.1", "the checkpoint 0.5 is there twice"),
        ("checkpoints: [0.5]", "checkpoints: [1.0]", "vary.checkpoints.0", "input should be less than 1, found 1.0"),
        ("  checkpoints: [0.5]\n", "", "explain.checkpoints", "no run stops on the way"),
        ("trainer: torch\n    training: {epochs: 2, batch_size: 4, learning_rate: 0.01, evaluate_every: 0}", "trainer: sklearn", "vary.checkpoints", "no model's trainer can stop on the way: found sklearn"),
        ("slow: {learning_rate: 0.0001}", "slow: {learning_rat: 1.0}", "vary.settings.slow", "no model's trainer has"),
        ("slow: {learning_rate: 0.0001}", "slow: {learning_rate: -1.0}", "vary.settings.slow", "learning_rate should be above 0"),
        ("slow:", "as-written:", "vary.settings.as-written", "is what the options of the suite itself are called"),
        ("epochs: 2", "epochs: 2, seed_decides: order", "models.0.training.seed_decides", "leave seed_decides out"),
        ("theirs:\n", "home:\n", "data.others.home", "another data set cannot be called 'home'"),
        ("tested=home", "tested=hom", "gates.0", "no tested 'hom' in this suite"),
        ("      test: {jsonl: theirs.jsonl}\n", "", "data.others.theirs.test", "missing: 'test'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_axis_is_said_with_its_place(
    make_project, tmp_path, tiny_pretrained, old, new, field, message
):
    """Before anything is trained."""
    project = make_project(tmp_path)
    text = SUITE.format(pretrained=tiny_pretrained)
    assert old in text
    project.write("suite.yaml", text.replace(old, new))
    said = project("validate", str(tmp_path / "suite.yaml"), "--json")
    assert said.code == 2
    faults = {fault["field"]: fault["message"] for fault in json.loads(said.out)["errors"]}
    assert message in faults[field], faults
    assert (
        field == "explain.checkpoints" or "explain.checkpoints" not in faults
    )  # nothing that follows from it


def renamed(folder, labels, line):
    """The other data set with other labels, as the suite is told of them."""
    text = (folder / "train.jsonl").read_text()
    for ours, theirs in labels.items():
        text = text.replace(f'"{ours}"', f'"{theirs}"')
    (folder / "theirs.jsonl").write_text(text)
    suite = (
        (folder / "suite.yaml")
        .read_text()
        .replace("validation: {jsonl: test.jsonl, limit: 8}", "validation: {jsonl: theirs.jsonl}")
    )
    (folder / "suite.yaml").write_text(
        suite.replace("      train: {jsonl: theirs.jsonl}", f"      train: {{jsonl: theirs.jsonl}}\n{line}")
    )


@pytest.mark.parametrize(
    ("labels", "line", "message"),
    [
        ({"positive": "good"}, "", "it lacks 'positive'; it has besides 'good'"),
        ({"positive": "good"}, "      labels: {goood: positive}", "no label is called 'goood'; there are: good, negative"),
        ({"positive": "good"}, "      labels: {good: negative}", "it lacks 'positive'"),
    ],
)  # fmt: skip
def test_labels_of_other_data_have_to_be_those_of_the_suite(
    make_project, tmp_path, tiny_pretrained, labels, line, message
):
    """Or it has to be said which is which."""
    project = make_project(tmp_path)
    project.write("suite.yaml", SUITE.format(pretrained=tiny_pretrained))
    renamed(tmp_path, labels, line)
    said = project("plan", str(tmp_path / "suite.yaml"))
    assert said.code == 2
    assert "data.others.theirs.labels" in said.err
    assert message in " ".join(said.err.split())


def test_labels_of_other_data_can_be_renamed(make_project, tmp_path, tiny_pretrained, monkeypatch):
    """What is still unknown then is left out, and the run says how much."""
    project = make_project(tmp_path)
    project.write("suite.yaml", SUITE.format(pretrained=tiny_pretrained))
    renamed(tmp_path, {"positive": "good"}, "      labels: {good: positive}")
    odd = json.dumps({"id": "odd", "text": "it is a chair", "label": "neither"}) + "\n"
    with (tmp_path / "theirs.jsonl").open("a") as file:
        file.write(odd)
    monkeypatch.syspath_prepend(str(tmp_path))
    prepared = prepare(tmp_path / "suite.yaml")
    assert prepared.excluded == {"theirs": 3}
    assert [e.target for e in prepared.plan.data["theirs"]].count("positive") == 12
    assert "3 label(s) of theirs are left out" in " ".join(prepared.warnings)
