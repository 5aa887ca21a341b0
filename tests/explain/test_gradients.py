"""Attributions from gradients."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from harness.errors import UserError
from harness.explain.goal import Goal, choose
from harness.explain.gradients import gradient_x_input, has_gradients, integrated_gradients
from harness.inference import predict
from harness.models.transformer import Transformer, windows
from harness.tasks import classification
from harness.tasks.reading import field
from harness.text import example

LONG = " ".join(["the food was good , said the man ."] * 12)


class Lookup(torch.nn.Module):
    """A network whose log-odds are a known function of one number per word.

    The embedding of word ``k`` is the number ``k``; that of the mask is 0.
    """

    def __init__(self, function, width):
        super().__init__()
        self.config = SimpleNamespace(id2label={0: "no", 1: "yes"}, pad_token_id=6)
        self.function = function
        self.embedding = torch.nn.Embedding.from_pretrained(
            torch.arange(width).float()[:, None], freeze=False
        )

    def get_input_embeddings(self):
        return self.embedding

    def forward(self, input_ids, attention_mask):
        numbers = self.embedding(input_ids)[..., 0]
        output = self.function(numbers)
        return SimpleNamespace(logits=torch.stack([-output / 2, output / 2], -1))


@pytest.fixture
def lookup(tmp_path):
    """``lookup(function)``: a model of texts such as ``two three``, with [CLS] and [SEP] around."""
    import transformers

    names = ["[MASK]", "one", "two", "three", "[CLS]", "[SEP]", "[PAD]", "[UNK]"]
    (tmp_path / "vocab.txt").write_text("\n".join(names), "utf-8")
    tokenizer = transformers.BertTokenizerFast(str(tmp_path / "vocab.txt"), model_max_length=64)

    def build(function):
        return Transformer(Lookup(function, len(names)), tokenizer, classification.TASK, "cpu")

    return build


def goal_of(model, text, id="a"):
    """What there is to explain about a text."""
    one = example(id, text)
    return choose(model.task, one, predict(model, [one])[0])


def weights(record, model, text, **options):
    """The attributions of the words of a text."""
    return record.function(model, model.task, [goal_of(model, text)], **options)[0].weights


def product(numbers):
    return numbers[:, 1] * numbers[:, 2]


def test_integrated_gradients_of_a_product_share_it_equally(lookup):
    """f = x1 x2 at (2, 3): each gets 3, which adds up to f."""
    assert weights(integrated_gradients, lookup(product), "two three") == pytest.approx([3, 3], abs=1e-5)


def test_integrated_gradients_of_a_cubic_are_exact(lookup):
    """f = x1^2 x2 at (2, 3): (8, 4), where a midpoint rule would still be off."""
    found = weights(integrated_gradients, lookup(lambda x: x[:, 1] ** 2 * x[:, 2]), "two three")
    assert found == pytest.approx([8, 4], abs=1e-4)


def test_gradient_times_input_of_a_product_is_not_complete(lookup):
    """f = x1 x2 at (2, 3): 6 each, 12 in total, while f is 6."""
    assert weights(gradient_x_input, lookup(product), "two three") == pytest.approx([6, 6], abs=1e-5)


def test_special_tokens_are_never_features(lookup):
    """What [CLS] and [SEP] contribute is credited to no word."""
    for record in (integrated_gradients, gradient_x_input):
        found = weights(record, lookup(lambda x: 10 * x[:, 0] + x[:, 1]), "two three")
        assert found == pytest.approx([2, 0], abs=1e-5)


def test_steps_are_doubled_only_for_texts_whose_weights_miss_their_sum(lookup):
    """A kink that few points cannot see costs its own text more, and no other."""
    model = lookup(lambda x: torch.relu(x[:, 1] - 1.9) * 20 + x[:, 2])
    goals = [goal_of(model, text) for text in ("two one", "one two")]
    kinked, smooth = integrated_gradients.function(model, model.task, goals, steps=2, limit=64)
    assert kinked.note != "baseline [MASK], 2 steps"
    assert smooth.note == "baseline [MASK], 2 steps"
    assert smooth.completeness == pytest.approx(0, abs=1e-5)
    bounded = integrated_gradients.function(model, model.task, goals, steps=2, limit=2)[0]
    assert bounded.completeness > 0.05


def test_a_text_like_its_baseline_has_no_completeness(lookup):
    """A relative error of nothing is undefined."""
    model = lookup(lambda x: x[:, 0] + 0 * x[:, 1])
    assert (
        integrated_gradients.function(model, model.task, [goal_of(model, "two one")])[0].completeness is None
    )


@pytest.mark.parametrize("task", ["classification", "ner"])
def test_integrated_gradients_of_a_transformer_are_complete(tiny, task):
    """Weights add up to the change from the baseline, for labels and entities."""
    model = tiny(task)
    goal = goal_of(model, "alice went to paris with bob .")
    found = integrated_gradients.function(model, model.task, [goal], steps=100, limit=100)[0]
    assert found.completeness < 0.02
    assert len(found.weights) == 7
    assert np.abs(found.weights).max() > 0


@pytest.mark.parametrize("task", ["classification", "ner"])
def test_a_long_text_is_explained_across_its_windows(tiny, task):
    """Words that several windows see are features once, and the sum is still complete."""
    model = tiny(task)
    assert len(windows(model.tokenizer, [(field(example("a", LONG)),)], model.length)[0]) > 1
    goal = goal_of(model, LONG)
    found = integrated_gradients.function(model, model.task, [goal], steps=100, limit=100)[0]
    assert found.weights.shape == (108,)
    assert found.completeness < 0.05


def test_windows_that_answer_together_are_averaged(lookup):
    """Two windows whose first word counts 2 give a text 2 in all, not 4."""
    model = lookup(lambda x: x[:, 1])
    text = " ".join(["two"] * 80)
    assert len(windows(model.tokenizer, [(field(example("a", text)),)], model.length)[0]) == 2
    for record in (integrated_gradients, gradient_x_input):
        assert weights(record, model, text).sum() == pytest.approx(2, abs=1e-5)


def test_an_entity_is_explained_by_the_window_that_answers_for_it(tiny):
    """Words that only another window sees have no say in the last word's tag."""
    model = tiny("ner")
    last = (len(LONG) - 1, len(LONG))
    goal = Goal(example("a", LONG), "PER: .", (1,), (last,), 0.5)
    for record in (integrated_gradients, gradient_x_input):
        found = record.function(model, model.task, [goal])[0].weights
        assert not found[:40].any()
        assert found[-1] != 0


def test_marks_and_parts_of_words_count_for_the_word_that_they_stand_in(tiny):
    """``good,`` is one feature of two tokens, and unknown words are split in many."""
    model = tiny("classification")
    for record in (integrated_gradients, gradient_x_input):
        assert weights(record, model, "  good, blorping man. ").shape == (3,)


def test_company_in_a_batch_changes_attributions_by_rounding_only(tiny):
    """A text alone gets the weights that it gets among others of other lengths."""
    model = tiny("classification")
    goals = [goal_of(model, text, text) for text in ("good", "the food was great .", LONG)]
    for record in (integrated_gradients, gradient_x_input):
        together = record.function(model, model.task, goals)
        for goal, one in zip(goals, together, strict=True):
            alone = record.function(model, model.task, [goal])[0]
            assert one.weights == pytest.approx(alone.weights, rel=1e-3, abs=1e-4)


def test_no_steps_at_all_are_refused(tiny):
    """The message says which option is wrong and what was found."""
    model = tiny("classification")
    with pytest.raises(UserError, match="steps: at least 1 step is needed, found 0"):
        integrated_gradients.function(model, model.task, [goal_of(model, "good")], steps=0)


def test_only_transformers_have_gradients(tiny, additive):
    """Callables and bags of words do not."""
    assert has_gradients(tiny("ner"))
    assert not has_gradients(additive)
