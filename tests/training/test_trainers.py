"""What every trainer of transformers promises: it learns, it can be repeated, it leaves a plain folder."""

from __future__ import annotations

import hashlib
import random  # noqa: TID251
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from ruamel.yaml import YAML
from safetensors.torch import load_file, save_file

from harness.errors import Diverged, UserError
from harness.inference import predict
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.tasks.recommendation import TASK as RECOMMENDATION
from harness.tasks.response import TASK as RESPONSE
from harness.text import Example
from harness.training import checkpoint, hf
from harness.training import torch as plain
from harness.training.settings import Settings
from harness.training.trainer import Outcome, Trainer

PLACES = ("paris", "rome", "oslo", "lima")
QUICK = {"epochs": 1.0, "learning_rate": 0.01}
EASY = {"epochs": 10.0, "learning_rate": 0.01, "batch_size": 8}


@pytest.fixture(params=[hf.TRAINER, plain.TRAINER], ids=lambda trainer: trainer.name)
def trainer(request: pytest.FixtureRequest) -> Trainer:
    """Each trainer of transformers."""
    found: Trainer = request.param
    return found


def run(trainer: Trainer, job, **options) -> Outcome:
    """Train with these options and the defaults."""
    return trainer.function(job, lambda said: None, **trainer.bind(options))


def digests(folder: Path) -> dict[str, str]:
    """Of every file in a folder."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def globals_():
    """The state of all global generators."""
    legacy = np.random.get_state()  # noqa: NPY002
    return random.getstate(), legacy[1].tolist(), legacy[2], torch.get_rng_state().tolist()


def test_it_learns_an_easy_task(trainer, task, new_job):
    """From a fresh head to nearly perfect, and the checkpoint scores what the trainer said."""
    job = new_job(task)
    outcome = run(trainer, job, **EASY)
    assert outcome.before < 0.7
    assert outcome.after > 0.9
    assert outcome.epochs == 10.0
    model = trainer.load(job.where, task, "cpu")
    said = predict(model, job.validation)
    sums = sum(task.scoring.stats(e, p, model.labels) for e, p in zip(job.validation, said, strict=True))
    assert float(task.scoring.score(sums)) == outcome.after


def test_equal_seeds_give_equal_bytes_and_nothing_global_moves(trainer, new_job):
    """Two runs leave the same folder; generators of torch, numpy and Python are where they were."""
    state, one, again = globals_(), new_job(seed=1), new_job(seed=1)
    run(trainer, one, **QUICK)
    torch.rand(3)  # somebody else draws in between
    run(trainer, again, **QUICK)
    torch.set_rng_state(torch.tensor(state[3], dtype=torch.uint8))
    assert digests(one.where) == digests(again.where)
    assert globals_() == state


def test_other_seeds_give_other_weights(trainer, new_job):
    """The seed is not ignored."""
    one, other = new_job(seed=0), new_job(seed=1)
    run(trainer, one, **QUICK)
    run(trainer, other, **QUICK)
    assert digests(one.where)["model.safetensors"] != digests(other.where)["model.safetensors"]


@pytest.mark.parametrize(
    "options",
    [
        {"schedule": "linear"},
        {"schedule": "cosine", "weight_decay": 0.2},
        {"optimizer": "sgd", "schedule": "constant", "learning_rate": 0.1},
        {"optimizer": "sgd", "momentum": 0.0, "learning_rate": 0.1, "gradient_clip": 0.0},
        {"accumulate": 4},
        {"layer_decay": 0.5},
        {"label_smoothing": 0.2},
        {"class_weights": "balanced"},
        {"class_weights": {"B-PER": 5.0, "O": 0.5}, "label_smoothing": 0.1},
        {"freeze": "all-but-top-k", "top_layers": 1},
        {"seed_decides": "order"},
    ],
    ids=lambda options: "-".join(map(str, options)),
)
def test_both_trainers_do_the_same(options, new_job):
    """Without dropout, the plain loop and the library's trainer arrive at the same weights.

    So each option means the same to both, and changes where training without it arrives.
    """
    options = {"dropout": 0.0, "epochs": 1.5, "batch_size": 8, "learning_rate": 0.01, **options}
    jobs = [new_job(seed=3), new_job(seed=3)]
    outcomes = [run(one, job, **options) for one, job in zip((hf.TRAINER, plain.TRAINER), jobs, strict=True)]
    theirs, ours = (load_file(job.where / "model.safetensors") for job in jobs)
    assert theirs.keys() == ours.keys()
    for name in ours:
        torch.testing.assert_close(theirs[name], ours[name], rtol=0, atol=1e-5)
    assert outcomes[0].epochs == outcomes[1].epochs


def test_both_trainers_do_the_same_in_bfloat16(new_job):
    """Mixed precision is the same in both, and not that of float32; what is kept is float32."""
    options = {"dropout": 0.0, "epochs": 1.0, "batch_size": 8, "learning_rate": 0.01}
    found = []
    for one, precision in ((hf.TRAINER, "bfloat16"), (plain.TRAINER, "bfloat16"), (plain.TRAINER, "float32")):
        job = new_job(seed=3)
        run(one, job, **options, precision=precision)
        found.append(load_file(job.where / "model.safetensors"))
    theirs, ours, full = found
    assert {value.dtype for value in ours.values()} == {torch.float32}
    assert all(torch.allclose(theirs[name], ours[name], atol=1e-5) for name in ours)
    assert not all(torch.allclose(full[name], ours[name], atol=1e-5) for name in ours)


def test_a_pipeline_of_the_library_answers_as_we_do(trainer, task, new_job):
    """The checkpoint is a plain folder: anybody can load it, and gets the same labels."""
    job = new_job(task)
    run(trainer, job, **{**EASY, "epochs": 4.0})
    kind = checkpoint.PIPELINES[task.form]
    options = {"ignore_labels": []} if task.per_word else {}
    answer = transformers.pipeline(
        kind, model=str(job.where), tokenizer=str(job.where), device="cpu", **options
    )
    said = predict(trainer.load(job.where, task, "cpu"), job.validation)
    for one, example in zip(said, job.validation, strict=True):
        found = answer(example.text)
        if task.per_word:
            tags = [one.labels[at] for at in one.probabilities.argmax(-1)]
            assert [token["entity"] for token in found] == tags
        else:
            assert found[0]["label"] == one.label


def test_the_checkpoint_tells_nothing_of_this_machine(trainer, new_job, tiny_pretrained):
    """Neither where the base was nor where it was written: it can be published as it is."""
    job = new_job()
    run(trainer, job, **QUICK)
    assert set(digests(job.where)) == {
        "README.md",
        "config.json",
        "model.safetensors",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.txt",
    } - ({"special_tokens_map.json", "vocab.txt"} if transformers.__version__ >= "5" else set())
    for path in job.where.iterdir():
        for private in (tiny_pretrained.parent, job.where.parent):
            assert str(private).encode() not in path.read_bytes(), path.name


def test_early_stopping_ends_training_and_keeps_the_best(trainer, new_job):
    """Once nothing gets better it stops long before the last epoch, with the best score it saw."""
    outcome = run(trainer, new_job(), **{**EASY, "epochs": 60.0, "early_stopping": {"patience": 2}})
    assert outcome.epochs < 40
    assert len(outcome.history) == outcome.epochs
    assert outcome.after == max(one["score"] for one in outcome.history)
    assert outcome.history[-1]["score"] <= outcome.history[-3]["score"]


def test_too_high_a_learning_rate_diverges(trainer, new_job):
    """That is a result about this seed, told with the step."""
    with pytest.raises(Diverged, match="step"):
        run(trainer, new_job(), epochs=30.0, learning_rate=1e6, batch_size=8, warmup=0.0)


def test_a_weight_that_is_no_number_diverges_at_once(trainer, new_job, tiny_pretrained, tmp_path):
    """At the first step, not after an epoch."""
    weights = load_file(tiny_pretrained / "model.safetensors")
    weights["encoder.layer.0.output.dense.weight"][0, 0] = float("nan")
    for path in tiny_pretrained.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    save_file(weights, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(Diverged, match="at step 1 of"):
        run(trainer, new_job(pretrained=str(tmp_path)), **QUICK)


def test_one_label_alone_is_learned_without_complaint(trainer, new_job, tiny_sentiment):
    """A degenerate task is no error: the model says the only thing there is to say."""
    examples = [e for e in tiny_sentiment if e.target == "positive"]
    assert run(trainer, new_job(CLASSIFICATION, examples=examples), **QUICK).after == 1.0


def test_it_is_silent(trainer, new_job, capfd):
    """What there is to say goes to the listener, not to the terminal."""
    said: list[str] = []
    trainer.function(new_job(), said.append, **QUICK)
    assert capfd.readouterr() == ("", "")
    assert len(said) == 2


def test_accumulated_gradients_are_those_of_the_whole(trainer, new_job):
    """Over three batches they make the steps of one three times as large."""
    options = {"dropout": 0.0, "epochs": 1.0, "optimizer": "sgd", "learning_rate": 0.1, "weight_decay": 0.0}
    accumulated, whole = new_job(), new_job()
    outcome = run(trainer, accumulated, **options, batch_size=16, accumulate=3)
    assert outcome.epochs == 1.0
    run(trainer, whole, **options, batch_size=48)
    one, other = (load_file(job.where / "model.safetensors") for job in (accumulated, whole))
    assert all(torch.allclose(one[name], other[name], atol=1e-3) for name in one)


def test_what_a_seed_decides_can_be_narrowed(new_job, tiny_pretrained):
    """Of two seeds the heads are equal where only the order is theirs, and the other way round."""
    started = {}
    for decides in ("order", "initialization"):
        for seed in (0, 1):
            settings = Settings(seed_decides=decides)
            model, _, order = plain.prepare(new_job(seed=seed), settings)
            started[decides, seed] = model.network.classifier.weight, list(order)
    assert started["order", 0][0].equal(started["order", 1][0])
    assert started["order", 0][1] != started["order", 1][1]
    assert not started["initialization", 0][0].equal(started["initialization", 1][0])
    assert started["initialization", 0][1] == started["initialization", 1][1]


@pytest.mark.parametrize("trainer", [plain.TRAINER, hf.TRAINER], ids=lambda one: one.name)
def test_the_order_of_the_data_can_be_that_of_another_seed(new_job, trainer):
    """Given the run's own seed it changes no bit; given another, the head begins alike and ends elsewhere."""
    alone, same, other = new_job(seed=1), new_job(seed=1, order=1), new_job(seed=1, order=2)
    begun = [plain.prepare(job, Settings()) for job in (alone, other)]
    assert begun[0][0].network.classifier.weight.equal(begun[1][0].network.classifier.weight)
    assert list(begun[0][2]) != list(begun[1][2])
    for job in (alone, same, other):
        run(trainer, job, **QUICK)
    weights = [digests(job.where)["model.safetensors"] for job in (alone, same, other)]
    assert weights[0] == weights[1] != weights[2]
    assert "order: 2" in (other.where / "README.md").read_text("utf-8")


def test_further_arguments_reach_the_library(new_job):
    """One of its optimizer's options changes where training arrives."""
    one, other = new_job(), new_job()
    run(hf.TRAINER, one, **QUICK)
    run(hf.TRAINER, other, **QUICK, arguments={"adam_beta1": 0.5})
    assert digests(one.where)["model.safetensors"] != digests(other.where)["model.safetensors"]


def test_further_arguments_that_are_wrong_are_faults(new_job):
    """Unknown ones, and those that other options stand for, all at once."""
    with pytest.raises(UserError) as caught:
        run(hf.TRAINER, new_job(), arguments={"adam_betta1": 0.1, "seed": 3, "bf16": True})
    unknown, *ours = caught.value.faults
    assert "did you mean 'adam_beta1'?" in unknown.hint
    assert ["follows from the other options" in fault.message for fault in ours] == [True, True]


def test_the_model_card_cannot_be_broken_by_what_is_in_it(new_job):
    """Labels may hold anything: the YAML reads back what was put in."""
    labels = ("O", 'B-"x": [\n---\n', "I-#é")
    job = new_job(labels=labels)
    text = checkpoint.card(
        job, Outcome(0.0, 0.5, 2.0), {"epochs": 2.0, "early_stopping": {}}, "token-classification"
    )
    front = YAML(typ="safe").load(text.split("\n---\n")[0].removeprefix("---\n"))
    assert front["labels"] == list(labels)
    assert front["training"] == {"epochs": 2.0, "early_stopping": {}}
    assert (front["task"], front["seed"], front["base_model"]) == (NER.name, 0, "tiny")
    assert "went from 0.0000 to 0.5000" in text


@pytest.mark.parametrize("task", [RECOMMENDATION, RESPONSE], ids=lambda task: task.name)
def test_drawn_candidates_mean_the_same_to_both_trainers(task, new_job):
    """The plain loop and the library's trainer draw the same wrong candidates, and these matter."""
    slates = [
        Example(
            str(at),
            {
                "history": "alice",
                **{f"candidate {slot}": PLACES[(at + slot) % len(PLACES)] for slot in range(1, 7)},
            },
            (str(1 + at % 6),),
        )
        for at in range(24)
    ]
    found = []
    for one, negatives in ((hf.TRAINER, 2), (plain.TRAINER, 2), (plain.TRAINER, 0)):
        job = new_job(task, 3, slates)
        run(one, job, dropout=0.0, epochs=1.0, batch_size=8, learning_rate=0.01, negatives=negatives)
        found.append(load_file(job.where / "model.safetensors"))
    theirs, ours, every = found
    assert all(torch.allclose(theirs[name], ours[name], atol=1e-5) for name in ours)
    assert not all(torch.allclose(every[name], ours[name], atol=1e-5) for name in ours)
