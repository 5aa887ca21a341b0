"""A transformer small enough to train in a test, and data that it can learn."""

from __future__ import annotations

import itertools
import json
import os
import socket
import string
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from harness.text import Example, Span

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

hypothesis.settings.register_profile("patient", deadline=None)  # machines differ, and so does their load
hypothesis.settings.load_profile("patient")

PEOPLE, PLACES = ("alice", "bob", "carol", "dave"), ("paris", "rome", "oslo", "lima")
MEETINGS = ("{} went to {} .", "today {} is in {} .", "in the end , {} saw {} .")
GOOD, BAD = ("good", "great", "fine", "lovely"), ("bad", "awful", "poor", "sad")
OPINIONS = ("the food was {} .", "it was a {} day .", "{} , said the man .")


@pytest.fixture(scope="session", autouse=True)
def quiet() -> None:
    """One thread and a silent library, as workers have it."""
    import torch
    import transformers

    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever uses the network fails."""

    def refuse(*_: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def _vocabulary() -> list[str]:
    texts = " ".join((*MEETINGS, *OPINIONS)).replace("{}", "").split()
    words = dict.fromkeys([*texts, *PEOPLE, *PLACES, *GOOD, *BAD])
    marks = string.ascii_lowercase + string.digits + string.punctuation
    pieces = [f"##{mark}" for mark in string.ascii_lowercase + string.digits] + ["##ing", "##ed", "##s"]
    return list(dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *marks, *pieces, *words]))


@pytest.fixture(scope="session")
def tiny_pretrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a BERT of two layers, 32 wide, with random weights, and its tokenizer."""
    import torch
    import transformers

    folder = tmp_path_factory.mktemp("pretrained") / "tiny"
    folder.mkdir()
    vocabulary = _vocabulary()
    (folder / "vocab.txt").write_text("\n".join(vocabulary), "utf-8")
    tokenizer = transformers.BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64)
    tokenizer.save_pretrained(folder)
    config = transformers.BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        transformers.BertModel(config).save_pretrained(folder, safe_serialization=True)
    assert json.loads((folder / "config.json").read_text())["num_hidden_layers"] == 2
    return folder


CHAT = (
    "{% for one in messages %}<{{ one['role'] }}>{{ one['content'] }}<end>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)


def _characters(ending: bool) -> Any:
    """A tokenizer of bytes, so that any text can be written; ``ending`` puts the end after each text."""
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    special = ["<pad>", "<end>", "<user>", "<assistant>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    backend = Tokenizer(models.BPE({one: at for at, one in enumerate([*special, *letters])}, []))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    if ending:
        backend.post_processor = processors.TemplateProcessing(
            single="$A <end>", pair="$A <end> $B <end>", special_tokens=[("<end>", 1)]
        )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="<pad>",
        eos_token="<end>",
        additional_special_tokens=special[2:],
        model_max_length=512,
    )


def _tiny(folder: Path, config: Any, kind: str, tokenizer: Any) -> Path:
    """A folder with a network of random weights and its tokenizer."""
    import torch
    import transformers

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        getattr(transformers, kind).from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_seq2seq(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a T5 of two layers, 32 wide, that reads and writes bytes."""
    import transformers

    tokenizer = _characters(ending=True)
    config = transformers.T5Config(
        vocab_size=len(tokenizer),
        d_model=32,
        d_kv=16,
        d_ff=64,
        num_layers=2,
        num_heads=2,
        pad_token_id=0,
        eos_token_id=1,
        decoder_start_token_id=0,
    )
    folder = tmp_path_factory.mktemp("pretrained") / "tiny-seq2seq"
    return _tiny(folder, config, "AutoModelForSeq2SeqLM", tokenizer)


@pytest.fixture(scope="session")
def tiny_decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a Llama of two layers, 32 wide, that writes bytes and has a chat template."""
    import transformers

    tokenizer = _characters(ending=False)
    tokenizer.chat_template = CHAT
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=1,
        tie_word_embeddings=True,
    )
    folder = tmp_path_factory.mktemp("pretrained") / "tiny-decoder"
    return _tiny(folder, config, "AutoModelForCausalLM", tokenizer)


@pytest.fixture(scope="session")
def tiny_ner() -> list[Example]:
    """48 sentences about four people and four places, gold by construction."""
    found = []
    for at, (person, place, pattern) in enumerate(itertools.product(PEOPLE, PLACES, MEETINGS)):
        text = pattern.format(person, place)
        spans = [
            Span(text.index(name), text.index(name) + len(name), label)
            for name, label in ((person, "PER"), (place, "LOC"))
        ]
        found.append(Example(f"ner-{at}", {"text": text}, tuple(sorted(spans))))
    return found


@pytest.fixture(scope="session")
def tiny_sentiment() -> list[Example]:
    """24 sentences that one word makes positive or negative."""
    return [
        Example(f"sentiment-{at}", {"text": pattern.format(word)}, "positive" if word in GOOD else "negative")
        for at, (pattern, word) in enumerate(itertools.product(OPINIONS, (*GOOD, *BAD)))
    ]
