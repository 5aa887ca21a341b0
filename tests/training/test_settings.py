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
        ({"accumulate": 0}, "accumulate should be at least 1, found 0"),
        ({"momentum": 1.0}, "momentum should be at least 0 and below 1, found 1.0"),
        ({"layer_decay": 0.0}, "layer_decay should be above 0 and at most 1, found 0.0"),
        ({"label_smoothing": 1.0}, "label_smoothing should be at least 0 and below 1, found 1.0"),
        ({"class_weights": "balance"}, "class_weights should be balanced or a mapping"),
        ({"negatives": -1}, "negatives should be at least 0, found -1"),
        ({"class_weights": {"PER": -1}}, "class_weights.PER should be a number of 0 or more, found -1"),
        ({"lora": {"rang": 8}}, "lora has no key 'rang'; did you mean 'rank'?"),
        ({"lora": {"rank": 0}}, "lora.rank should be a whole number of 1 or more, found 0"),
        ({"lora": {"rank": "8"}}, "lora.rank should be a whole number of 1 or more, found '8'"),
        ({"lora": {"alpha": 0}}, "lora.alpha should be a number above 0, found 0"),
        ({"lora": {"dropout": 1}}, "lora.dropout should be a number of at least 0 and below 1, found 1"),
        ({"lora": {"targets": "query"}}, "lora.targets should be a list of names of modules, found 'query'"),
        ({"lora": {"merge": "no"}}, "lora.merge should be true or false, found 'no'"),
        ({"lora": {"rank": 8}, "freeze": "embeddings"}, "so freeze should be none, found 'embeddings'"),
        ({"precision": "float16"}, "precision should be one of float32, bfloat16, auto, found 'float16'"),
        ({"seed_decides": "orders"}, "did you mean 'order'?"),
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
