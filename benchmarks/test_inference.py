"""How fast prediction is beside the bare forward pass, and beside the library's pipeline, in one run.

The model is the packaged MiniLM with a fresh head, on the sentences of SST-2 if ``HARNESS_DATA`` names
them, else on those of the embedded world. Timed is a whole prediction: tokenising, batching, forward
pass, decoding.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import torch
import transformers
from pytest_benchmark.fixture import BenchmarkFixture

from harness.data.delimited import tab
from harness.data.world import builtin
from harness.inference import predict
from harness.models.transformer import Transformer
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.tasks.task import Task
from harness.text import Example, example
from harness.training import pretrained

LABELS = {CLASSIFICATION.name: ("0", "1"), NER.name: ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")}
SIZE, ROWS = 400, 32


def sentences() -> list[Example]:
    """Sentences that all differ."""
    if "HARNESS_DATA" in os.environ:
        path = Path(os.environ["HARNESS_DATA"], "sentiment-sst2", "sst2_dev.tsv")
        found = tab.function(str(path), text="sentence")
    else:
        found = builtin.function("world/sentiment", split="test")
    texts = list(dict.fromkeys(one.text for one in found))[:SIZE]
    return [example(str(at), text) for at, text in enumerate(texts)]


@pytest.fixture(params=[CLASSIFICATION, NER], ids=lambda task: task.name)
def model(request: pytest.FixtureRequest) -> Transformer:
    """The packaged weights with a head, on one thread."""
    task: Task = request.param
    torch.set_num_threads(1)
    network, tokenizer = pretrained.load("minilm", task.form, LABELS[task.name], 0, "cpu")
    return Transformer(network, tokenizer, task, "cpu")


def shortest(*functions: Callable[[], object], times: int = 5) -> list[float]:
    """The shortest of a few runs of each, taken in turns, so that a busy machine is busy for all of them."""
    taken: list[list[float]] = [[] for _ in functions]
    for _ in range(times):
        for function, own in zip(functions, taken, strict=True):
            start = perf_counter()
            function()
            own.append(perf_counter() - start)
    return [min(own) for own in taken]


def bare(model: Transformer, examples: list[Example]) -> Callable[[], None]:
    """Nothing but the forward pass, on full batches of texts sorted by length that are tokenised already."""
    rows = sorted((model.tokenizer(e.text)["input_ids"] for e in examples), key=len, reverse=True)
    batches = [
        model.tokenizer.pad({"input_ids": rows[at : at + ROWS]}, return_tensors="pt")
        for at in range(0, len(rows), ROWS)
    ]

    def forward() -> None:
        with torch.inference_mode():
            for batch in batches:
                model.network(**batch)

    return forward


def ours_of(said: Any, task: Task) -> list[str]:
    """The label of the text, or the tags of its words."""
    return [said.labels[at] for at in said.probabilities.argmax(-1)] if task.per_word else [said.label]


def theirs_of(answer: Any, said: Any, task: Task) -> list[str]:
    """The same from what a pipeline answers, which is a tag for every token of a word."""
    if not task.per_word:
        return [answer[0]["label"]]
    starts = set(said.words[:, 0].tolist())
    return [token["entity"] for token in answer if token["start"] in starts]


def test_prediction_costs_little_more_than_the_forward_pass_and_less_than_a_pipeline(
    benchmark: BenchmarkFixture, model: Transformer
) -> None:
    """The same labels as the pipeline with its defaults, in less time."""
    examples, task = sentences(), model.task
    said = benchmark.pedantic(predict, (model, examples), rounds=3, warmup_rounds=1)
    kind = "token-classification" if task.per_word else "text-classification"
    options: dict[str, Any] = {"ignore_labels": []} if task.per_word else {}
    pipeline = transformers.pipeline(
        kind, model=model.network, tokenizer=model.tokenizer, device="cpu", **options
    )
    theirs = [pipeline(e.text) for e in examples]
    for one, answer in zip(said, theirs, strict=True):
        assert ours_of(one, task) == theirs_of(answer, one, task)
    again = [example(f"again {at}", e.text) for at, e in enumerate(examples * 5)]
    ours, floor, repeated, peer = shortest(
        lambda: predict(model, examples),
        bare(model, examples),
        lambda: predict(model, again),
        lambda: [pipeline(e.text) for e in examples],
    )
    benchmark.extra_info["ours / bare forward pass"] = round(ours / floor, 2)
    benchmark.extra_info["five times the same texts / once"] = round(repeated / ours, 2)
    benchmark.extra_info["pipeline / ours"] = round(peer / ours, 1)
    assert peer > ours
