"""A model that is given one text and writes another."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import transformers

from harness.errors import UserError
from harness.models.writer import Writer


@pytest.mark.parametrize("which", ["tiny_decoder", "tiny_seq2seq"])
def test_it_writes_what_the_library_writes(which: str, request: pytest.FixtureRequest) -> None:
    """Greedily, or nothing where the text gets to no end in twice its length."""
    folder = request.getfixturevalue(which)
    writer = Writer.load(str(folder), "")
    assert writer.write("the cat sat") == writer.write("the cat sat") == _greedy(folder, "the cat sat")


def _greedy(folder: Path, text: str) -> str:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    config = transformers.AutoConfig.from_pretrained(folder)
    paired = config.is_encoder_decoder
    kind = transformers.AutoModelForSeq2SeqLM if paired else transformers.AutoModelForCausalLM
    network = kind.from_pretrained(folder).eval()
    size = len(tokenizer(text)["input_ids"])
    if not paired:
        said = [{"role": "user", "content": text}]
        text = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
    given = tokenizer(text, return_tensors="pt", add_special_tokens=paired)
    given.pop("token_type_ids", None)
    room = 16 + 2 * size
    with torch.inference_mode():
        ids = network.generate(**given, do_sample=False, num_beams=1, max_new_tokens=room)[0]
    ids = ids[1:] if paired else ids[given["input_ids"].shape[1] :]
    ended = ids[-1] == tokenizer.eos_token_id
    return tokenizer.decode(ids, skip_special_tokens=True).strip() if ended else ""


def test_a_text_that_it_cannot_hold_is_not_written_anew(tiny_decoder: Path, tiny_seq2seq: Path) -> None:
    """Half of a text would come out as if it were all."""
    for folder in (tiny_decoder, tiny_seq2seq):
        assert Writer.load(str(folder), "").write("word " * 400) == ""


def test_weights_that_do_not_write_are_the_users_error(tiny_pretrained: Path, tmp_path: Path) -> None:
    """An encoder, an empty folder and no folder at all."""
    with pytest.raises(UserError):
        Writer.load(str(tiny_pretrained), "")
    with pytest.raises(UserError, match="no safetensors weights"):
        Writer.load(str(tmp_path), "")
    with pytest.raises(UserError, match="there is no folder"):
        Writer.load("./nowhere", "")
