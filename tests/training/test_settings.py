"""Options of fine-tuning: which there are, and what they may be."""

from __future__ import annotations

import pytest

from harness.training import hf, sklearn, torch
from harness.training.settings import Settings


def test_the_defaults_are_allowed_and_listed():
    """What a trainer lists as its options is what it runs with when nothing is said."""
    assert torch.TRAINER.bind(None) == torch.TRAINER.options
    assert torch.TRAINER.options["learning_rate"] == 5e-4
    assert set(hf.TRAINER.options) - set(torch.TRAINER.options) == {"arguments"}
    assert sklearn.TRAINER.options == {"C": 1.0, "max_iter": 100}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"epochs": 0.0}, "epochs should be above 0, found 0.0"),
        ({"learning_rate": float("nan")}, "learning_rate should be above 0, found nan"),
        ({"batch_size": 0}, "batch_size should be at least 1, found 0"),
        ({"optimizer": "adam"}, "optimizer should be one of adamw, sgd, found 'adam'"),
        ({"schedule": "lineal"}, "did you mean 'linear'?"),
        ({"warmup": 1.5}, "warmup should be at least 0 and at most 1, found 1.5"),
        ({"weight_decay": -0.1}, "weight_decay should be at least 0, found -0.1"),
        ({"dropout": 1.0}, "dropout should be below 1, found 1.0"),
        ({"gradient_clip": -1.0}, "gradient_clip should be at least 0"),
        ({"freeze": "embedding"}, "did you mean 'embeddings'?"),
        ({"top_layers": 0}, "top_layers should be at least 1, found 0"),
        ({"early_stopping": {"patience": 0}}, "patience should be a whole number of 1 or more, found 0"),
        ({"early_stopping": {"patient": 2}}, "the key patience only, found 'patient'"),
        ({"early_stopping": {"patience": 1}, "evaluate_every": 0.0}, "needs evaluate_every above 0"),
        ({"max_length": 4}, "max_length should be at least 8, found 4"),
    ],
)
def test_a_value_that_is_not_allowed_is_named_with_what_is(options, said):
    """The message names the option, what was found and what would be right."""
    with pytest.raises(ValueError) as caught:
        torch.TRAINER.bind(options)
    assert said in str(caught.value)


def test_all_faults_are_told_at_once():
    """Two wrong options are two faults of one error."""
    with pytest.raises(ValueError, match=r"epochs .*; batch_size"):
        Settings(epochs=-1.0, batch_size=0)
