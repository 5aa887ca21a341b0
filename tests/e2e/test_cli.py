"""The commands as a user types them, and what they say when something is wrong."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

HEAVY = {"torch", "transformers", "sklearn", "pandas", "nlpaug", "textattack", "captum"}


def ran(project) -> str:
    """Run the suite; gives the run's id."""
    said = project("run", "suite.yaml", "--workers", "1", "--json")
    assert said.code == 0, said.err
    return json.loads(said.out)["run"]


def untouched(project) -> bool:
    return not (project.folder / ".harness").exists() and not (project.folder / "reports").exists()


# -- wrong suites -----------------------------------------------------------------------------------

WRONG = {
    "an unknown key": ("perturb:", "pertrub:", "suite.yaml:8:1", "unknown key 'pertrub'", "did you mean 'perturb'?"),
    "an unknown key of a model": ("{name: rules,", "{nmae: x, name: rules,", "suite.yaml:4:6", "unknown key 'nmae'", "did you mean 'name'?"),
    "a wrong type": ("[1, 5]", "[1, five]", "suite.yaml:9:19", "valid integer", 'found "five"'),
    "a severity out of range": ("[1, 5]", "[1, 6]", "suite.yaml:9:19", "less than or equal to 5", "found 6"),
    "an unknown operator": ("keyboard", "keybaord", "suite.yaml:10:15", "unknown operator 'keybaord'", "did you mean 'keyboard'?"),
    "an operator of a wrong shape": ("[keyboard,", "[3,", "suite.yaml:10:15", "a name, or a name with its options", "found 3"),
    "an unknown task": ("task: classification", "task: clasification", "suite.yaml:2:7", "unknown task", "did you mean 'classification'?"),
    "an operator that breaks labels": ("upper]", "entity-swap]", "suite.yaml:10:25", "does not preserve the labels", ""),
    "an operator twice": ("upper]", "keyboard]", "suite.yaml:10:25", "'keyboard' is there twice", ""),
    "an unknown option": ("upper]", "{upper: {loud: 1}}]", "suite.yaml:10:25", "upper", "loud"),
    "a missing file": ("test.jsonl", "tset.jsonl", "suite.yaml:7:17", "no such file", "tset.jsonl"),
    "an unknown reader": ("test: {jsonl:", "test: {jsnol:", "suite.yaml:7:17", "unknown reader", "did you mean 'jsonl'?"),
    "a variable that is not set": ("test.jsonl", "'${NOWHERE}/test.jsonl'", "suite.yaml:7:17", "NOWHERE is not set", "write a default"),
    "a limit that is not a number": (">= 0.5", ">= nan", "suite.yaml:13:5", "should be a finite number", "'nan'"),
    "a gate on nothing": ("{split=test}", "{operator=ocr}", "suite.yaml:13:5", "no operator 'ocr' in this suite", ""),
    "a number that is not finite": ("[1, 5]", "[1, .nan]", "suite.yaml:9:19", "not a finite float", "'.nan'"),
    "a seed twice": ("suite: tiny", "suite: tiny\nvary: {seeds: [1, 1]}", "suite.yaml:2:19", "the seed 1 is there twice", ""),
    "no training on everything": ("suite: tiny", "suite: tiny\nvary: {train_fraction: [0.5]}", "suite.yaml:2:24", "1.0 should be among", ""),
    "a shift with a name of ours": ("perturb:", "  shifts: {perturbed: {jsonl: test.jsonl}}\nperturb:", "suite.yaml:8:12", "cannot be called", ""),
    "a model of no kind": (', callable: "rules:judge"', "", "suite.yaml:4:5", "needs one of trainer, checkpoint or callable", ""),
    "a trainer without data": ('callable: "rules:judge"', "trainer: sklearn", "suite.yaml", "data.validation is missing", ""),
    "a plug-in that is not there": ("suite: tiny", "suite: tiny\nplugins: [gone.py]", "suite.yaml:2:11", "no such Python file", "gone.py"),
    "a duplicate key": ("suite: tiny", "suite: tiny\nsuite: tinier", "suite.yaml:2:1", "duplicate key 'suite'", ""),
    "a tag of Python": ("suite: tiny", "suite: !!python/object/apply:os.system [ls]", "suite.yaml:1:8", "is not allowed: a suite is plain data", ""),
    "a tab": ("  severities", "\tseverities", "suite.yaml:9:1", "not valid YAML", "'\\t'"),
    "two documents": ("perturb:", "---\nperturb:", "suite.yaml:8:1", "expected a single document", "another document"),
    "a NUL": ("tiny", "ti\0ny", "suite.yaml:1", "NUL", ""),
    "a control character": ("tiny", "ti\x1b[31mny", "suite.yaml:1", "'\\x1b' is not allowed", ""),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "found", "right"), WRONG.values(), ids=WRONG)
def test_a_wrong_suite_is_refused_with_its_place(
    project, old: str, new: str, place: str, found: str, right: str
) -> None:
    """Exit code 2; the message names the place, what was found and what is right; nothing is written."""
    project.edit("suite.yaml", old, new)
    said = project("run", "suite.yaml")
    assert said.code == 2
    assert said.out == ""
    assert re.search(rf"^error: {re.escape(place)}(:|$)", said.err, re.MULTILINE), said.err
    assert found in said.err
    assert right in said.err
    assert "\x1b" not in said.err
    assert untouched(project)


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "the file is empty"),
        (b"# only a comment\n", "the file is empty"),
        (BOMB.encode(), "more than 100000 nodes once aliases are expanded"),
        (b"a: &a [*a]\n", "nested deeper than 50 levels"),
        (b"[" * 5000 + b"]" * 5000, "nested deeper than 50 levels"),
        (b"- a\n- b\n", "a suite is a mapping, found list"),
        (b"suite: caf\xe9\n", "not UTF-8: byte 10 is 0xe9"),
        (b"#" * 2**20 + b"\n", "at most 1048576 bytes"),
        ("suite: tiny".encode("utf-16"), "not UTF-8"),
    ],
    ids=["empty", "comment", "alias bomb", "alias of itself", "deep", "list", "latin-1", "large", "utf-16"],
)
def test_a_file_that_is_no_suite_is_refused(project, content: bytes, found: str) -> None:
    """Exit code 2, naming the file, within limits of size, depth and nodes."""
    project.write("suite.yaml", content)
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert said.err.startswith("error: suite.yaml")
    assert found in said.err


def test_all_faults_of_a_suite_are_reported_at_once(project) -> None:
    """Three mistakes, three messages and their number; the same as JSON for scripts."""
    for old, new in (("keyboard", "keybaord"), ("test.jsonl", "gone.jsonl"), (">= 0.5", ">= half")):
        project.edit("suite.yaml", old, new)
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert said.err.count("error: suite.yaml:") == 3
    assert said.err.rstrip().endswith("3 errors")
    errors = json.loads(project("validate", "suite.yaml", "--json").out)["errors"]
    assert [(error["line"], error["field"]) for error in errors] == [
        (7, "data.test.jsonl"),
        (10, "perturb.operators.0"),
        (13, "gates.0"),
    ]


LINES = st.integers(0, 12)


@given(
    cuts=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 6), st.sampled_from(
        ["", " ", "\n", ":", "- ", "[", "]", "{", "}", "'", '"', "&a ", "*a", "!!", "#", "%", "1e999", "~", "\t", "é", "x" * 300,
         ".inf", "-1", "str", "../", "\\0", "|", "true", "${X}", "null: ", "? "])), max_size=4))  # fmt: skip
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mutation_of_a_suite_leads_to_a_traceback(project, cuts: list[tuple[int, int, str]]) -> None:
    """Whatever is cut out or put in, ``validate`` ends with 0 or 2."""
    text = (project.folder / "suite.yaml").read_text("utf-8")
    for at, length, new in cuts:
        at %= len(text) or 1
        text = text[:at] + new + text[at + length :]
    project.write("mutated.yaml", text)
    said = project("validate", "mutated.yaml")
    assert said.code in (0, 2)
    assert said.code == 0 or said.err.startswith("error: ")


# -- wrong data -------------------------------------------------------------------------------------

NER = ("task: classification", "task: ner")
ROW = '{"id": "test-0", "text": "once more", "label": "positive"}\n'
DATA = {
    "no data": ("test.jsonl", b"", "test.jsonl", "no examples"),
    "an id twice": ("test.jsonl", ROW * 2, "test.jsonl:2", "is that of line 1"),
    "bytes that are not UTF-8": ("test.jsonl", b'{"text": "caf\xe9", "label": "a"}\n', "test.jsonl:1", "is not UTF-8: found 0xe9"),
    "a NUL": ("test.jsonl", ROW.replace("more", "m\0re"), "test.jsonl:1", "NUL"),
    "a label that was not trained": ("test.jsonl", ROW.replace("positive", "positiv"), "data.test", "'positiv', which train does not have"),
    "no label": ("test.jsonl", ROW.replace("label", "lable"), "test.jsonl:1", "did you mean 'lable'"),
    "no JSON": ("test.jsonl", ROW + "{oops\n", "test.jsonl:2", "not JSON"),
    "as many tags as tokens": ("test.jsonl", '{"tokens": ["a", "b"], "tags": ["O"]}\n', "test.jsonl:1", "found 1 for 2 tokens"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "content", "place", "found"), DATA.values(), ids=DATA)
def test_wrong_data_are_refused_with_their_place(project, file, content, place: str, found: str) -> None:
    """Exit code 2; the message names file and line; nothing is written."""
    project.write(file, content)
    said = project("run", "suite.yaml")
    assert said.code == 2
    assert re.search(rf"^error: \S*{re.escape(place)}:", said.err, re.MULTILINE), said.err
    assert found in said.err
    assert untouched(project)


def test_data_of_another_task_are_refused_by_validate(project) -> None:
    """Labels where spans are expected: found before anything is computed."""
    project.edit("suite.yaml", *NER)
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert "data.test: example test-0: spans were expected, found 'positive' (and 23 more)" in said.err


def test_faults_of_several_files_are_reported_at_once(project) -> None:
    """A bad line in each of two files: both are named."""
    project.write("train.jsonl", "[]\n")
    project.write("test.jsonl", "{oops\n")
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert "train.jsonl:1" in said.err
    assert "test.jsonl:1" in said.err


@pytest.mark.parametrize("form", ["byte order mark", "CRLF", "a long line"])
def test_odd_but_good_data_are_read(project, form: str) -> None:
    """A byte order mark, Windows line ends and a line of a megabyte are no faults."""
    text = (project.folder / "test.jsonl").read_text("utf-8")
    if form == "byte order mark":
        text = "\ufeff" + text
    elif form == "CRLF":
        text = text.replace("\n", "\r\n")
    else:
        text += ROW.replace("test-0", "long").replace("more", "more " * 200_000)
    project.write("test.jsonl", text)
    said = project("validate", "suite.yaml")
    assert said.code == 0, said.err


def test_hostile_text_does_nothing_to_terminal_or_report(project) -> None:
    """Escape codes and markup in data are shown, not obeyed."""
    hostile = "\x1b]0;owned\x07\x1b[31m<script>alert(1)</script> [bold]sad[/bold] \u202e bad"
    row = {"id": "<b>\x1b[2J", "text": hostile, "label": "negative"}
    project.write(
        "test.jsonl", (json.dumps(row) + "\n") + ROW.replace("test-0", "1") + ROW.replace("test-0", "2")
    )
    said = project("run", "suite.yaml", "--workers", "1")
    assert said.code in (0, 1), said.err
    assert "\x1b" not in said.out + said.err
    (page,) = project.folder.glob("reports/*/*/report.html")
    html = page.read_text("utf-8")
    assert "\x1b" not in html
    assert "<script>alert(1)" not in html


# -- commands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["list"], ["list", "operator"], ["schema"], ["schema", "results"], ["init", "ner", "-o", "new.yaml"], ["validate", "suite.yaml"],
     ["validate", "world.yaml"], ["plan", "suite.yaml"], ["runs", "ls"]],
    ids=" ".join,
)  # fmt: skip
def test_looking_around_imports_nothing_heavy(project, arguments: list[str]) -> None:
    """Commands that compute nothing need neither torch nor its like."""
    project("init", "ner", "-o", "world.yaml")
    (project.folder / "look.py").write_text(
        "import sys\nfrom harness.cli import main\nsys.argv = ['harness', *sys.argv[1:]]\ntry:\n    main()\n"
        f"finally:\n    print(sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    said = project.python("look.py", *arguments)
    assert said.code == 0, said.err
    assert said.err.strip().endswith("[]"), said.err


def test_the_package_is_a_command_too(project) -> None:
    """``python -m harness`` is ``harness``."""
    said = project.apart("--help")
    assert said.code == 0
    assert "Usage: harness" in said.out


def test_listing_shows_every_kind_and_refuses_unknown_ones(project) -> None:
    """Each line says kind, name and what it does, and why it cannot be done here; JSON says the same."""
    everything = json.loads(project("list", "--json").out)
    kinds = {"operator", "task", "reader", "trainer", "attack", "explainer", "measure", "reporter"}
    assert kinds | {"goal", "constraint", "probe"} == {row["kind"] for row in everything}
    assert all(row["summary"] for row in everything)
    assert {row["name"].partition("/")[0] for row in everything if row["problem"]} <= {"textattack"}
    assert "textattack/spanish" in project("list", "attack").out
    assert "not here: cannot be run" in project("list", "attack").out
    assert "keyboard" in project("list", "operator").out
    said = project("list", "operatr")
    assert said.code == 2
    assert "did you mean 'operator'?" in said.err


def test_a_suite_to_start_from_is_valid(project) -> None:
    """``init`` writes it, ``validate`` accepts it; it does not overwrite unless it is told to."""
    for task in ("ner", "classification"):
        assert project("init", task, "-o", f"{task}.yaml").code == 0
        said = project("validate", f"{task}.yaml")
        assert said.code == 0, said.err
    again = project("init", "ner", "-o", "ner.yaml")
    assert again.code == 2
    assert "ner.yaml: exists already" in again.err
    assert project("init", "ner", "-o", "ner.yaml", "--force").code == 0
    assert "did you mean 'ner'?" in project("init", "nerr").err


def test_schemas_are_json_schemas(project) -> None:
    """Of suites and of results; anything else is refused."""
    assert "pretrained" in json.loads(project("schema").out)["$defs"]["ModelSpec"]["properties"]
    assert "scorecard" in json.loads(project("schema", "results").out)["properties"]
    assert project("schema", "gates").code == 2


def test_an_operator_can_be_tried_on_a_text(project) -> None:
    """``perturb`` shows the edits; the same seed gives the same, as many draws as asked for."""
    text = "the quick brown fox jumps over the lazy dog"
    said = project("perturb", "upper", text, "--severity", "5")
    assert said.code == 0, said.err
    assert "edited" in said.out
    ask = ("perturb", "keyboard", text, "--draws", "3", "--json")
    drawn = json.loads(project(*ask).out)
    assert len({one["text"] for one in drawn}) == 3
    assert drawn == json.loads(project(*ask).out)
    assert "did you mean 'keyboard'?" in project("perturb", "keybord", text).err


def test_a_plan_tells_what_is_there_and_what_is_to_do(project) -> None:
    """Before the run all units are to do, afterwards none."""
    before = json.loads(project("plan", "suite.yaml", "--json").out)
    assert {row["kind"]: row["missing"] for row in before["units"]} == {
        "predict": 5,
        "score": 5,
        "perturb": 4,
        "profile": 1,
    }
    assert "5 units" in project("plan", "suite.yaml", "--explain").out
    assert ran(project) == before["run"]
    after = json.loads(project("plan", "suite.yaml", "--json").out)
    assert {row["missing"] for row in after["units"]} == {0}


def test_past_runs_are_found_compared_and_rendered_again(project) -> None:
    """By id, its beginning, the suite's name or the folder; what is not there is refused."""
    first = ran(project)
    project.edit(
        "suite.yaml",
        "seed: 0" if "seed: 0" in (project.folder / "suite.yaml").read_text() else "suite: tiny",
        "suite: tiny\nseed: 5",
    )
    second = ran(project)
    listed = json.loads(project("runs", "ls", "--json").out)
    assert {row["id"] for row in listed} == {first, second}
    assert first in project("runs", "ls").out
    rows = json.loads(project("compare", first[:6], second, "--json").out)
    assert {"first", "second", "difference", "low", "high", "verdict"} < rows[0].keys()
    assert "rows in both runs" in project("compare", first, f"reports/tiny/{second}").out
    page = project.folder / "reports" / "tiny" / first / "report.html"
    page.unlink()
    assert project("report", first).code == 0
    assert page.is_file()
    assert project("report", first, "-o", "elsewhere").code == 0
    assert (project.folder / "elsewhere" / "results.json").is_file()
    said = project("compare", first, "nothing")
    assert said.code == 2
    assert "no run 'nothing'" in said.err


# -- gates ------------------------------------------------------------------------------------------


def test_a_broken_gate_is_exit_code_one(project) -> None:
    """A release is stopped when an assertion is shown not to hold."""
    project.edit("suite.yaml", "score.score{split=test} >= 0.5", "score.score{split=test} <= 0.1")
    assert project("run", "suite.yaml", "--workers", "1").code == 1
    said = project("gate", "tiny", "--json")
    assert said.code == 1
    assert [gate["verdict"] for gate in json.loads(said.out)] == ["fail"]


def test_an_undecided_gate_fails_only_a_strict_run(project) -> None:
    """The interval spans the limit: 0, or 4 with ``--strict``; judged again without a model."""
    project.edit("suite.yaml", ">= 0.5", ">= 0.97")
    assert project("run", "suite.yaml", "--workers", "1").code == 0
    assert project("run", "suite.yaml", "--workers", "1", "--strict").code == 4
    assert project("gate", "tiny").code == 0
    assert project("gate", "tiny", "--strict").code == 4
    assert json.loads(project("gate", "tiny", "--json").out)[0]["verdict"] == "inconclusive"


def test_a_baseline_is_accepted_once_and_compared_with(project) -> None:
    """Without one the gate is undecided; an accepted run is no worse than itself; a better one is the limit."""
    project.edit("suite.yaml", "score.score{split=test} >= 0.5", "score.score no worse than baseline by 0.02")
    assert project("run", "suite.yaml", "--workers", "1", "--strict").code == 4
    said = project("baseline", "tiny")
    assert said.code == 0
    assert "tiny.parquet; review and commit both" in said.out
    assert project("run", "suite.yaml", "--workers", "1", "--strict").code == 0
    path = project.folder / "reports" / "baselines" / "tiny.json"
    better = json.loads(path.read_text())
    for row in better["rows"].values():
        row |= {end: row[end] + 1.0 for end in ("value", "low", "high")}
    project.write("better.json", json.dumps(better))
    assert project("gate", "tiny", "--baseline", "better.json").code == 1
    assert project("run", "suite.yaml", "--workers", "1", "--baseline", "better.json").code == 1


def test_a_changed_model_is_compared_example_by_example(project) -> None:
    """What the accepted run answered is known from what lies beside the baseline; without it, only how sure it was."""
    project.edit(
        "suite.yaml",
        "score.score{split=test} >= 0.5",
        "score.score{split=test} no worse than baseline by 0.5",
    )
    ran(project)
    assert project("baseline", "tiny").code == 0
    project.edit("rules.py", '"sad"}', '"sad", "good"}')
    ran(project)
    (gate,) = json.loads(project("gate", "tiny", "--json").out)
    assert "on the same 24 examples" in gate["reason"]
    assert gate["change_low"] < gate["change"] < gate["change_high"]
    compared = json.loads(project("compare", "tiny", "tiny", "--json").out)
    assert all(row["paired"] for row in compared if row["row"] == "rules/score.score{split=test}")
    (project.folder / "reports" / "baselines" / "tiny.parquet").unlink()
    (unpaired,) = json.loads(project("gate", "tiny", "--json").out)
    assert "taken as independent" in unpaired["reason"]
    assert unpaired["change_high"] - unpaired["change_low"] > gate["change_high"] - gate["change_low"]


def test_the_baseline_goes_where_the_suite_looks_for_it(project) -> None:
    """A suite that names its baseline gets it there."""
    project.edit("suite.yaml", "suite: tiny", "suite: tiny\nbaseline: accepted/base.json")
    ran(project)
    assert project("baseline", "tiny").code == 0
    assert (project.folder / "accepted" / "base.json").is_file()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("{", "base.json:1:2: not a baseline"),
        ("[]", "base.json: not a baseline of schema 1"),
        ('{"schema": 1, "rows": {"a/b": {"value": "high"}}}', "base.json: a/b: should have a finite value"),
        (None, "base.json: no such baseline"),
    ],
)
def test_a_wrong_baseline_is_refused_before_anything_is_computed(project, content, found: str) -> None:
    """Exit code 2, with what is wrong with the file."""
    if content is not None:
        project.write("base.json", content)
    said = project("run", "suite.yaml", "--baseline", "base.json")
    assert said.code == 2
    assert found in said.err
    assert untouched(project)


# -- models and plug-ins ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "found"),
    [("gone:judge", "No module named 'gone'"), ("rules:juge", "juge"), ("broken:judge", "ZeroDivisionError"), ("rules:BAD", "not callable")],
)  # fmt: skip
def test_a_callable_that_cannot_be_had_is_refused(project, reference: str, found: str) -> None:
    """Exit code 2, whatever its module does when it is imported."""
    project.write("broken.py", "1 / 0\n")
    project.edit("suite.yaml", "rules:judge", reference)
    said = project("run", "suite.yaml")
    assert said.code == 2
    assert found in said.err
    assert untouched(project)


def test_a_plug_in_that_fails_to_import_is_a_fault_of_the_suite(project) -> None:
    """Whatever it raises, it is named; there is no traceback."""
    project.write("mine.py", "raise RuntimeError('not today')\n")
    project.edit("suite.yaml", "suite: tiny", "suite: tiny\nplugins: [mine.py]")
    said = project("validate", "suite.yaml")
    assert said.code == 2
    assert "RuntimeError: not today" in said.err


def test_what_a_doctor_finds_is_listed(project) -> None:
    """Each check says what was found; JSON says the same."""
    found = json.loads(project("doctor", "--json").out)
    assert {"python", "torch", "device", "store"} <= {check["name"] for check in found}
    assert found[0]["found"] == ".".join(map(str, sys.version_info[:3]))
    assert project("doctor").out.count("\n") >= len(found)


@pytest.mark.parametrize("name", ["ner.yaml", "sentiment.yaml"])
def test_the_suites_that_come_along_are_valid(project, name: str) -> None:
    """They are read as they are."""
    path = Path(__file__).parents[2] / "suites" / name
    said = project("validate", str(path))
    assert said.code == 0, said.err


def test_an_operator_that_finds_nothing_to_change_is_shown_and_counts_for_nothing(project):
    """Lower case on texts in lower case: a row that says so, and no headline made from it."""
    project.edit("suite.yaml", "[keyboard, upper]", "[lower]")
    said = project("run", "suite.yaml", "--quiet")
    assert said.code == 0, said.err
    rows = [r for r in project.results()["rows"] if r["condition"].get("operator") == "lower"]
    shown = {row["measure"]: row["value"] for row in rows}
    assert (shown.pop("noop_rate"), shown.pop("invalid_rate")) == (1, 0)
    assert shown
    assert not any(shown.values())


def test_a_suite_can_be_run_on_more_than_it_says(project) -> None:
    """The larger run is another one, which says how it was asked for; the smaller is left as it was."""
    project.edit("suite.yaml", "{jsonl: test.jsonl}", "{jsonl: test.jsonl, limit: 4}")
    assert project("run", "suite.yaml", "--workers", "1").code in (0, 1)
    small = project.results()
    shutil.rmtree(project.folder / "reports")
    assert project("run", "suite.yaml", "--scale", "2", "--workers", "1").code in (0, 1)
    large = project.results()
    sizes = [one["run"]["id"] for one in (small, large)]
    assert sizes[0] != sizes[1]
    assert [one["suite"]["data"]["test"] for one in (small, large)] == [4, 8]
    assert large["run"]["command"] == "harness run suite.yaml --scale 2"
    assert project("run", "suite.yaml", "--scale", "0").code == 2
