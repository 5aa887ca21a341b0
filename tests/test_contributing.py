"""The snippets of CONTRIBUTING.md are complete: each is put into a file, named by a suite, and run."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

from harness import suite
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.run import Options, run
from harness.text import example

PAGE = (Path(__file__).resolve().parent.parent / "CONTRIBUTING.md").read_text("utf-8")
SNIPPETS = dict(re.findall(r"^```python\n# plugin: (\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
SUITE = """
suite: contributing
task: {task}
models: [{{name: model, trainer: {trainer}}}]
data:
  train: {{builtin: world/sentiment, split: train, limit: 60}}
  validation: {{builtin: world/sentiment, split: validation, limit: 20}}
  test: {{builtin: world/sentiment, split: test, limit: 40}}
vary: {{seeds: [0]}}
statistics: {{resamples: 100}}
plugins: [{plugins}]
{more}
"""


def written(folder: Path, *kinds: str, task: str, trainer: str, more: str = "") -> Path:
    """A suite that names the snippets of these kinds as plug-ins."""
    for kind in kinds:
        (folder / f"{kind}.py").write_text(SNIPPETS[kind], "utf-8")
    path = folder / "suite.yaml"
    plugins = ", ".join(f"{kind}.py" for kind in kinds)
    path.write_text(SUITE.format(task=task, trainer=trainer, plugins=plugins, more=more), "utf-8")
    return path


def code_lines(snippet: str) -> int:
    """Lines that hold code, without blank lines and comments."""
    aside = {tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT}
    tokens = tokenize.generate_tokens(io.StringIO(snippet).readline)
    return len(
        {line for t in tokens if t.type not in aside and t.string for line in range(t.start[0], t.end[0] + 1)}
    )


def test_there_is_a_snippet_of_each_kind() -> None:
    """Operators, tasks and trainers are what people add first."""
    assert sorted(SNIPPETS) == ["operator", "task", "trainer"]


@pytest.mark.parametrize("kind", SNIPPETS)
def test_a_snippet_has_at_most_twenty_lines(kind: str) -> None:
    """An extension is small."""
    assert 5 <= code_lines(SNIPPETS[kind]) <= 20


def test_the_operator_edits_what_its_severity_asks_for(tmp_path: Path) -> None:
    """Named by a suite with an option, it shouts two of five words at the highest severity."""
    more = "perturb: {operators: [shout, {shout: '?'}]}"
    path = written(tmp_path, "operator", task="classification", trainer="sklearn", more=more)
    loaded = suite.load(path)
    assert [use.label for use in loaded.operators] == ["shout", "shout:?"]
    source = example("one", "please call me back tomorrow")
    for use, mark in zip(loaded.operators, "!?", strict=True):
        assert isinstance(use.extension, Operator)
        varied = perturb(source, use.extension, 5, seed=0, options=use.options)
        shouted = [word for word in varied.example.text.split() if word.endswith(mark)]
        assert len(shouted) == 2
        assert all(word == word.upper() for word in shouted)


def test_the_task_and_the_trainer_make_a_run_with_a_score(tmp_path: Path) -> None:
    """Naive Bayes learns the intents from sixty texts better than chance, scored as the task says."""
    path = written(tmp_path, "task", "trainer", task="intent", trainer="naive-bayes")
    options = Options(tmp_path / "store", tmp_path / "reports", workers=1)
    finished = run(path, options)
    assert finished.results.exit_code == 0
    assert finished.results.failures == ()
    assert (finished.results.suite.task, finished.results.suite.metric) == ("intent", "macro_f1")
    rows = {
        row.measure: row.value
        for row in finished.results.rows
        if row.property == "score" and dict(row.condition) == {"split": "test"}
    }
    assert rows["score"] is not None
    assert rows["chance"] is not None
    assert 0 < rows["score"] <= 1
    assert rows["score"] == pytest.approx(rows["macro_f1"])
    assert (finished.folder / "report.html").is_file()
