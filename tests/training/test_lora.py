"""Low-rank adaptation: what it trains, and what it leaves."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
import transformers
from safetensors.torch import load_file

from harness.errors import UserError
from harness.inference import predict
from harness.tasks.classification import TASK as CLASSIFICATION
from harness.tasks.ner import TASK as NER
from harness.tasks.task import Form
from harness.tasks.translation import TASK as TRANSLATION
from harness.text import Example
from harness.training import hf, lora
from harness.training import torch as plain
from harness.training.settings import Settings

EASY = {"epochs": 12.0, "learning_rate": 0.02, "batch_size": 8, "dropout": 0.0}


@pytest.fixture(params=[hf.TRAINER, plain.TRAINER], ids=lambda trainer: trainer.name)
def trainer(request):
    """Each trainer of transformers."""
    return request.param


def run(trainer, job, **options):
    """Train with these options and the defaults."""
    return trainer.function(job, lambda said: None, **trainer.bind(options))


def test_it_learns_with_all_pretrained_weights_as_they_were(trainer, new_job, tiny_pretrained):
    """Merged into a plain checkpoint, only the matrices it names differ from the pre-trained ones."""
    job = new_job(NER)
    outcome = run(trainer, job, **EASY, lora={"rank": 4})
    assert outcome.after > 0.9
    before = load_file(tiny_pretrained / "model.safetensors")
    after = load_file(job.where / "model.safetensors")
    assert not any("lora" in name for name in after)
    moved = {name for name, weight in before.items() if not weight.equal(after.get(f"bert.{name}", weight))}
    assert moved == {
        f"encoder.layer.{at}.attention.self.{part}.weight" for at in (0, 1) for part in ("query", "value")
    }
    for name in moved:
        update = after[f"bert.{name}"] - before[name]
        assert int(torch.linalg.matrix_rank(update, atol=1e-4)) <= 4


def test_kept_beside_the_weights_it_says_the_same_as_merged(new_job):
    """The adapter alone is small, names what it belongs to, and answers alike once it is loaded."""
    said, sizes = [], []
    for merge in (True, False):
        job = new_job(NER, seed=2)
        run(plain.TRAINER, job, **EASY, lora={"rank": 4, "merge": merge})
        said.append(predict(plain.load(job.where, NER, "cpu"), job.validation))
        sizes.append(sum(path.stat().st_size for path in job.where.glob("*.safetensors")))
    for merged, beside in zip(*said, strict=True):
        assert merged.spans == beside.spans
        torch.testing.assert_close(
            torch.tensor(merged.probabilities), torch.tensor(beside.probabilities), rtol=0, atol=1e-5
        )
    assert sizes[1] < sizes[0] / 2
    assert json.loads((job.where / "adapter_config.json").read_text())["r"] == 4


def test_an_adapter_does_not_go_on_other_weights(new_job, tiny_pretrained, tmp_path):
    """What it was trained on is part of it."""
    base = tmp_path / "base"
    shutil.copytree(tiny_pretrained, base)
    job = new_job(NER, pretrained=str(base))
    run(plain.TRAINER, job, epochs=1.0, lora={"merge": False})
    plain.load(job.where, NER, "cpu")
    weights = base / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\1")
    with pytest.raises(UserError, match="its updates belong to other weights"):
        plain.load(job.where, NER, "cpu")


def test_both_trainers_do_the_same(new_job):
    """As with any other option."""
    found = []
    for trainer in (hf.TRAINER, plain.TRAINER):
        job = new_job(CLASSIFICATION, seed=1)
        run(trainer, job, epochs=2.0, dropout=0.0, batch_size=8, learning_rate=0.01, lora={"rank": 2})
        found.append(load_file(job.where / "model.safetensors"))
    assert all(torch.allclose(found[0][name], found[1][name], atol=1e-5) for name in found[1])


def test_the_modules_can_be_named(new_job):
    """Others than the usual ones are trained; one that is not there is a fault with what is near."""
    model, *_ = plain.prepare(new_job(), Settings(lora={"targets": ["key"], "rank": 2}))
    trained = {name for name, value in model.network.named_parameters() if value.requires_grad}
    assert {name.partition(".self.")[2] for name in trained if "lora_" in name} == {
        "key.lora_A.default.weight",
        "key.lora_B.default.weight",
    }
    assert {name for name in trained if "lora_" not in name} == {
        "classifier.modules_to_save.default.weight",
        "classifier.modules_to_save.default.bias",
    }
    with pytest.raises(UserError, match="there is no module 'querry'") as caught:
        plain.prepare(new_job(), Settings(lora={"targets": ["querry"]}))
    assert caught.value.faults[0].hint == "did you mean 'query'?"


SIZES = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
BERT = transformers.BertConfig(vocab_size=40, **SIZES)
ARCHITECTURES = {
    "decoder": (
        lambda: transformers.LlamaForCausalLM(transformers.LlamaConfig(vocab_size=40, **SIZES)),
        {"q_proj", "v_proj"},
    ),
    "encoder-decoder": (
        lambda: transformers.T5ForConditionalGeneration(
            transformers.T5Config(vocab_size=40, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
        ),
        {"q", "v"},
    ),
    "two encoders": (
        lambda: transformers.EncoderDecoderModel(
            encoder=transformers.BertModel(BERT),
            decoder=transformers.BertLMHeadModel(
                transformers.BertConfig(vocab_size=40, is_decoder=True, add_cross_attention=True, **SIZES)
            ),
        ),
        {"query", "value"},
    ),
    "one that peft does not know": (
        lambda: transformers.DistilBertForMaskedLM(
            transformers.DistilBertConfig(vocab_size=40, dim=16, n_layers=1, n_heads=2, hidden_dim=32)
        ),
        {"q_lin", "k_lin", "v_lin", "out_lin", "lin1", "lin2"},
    ),
}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_family_is_adapted_and_written_as_it_was(name, tmp_path, new_job):
    """Updates sit where the architecture has them usually; at first they change nothing, merged neither."""
    make, expected = ARCHITECTURES[name]
    torch.manual_seed(0)
    network = make().eval()
    ids = torch.arange(4, 12)[None]
    paired = {"decoder_input_ids": ids} if network.config.is_encoder_decoder else {}
    before = network(input_ids=ids, **paired).logits
    options = Settings(lora={"rank": 2}).adapter
    lora.adapt(network, Form.TEXT, options, 0, "cpu")
    trained = {n for n, value in network.named_parameters() if value.requires_grad}
    assert {n.partition(".lora_")[0].rpartition(".")[2] for n in trained if ".lora_" in n} == expected
    whole = {n for n in trained if ".lora_" not in n}
    assert all(".crossattention." in n or ".transform." in n for n in whole)
    assert bool(whole) == (name == "two encoders")
    torch.testing.assert_close(network(input_ids=ids, **paired).logits, before)
    job = new_job()
    lora.save(job, network, merge=True)
    again = type(network).from_pretrained(job.where).eval()
    torch.testing.assert_close(again(input_ids=ids, **paired).logits, before)


@pytest.mark.parametrize("family", ["tiny_decoder", "tiny_seq2seq", "tiny_pretrained"])
def test_models_that_write_are_adapted_and_loaded_again(family, new_job, request):
    """Decoder, encoder-decoder, and one made of two encoders: beside the weights, it writes the same."""
    examples = [
        Example(f"{at}", {"source": source}, (target,))
        for at, (source, target) in enumerate([("alice went to rome", "rome"), ("bob is in oslo", "oslo")])
    ]
    options = {"epochs": 4.0, "batch_size": 1, "learning_rate": 0.02, "dropout": 0.0}
    options["generation"] = {"max_new_tokens": 4, "max_source_tokens": 24}
    written = []
    for merge in (True, False):
        job = new_job(TRANSLATION, examples=examples, pretrained=str(request.getfixturevalue(family)))
        run(plain.TRAINER, job, **options, lora={"rank": 2, "merge": merge})
        written.append([one.text for one in predict(plain.load(job.where, TRANSLATION, "cpu"), examples)])
    assert written[0] == written[1]
    assert lora.is_adapter(job.where)
