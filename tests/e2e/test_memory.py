"""Memory of a run: one model, one batch, the predictions of one condition; not all of them."""

from __future__ import annotations

import json

import pytest

MEASURED = """\
import resource, sys
from harness.run import Options, run
run(sys.argv[1], Options(workers=1))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
SUITE = """\
suite: {name}
task: classification
models:
  - {{name: words, trainer: sklearn}}
data:
  train: {{jsonl: large.jsonl}}
  validation: {{jsonl: large.jsonl, limit: 50}}
  test: {{jsonl: large.jsonl}}
vary: {{seeds: [0]}}
perturb:
  severities: {severities}
  operators: {operators}
statistics: {{resamples: 100}}
"""
FEW, MANY = ["keyboard", "ocr"], ["keyboard", "ocr", "upper", "lower", "swap", "insert", "delete", "repeat"]


@pytest.mark.slow
def test_ten_times_the_conditions_take_hardly_more_memory(project):
    """4 conditions and 40, of 4,000 texts each."""
    texts = [
        {
            "id": str(at),
            "text": f"the food at place number {at} was {'good' if at % 2 else 'bad'} today",
            "label": "a" if at % 2 else "b",
        }
        for at in range(4000)
    ]
    project.write("large.jsonl", "".join(json.dumps(one) + "\n" for one in texts))
    peaks = {}
    for name, severities, operators in (("few", [1, 5], FEW), ("many", [1, 2, 3, 4, 5], MANY)):
        suite = SUITE.format(name=name, severities=severities, operators=json.dumps(operators))
        project.write(f"{name}.yaml", suite)
        said = project.python("-c", MEASURED, f"{name}.yaml")
        assert said.code == 0, said.err
        peaks[name] = int(said.out.split()[-1])
    assert peaks["many"] < 1.15 * peaks["few"], peaks
