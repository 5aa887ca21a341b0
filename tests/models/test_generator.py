"""A model that writes: the library's own generation is the oracle, batches and order change nothing."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
import transformers

from harness.inference import predict
from harness.models import generation
from harness.models.generation import Generation
from harness.models.generator import Generator, publish
from harness.tasks.summarization import TASK
from harness.tasks.task import Form
from harness.text import Example
from harness.training import pretrained

WORDS = [
    "the",
    "cat",
    "sat",
    "on",
    "a",
    "mat",
    "and",
    "then",
    "it",
    "went",
    "home",
    "to",
    "sleep",
    "for",
    "days",
]
SHORT = Generation(max_new_tokens=12)


@pytest.fixture(scope="module")
def plain_decoder(tiny_decoder, tmp_path_factory):
    """A GPT-2, whose places are learned, without a chat template and without a token for padding."""
    folder = tmp_path_factory.mktemp("pretrained") / "gpt2"
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_decoder)
    tokenizer.chat_template = tokenizer.pad_token = None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        config = transformers.GPT2Config(
            vocab_size=len(tokenizer),
            n_embd=32,
            n_layer=2,
            n_head=2,
            n_positions=256,
            eos_token_id=1,
            bos_token_id=1,
        )
        transformers.GPT2LMHeadModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def bart(tiny_seq2seq, tmp_path_factory):
    """A BART, whose decoder starts with the end."""
    folder = tmp_path_factory.mktemp("pretrained") / "bart"
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_seq2seq)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        config = transformers.BartConfig(
            vocab_size=len(tokenizer),
            d_model=32,
            encoder_layers=2,
            decoder_layers=2,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=64,
            decoder_ffn_dim=64,
            max_position_embeddings=256,
            pad_token_id=0,
            bos_token_id=2,
            eos_token_id=1,
            decoder_start_token_id=1,
            forced_eos_token_id=None,
        )
        transformers.BartForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


FAMILIES = ["tiny_seq2seq", "bart", "tiny_decoder", "plain_decoder", "tiny_pretrained"]


@pytest.fixture(scope="module", params=FAMILIES)
def loaded(request):
    """Network and tokenizer of each family; the last is an encoder on both sides.

    The random weights of all but the embeddings are made larger, so that what is written depends on
    what was read.
    """
    network, tokenizer = pretrained.load(str(request.getfixturevalue(request.param)), Form.TEXT, (), 0, "cpu")
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        for name, weights in network.named_parameters():
            if weights.ndim > 1:
                weights.add_(torch.randn_like(weights) * (0.1 if "embed" in name else 0.2))
    return network, tokenizer


@pytest.fixture
def writes(loaded):
    """A model of each family with these settings."""
    return lambda settings=SHORT: Generator(*loaded, TASK, "cpu", settings)


@pytest.fixture(scope="module")
def examples():
    """Twelve texts of all lengths with references."""
    return [
        Example(str(at), {"source": " ".join(WORDS[at : at + 1 + at])}, (WORDS[-1 - at],)) for at in range(12)
    ]


def arguments(model, example):
    """What the library's ``generate`` needs for one example, nothing padded."""
    sheet = model.encode([example])[0][0].data
    ids = torch.tensor([sheet.source.ids])
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}, 1 if model.paired else ids.shape[1]


def test_greedy_writes_what_the_library_writes(writes, examples):
    """Token for token, though ours are batched and padded and rows leave when they have ended."""
    model = writes()
    said = predict(model, examples)
    texts = []
    for example in examples:
        given, start = arguments(model, example)
        (found,) = model.network.generate(**given, do_sample=False, num_beams=1, max_new_tokens=12)
        texts.append(model.tokenizer.decode(found[start:], skip_special_tokens=True).strip())
    assert [one.text for one in said] == texts
    assert len(set(texts)) > 1


def test_beams_write_what_the_library_writes(writes, examples):
    """And say how likely the model finds it."""
    model = writes(Generation(max_new_tokens=8, beams=3, length_penalty=0.5))
    said = predict(model, examples)
    for example, one in zip(examples, said, strict=True):
        given, start = arguments(model, example)
        (found,) = model.network.generate(
            **given,
            do_sample=False,
            num_beams=3,
            length_penalty=0.5,
            early_stopping=True,
            max_new_tokens=8,
        )
        assert one.text == model.tokenizer.decode(found[start:], skip_special_tokens=True).strip()
        assert np.isfinite(one.logprob)
        assert one.logprob < 0


@pytest.mark.filterwarnings("ignore:To copy construct from a tensor")
def test_the_log_probability_of_the_reference_is_the_librarys_loss(writes, examples):
    """The mean loss per token, times the tokens; it is the same alone and among others."""
    model = writes()
    for example, one in zip(examples, predict(model, examples), strict=True):
        sheet = model.encode([example])[0][0].data
        ids, gold = sheet.source.ids, sheet.gold
        if not model.paired:
            ids, gold = ids + gold, [-100] * len(ids) + gold
        with torch.no_grad():
            loss = model.network(input_ids=torch.tensor([ids]), labels=torch.tensor([gold])).loss
        assert one.gold_tokens == len(sheet.gold) > 1
        assert one.gold == pytest.approx(-float(loss) * one.gold_tokens, abs=1e-3)


def test_what_was_written_is_as_likely_as_the_same_reference(writes, examples):
    """Step by step or all at once, the model is the same."""
    model = writes()
    for example, one in zip(examples, predict(model, examples), strict=True):
        (own,) = model.encode([example])
        (output,) = model.forward(own)
        again = replace(own[0], data=replace(own[0].data, gold=output.ids))
        (scored,) = model.forward([again])
        assert scored.gold == pytest.approx(output.logprob, abs=1e-3)
        assert one.logprob == pytest.approx(output.logprob, abs=1e-3)


def test_neither_order_nor_repetition_changes_a_bit(writes, examples):
    """Batches are a function of what is asked."""
    model = writes()
    said = predict(model, examples)
    assert predict(model, examples[::-1])[::-1] == said
    assert predict(model, [*examples, *examples]) == [*said, *said]


def test_padding_changes_no_more_than_rounding(writes, examples):
    """Alone, each example gets the same text and the same numbers."""
    model = writes()
    for example, one in zip(examples, predict(model, examples), strict=True):
        (alone,) = predict(model, [example])
        assert alone.text == one.text
        assert alone.logprob == pytest.approx(one.logprob, abs=1e-3)
        assert alone.gold == pytest.approx(one.gold, abs=1e-3)


def test_draws_depend_on_seed_and_source_alone(writes, examples):
    """Not on the order, the batch, the reference or torch's generator, which stays where it was."""
    state = torch.get_rng_state()
    settings = Generation(max_new_tokens=12, sample=True, temperature=1.5)
    said = [one.text for one in predict(writes(settings), examples)]
    torch.rand(3)
    torch.set_rng_state(state)
    assert [one.text for one in predict(writes(settings), examples[::-1])][::-1] == said
    others = [replace(example, target=("something else",)) for example in examples]
    assert [one.text for one in predict(writes(settings), others)] == said
    assert [one.text for one in predict(writes(replace(settings, seed=1)), examples)] != said
    assert torch.get_rng_state().equal(state)


def test_a_tiny_nucleus_is_greedy(writes, examples):
    """Only the most probable token is left to be drawn."""
    settings = replace(SHORT, sample=True, top_p=1e-9)
    assert predict(writes(settings), examples) == predict(writes(), examples)


def test_drawn_tokens_have_the_probabilities_of_the_model(writes):
    """A grid of uniform numbers hits each token as often as it is likely; outside the nucleus, never."""
    scores = torch.tensor([0.4, 0.1, 0.3, 0.2]).log()
    uniform = (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000
    for top_p, wanted in ((1.0, (400, 100, 300, 200)), (0.6, (571, 0, 429, 0)), (0.71, (444, 0, 333, 222))):
        model = writes(replace(SHORT, sample=True, top_p=top_p))
        found = Counter(model._draw(scores.repeat(1000, 1), uniform).tolist())
        assert [found[token] for token in range(4)] == pytest.approx(wanted, abs=1)


def test_outputs_that_the_limit_ends_say_so(writes, examples):
    """With one token, all that did not end at once are cut, and count one token."""
    said = predict(writes(Generation(max_new_tokens=1)), examples)
    assert {one.tokens for one in said} == {1}
    assert [one.cut for one in said] == [bool(one.text) or one.cut for one in said]
    assert any(one.cut for one in said)


def test_inputs_that_are_too_long_say_how_much_was_lost(writes, examples):
    """The limit includes all that is added."""
    model = writes(replace(SHORT, max_source_tokens=60))
    long = Example("long", {"source": "the cat sat " * 40}, ("x",))
    for example, one in zip([*examples[:2], long], predict(model, [*examples[:2], long]), strict=True):
        sheet = model.encode([example])[0][0].data
        assert len(sheet.source.ids) <= 60
        assert one.lost == sheet.source.lost
    assert one.lost > 0


def test_nothing_is_said_twice_that_must_not_be(writes, examples):
    """No sequence of two tokens comes again, greedy or with beams."""
    for settings in (replace(SHORT, no_repeat_ngram=2), replace(SHORT, no_repeat_ngram=2, beams=2)):
        model = writes(settings)
        for own in model.encode(examples[:4]):
            (output,) = model.forward(own)
            pairs = list(zip(output.ids, output.ids[1:], strict=False))
            assert len(pairs) == len(set(pairs))


def test_an_empty_text_gets_an_answer(writes, examples):
    """Whatever a model writes of itself: alone and among others the same."""
    empty = replace(examples[3], fields={"source": ""})
    model = writes()
    (alone,) = predict(model, [empty])
    assert predict(model, [*examples, empty])[-1].text == alone.text
    assert math.isfinite(alone.logprob)


def test_without_a_reference_its_probability_is_unknown(writes, examples):
    """Some have one and some have none, in one batch."""
    bare = [replace(e, target=None) if at % 2 else e for at, e in enumerate(examples)]
    said = predict(writes(), bare)
    assert [np.isnan(one.gold) for one in said] == [at % 2 == 1 for at in range(len(bare))]
    assert [one.text for one in said] == [one.text for one in predict(writes(), examples)]


def test_what_was_saved_writes_as_before(writes, examples, tmp_path):
    """Settings included; the library's own configuration says the same."""
    model = writes(Generation(max_new_tokens=7, no_repeat_ngram=3, max_source_tokens=50))
    publish(model.network, model.settings)
    model.network.save_pretrained(tmp_path)
    model.tokenizer.save_pretrained(tmp_path)
    generation.write(tmp_path, model.settings)
    again = Generator.load(tmp_path, TASK, "cpu")
    assert again.settings == model.settings
    assert predict(again, examples) == predict(model, examples)
    told = json.loads((tmp_path / "generation_config.json").read_text())
    assert (told["max_new_tokens"], told["no_repeat_ngram_size"]) == (7, 3)
    (tmp_path / generation.FILE).unlink()
    assert Generator.load(tmp_path, TASK, "cpu").settings == replace(model.settings, max_source_tokens=512)


def test_a_limit_beyond_the_models_is_refused(loaded):
    """Said with what the model can do."""
    if (limit := getattr(loaded[0].config, "max_position_embeddings", None)) is None:
        pytest.skip("places are relative")
    with pytest.raises(ValueError, match="max_new_tokens should be at most"):
        Generator(*loaded, TASK, "cpu", Generation(max_new_tokens=limit + 1))


def test_a_checkpoint_that_lacks_weights_is_refused(tiny_pretrained, tiny_seq2seq, tmp_path):
    """An encoder alone would write at random; so would half of an encoder-decoder."""
    with pytest.raises(ValueError, match="has no weights for"):
        Generator.load(tiny_pretrained, TASK, "cpu")
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(tiny_seq2seq, tmp_path / "half")
    weights = load_file(folder / "model.safetensors")
    kept = {name: value for name, value in weights.items() if not name.startswith("decoder.block.1")}
    save_file(kept, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match="has no weights for decoder"):
        Generator.load(folder, TASK, "cpu")
