"""Models that write are trained by every trainer, whatever their family."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
import torch
import transformers

from harness.errors import UserError
from harness.inference import predict
from harness.models.generation import FILE, Generation
from harness.models.generator import Generator
from harness.tasks.summarization import TASK as SUMMARIZATION
from harness.tasks.task import Form
from harness.text import Example
from harness.training import encoding, hf, pretrained
from harness.training import torch as plain
from harness.training.encoding import IGNORED
from harness.training.settings import Settings
from harness.training.watch import some

TASK = replace(SUMMARIZATION, instruction="brief")
WHO, WHERE = ("bob", "eve"), ("rome", "oslo", "lima")
FAMILIES = ["tiny_seq2seq", "tiny_decoder", "tiny_pretrained"]
EASY = {"epochs": 50.0, "learning_rate": 0.01, "batch_size": 6, "evaluate_every": 0.0, "dropout": 0.0}
HOW = {"max_new_tokens": 12, "max_source_tokens": 100}


@pytest.fixture(scope="module")
def examples():
    """Twelve texts whose summary is a word or two of them."""
    texts = [(f"{who} went to {where}", f"{where} {who}") for who in WHO for where in WHERE]
    texts += [(f"in the end {who} is in {where}", f"{where}") for who in WHO for where in WHERE]
    return [Example(str(at), {"source": text}, (short,)) for at, (text, short) in enumerate(texts)]


@pytest.fixture(params=FAMILIES)
def base(request):
    """Each family."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture(params=[hf.TRAINER, plain.TRAINER], ids=lambda trainer: trainer.name)
def trainer(request):
    """Each trainer of transformers."""
    return request.param


def train(trainer, job, **options):
    """Train with these options and the defaults."""
    return trainer.function(job, lambda said: None, **trainer.bind({"generation": HOW} | options))


def writer(base, **settings):
    """An untrained model."""
    network, tokenizer = pretrained.load(base, Form.TEXT, (), 0, "cpu")
    return Generator(network, tokenizer, TASK, "cpu", Generation(**{**HOW, **settings}))


def test_it_learns_to_write(trainer, base, new_job, examples, capfd):
    """From nonsense to the right words, in silence; loaded again it writes what was scored, as it was set."""
    job = new_job(TASK, examples=examples, pretrained=base)
    longer = {"epochs": 150.0} if "decoder" in base else {}  # it has to find the text in its prompt
    outcome = train(trainer, job, **EASY | longer)
    assert outcome.before < 0.4
    assert outcome.after > 0.8
    assert capfd.readouterr() == ("", "")
    model = trainer.load(job.where, TASK, "cpu")
    assert model.settings == Generation(**HOW)
    assert json.loads((job.where / FILE).read_text())["max_new_tokens"] == 12
    said = predict(model, examples)
    sums = sum(TASK.scoring.stats(e, p, ()) for e, p in zip(examples, said, strict=True))
    assert float(TASK.scoring.score(sums)) == pytest.approx(outcome.after)
    right = [one for example, one in zip(examples, said, strict=True) if one.text == example.references[0]]
    assert len(right) >= 8
    assert all(one.logprob == pytest.approx(one.gold, abs=1e-3) for one in right)


def test_equal_seeds_give_equal_bytes(base, new_job, examples):
    """Fresh weights, the order and dropout are keyed."""
    jobs = [new_job(TASK, seed=1, examples=examples, pretrained=base) for _ in range(2)]
    weights = []
    for job in jobs:
        train(plain.TRAINER, job, epochs=1.0, batch_size=4)
        torch.rand(3)
        weights.append(hashlib.sha256((job.where / "model.safetensors").read_bytes()).hexdigest())
    assert weights[0] == weights[1]


def test_an_encoder_decoder_learns_the_text_and_a_decoder_nothing_of_the_prompt(base, examples):
    """What carries loss is the reference with its end, and nothing else."""
    model = writer(base)
    for example, row in zip(examples, encoding.texts(model, examples), strict=True):
        learned = [token for token in row.target if token != IGNORED]
        assert learned[-1] == model.end
        assert model.tokenizer.decode(learned, skip_special_tokens=True) == example.references[0]
        if not model.paired:
            assert len(row.target) == len(row.ids)
            assert row.ids[-len(learned) :] == learned
            assert set(row.target[: -len(learned)]) == {IGNORED}


def test_a_reference_that_is_too_long_is_cut_and_its_end_not_learned(base):
    """Otherwise the model would learn to stop where the limit is."""
    model = writer(base, max_new_tokens=3)
    (row,) = encoding.texts(model, [Example("a", {"source": "x"}, ("bob went to rome in the end",))])
    learned = [token for token in row.target if token != IGNORED]
    assert len(learned) == 3
    assert model.end not in learned
    with pytest.raises(UserError, match="nothing to learn from"):
        encoding.texts(model, [Example("a", {"source": "x"}, ())])


def test_the_loss_of_a_padded_batch_is_that_of_its_rows(base, examples):
    """Weighed by their tokens; padding on the right changes no more than rounding."""
    model = writer(base)
    rows = encoding.texts(model, examples)

    def loss(some):
        counts = [sum(token != IGNORED for token in row.target) for row in some]
        batch = encoding.collate(model.tokenizer, some, "cpu")
        with torch.no_grad():
            return float(model.network(**batch).loss) * sum(counts)

    assert loss(rows) == pytest.approx(sum(loss([row]) for row in rows), rel=1e-4)


def test_settings_that_cannot_be_are_refused(new_job, examples, tiny_pretrained):
    """Those that no model could follow at once, those that this one cannot when it is there."""
    with pytest.raises(ValueError, match="generation has no key 'beam'"):
        Settings(generation={"beam": 3})
    with pytest.raises(ValueError, match="evaluate_on should be at least 0"):
        Settings(evaluate_on=-1)
    job = new_job(TASK, examples=examples, pretrained=str(tiny_pretrained))
    with pytest.raises(UserError, match="max_new_tokens should be at most 63 for this model, found 64"):
        train(plain.TRAINER, job, generation={})


def test_only_some_of_the_validation_data_are_scored_if_asked(new_job, examples, tiny_decoder):
    """Always the same; the model is asked for so many texts and no more."""
    assert some(examples, 0) == some(examples, 99) == examples
    assert some(examples, 5) == some(examples, 5)
    assert len({one.id for one in some(examples, 5)}) == 5
    job = new_job(TASK, examples=examples, pretrained=str(tiny_decoder))
    outcome = train(plain.TRAINER, job, epochs=1.0, evaluate_on=3)
    job.where.joinpath("README.md").unlink()
    model = plain.TRAINER.load(job.where, TASK, "cpu")
    picked = some(examples, 3)
    sums = sum(TASK.scoring.stats(e, p, ()) for e, p in zip(picked, predict(model, picked), strict=True))
    assert float(TASK.scoring.score(sums)) == outcome.after


def test_an_encoder_on_both_sides_starts_with_all_that_the_encoder_knows(tiny_pretrained):
    """Its layers on either side, copied attention between them, and words written as they are read."""
    network, _ = pretrained.load(str(tiny_pretrained), Form.TEXT, (), 0, "cpu")
    body = transformers.AutoModel.from_pretrained(tiny_pretrained).state_dict()
    for name, value in network.decoder.bert.state_dict().items():
        source = name.replace("crossattention", "attention")
        assert value.equal(body[source]), name
    for name, value in network.encoder.state_dict().items():
        assert value.equal(body[name]), name
    words = network.decoder.get_output_embeddings().weight
    assert words is network.decoder.get_input_embeddings().weight
    again, _ = pretrained.load(str(tiny_pretrained), Form.TEXT, (), 0, "cpu")
    assert all(one.equal(other) for one, other in zip(network.parameters(), again.parameters(), strict=True))
