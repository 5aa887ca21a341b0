"""Optimizers and the course of the learning rate."""

from __future__ import annotations

import pytest
import torch
import transformers
from hypothesis import given
from hypothesis import strategies as st

from harness.training.optimize import course, optimizer, warmup_steps
from harness.training.settings import SCHEDULES, Settings


@pytest.mark.parametrize(("name", "kind"), [("adamw", torch.optim.AdamW), ("sgd", torch.optim.SGD)])
def test_the_optimizer_is_the_one_that_was_asked_for(name, kind):
    """Its kind and its peak learning rate are the settings'."""
    found = optimizer(torch.nn.Linear(2, 2), Settings(optimizer=name, learning_rate=0.25))
    assert type(found) is kind
    assert {group["lr"] for group in found.param_groups} == {0.25}


def test_only_matrices_decay_and_what_is_frozen_is_left_out():
    """Biases and normalisation layers are spared; frozen weights are not the optimizer's business."""
    network = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.LayerNorm(3), torch.nn.Linear(3, 3))
    network[2].requires_grad_(False)
    decaying, spared = optimizer(network, Settings(weight_decay=0.1)).param_groups
    assert (decaying["weight_decay"], spared["weight_decay"]) == (0.1, 0.0)
    assert [p.shape for p in decaying["params"]] == [(3, 3)]
    assert [p.shape for p in spared["params"]] == [(3,), (3,), (3,)]


@pytest.mark.parametrize(
    ("schedule", "reference"),
    [("linear", "linear"), ("cosine", "cosine"), ("constant", "constant_with_warmup")],
)
@given(steps=st.integers(1, 30), warmup=st.floats(0, 1))
def test_the_course_is_that_of_the_hugging_face_library(schedule, reference, steps, warmup):
    """Step by step the same learning rate as its schedules of these names."""
    early = warmup_steps(Settings(warmup=warmup), steps)
    ours = torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), lr=1.0)
    theirs = transformers.get_scheduler(reference, ours, num_warmup_steps=early, num_training_steps=steps)
    share = theirs.lr_lambdas[0]
    assert [course(schedule, early, steps)(at) for at in range(steps)] == pytest.approx(
        [share(at) for at in range(steps)]
    )


@given(
    schedule=st.sampled_from(SCHEDULES),
    steps=st.integers(1, 50),
    warmup=st.integers(0, 50),
    at=st.integers(0, 99),
)
def test_the_learning_rate_never_leaves_its_range(schedule, steps, warmup, at):
    """It is between 0 and its peak, even past the end."""
    assert 0.0 <= course(schedule, warmup, steps)(at) <= 1.0
