"""Attacks end to end: without a suite by `harness attack`, in a suite, and as training data."""

from __future__ import annotations

import json
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

ATTACK = ("attack", "--task", "classification", "--model", "rules:judge", "--data", "test.jsonl")
ATTACK = (*ATTACK, "--recipe", "greedy-character", "--out", "attacks.jsonl")
FIELDS = {"id", "original", "adversarial", "status", "queries", "edits", "minimal_edits", "before", "after"}


NEEDY = """\
from harness.attack.attack import attack
from harness.errors import Fault, UserError


def lacking(options):
    raise UserError(Fault("the vectors are missing", hint="put them in HARNESS_RESOURCES"))


@attack("needy", requires=lacking)
def needy(example, rng):
    "Need something."
    yield
"""


def lines(project, name: str = "attacks.jsonl") -> list[dict]:
    """What the file holds."""
    return [json.loads(line) for line in (project.folder / name).read_text("utf-8").splitlines()]


# -- without a suite -----------------------------------------------------------------------------


def test_any_model_is_attacked_with_one_command(project) -> None:
    """A line for each example; what is claimed can be checked from the line alone."""
    said = project(*ATTACK)
    assert said.code == 0, said.err
    found = lines(project)
    assert len(found) == 24
    assert all(line.keys() >= FIELDS for line in found)
    assert {line["status"] for line in found} <= {"success", "failed", "skipped", "error"}
    won = [line for line in found if line["status"] == "success"]
    assert won
    for line in won:
        text = line["original"]
        for start, end, new, _ in sorted(line["edits"], reverse=True):
            text = text[:start] + new + text[end:]
        assert text == line["adversarial"]
        assert line["before"]["label"] != line["after"]["label"]
        assert 0 < len(line["minimal_edits"]) <= len(line["edits"])
    assert "accuracy under attack" in said.out
    assert "at random" in said.out


def test_scripts_get_numbers_with_intervals(project) -> None:
    """And nothing else on standard output."""
    said = project(*ATTACK, "--json", "--examples", "10")
    told = json.loads(said.out)
    (one,) = told["recipes"]
    assert one["examples"] == 10
    for name in ("success", "accuracy", "queries", "changed", "minimal", "control"):
        assert one[name]["low"] <= one[name]["value"] <= one[name]["high"], name
    assert told["out"] == "attacks.jsonl"


def test_several_recipes_goals_and_constraints_are_named_on_the_command_line(project) -> None:
    """Each with its options, as a suite writes them."""
    said = project(
        *ATTACK, "--recipe", "random:share=0.5", "--constraint", "edit-rate:most=0.2", "--constraint",
        "label-safe", "--goal", "targeted:label=positive", "--budget", "30", "--examples", "6",
    )  # fmt: skip
    assert said.code == 0, said.err
    found = lines(project)
    assert {line["recipe"] for line in found} == {"greedy-character", "random:share=0.5"}
    assert max(line["queries"] for line in found) <= 30
    assert all(line["rate"] <= 0.2 or len(line["edits"]) == 1 for line in found)
    assert all(line["after"]["label"] == "positive" for line in found if line["status"] == "success")


def test_what_was_killed_goes_on_where_it_was(project) -> None:
    """The lines that were there stay as they were, and the end is the same as without the kill."""
    assert project(*ATTACK, "--out", "whole.jsonl").code == 0
    process = project.start(*ATTACK, RULES_SECONDS="0.2")
    path = project.folder / "attacks.jsonl"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (path.exists() and path.stat().st_size):
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with path.open("a") as file:
        file.write('{"id": "cut o')
    before = path.read_text().splitlines()[:-1]
    assert before
    calls = project.folder / "calls"
    said = project.apart(*ATTACK, RULES_LOG="calls")
    assert said.code == 0, said.err
    assert path.read_text().splitlines()[: len(before)] == before
    if len(before) == 24:
        assert not calls.exists()

    def told(name):
        return sorted(
            ({k: v for k, v in line.items() if k != "seconds"} for line in lines(project, name)),
            key=lambda line: line["id"],
        )

    assert told("attacks.jsonl") == told("whole.jsonl")


def test_a_file_of_another_attack_is_not_mixed_with_this_one(project) -> None:
    """What differs is said; --force begins anew."""
    assert project(*ATTACK, "--examples", "5").code == 0
    said = project(*ATTACK, "--examples", "5", "--budget", "7")
    assert said.code == 2
    assert "holds another attack: budget 200, now 7" in said.err
    assert project(*ATTACK, "--examples", "5", "--budget", "7", "--force").code == 0
    assert max(line["queries"] for line in lines(project)) <= 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--recipe", "gready-character"), "did you mean 'greedy-character'?"),
        (("--recipe", "greedy-character:shair=1"), "unknown option 'shair'"),
        (("--goal", "lose-entity"), "makes no sense for classification"),
        (("--constraint", "stopwords"), "did you mean 'stop-words'?"),
        (("--data", "nowhere.jsonl"), "nowhere.jsonl: no such file"),
        (("--data", "rules.py"), "which reader?"),
        (("--option", "txt=text"), "unknown option 'txt'"),
        (("--model", "rules:jugde"), "cannot import the callable"),
    ],
)
def test_what_is_wrong_with_the_command_is_said_before_anything_runs(project, arguments, message) -> None:
    """With what would be right, and nothing is written."""
    said = project(*ATTACK, *arguments)
    assert said.code == 2
    assert message in said.err
    assert not (project.folder / "attacks.jsonl").exists()


def test_a_recipe_that_lacks_something_is_named(project) -> None:
    """With where it was looked for and how to get it; nothing is attacked."""
    project.write("needy.py", NEEDY)
    said = project(*ATTACK, "--plugin", "needy.py", "--recipe", "needy")
    assert said.code == 2
    assert "needy: the vectors are missing" in said.err
    assert "HARNESS_RESOURCES" in said.err
    assert not (project.folder / "attacks.jsonl").exists()


def test_a_model_that_raises_on_one_text_is_reported_and_the_rest_attacked(project) -> None:
    """The line says what was raised; the summary counts it."""
    said = project.apart(*ATTACK, RULES_RAISE="lovely")
    assert said.code == 0, said.err
    by = {line["id"]: line for line in lines(project)}
    broken = [line for line in by.values() if line["status"] == "error"]
    assert broken
    assert all("ValueError: no" in line["note"] for line in broken)
    assert "broke, first" in said.out
    assert "\x1b[31mopinion" not in said.out


def test_an_endpoint_is_attacked_like_any_model(project) -> None:
    """Texts go over the wire in batches."""
    sizes = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["inputs"]
            sizes.append(len(texts))
            said = [
                "negative" if {"bad", "awful", "poor", "sad"} & set(t.split()) else "positive" for t in texts
            ]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"outputs": said}).encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/"
        assert project(*ATTACK, "--out", "here.jsonl", "--seed", "3").code == 0
        assert project(*ATTACK, "--model", url, "--seed", "3").code == 0
    finally:
        server.shutdown()
        server.server_close()
    near, far = (
        [(line["id"], line["status"], line["edits"]) for line in lines(project, name)]
        for name in ("here.jsonl", "attacks.jsonl")
    )
    assert near == far
    assert max(sizes) > 20


# -- in a suite ----------------------------------------------------------------------------------

ATTACKED = """
attack:
  recipes: [greedy-character, {random: {share: 0.5}}]
  goal: {targeted: {label: positive}}
  constraints: [label-safe, {edit-rate: 0.4}]
  examples: 12
  budget: 40
"""


def add(project, text: str) -> None:
    """Put keys into the suite."""
    suite = (project.folder / "suite.yaml").read_text()
    project.write("suite.yaml", suite.replace("statistics:", text.lstrip() + "statistics:"))


def test_a_suite_says_goal_constraints_and_budget(project) -> None:
    """The rows are there for each recipe, with an interval, and the report is written."""
    add(project, ATTACKED)
    said = project("run", "suite.yaml", "-q")
    assert said.code == 0, said.err
    rows = project.results()["rows"]
    found = {r["condition"]["attack"] for r in rows if r["measure"] == "attack_success_rate"}
    assert found == {"greedy-character", "random:share=0.5"}
    spent = [r["value"] for r in rows if r["measure"] == "attack_queries"]
    assert spent
    assert max(spent) <= 40


def test_what_fools_one_model_is_tried_on_the_others(project) -> None:
    """A model that knows the same words is fooled by the same texts; one that shouts for good is not."""
    project.write(
        "cautious.py",
        "BAD = ('ba', 'aw', 'po', 'sa')\n"
        "def judge(texts):\n"
        "    return ['negative' if any(w.startswith(BAD) for w in t.split()) else 'positive' for t in texts]\n",
    )
    project.edit(
        "suite.yaml",
        '  - {name: rules, callable: "rules:judge"}',
        '  - {name: rules, callable: "rules:judge"}\n'
        '  - {name: twin, callable: "rules:judge"}\n'
        '  - {name: cautious, callable: "cautious:judge"}',
    )
    add(project, "attack: {recipes: [greedy-character], examples: 24}\n")
    said = project("run", "suite.yaml", "-q")
    assert said.code == 0, said.err
    rows = {
        (r["condition"]["from"], r["model"]): r["value"]
        for r in project.results()["rows"]
        if r["measure"] == "transfer_rate"
    }
    assert rows["rules", "cautious"] < 1.0
    assert ("rules", "rules") not in rows
    assert project.missing() == {}


def test_a_recipe_that_lacks_something_fails_the_suite_or_is_left_out(project) -> None:
    """By default nothing runs; `on_missing: skip` runs the rest and says what is missing."""
    project.write("needy.py", NEEDY)
    add(project, "plugins: [needy.py]\nattack: {recipes: [greedy-character, needy], examples: 4}\n")
    said = project("run", "suite.yaml", "-q")
    assert said.code == 2
    assert "needy: the vectors are missing" in said.err
    assert "HARNESS_RESOURCES" in said.err
    assert "on_missing: skip" in said.err
    project.edit("suite.yaml", "examples: 4}", "examples: 4, on_missing: skip}")
    said = project("run", "suite.yaml")
    assert said.code == 0, said.err
    rows = project.results()["rows"]
    by = {r["condition"]["attack"]: r for r in rows if r["measure"] == "attack_success_rate"}
    assert by["greedy-character"]["value"] is not None
    assert by["needy"]["value"] is None
    assert "the vectors are missing" in by["needy"]["note"]
    assert "the vectors are missing" in said.out + said.err


def test_a_killed_suite_goes_on_with_the_next_example(project) -> None:
    """What was attacked before the kill is not attacked again, and the results are the same."""
    add(project, "attack: {recipes: [greedy-character], examples: 24, transfer: false}\n")
    project.edit("suite.yaml", "  operators: [keyboard, upper]", "  operators: []")
    assert project("run", "suite.yaml", "-q", "--store", "other", "--reports", "others").code == 0
    process = project.start("run", "suite.yaml", "--workers", "1", RULES_SECONDS="0.15")
    deadline = time.monotonic() + 60
    journal: list = []
    while time.monotonic() < deadline and not journal:
        journal = [
            p for p in (project.folder / ".harness" / "resume").glob("*/attack.json") if p.stat().st_size
        ]
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    if not journal:
        pytest.skip("the attack was over before it could be killed")
    said = project.apart("run", "suite.yaml", "-q")
    assert said.code == 0, said.err

    def rows(reports: str) -> list:
        return [r for r in project.results(reports)["rows"] if "attack" in r["condition"]]

    assert rows("reports") == rows("others")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("goal: {targeted: {label: positive}}", "goal: lose-entity", "makes no sense for classification"),
        ("goal: {targeted: {label: positive}}", "goal: targetted", "did you mean 'targeted'?"),
        ("constraints: [label-safe, {edit-rate: 0.4}]", "constraints: [label-save]", "'label-safe'"),
        ("budget: 40", "budget: 0", "greater than or equal to 1"),
        ("budget: 40", "on_missing: ignore", "fail"),
        ("budget: 40", "second: 3", "did you mean 'seconds'?"),
    ],
)
def test_faults_of_the_attack_section_have_their_line(project, old, new, message) -> None:
    """With what would be right."""
    add(project, ATTACKED.replace(old, new))
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert "suite.yaml:" in said.err
    assert message in said.err


# -- as training data ----------------------------------------------------------------------------

AUGMENTED = """\
suite: hardened
task: classification
models:
  - {name: plain, trainer: sklearn}
  - name: edited
    trainer: sklearn
    training: {augment: {operators: [keyboard, swap], share: 0.5}}
  - name: fooled
    trainer: sklearn
    training: {augment: {attacks: [greedy-character], operators: [keyboard], share: 0.5}}
data:
  train: {builtin: world/sentiment, split: train, limit: 120}
  validation: {builtin: world/sentiment, split: validation, limit: 30}
  test: {builtin: world/sentiment, split: test, limit: 60}
vary: {seeds: [0, 1]}
perturb: {operators: [keyboard], severities: [3], examples: 60}
attack: {recipes: [greedy-character], examples: 20, budget: 40, transfer: false}
statistics: {resamples: 100}
"""


def test_models_are_trained_on_edited_texts_and_on_those_that_fooled_them(project) -> None:
    """The plain model is trained once, for itself and as the one that is attacked for the other."""
    project.write("suite.yaml", AUGMENTED)
    said = project("run", "suite.yaml", "-q")
    assert said.code == 0, said.err
    work = project.work()
    assert work["augment"]["total"] == 3  # one for all seeds of edits, one a seed of attacks
    assert work["train"]["total"] == 6
    rows = {
        (r["model"], r["measure"]): r["value"]
        for r in project.results()["rows"]
        if r["condition"] == {"attack": "greedy-character"} or r["condition"] == {"split": "test"}
    }
    assert {model for model, _ in rows} == {"plain", "edited", "fooled"}
    assert project.missing() == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[keyboard, swap], share: 0.5", "[keybord], share: 0.5", "did you mean 'keyboard'?"),
        ("[keyboard, swap], share: 0.5", "[keyboard], share: 3", "less than or equal to 1"),
        ("[keyboard, swap], share: 0.5", "[keyboard], shares: 0.5", "share"),
        ("operators: [keyboard, swap], share: 0.5", "share: 0.5", "needs operators or attacks"),
        ("attacks: [greedy-character], ", "attacks: [greedy], ", "greedy"),
    ],
)
def test_faults_of_augmentation_have_their_line(project, old, new, message) -> None:
    """The trainer's own options are checked beside them."""
    project.write("suite.yaml", AUGMENTED.replace(old, new))
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert "suite.yaml:" in said.err
    assert message in said.err
