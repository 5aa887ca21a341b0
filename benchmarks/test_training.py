"""How fast the plain loop fine-tunes beside ``transformers.Trainer`` with its defaults, as a ratio in one run.

Both read the same texts, start from the same weights, take as many steps over batches of the same
size, and write a checkpoint. The data are SST-2 below ``HARNESS_DATA``, else the embedded world's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time
from typing import Any

import pytest
import torch
import transformers
from pytest_benchmark.fixture import BenchmarkFixture

from harness.catalog import find
from harness.models.transformer import Transformer
from harness.rng import rng
from harness.tasks.classification import TASK
from harness.text import Example
from harness.training import pretrained
from harness.training import torch as plain
from harness.training.precision import measured
from harness.training.trainer import Job
from harness.training.watch import score

TRAIN, TEST, BATCH, RATE, SEEDS = 1000, 400, 32, 2e-4, (0, 1, 2)


def data() -> tuple[Sequence[Example], Sequence[Example]]:
    """Training and test texts with their sentiment."""
    path = Path(os.environ.get("HARNESS_DATA", "")) / "sentiment-sst2" / "sst2_train.tsv"
    name, place, options = "builtin", "world/sentiment", {"split": "train"}
    if path.exists():
        name, place, options = "tsv", str(path), {"text": "sentence", "label": "label"}
    reader = find("reader", name)
    examples = reader.function(place, **reader.bind(options))
    order = rng("benchmark").permutation(len(examples))[: TRAIN + TEST]
    chosen = [examples[at] for at in order]
    return chosen[:-TEST], chosen[-TEST:]


def ours(job: Job, seed: int, where: Path, precision: str = "float32") -> None:
    """The trainer ``torch``."""
    where.mkdir()
    told = plain.TRAINER.bind(
        {"epochs": 1, "batch_size": BATCH, "learning_rate": RATE, "warmup": 0.0, "precision": precision}
    )
    given = Job(TASK, job.pretrained, job.labels, job.train, (), seed, "cpu", where)
    plain.fit(given, lambda text: None, **told)


def theirs(job: Job, seed: int, where: Path) -> None:
    """The library's trainer as its documentation shows it."""
    transformers.set_seed(seed)
    network, tokenizer = pretrained.load(job.pretrained, TASK.form, job.labels, seed, "cpu")
    ids = {label: at for at, label in enumerate(job.labels)}
    rows = [{**tokenizer(e.text, truncation=True), "label": ids[e.target]} for e in job.train]
    arguments = transformers.TrainingArguments(
        output_dir=str(where),
        num_train_epochs=1,
        per_device_train_batch_size=BATCH,
        learning_rate=RATE,
        weight_decay=0.01,
        seed=seed,
        use_cpu=True,
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        logging_strategy="no",
    )
    trainer = transformers.Trainer(network, arguments, train_dataset=rows, processing_class=tokenizer)
    trainer.train()
    trainer.save_model()


def seconds(function: Callable[..., None], *given: Any) -> float:
    """Of one run on the processor, which other processes on the machine do not lengthen much."""
    start = process_time()
    function(*given)
    return process_time() - start


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_plain_loop_is_faster_than_the_librarys_trainer(
    precision: str, benchmark: BenchmarkFixture, tmp_path: Path
) -> None:
    """Alternating over three seeds; scores lie within the spread of the seeds, ratios are printed."""
    torch.set_num_threads(1)
    if precision == "bfloat16" and measured("cpu", 1)["bfloat16"] > measured("cpu", 1)["float32"]:
        pytest.skip("this processor has no units for bfloat16")
    train, test = data()
    job = Job(TASK, "minilm", TASK.function(train), train, (), 0, "cpu", tmp_path)
    taken: dict[str, list[float]] = {"ours": [], "theirs": []}
    scores: dict[str, list[float]] = {"ours": [], "theirs": []}
    for seed in SEEDS:
        for name, one in (("theirs", theirs), ("ours", ours)):
            where = tmp_path / f"{name}-{seed}"
            extra = (precision,) if name == "ours" else ()
            taken[name].append(seconds(one, job, seed, where, *extra))
            network = Transformer.load(where, TASK, "cpu")
            scores[name].append(score(TASK, network, test) or 0.0)
    benchmark.pedantic(ours, (job, 0, tmp_path / "again", precision), rounds=1)
    ratio = min(taken["theirs"]) / min(taken["ours"])
    benchmark.extra_info |= {
        "theirs / ours": round(ratio, 2),
        "seconds of theirs": [round(one, 1) for one in taken["theirs"]],
        "seconds of ours": [round(one, 1) for one in taken["ours"]],
        "scores of theirs": scores["theirs"],
        "scores of ours": scores["ours"],
    }
    print(benchmark.extra_info)
    assert ratio > 1
    spread = max(0.05, max(scores["theirs"]) - min(scores["theirs"]))
    means = [sum(scores[name]) / len(SEEDS) for name in ("ours", "theirs")]
    assert means[0] > means[1] - spread
