"""The whole way through for tasks that ask for a text: data, models, perturbations, gates, report."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
import sacrebleu
import transformers

WORDS = {"der": "the", "die": "the", "das": "the", "hund": "dog", "katze": "cat", "mann": "man", "frau": "woman",
         "kind": "child", "sieht": "sees", "jagt": "chases", "mag": "likes"}  # fmt: skip
NOUNS = ("der hund", "die katze", "der mann", "die frau", "das kind")
GERMAN = [f"{a} {v} {b}" for a, v, b in itertools.product(NOUNS, ("sieht", "jagt", "mag"), NOUNS) if a != b]
ENGLISH = [" ".join(WORDS[word] for word in one.split()) for one in GERMAN]
MODELS = f"""\
WORDS = {WORDS!r}


def translate(texts):
    return [" ".join(WORDS.get(word, word) for word in text.split()) for text in texts]


def reply(talks):
    return [f"{{talk['speaker']}} heard {{list(talk.values())[-2]}}" for talk in talks]
"""
TRANSLATION = """\
suite: tiny
task: translation
models:
  - {name: lexicon, callable: "rules:translate"}
  - {name: memory, trainer: retrieve}
data:
  train: {parallel: train.de, target: train.en}
  validation: {parallel: test.de, target: test.en, limit: 10}
  test: {parallel: test.de, target: [test.en, other.en]}
vary: {seeds: [0, 1]}
perturb: {severities: [1, 5], operators: [keyboard, upper]}
attack: {recipes: [greedy-character], examples: 4, budget: 30}
statistics: {resamples: 100}
gates:
  - score.score{split=test, model=lexicon} >= 0.5
  - score.bleu{split=test, model=lexicon} >= 0.5
  - robustness.retention{operator=upper, severity=5, model=lexicon} <= 0.8
"""
DIALOGUE = """\
suite: tiny
task: dialogue
models:
  - {name: parrot, callable: "rules:reply"}
  - {name: memory, trainer: retrieve, training: {last: true}}
data:
  train: {dialogue: talks.jsonl}
  validation: {dialogue: talks.jsonl, limit: 8}
  test: {dialogue: talks.jsonl, before: 2}
vary: {seeds: [0]}
perturb: {severities: [5], operators: [keyboard, suffix-distractor]}
statistics: {resamples: 100}
"""


def lines(texts: Sequence[str]) -> str:
    return "".join(f"{text}\n" for text in texts)


@pytest.fixture
def writing(project: Any) -> Any:
    """A project with parallel files and a suite that translates."""
    project.write("rules.py", MODELS)
    for name, part in (("train", slice(0, None, 2)), ("test", slice(1, None, 2))):
        project.write(f"{name}.de", lines(GERMAN[part]))
        project.write(f"{name}.en", lines(ENGLISH[part]))
    project.write("other.en", lines(["" if at % 2 else f"{one} now" for at, one in enumerate(ENGLISH[1::2])]))
    project.write("suite.yaml", TRANSLATION)
    return project


def ran(project: Any) -> dict[str, Any]:
    said = project("run", "suite.yaml", "--workers", "1")
    assert said.code in (0, 4), said.err + said.out
    found: dict[str, Any] = project.results()
    return found


def value(results: dict[str, Any], property: str, measure: str, model: str, **where: object) -> Any:
    (row,) = [
        row
        for row in results["rows"]
        if (row["property"], row["measure"], row["model"]) == (property, measure, model)
        and row["condition"].items() >= where.items()
        and "seed" not in row["condition"]
    ]
    return row["value"]


def test_translations_are_scored_perturbed_gated_and_reported(writing: Any) -> None:
    """The numbers are sacreBLEU's; what the models said stands in the report."""
    results = ran(writing)
    assert results["suite"]["metric"].startswith("chrF2++|")
    assert not results["failures"]
    assert value(results, "score", "score", "lexicon", split="test") == 1.0
    assert value(results, "score", "bleu", "lexicon", split="test") == 1.0
    assert 0.2 < value(results, "score", "chance", "lexicon", split="test") < 0.9
    assert value(results, "continuity", "flip_rate", "lexicon", operator="upper", severity=5) == 1.0
    assert value(results, "continuity", "score", "lexicon") is not None
    assert value(results, "robustness", "score", "memory") is not None
    assert value(results, "robustness", "attack_queries", "memory") > 1
    assert value(results, "stability", "churn", "memory") == 0
    shown = [one for one in results["examples"] if one["model"] == "lexicon"]
    assert shown
    assert all(one["gold"]["label"].startswith("the ") for one in shown)
    assert all(one["after"]["confidence"] is None for one in shown)
    (page,) = (writing.folder / "reports").glob("*/*/report.html")
    assert shown[0]["before"]["label"] in page.read_text("utf-8")


def test_the_score_of_a_run_is_sacrebleus_on_the_same_texts(writing: Any) -> None:
    """From the predictions that the report keeps, with two references where there are two."""
    import pyarrow.parquet as parquet

    results = ran(writing)
    (path,) = (writing.folder / "reports").glob("*/*/predictions.parquet")
    table = parquet.read_table(path).to_pylist()
    said = {row["id"]: row["said"] for row in table if row["model"] == "memory" and row["seed"] == 0
            and row["split"] == "test" and not row["operator"]}  # fmt: skip
    gold = [ENGLISH[1::2], [None if at % 2 else f"{one} now" for at, one in enumerate(ENGLISH[1::2])]]
    texts = [said[f"test.de:{at}"] for at in range(1, len(gold[0]) + 1)]
    for measure, metric in (("score", sacrebleu.CHRF(word_order=2)), ("bleu", sacrebleu.BLEU())):
        oracle = metric.corpus_score(texts, gold).score / 100
        assert value(results, "score", measure, "memory", split="test") == pytest.approx(oracle)


def test_dialogues_are_answered_turn_by_turn(writing: Any) -> None:
    """Turns are perturbed each for itself, and conversations are resampled as a whole."""
    talks = [
        {"id": f"talk-{at}", "turns": [{"speaker": ("ann", "bob")[n % 2], "text": f"{ENGLISH[at + n]} today"} for n in range(4)]}
        for at in range(24)
    ]  # fmt: skip
    writing.write("talks.jsonl", lines([json.dumps(talk) for talk in talks]))
    writing.write("suite.yaml", DIALOGUE)
    results = ran(writing)
    assert not results["failures"]
    assert results["suite"]["data"]["test"] == 48
    assert value(results, "score", "distinct_1", "parrot", split="test") == pytest.approx(1, abs=0.2)
    assert value(results, "score", "perplexity", "parrot", split="test") is None
    assert value(results, "score", "score", "memory", split="test") > 0.8
    shown = next(one for one in results["examples"] if one["model"] == "parrot")
    assert shown["gold"]["text"].startswith("01 ann: the ")
    assert shown["after"]["label"].split()[1] == "heard"


@pytest.mark.parametrize(
    ("old", "new", "place", "found", "right"),
    [
        ("trainer: retrieve", "trainer: sklearn", "suite.yaml:5:29",
         "trainer 'sklearn' cannot learn the task 'translation'", "copy, retrieve"),
        ("target: train.en", "target: gone.en", "suite.yaml:7:39", "no such file", "gone.en"),
        ("target: train.en", "target: [train.en, 3]", "suite.yaml", "should be list of str", "3"),
        (", target: train.en", "", "", "the option target is missing", "target: train.en"),
        ("[keyboard, upper]", "[keyboard, suffix-distractor]", "suite.yaml", "does not preserve the labels", ""),
    ],
)  # fmt: skip
def test_wrong_suites_are_refused(
    writing: Any, old: str, new: str, place: str, found: str, right: str
) -> None:
    """Exit code 2, with the place, what was found and what would be right."""
    writing.edit("suite.yaml", old, new)
    said = writing("validate", "suite.yaml")
    assert said.code == 2
    assert place in said.err
    assert found in said.err
    assert right in said.err


def test_files_that_do_not_match_are_refused(writing: Any) -> None:
    """Before anything is computed."""
    writing.write("train.en", lines(ENGLISH[0:-2:2]))
    said = writing("run", "suite.yaml")
    assert said.code == 2
    assert re.search(r"train\.en:30: has 29 lines, but .*train\.de has 30", said.err), said.err


def test_an_answer_that_is_no_text_fails_its_unit(writing: Any) -> None:
    """The callable's mistake is named, and the other model goes on."""
    writing.edit(
        "rules.py", "def translate(texts):\n    return [", "def translate(texts):\n    return [3 or "
    )
    said = writing("run", "suite.yaml", "--workers", "1")
    assert said.code == 3
    results = writing.results()
    assert "a text or a list of texts was expected" in results["failures"][0]["error"]
    assert value(results, "score", "score", "memory", split="test") is not None


@pytest.mark.parametrize("family", ["tiny_seq2seq", "tiny_decoder"])
@pytest.mark.parametrize("beams", [1, 2])
def test_an_export_writes_what_the_run_wrote(
    writing: Any, request: pytest.FixtureRequest, family: str, beams: int
) -> None:
    """A pipeline of the library loads the folder and, text by text, says the same."""
    network = request.getfixturevalue(family)
    training = f"{{epochs: 1, generation: {{max_new_tokens: 12, beams: {beams}}}}}"
    model = (
        f"  - {{name: tiny, pretrained: {json.dumps(str(network))}, trainer: torch, training: {training}}}"
    )
    head, rest = TRANSLATION.split("models:\n")
    suite = head + f"models:\n{model}\n" + rest[rest.index("data:") :]
    suite = re.sub(r"(?m)^(perturb|attack|gates):.*\n(  - .*\n)*", "", suite).replace(
        "seeds: [0, 1]", "seeds: [0]"
    )
    writing.write("suite.yaml", suite)
    ran(writing)
    said = writing("export", "tiny", "out")
    assert said.code == 0, said.err
    if family == "tiny_seq2seq" and "text2text-generation" not in transformers.pipelines.SUPPORTED_TASKS:
        assert "has no pipeline text2text-generation" in said.out
    else:
        assert "8 of 8 answers equal the run's own" in said.out
    assert "max_new_tokens=12, num_beams=" in (writing.folder / "out" / "README.md").read_text("utf-8")
