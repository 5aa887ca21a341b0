"""Pre-trained weights: how they are loaded without running code."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from harness.errors import Fault, UserError
from harness.models.labels import comparison
from harness.models.weights import commit, local, resolve, safe
from harness.tasks.task import HEADS, LABELLED, Form
from harness.training import warm

DEFAULT = {"0": "LABEL_0", "1": "LABEL_1"}
"""The label map of a configuration that leaves it out."""
SCORE = "score"
"""The only output of a head that says how well a candidate suits."""
DROPOUTS = (
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "classifier_dropout",
    "dropout",
    "attention_dropout",
    "seq_classif_dropout",
    "dropout_rate",
    "activation_dropout",
    "attn_pdrop",
    "embd_pdrop",
    "resid_pdrop",
)
"""What configurations call the probability of dropout, depending on the architecture."""


def labels(name: str) -> tuple[str, ...]:
    """What a fine-tuned model says it answers, in order. Does not import torch.

    Raises:
        UserError: If it cannot be found.
    """
    place = resolve(name)
    if not Path(place).is_dir():
        from huggingface_hub import hf_hub_download

        config = Path(hf_hub_download(place, "config.json", revision=commit(place)))
    else:
        config = Path(place) / "config.json"
    try:
        found = json.loads(config.read_text("utf-8")).get("id2label", DEFAULT)
        return tuple(str(found[at]) for at in sorted(found, key=int))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        fault = Fault(f"its label map cannot be read: {error}", file=str(config), field="checkpoint")
        raise UserError(fault) from error


def load(
    name: str, form: Form, labels: Sequence[str], seed: int, device: str, dropout: float = -1.0
) -> tuple[Any, Any]:
    """Pre-trained weights with a fresh head, and their tokenizer.

    Texts are written by encoder-decoders and decoders as they are; of an encoder alone, both sides of
    an encoder-decoder are made (Rothe et al. 2020), whose fresh part is the attention between them.

    Args:
        name: As for :func:`harness.models.weights.resolve`.
        form: What the head is to be for.
        labels: What the head is to answer.
        seed: Keys the weights of the head.
        device: Where the head is drawn for.
        dropout: Probability everywhere; negative: as the configuration says.

    Raises:
        UserError: If it cannot be loaded without unpickling or running its code, has no fast
            tokenizer, lacks weights other than the head's, or has a head for other labels.
    """
    import transformers

    from harness.training.fence import keyed

    place = local(name)
    safely: dict[str, Any] = {"trust_remote_code": False}
    if Path(place).is_dir():
        safe(place)
    else:
        safely["revision"] = commit(place)
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(place, use_fast=True, **safely)
        config = transformers.AutoConfig.from_pretrained(place, **safely)
        own = tuple(str(label) for _, label in sorted(config.id2label.items()))
        if any(str(kind).endswith(HEADS[form][len("AutoModel") :]) for kind in config.architectures or ()):
            _refuse(name, form, own, labels)  # before weights of another shape are no fit
        _configure(config, form, labels, dropout)
        _padded(tokenizer, config)
        with keyed(device, seed, "head"):
            network, lost = _network(place, form, config, tokenizer, safely)
    except (OSError, ValueError, RuntimeError) as error:
        raise UserError(Fault(f"cannot load {name!r}: {error}", field="pretrained")) from error
    if not tokenizer.is_fast:
        raise UserError(Fault(f"{name!r} has no fast tokenizer, which offsets need", field="pretrained"))
    body = "" if form is Form.TEXT else f"{network.base_model_prefix}."
    if of_body := sorted(k for k in lost if k.startswith(body) and ".pooler." not in f".{k}"):
        raise UserError(
            Fault(f"{name!r} lacks weights of its body: {', '.join(of_body[:3])}", field="pretrained")
        )
    if not lost:
        _refuse(name, form, own, labels)
    return network, tokenizer


def _refuse(name: str, form: Form, own: Sequence[str], labels: Sequence[str]) -> None:
    """A head for other labels is neither put in another order nor drawn anew without a word."""
    if form in LABELLED and (table := comparison(own, labels)):
        raise UserError(
            Fault(
                f"{name!r} has a head for other labels than the data\n{table}",
                field="pretrained",
                hint="start from a model without a head, or rename the labels in its config.json or in the data",
            )
        )


def _network(
    place: str, form: Form, config: Any, tokenizer: Any, safely: dict[str, Any]
) -> tuple[Any, Collection[str]]:
    """A network, and the names of the weights that were drawn at random."""
    import transformers

    if form is not Form.TEXT:
        return _read(HEADS[form], place, config, safely, attn_implementation="sdpa")
    warm.hush()
    if config.is_encoder_decoder:
        return _read("AutoModelForSeq2SeqLM", place, config, safely)
    if type(config) in transformers.MODEL_FOR_MASKED_LM_MAPPING:
        return warm.encoder_decoder(place, config, tokenizer, partial(_read, safely=safely))
    return _read("AutoModelForCausalLM", place, config, safely)


def _read(
    kind: str, place: str, config: Any, safely: dict[str, Any], **more: Any
) -> tuple[Any, Collection[str]]:
    import torch
    import transformers

    network, info = getattr(transformers, kind).from_pretrained(
        place,
        config=config,
        dtype=torch.float32,
        use_safetensors=True,
        output_loading_info=True,
        **safely,
        **more,
    )
    return network, info["missing_keys"]


def _padded(tokenizer: Any, config: Any) -> None:
    """See that there is a token to pad with: decoders have none of their own, and take their end."""
    if tokenizer.pad_token_id is None and tokenizer.eos_token_id is not None:
        tokenizer.pad_token = tokenizer.eos_token
    if getattr(config, "pad_token_id", None) is None:
        config.pad_token_id = tokenizer.pad_token_id


def _configure(config: Any, form: Form, labels: Sequence[str], dropout: float) -> None:
    if form is not Form.TEXT:
        labels = (SCORE,) if form is Form.CHOICE else labels
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: at for at, label in enumerate(labels)}
        several = form in (Form.LABELS, Form.CHOICE)
        # One label alone would mean regression.
        config.problem_type = "multi_label_classification" if several else "single_label_classification"
    if dropout >= 0:
        for one in (config, getattr(config, "encoder", None), getattr(config, "decoder", None)):
            for key in DROPOUTS:
                if one is not None and key in one.to_dict():
                    setattr(one, key, dropout)
