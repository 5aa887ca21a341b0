"""Low-rank adaptation (Hu et al. 2022): small updates of frozen weight matrices, through peft."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from torch import nn

from harness.errors import Fault, UserError, nearest
from harness.models import generation, weights
from harness.models.generator import Generator, prepared
from harness.models.transformer import Transformer
from harness.tasks.task import LABELLED, Form, Task
from harness.training import pretrained
from harness.training.fence import keyed
from harness.training.trainer import Job

ADAPTER, BASE = "adapter_config.json", "base.json"
NEW, BETWEEN = ("pooler",), ("crossattention", "transform")
"""Parts of encoders, and of encoder-decoders made of them, that pre-trained weights may lack: they are
trained in full, as heads are."""
WRAPPER = "adapted"


def adapt(network: Any, form: Form, options: Mapping[str, Any], seed: int, device: str) -> None:
    """Freeze a network but for its head, and put trainable updates beside its weight matrices, in place.

    Args:
        network: A ``transformers`` model.
        form: Decides whether its outermost part is a fresh head.
        options: ``rank``, ``alpha``, ``dropout`` and ``targets``; see
            :class:`harness.training.settings.Settings`.
        seed: Keys the first of both factors; the second begins at 0, so that nothing changes at first.
        device: Where they are drawn for.

    Raises:
        UserError: If there are no modules of the names that are asked for.
    """
    import peft

    heads = sorted(set(_heads(network, form)))
    targets = list(options["targets"]) or usual(network, heads)
    known = sorted(set(_linear(network)))
    if unknown := [name for name in targets if name.rpartition(".")[2] not in known]:
        fault = f"there is no module {unknown[0]!r} with weights to update"
        raise UserError(Fault(fault, field="lora.targets", hint=nearest(unknown[0], known)))
    config = peft.LoraConfig(
        r=options["rank"],
        lora_alpha=options["alpha"],
        lora_dropout=options["dropout"],
        target_modules=targets,
        modules_to_save=heads or None,
    )
    with keyed(device, seed, "lora"):
        wrapper = peft.get_peft_model(network, config)
    network.__dict__[WRAPPER] = wrapper  # beside the network, not in it: it is what holds the network


def usual(network: Any, heads: Sequence[str]) -> list[str]:
    """The modules that are usually updated in this architecture; of one that peft does not know, all."""
    from peft.utils.constants import TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING as KNOWN

    config = network.config
    parts = [part for side in ("encoder", "decoder") if (part := getattr(config, side, None)) is not None]
    kinds = {part.model_type for part in parts or [config]}
    if kinds <= KNOWN.keys():
        return sorted({name for kind in kinds for name in KNOWN[kind]})
    head = set(_linear(network)) - set(_linear(network.base_model))
    return sorted(set(_linear(network)) - head - set(heads) - {"lm_head"})


def _linear(network: nn.Module) -> Iterator[str]:
    """The own names of modules with a weight matrix that is multiplied with."""
    for name, module in network.named_modules():
        if isinstance(module, nn.Linear) or type(module).__name__ == "Conv1D":
            yield name.rpartition(".")[2]


def _heads(network: Any, form: Form) -> Iterator[str]:
    """The names of the modules that may be new."""
    if form is not Form.TEXT:
        for name, module in network.named_children():
            if module is not network.base_model and any(True for _ in module.parameters()):
                yield name
    for name, _ in network.named_modules():
        if (own := name.rpartition(".")[2]) in (BETWEEN if form is Form.TEXT else NEW):
            yield own


def save(job: Job, network: Any, merge: bool) -> None:
    """Write an adapted network: as a plain checkpoint, or as updates beside the name of the base."""
    wrapper = network.__dict__.pop(WRAPPER)
    if merge:
        merged(wrapper).save_pretrained(job.where, safe_serialization=True)
        return
    for config in wrapper.peft_config.values():
        config.base_model_name_or_path = job.pretrained
    wrapper.save_pretrained(job.where, safe_serialization=True, save_embedding_layers=False)
    network.config.save_pretrained(job.where)
    about = {"name": job.pretrained, "digest": weights.digest(job.pretrained)}
    (job.where / BASE).write_text(json.dumps(about, indent=1), "utf-8")


def merged(wrapper: Any) -> Any:
    """The network inside, the updates added to its weights."""
    tied = getattr(wrapper.config, "tie_word_embeddings", False)
    with warnings.catch_warnings():
        # Of encoder-decoders peft compares the embeddings of both sides, which were never one.
        warnings.simplefilter("ignore", UserWarning)
        network = wrapper.merge_and_unload()
    network.config.tie_word_embeddings = tied
    return network


def is_adapter(where: str | Path) -> bool:
    """Whether a folder holds updates without the weights that they belong to."""
    return (Path(where) / BASE).is_file()


def load(where: str | Path, task: Task, device: str) -> Transformer | Generator:
    """Put the updates of a folder on the weights that they were trained on.

    Raises:
        UserError: If those are not to be found, or no longer what they were.
    """
    import peft
    import transformers

    about = json.loads((Path(where) / BASE).read_text("utf-8"))
    if (found := weights.digest(about["name"])) != about["digest"]:
        raise UserError(
            Fault(
                f"its updates belong to other weights of {about['name']!r}: "
                f"digest {found}, trained on {about['digest']}",
                file=str(where),
            )
        )
    labels = pretrained.labels(str(where)) if task.form in LABELLED else task.function(())
    network, _ = pretrained.load(about["name"], task.form, labels, 0, device)
    network = merged(peft.PeftModel.from_pretrained(network, str(where)))
    tokenizer = transformers.AutoTokenizer.from_pretrained(where, use_fast=True, trust_remote_code=False)
    if task.form is Form.TEXT:
        how = generation.read(Path(where)) or generation.Generation()
        return Generator(network, prepared(tokenizer), task, device, how)
    return Transformer(network, tokenizer, task, device)
