"""Freezing: what it says is frozen does not move."""

from __future__ import annotations

import pytest
from safetensors.torch import load_file

from harness.errors import UserError
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.task import Form
from harness.training import pretrained
from harness.training import torch as plain
from harness.training.freeze import freeze

ONCE = {"epochs": 1.0, "learning_rate": 0.01, "warmup": 0.0, "schedule": "constant"}


@pytest.mark.parametrize(
    ("options", "moved"),
    [
        ({"freeze": "none"}, {"embeddings", "layer.0", "layer.1", "pooler", "classifier"}),
        ({"freeze": "embeddings"}, {"layer.0", "layer.1", "pooler", "classifier"}),
        ({"freeze": "all-but-top-k", "top_layers": 1}, {"layer.1", "pooler", "classifier"}),
        ({"freeze": "all-but-top-k", "top_layers": 2}, {"layer.0", "layer.1", "pooler", "classifier"}),
        ({"freeze": "head-only"}, {"pooler", "classifier"}),
    ],
)
def test_only_what_is_free_moves(options, moved, new_job, tiny_pretrained):
    """After an epoch, exactly the parts that are not frozen differ from the pre-trained weights."""
    job = new_job(CLASSIFICATION)
    plain.fit(job, lambda said: None, **ONCE, **options)
    before = load_file(tiny_pretrained / "model.safetensors")
    after = load_file(job.where / "model.safetensors")
    parts = {"embeddings", "layer.0", "layer.1", "pooler"}
    changed = {
        part
        for part in parts
        for name, weight in before.items()
        if part in name and not weight.equal(after[f"bert.{name}"])
    }
    assert changed == moved - {"classifier"}


def test_more_layers_than_there_are_cannot_be_trained(new_job):
    """The fault names how many there are."""
    with pytest.raises(UserError, match="at most 2, the layers there are, found 3"):
        plain.fit(new_job(), lambda said: None, freeze="all-but-top-k", top_layers=3)


@pytest.fixture
def pair(tiny_pretrained):
    """The tiny network on both sides: two layers below, two above."""
    return pretrained.load(str(tiny_pretrained), Form.TEXT, (), 0, "cpu")[0]


def free(network):
    """The layers that train, by the side that they are on."""
    names = [name for name, weight in network.named_parameters() if weight.requires_grad]
    return {
        (side, layer)
        for side in ("encoder", "decoder")
        for layer in (0, 1)
        for name in names
        if name.startswith(f"{side}.") and f"layer.{layer}." in name
    }


def test_the_upper_layers_of_a_pair_are_those_that_write(pair):
    """The layers of the encoder lie below those of the decoder."""
    freeze(pair, "all-but-top-k", 3)
    assert free(pair) == {("encoder", 1), ("decoder", 0), ("decoder", 1)}


def test_a_network_without_a_head_of_its_own_cannot_be_frozen_but_for_it(pair):
    """Nothing would be left to train, and the fault says so."""
    with pytest.raises(UserError, match="head-only leaves nothing of EncoderDecoderModel to train"):
        freeze(pair, "head-only")
