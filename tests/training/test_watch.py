"""Watching a network while it trains: when it is scored, stopped and put back."""

from __future__ import annotations

import math

import pytest
import torch

from harness.errors import Diverged, UserError
from harness.models.transformer import Transformer
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.training import pretrained
from harness.training.settings import Settings
from harness.training.watch import Watch


@pytest.fixture
def start(new_job, tiny_sentiment):
    """A watch over a network that says one label whatever it reads, and how to choose it.

    Three of four validation examples are positive, so that it scores 0.75 or 0.25.
    """

    def start(until=1.0, **options):
        positive = [e for e in tiny_sentiment if e.target == "positive"][:3]
        negative = [e for e in tiny_sentiment if e.target == "negative"][:1]
        job = new_job(CLASSIFICATION, validation=[*positive, *negative], until=until)
        network, tokenizer = pretrained.load(job.pretrained, CLASSIFICATION.form, job.labels, 0, "cpu")
        torch.nn.init.zeros_(network.classifier.weight)

        def say(label):
            bias = torch.tensor([float(label == name) for name in job.labels])
            network.classifier.bias.data.copy_(bias)

        say("negative")
        model = Transformer(network, tokenizer, CLASSIFICATION, "cpu")
        said = []
        watch = Watch(job, model, Settings(**options), 4, 12, said.append)
        watch.begin()
        return watch, say, said

    return start


def step(watch, times=1):
    """So many batches and steps; whether the last was told to stop."""
    stop = False
    for _ in range(times):
        watch.saw(torch.tensor(0.5))
        stop = watch.stepped()
    return stop


def test_it_scores_before_at_every_epoch_and_at_the_end(start):
    """The history has the epoch, the mean loss since the last look and the score."""
    watch, say, said = start()
    step(watch, 4)
    say("positive")
    step(watch, 8)
    outcome = watch.finish()
    assert (outcome.before, outcome.after, outcome.epochs) == (0.25, 0.75, 3.0)
    assert outcome.history == (
        {"epoch": 1.0, "loss": 0.5, "score": 0.25},
        {"epoch": 2.0, "loss": 0.5, "score": 0.75},
        {"epoch": 3.0, "loss": 0.5, "score": 0.75},
    )
    assert said[0] == "before training: score 0.2500"
    assert said[2] == "epoch 2: loss 0.5000, score 0.7500"


@pytest.mark.parametrize(("every", "looks"), [(0.0, 1), (0.5, 6), (3.0, 1), (2.0, 2)])
def test_it_looks_as_often_as_asked_and_always_at_the_end(every, looks, start):
    """Between evaluations lie so many epochs."""
    watch, _, _ = start(evaluate_every=every)
    step(watch, 12)
    assert len(watch.finish().history) == looks


def test_training_stops_without_progress_and_the_best_weights_come_back(start):
    """After two looks without a better score it stops, and keeps what scored best."""
    watch, say, _ = start(early_stopping={"patience": 2})
    say("positive")
    assert not step(watch, 4)
    say("negative")
    assert not step(watch, 4)
    assert step(watch, 4)
    outcome = watch.finish()
    assert outcome.after == 0.75
    assert watch.model.network.classifier.bias.tolist() == [0.0, 1.0]


def test_without_early_stopping_the_last_weights_are_kept(start):
    """A better score on the way is not gone back to."""
    watch, say, _ = start()
    say("positive")
    step(watch, 4)
    say("negative")
    assert not step(watch, 7)
    assert step(watch)
    assert watch.finish().after == 0.25
    assert watch.model.network.classifier.bias.tolist() == [1.0, 0.0]


def test_a_run_that_is_to_stop_on_the_way_ends_there(start):
    """With a look, although none was due; the score is that of then."""
    watch, say, _ = start(evaluate_every=0.0, until=0.25)
    say("positive")
    assert not step(watch, 2)
    assert step(watch)
    outcome = watch.finish()
    assert (outcome.epochs, outcome.after) == (0.75, 0.75)


def test_early_stopping_needs_validation_data(new_job):
    """There would be nothing to stop by."""
    job = new_job(CLASSIFICATION, validation=[])
    network, tokenizer = pretrained.load(job.pretrained, CLASSIFICATION.form, job.labels, 0, "cpu")
    model = Transformer(network, tokenizer, CLASSIFICATION, "cpu")
    with pytest.raises(UserError, match="needs validation data"):
        Watch(job, model, Settings(early_stopping={"patience": 1}), 1, 1, lambda said: None)
    watch = Watch(job, model, Settings(), 1, 1, lambda said: None)
    watch.begin()
    assert watch.before is None


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_is_a_divergence_with_its_step(loss, start):
    """The message names the step."""
    watch, _, _ = start()
    step(watch, 2)
    with pytest.raises(Diverged, match="at step 3 of 12"):
        watch.saw(torch.tensor(loss))


def test_weights_that_are_not_finite_are_a_divergence(start):
    """Even if the loss before them was fine."""
    watch, _, _ = start()
    watch.model.network.classifier.bias.data[0] = math.inf
    with pytest.raises(Diverged, match="weights are not finite after step 4 of 12"):
        step(watch, 4)
