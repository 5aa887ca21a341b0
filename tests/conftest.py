"""A transformer small enough to train in a test, and data that it can learn."""

from __future__ import annotations

import itertools
import json
import os
import string
from pathlib import Path

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
