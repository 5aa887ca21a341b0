"""A fine-tuned transformer: windows over long texts, and what it refuses to load."""

from __future__ import annotations

import json

import numpy as np
import pytest
import transformers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.inference import predict
from harness.models.transformer import Transformer, windows
from harness.tasks.candidates import SLOTS
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.multilabel import TASK as MULTILABEL
from harness.tasks.ner import TASK as NER
from harness.tasks.qa import TASK as QA
from harness.tasks.reading import field
from harness.tasks.recommendation import TASK as RECOMMENDATION
from harness.tasks.response import TASK as RESPONSE
from harness.text import Example, example
from harness.training import pretrained

LABELS = ("O", "B-PER", "I-PER")
NO = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)


@pytest.fixture(scope="module")
def tokenizer(tiny_pretrained):
    """The tiny model's."""
    return transformers.AutoTokenizer.from_pretrained(tiny_pretrained)


@pytest.fixture(scope="module")
def tagger(tiny_pretrained):
    """The tiny model with a random head."""
    network, tokenizer = pretrained.load(str(tiny_pretrained), NER.form, LABELS, 0, "cpu")
    return Transformer(network, tokenizer, NER, "cpu")


@NO
@given(text=st.text(max_size=200), length=st.integers(8, 64))
def test_windows_cover_every_word_and_stay_in_their_length(tokenizer, text, length):
    """Whatever the text: words are sorted, disjoint, without white space, and each is in a window."""
    (found,) = windows(tokenizer, [(field(example("a", text)),)], length)
    words = found[0].words
    assert all(len(w.ids) <= length and len(w.ids) == len(w.owner) for w in found)
    assert {at for w in found for at in w.owner if at >= 0} == set(range(len(words)))
    assert (words[1:, 0] >= words[:-1, 1]).all()
    assert all(text[a:b] == text[a:b].strip() != "" for a, b in words)


def test_a_text_that_fits_has_one_window_and_equal_results_at_any_longer_length(tagger, tiny_ner):
    """Windows change nothing where they are not needed."""
    for one in windows(tagger.tokenizer, [(field(e),) for e in tiny_ner], 64):
        assert len(one) == 1
    whole = predict(tagger, tiny_ner)
    tagger.length, before = 32, tagger.length
    try:
        again = predict(tagger, tiny_ner)
    finally:
        tagger.length = before
    for one, other in zip(whole, again, strict=True):
        assert one.probabilities.tobytes() == other.probabilities.tobytes()


PARTS = [
    (CLASSIFICATION, ("a", "b"), {"premise": "", "hypothesis": "alice went to rome"}),
    (CLASSIFICATION, ("a", "b"), {"premise": "alice went to rome", "hypothesis": ""}),
    (CLASSIFICATION, ("a", "b"), {"text": ""}),
    (MULTILABEL, ("a", "b"), {"text": ""}),
    (QA, ("start", "end"), {"question": "", "context": "alice went to rome"}),
    (RESPONSE, SLOTS, {"01 customer": "", "candidate 1": "rome", "candidate 2": "oslo"}),
    (RECOMMENDATION, SLOTS, {"history": "", "candidate 1": "rome", "candidate 2": "oslo"}),
]


@pytest.mark.parametrize(("task", "labels", "fields"), PARTS)
def test_what_has_an_empty_part_gets_an_answer(tiny_pretrained, task, labels, fields):
    """As it does when a model is asked with a part of its input alone, also beside longer ones."""
    network, tokenizer = pretrained.load(str(tiny_pretrained), task.form, labels, 0, "cpu")
    model = Transformer(network, tokenizer, task, "cpu")
    full = Example("b", {name: text or "bob went to oslo" for name, text in fields.items()})
    said, other = predict(model, [Example("a", fields), full])
    assert type(said) is type(other)
    assert np.isfinite(said.probabilities).all()


def test_every_word_of_a_long_text_is_answered(tagger):
    """Far past the model's length, each word has a distribution."""
    text = "alice went to rome . " * 60
    (said,) = predict(tagger, [example("a", text)])
    assert len(said.words) == 300
    np.testing.assert_allclose(said.probabilities.sum(-1), 1, atol=1e-5)
    assert [text[a:b] for a, b in said.words[:5]] == ["alice", "went", "to", "rome", "."]


def test_a_word_is_answered_by_the_window_that_sees_most_around_it(tagger):
    """In the overlap, the answer with the larger context is taken."""
    (pieces,) = tagger.encode([example("a", "alice went to rome . " * 20)])
    assert len(pieces) == 2
    outputs = [np.full((piece.size, len(LABELS) + 1), at, np.float32) for at, piece in enumerate(pieces)]
    said = tagger.decode(example("a", ""), pieces, outputs)
    from_second = said.probabilities[:, 0] == 1
    first, second = (set(piece.data.owner) - {-1} for piece in pieces)
    shared = sorted(first & second)
    assert not from_second[sorted(first - second)].any()
    assert from_second[sorted(second - first)].all()
    assert list(from_second[shared]) == sorted(from_second[shared])
    assert 0 < from_second[shared].sum() < len(shared)


def test_a_text_without_words_is_answered_too(tagger):
    """Nothing to tag is no error."""
    (said,) = predict(tagger, [example("a", " \u200b ")])
    assert said.spans == ()
    assert said.probabilities.shape == (0, len(LABELS))


def test_the_windows_of_a_long_text_are_averaged_for_its_label(tiny_pretrained):
    """Classification of a long text is the mean distribution over its windows, and so is its energy."""
    network, tokenizer = pretrained.load(str(tiny_pretrained), CLASSIFICATION.form, ("a", "b"), 0, "cpu")
    model = Transformer(network, tokenizer, CLASSIFICATION, "cpu")
    one = example("a", "good day . " * 60)
    (pieces,) = model.encode([one])
    outputs = model.forward(pieces)
    assert len(pieces) > 2
    (said,) = predict(model, [one])
    mean = np.mean(outputs, axis=0)
    np.testing.assert_allclose([*said.probabilities, said.energy], mean, atol=1e-5)


def test_a_checkpoint_without_a_head_is_refused(tiny_pretrained):
    """A head drawn at random would answer at random."""
    with pytest.raises(ValueError, match=r"has no weights for classifier.*not a fine-tuned ner model"):
        Transformer.load(tiny_pretrained, NER, "cpu")


def test_a_pickled_checkpoint_is_refused_and_never_run(tagger, tmp_path):
    """Weights in a .bin file are not looked at."""
    marker = tmp_path / "pwned"
    tagger.network.save_pretrained(tmp_path)
    tagger.tokenizer.save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    (tmp_path / "pytorch_model.bin").write_bytes(f"cos\nsystem\n(S'touch {marker}'\ntR.".encode())
    with pytest.raises(OSError, match="safetensors"):
        Transformer.load(tmp_path, NER, "cpu")
    assert not marker.exists()


def test_what_was_saved_answers_as_before(tagger, tmp_path, tiny_ner):
    """Labels, their order and every probability survive."""
    tagger.network.save_pretrained(tmp_path)
    tagger.tokenizer.save_pretrained(tmp_path)
    again = Transformer.load(tmp_path, NER, "cpu")
    assert again.labels == LABELS
    for one, other in zip(predict(tagger, tiny_ner), predict(again, tiny_ner), strict=True):
        assert one.probabilities.tobytes() == other.probabilities.tobytes()


def test_half_precision_is_widened(tagger, tmp_path):
    """A checkpoint saved in bfloat16 is evaluated in float32 all the same."""
    import torch

    tagger.network.to(torch.bfloat16).save_pretrained(tmp_path)
    tagger.network.to(torch.float32)
    tagger.tokenizer.save_pretrained(tmp_path)
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "bfloat16"
    assert {p.dtype for p in Transformer.load(tmp_path, NER, "cpu").network.parameters()} == {torch.float32}
