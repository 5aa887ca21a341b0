"""The trainer of another library in docs/extensions.md is complete: it is put into a file and run."""

from __future__ import annotations

import re
from pathlib import Path

from harness.run import Options, run

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "extensions.md").read_text("utf-8")
SUITE = """
suite: third-party
task: classification
models:
  - {{name: embeddings, pretrained: {pretrained}, trainer: embeddings, training: {{C: 5.0}}}}
data:
  train: {{builtin: world/sentiment, split: train, limit: 120}}
  validation: {{builtin: world/sentiment, split: validation, limit: 20}}
  test: {{builtin: world/sentiment, split: test, limit: 60}}
vary: {{seeds: [0]}}
perturb: {{operators: [keyboard], severities: [3]}}
statistics: {{resamples: 100}}
plugins: [embeddings.py]
"""


def test_embeddings_of_another_library_go_the_whole_way(tmp_path: Path, tiny_pretrained: Path) -> None:
    """Trained, stored, loaded again, perturbed and scored better than the best guess."""
    (snippet,) = re.findall(r"^```python\n# plugin: trainer\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (tmp_path / "embeddings.py").write_text(snippet, "utf-8")
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE.format(pretrained=tiny_pretrained), "utf-8")
    finished = run(path, Options(tmp_path / "store", tmp_path / "reports", workers=1))
    assert finished.results.failures == ()
    found = {row.measure: row.value for row in finished.results.rows if row.property == "score"}
    assert found["score"] is not None
    assert found["chance"] is not None
    assert found["score"] > found["chance"]
    assert any(row.property == "robustness" and row.value is not None for row in finished.results.rows)
