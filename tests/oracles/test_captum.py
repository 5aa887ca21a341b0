"""Attributions and their sensitivity beside those of Captum (methods, sections 6.1 and 6.4).

Infidelity and Shapley values: see ``tests/explain``.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation, InputXGradient, IntegratedGradients
from captum.metrics import sensitivity_max

from harness.explain.ask import weighed
from harness.explain.goal import choose
from harness.explain.gradients import integrated_gradients
from harness.explain.infidelity import moved
from harness.explain.occlusion import occlusion
from harness.inference import predict
from harness.models.function import Function
from harness.models.transformer import Transformer
from harness.rng import rng
from harness.tasks import classification
from harness.text import example

WORDS = ("good", "bad", "food", "day")


def crooked(x: torch.Tensor) -> torch.Tensor:
    """A function of three features with a product, a square and a wave."""
    return x[:, 0] * x[:, 1] + x[:, 2].sin() * x[:, 0] ** 2


def test_integrated_gradients_of_a_transformer_are_theirs(agree, tiny_pretrained):
    """Ours differ in the way (ids of tokens, special ones kept) and not in the weights of words."""
    import transformers

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        network = transformers.BertForSequenceClassification.from_pretrained(
            tiny_pretrained, num_labels=3, id2label=dict(enumerate(("negative", "neutral", "positive")))
        ).eval()
        with torch.no_grad():
            for tensor in network.parameters():
                tensor += torch.randn_like(tensor) * 0.3
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_pretrained)
    model = Transformer(network, tokenizer, classification.TASK, "cpu")
    one = example("x", "the food was good , said alice")
    goal = choose(model.task, one, predict(model, [one])[0])
    (ours,) = integrated_gradients.function(model, model.task, [goal], steps=20, limit=20)
    at = model.labels.index(goal.target)
    ids = tokenizer(one.text, return_tensors="pt")["input_ids"]
    blank = ids.clone()
    blank[:, 1:-1] = tokenizer.mask_token_id
    embed = network.get_input_embeddings()

    def log_odds(vectors: torch.Tensor) -> torch.Tensor:
        logits = network(inputs_embeds=vectors).logits
        others = logits[:, [k for k in range(3) if k != at]]
        return logits[:, at] - others.logsumexp(-1)

    found = IntegratedGradients(log_odds).attribute(embed(ids), embed(blank), n_steps=20)
    theirs = found.sum(-1)[0, 1:-1].detach()
    assert np.abs(ours.weights).max() > 0.1
    agree("integrated gradients", "IntegratedGradients", ours.weights, theirs, 1e-4)


def alone(inputs):
    """The one tensor that there is, which comes in a tuple at times."""
    return inputs if isinstance(inputs, torch.Tensor) else inputs[0]


@pytest.mark.parametrize("trial", range(5))
def test_max_sensitivity_is_theirs(agree, trial):
    """The same neighbours of the same inputs, explained by gradient times input."""
    random = rng("sensitivity", trial)
    x = torch.tensor(random.normal(size=(1, 3)))
    near = x + torch.tensor(random.uniform(-0.02, 0.02, (50, 3)))
    method = InputXGradient(crooked)

    def explained(inputs: torch.Tensor) -> torch.Tensor:
        return method.attribute(inputs.clone().requires_grad_()).detach()

    own, others = explained(x)[0].numpy(), explained(near).numpy()
    ours = max(moved(own, one) for one in others)
    draws = iter(near)
    theirs = sensitivity_max(
        lambda inputs: (explained(alone(inputs)),),
        x,
        perturb_func=lambda inputs, _: torch.stack([next(draws) for _ in alone(inputs)]),
        n_perturb_samples=50,
    )
    agree("max-sensitivity", "sensitivity_max", ours, float(theirs[0]), 1e-12)


@pytest.mark.parametrize("text", ["good food", "bad day good food", "food , bad food and a good day"])
def test_occlusion_is_their_ablation(agree, text):
    """Of a black box: what is lost when a word is taken away, word by word."""
    worth = dict(zip(WORDS, (0.3, -0.2, 0.05, 0.1), strict=True))

    def chance(said: str) -> float:
        found = said.split()
        return 0.5 + sum(worth.get(word, 0.0) for word in found) * (0.5 if "food" in found else 1.0)

    model = Function(
        lambda texts: [{"yes": chance(one), "no": 1 - chance(one)} for one in texts],
        ("no", "yes"),
        classification.TASK,
    )
    one = example("x", text)
    (goal,) = weighed(model, model.task, [choose(model.task, one, predict(model, [one])[0])])
    (ours,) = occlusion.function(model, model.task, [goal])
    parts = np.array(text.split())
    yes = goal.target == "yes"

    def said(kept: torch.Tensor) -> torch.Tensor:
        found = [chance(" ".join(parts[row.bool().numpy()])) for row in kept]
        return torch.tensor([value if yes else 1 - value for value in found]).double()

    theirs = FeatureAblation(said).attribute(torch.ones(1, len(parts)).double())[0]
    agree("occlusion", "FeatureAblation", ours.weights, theirs, 1e-6)
