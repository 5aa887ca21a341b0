"""Pre-trained weights: found, identified, and loaded without running anybody's code."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from harness.errors import UserError
from harness.models import weights
from harness.tasks.task import Form
from harness.training import pretrained

HEAD = Form.WORDS
LABELS = ("O", "B-PER", "I-PER")


@pytest.fixture
def copy(tiny_pretrained, tmp_path):
    """A copy of the tiny model that a test may spoil."""
    return Path(shutil.copytree(tiny_pretrained, tmp_path / "copy"))


@pytest.fixture
def package(monkeypatch, tmp_path):
    """An installed package of packaged weights, of which importing is an error."""
    folder = tmp_path / "site" / weights.PACKAGE
    (folder / "model").mkdir(parents=True)
    (folder / "__init__.py").write_text("raise ImportError('must not be imported')")
    (folder / "model" / "model.safetensors").write_bytes(b"not what was published")
    monkeypatch.syspath_prepend(folder.parent)
    monkeypatch.delitem(sys.modules, weights.PACKAGE, raising=False)
    return folder


def test_packaged_weights_that_were_changed_are_refused(package):
    """Both hashes are named."""
    with pytest.raises(UserError, match=weights.SHA256) as caught:
        weights.resolve("minilm")
    assert hashlib.sha256(b"not what was published").hexdigest() in str(caught.value)
    assert caught.value.faults[0].file.endswith("model.safetensors")


@pytest.mark.skipif(
    importlib.util.find_spec(weights.PACKAGE) is None, reason="extra offline is not installed"
)
def test_packaged_weights_are_found_without_importing_their_package():
    """The folder is inside the installed package, and holds what was published."""
    folder = Path(weights.resolve("minilm"))
    assert (folder / "config.json").is_file()
    assert weights.PACKAGE not in sys.modules


def test_without_the_package_minilm_comes_from_the_hub(monkeypatch):
    """The name of the hub is what is left."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert weights.resolve("minilm") == weights.HUB


def test_a_folder_is_itself_and_a_missing_one_is_a_fault(tiny_pretrained):
    """Paths are not mistaken for hub names."""
    assert weights.resolve(str(tiny_pretrained)) == str(tiny_pretrained)
    with pytest.raises(UserError, match="there is no folder"):
        weights.resolve("./nowhere")


def test_offline_an_unknown_hub_name_is_a_fault_with_a_remedy(monkeypatch):
    """No traceback of the hub's client, but what to do."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UserError, match="nobody/nothing") as caught:
        weights.digest("nobody/nothing")
    assert "local folder" in caught.value.faults[0].hint


def test_the_digest_is_of_content_alone(copy, tiny_pretrained):
    """A copy has the same; a changed configuration, a flipped bit or another vocabulary has not."""
    same = weights.digest(str(tiny_pretrained))
    assert weights.digest(str(copy)) == same
    (copy / "README.md").write_text("a remark")
    assert weights.digest(str(copy)) == same
    for name in ("config.json", "vocab.txt", "model.safetensors"):
        path = copy / name
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert weights.digest(str(copy)) != same, name
        path.write_bytes(whole)


def test_the_digest_does_not_import_torch(tiny_pretrained):
    """It is asked for before every run, also when nothing is to be computed."""
    code = (
        "import sys; from harness.models import weights;"
        f"weights.digest({str(tiny_pretrained)!r}); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_pickled_weights_are_refused_and_never_run(copy, tmp_path):
    """A folder with a .bin alone is a fault, and the payload inside stays asleep."""
    marker = tmp_path / "pwned"
    (copy / "model.safetensors").unlink()
    (copy / "pytorch_model.bin").write_bytes(f"cos\nsystem\n(S'touch {marker}'\ntR.".encode())
    with pytest.raises(UserError, match=r"found pytorch_model\.bin"):
        weights.digest(str(copy))
    with pytest.raises(UserError, match="no safetensors weights"):
        pretrained.load(str(copy), HEAD, LABELS, 0, "cpu")
    assert not marker.exists()


@pytest.mark.parametrize("kind", ["bert", "unheard-of"])
def test_code_that_comes_with_a_model_is_never_run(kind, copy, tmp_path):
    """``auto_map`` is ignored where the library knows the architecture, and a fault elsewhere."""
    marker = tmp_path / "pwned"
    (copy / "evil.py").write_text(f"open({str(marker)!r}, 'w').close()\nclass Config: ...\nclass Model: ...")
    config = json.loads((copy / "config.json").read_text())
    config |= {"model_type": kind, "auto_map": {"AutoConfig": "evil.Config", HEAD: "evil.Model"}}
    (copy / "config.json").write_text(json.dumps(config))
    if kind == "bert":
        network, _ = pretrained.load(str(copy), HEAD, LABELS, 0, "cpu")
        assert type(network).__module__.startswith("transformers.")
    else:
        with pytest.raises(UserError, match="cannot load"):
            pretrained.load(str(copy), HEAD, LABELS, 0, "cpu")
    assert not marker.exists()


def test_the_head_is_drawn_by_the_seed_and_nothing_global_moves(tiny_pretrained):
    """Equal seeds give equal heads, others do not, and torch's own generator is where it was."""
    state = torch.get_rng_state()
    one, again, other = (
        pretrained.load(str(tiny_pretrained), HEAD, LABELS, seed, "cpu")[0].classifier.weight
        for seed in (0, 0, 1)
    )
    assert one.equal(again)
    assert not one.equal(other)
    assert torch.get_rng_state().equal(state)


def test_dropout_is_set_everywhere_or_left_as_it_is(tiny_pretrained):
    """All dropout layers of the network have the probability that was asked for."""
    for wanted, found in ((0.3, 0.3), (0.0, 0.0), (-1.0, 0.1)):
        network, _ = pretrained.load(str(tiny_pretrained), HEAD, LABELS, 0, "cpu", dropout=wanted)
        assert {m.p for m in network.modules() if isinstance(m, torch.nn.Dropout)} == {found}


def test_a_body_with_missing_weights_is_refused(copy):
    """Random layers must not pass for pre-trained ones."""
    from safetensors.torch import load_file, save_file

    weights = load_file(copy / "model.safetensors")
    kept = {name: weight for name, weight in weights.items() if "layer.1" not in name}
    save_file(kept, copy / "model.safetensors", {"format": "pt"})
    with pytest.raises(UserError, match="lacks weights of its body"):
        pretrained.load(str(copy), HEAD, LABELS, 0, "cpu")


def test_a_model_with_a_head_for_other_labels_is_refused(tiny_pretrained, tmp_path):
    """Starting from a fine-tuned model is allowed with the same labels in the same order only."""
    network, tokenizer = pretrained.load(str(tiny_pretrained), HEAD, LABELS, 0, "cpu")
    network.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    again, _ = pretrained.load(str(tmp_path), HEAD, LABELS, 1, "cpu")
    assert again.classifier.weight.equal(network.classifier.weight)
    for other, told in (
        (("O", "I-PER", "B-PER"), "I-PER  I-PER  number 2 of the model, 1 of the data"),
        (("O", "B-PER"), "I-PER  -     the data lacks it"),
        (("O", "B-per", "I-PER", "B-LOC"), "B-PER  B-per  other case"),
    ):
        with pytest.raises(UserError, match="has a head for other labels") as caught:
            pretrained.load(str(tmp_path), HEAD, other, 0, "cpu")
        assert told in caught.value.faults[0].message


def test_the_label_map_is_read_without_torch(tiny_pretrained, tmp_path):
    """From the configuration alone, in the order of the head's outputs."""
    config = json.loads((tiny_pretrained / "config.json").read_text())
    config["id2label"] = {"10": "c", "2": "b", "0": "a"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert pretrained.labels(str(tmp_path)) == ("a", "b", "c")
    (tmp_path / "config.json").write_text('{"id2label": 3}')
    with pytest.raises(UserError, match="its label map cannot be read"):
        pretrained.labels(str(tmp_path))
