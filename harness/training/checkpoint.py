"""A checkpoint is a plain Hugging Face folder with a model card."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.models import generation
from harness.tasks.task import Form
from harness.training import lora
from harness.training.trainer import Job, Outcome

PIPELINES = {
    Form.LABEL: "text-classification",
    Form.LABELS: "text-classification",
    Form.CHOICE: "text-classification",
    Form.WORDS: "token-classification",
    Form.ANSWER: "question-answering",
}
"""The pipeline of ``transformers`` that loads each form with a head."""


def pipeline_of(form: Form, network: Any) -> str:
    """The name of the pipeline that loads a network."""
    if form is not Form.TEXT:
        return PIPELINES[form]
    return "text2text-generation" if network.config.is_encoder_decoder else "text-generation"


def save(job: Job, network: Any, tokenizer: Any, outcome: Outcome, settings: Mapping[str, Any]) -> None:
    """Write weights, configuration, tokenizer and card; equal runs write equal bytes."""
    if settings["lora"]:
        lora.save(job, network, merge=settings["lora"].get("merge", True))
    else:
        network.save_pretrained(job.where, safe_serialization=True)
    tokenizer.save_pretrained(job.where)
    if job.task.form is Form.TEXT:
        generation.write(job.where, generation.parse(settings["generation"]))
    (job.where / "README.md").write_text(
        card(job, outcome, settings, pipeline_of(job.task.form, network)), "utf-8"
    )


def card(job: Job, outcome: Outcome, settings: Mapping[str, Any], pipeline: str) -> str:
    """The model card: YAML for machines, then the same for people.

    Values are written as JSON, which YAML contains, so that no label or name can break it. A base
    in a local folder is named without the folders above it, which say nothing elsewhere.
    """
    base = Path(job.pretrained).name if Path(job.pretrained).is_absolute() else job.pretrained
    facts = {
        "base_model": base,
        "pipeline_tag": pipeline,
        "task": job.task.name,
        "labels": job.labels,
        "seed": job.seed,
        "order": job.order,
        "training": dict(settings),
        "metric": job.task.scoring.metric,
        "validation_before": outcome.before,
        "validation_after": outcome.after,
    }
    head = "\n".join(f"{key}: {json.dumps(value)}" for key, value in facts.items() if value is not None)
    body = (
        f"# {job.task.name}, fine-tuned\n\n"
        f"Fine-tuned on {len(job.train)} examples for {outcome.epochs:.3g} epochs with seed {job.seed}. "
        f"On {len(job.validation)} validation examples, {job.task.scoring.metric} went "
        f"from {_number(outcome.before)} to {_number(outcome.after)}.\n"
    )
    return f"---\n{head}\n---\n\n{body}"


def _number(score: float | None) -> str:
    return "unknown" if score is None else f"{score:.4f}"
