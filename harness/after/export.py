"""A model of a run as a folder that others load: plain Hugging Face, with a card."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness import __version__
from harness.after.card import Check, asked, card, results_of, writing
from harness.after.kept import Kept
from harness.errors import Fault, UserError
from harness.execute.files import CHECKPOINT
from harness.inference import predict
from harness.plan import sample
from harness.prediction import Classes, Prediction, Spans, Text
from harness.tasks.qa import LONGEST
from harness.tasks.task import Form
from harness.text import Example
from harness.training.checkpoint import pipeline_of
from harness.units import Given

MARK = "harness.json"
"""Says what a folder is an export of, and that it may be replaced."""
COMPARED, WRITTEN = 50, 8
"""Examples whose answers are compared, and whose texts are: these take a step for each token."""


def export(kept: Kept, folder: Path, force: bool = False, onnx: bool = False) -> Check:
    """Write the model into a folder, all of it at once or nothing.

    A transformer is written in the layout of the Hugging Face libraries, adapters merged into the
    weights; then a pipeline loads it, and its answers are compared with the run's own. Any other
    trained model is written as its trainer has saved it, with a note.

    Args:
        kept: The model.
        folder: Where to; must be empty or not be there.
        force: Whether to replace an earlier export.
        onnx: Whether to add the folder ``onnx``, by way of optimum.

    Raises:
        UserError: If the folder holds something else, the model is a callable, or ONNX is not possible.
    """
    _free(folder, force)
    _exportable(kept, onnx)
    most = WRITTEN if kept.task.form is Form.TEXT else COMPARED
    examples = sample(kept.examples("test"), most, "export")
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.parent / f".{folder.name}-{uuid.uuid4().hex[:8]}"
    scratch.mkdir()
    try:
        if is_transformer(kept):
            pipeline = pipeline_of(kept.task.form, kept.model.network)  # type: ignore[attr-defined]
            said = predict(kept.model, examples)  # before adapters are merged
            _save(kept, scratch)
            if onnx:
                _onnx(scratch, pipeline)
            check = _compared(kept, scratch, pipeline, examples, said)
        else:
            pipeline, check = "", Check(note="it is no model of transformers")
            shutil.copytree(kept.bench.blobs.open(kept.unit.key) / CHECKPOINT, scratch, dirs_exist_ok=True)
        (scratch / "README.md").write_text(
            card(kept, results_of(kept), pipeline, check, examples[0]), "utf-8"
        )
        (scratch / MARK).write_text(json.dumps(_about(kept, pipeline), indent=1, allow_nan=False), "utf-8")
        _put(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return check


def _free(folder: Path, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise UserError(Fault("is a file; a folder was expected", str(folder)))
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not force:
        raise UserError(Fault("is not empty", str(folder), hint="choose another folder, or --force"))
    if not (folder / MARK).is_file():
        message = f"holds something else than an export (it has no {MARK}), and is not replaced"
        raise UserError(Fault(message, str(folder), hint="choose another folder"))


def _exportable(kept: Kept, onnx: bool) -> None:
    if isinstance(kept.unit, Given) and kept.unit.form == "callable":
        raise UserError(Fault(f"{kept.unit.name} is a callable: there are no weights to export"))
    if not onnx:
        return
    if not is_transformer(kept):
        raise UserError(Fault(f"{kept.title} is no model of transformers: there is no ONNX of it"))
    if importlib.util.find_spec("optimum") is None or importlib.util.find_spec("onnx") is None:
        raise UserError(
            Fault("ONNX needs optimum, which is not installed", hint="pip install 'continuity-harness[onnx]'")
        )


def is_transformer(kept: Kept) -> bool:
    """Whether it has a network and a tokenizer of transformers."""
    return hasattr(kept.model, "network") and hasattr(kept.model, "tokenizer")


def _save(kept: Kept, where: Path) -> None:
    network: Any = kept.model.network  # type: ignore[attr-defined]
    tokenizer: Any = kept.model.tokenizer  # type: ignore[attr-defined]
    if hasattr(network, "merge_and_unload"):
        network = network.merge_and_unload()
    network.save_pretrained(where, safe_serialization=True)
    most = tokenizer.model_max_length
    tokenizer.model_max_length = min(most, getattr(kept.model, "length", most))
    try:
        tokenizer.save_pretrained(where)
    finally:
        tokenizer.model_max_length = most


def _onnx(where: Path, pipeline: str) -> None:
    exporter = importlib.import_module("optimum.exporters.onnx")
    past = "-with-past" if "generation" in pipeline else ""
    try:
        exporter.main_export(
            str(where), output=where / "onnx", task=f"{pipeline}{past}", local_files_only=True
        )
    except Exception as error:  # a converter may raise anything about a network
        raise UserError(Fault(f"optimum cannot convert this model: {error}")) from error


def _about(kept: Kept, pipeline: str) -> dict[str, Any]:
    return {
        "run": kept.about["run"]["id"],
        "suite": kept.about["suite"]["name"],
        "digest": kept.about["suite"]["digest"],
        "model": kept.unit.name,
        "seed": kept.unit.seed,
        "unit": kept.unit.key,
        "task": kept.task.name,
        "pipeline": pipeline,
        "harness": __version__,
    }


def _put(scratch: Path, folder: Path) -> None:
    """Rename the folder to its name; what stood there goes."""
    old = scratch.with_name(f"{scratch.name}-old")
    if folder.exists():
        os.rename(folder, old)
    try:
        os.rename(scratch, folder)
    except OSError:
        if old.exists():
            os.rename(old, folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


# -- the check -------------------------------------------------------------------------------------


def _compared(
    kept: Kept, where: Path, pipeline: str, examples: Sequence[Example], said: Sequence[Prediction]
) -> Check:
    """Load the folder as anybody would, and ask it what the run was asked.

    Texts that are longer than the model reads at once are left out: the run reads them through several
    windows or cuts them in its own way, and a pipeline does not.
    """
    import transformers

    if kept.task.form is Form.TEXT and kept.model.settings.sample:  # type: ignore[attr-defined]
        return Check(note="texts that are drawn by chance are not the same twice")
    if pipeline not in transformers.pipelines.SUPPORTED_TASKS:
        return Check(note=f"transformers {transformers.__version__} has no pipeline {pipeline}")
    ask = ASKED[kept.task.form]
    pairs = [(e, one) for e, one in zip(examples, said, strict=True) if _whole(kept, e)]
    if not pairs:
        return Check(note="all of the test texts are longer than the model reads at once")
    loaded = transformers.pipeline(pipeline, model=str(where), tokenizer=str(where), device="cpu")
    equal = sum(ask(loaded, kept, example, one) for example, one in pairs)
    return Check(equal, len(pairs))


def _whole(kept: Kept, example: Example) -> bool:
    """Whether the model reads all of an example at once, as a pipeline does."""
    tokenizer: Any = kept.model.tokenizer  # type: ignore[attr-defined]
    if kept.task.form is Form.TEXT:
        return not kept.model.encode([example])[0][0].data.source.lost
    sizes = [len(tokenizer(*(part.text for part in one))["input_ids"]) for one in kept.task.inputs(example)]
    return [piece.size for piece in kept.model.encode([example])[0]] == sizes


def _label(pipe: Any, kept: Kept, example: Example, said: Prediction) -> bool:
    assert isinstance(said, Classes)
    found = pipe(asked(kept, example))
    return bool((found[0] if isinstance(found, list) else found)["label"] == said.label)


def _labels(pipe: Any, kept: Kept, example: Example, said: Prediction) -> bool:
    assert isinstance(said, Classes)
    found = pipe(asked(kept, example), top_k=None)
    return {one["label"] for one in found if one["score"] > 0.5} == set(said.chosen)


def _spans(pipe: Any, kept: Kept, example: Example, said: Prediction) -> bool:
    assert isinstance(said, Spans)
    found = pipe(asked(kept, example), aggregation_strategy="first")
    spans = {(one["start"], one["end"], one["entity_group"]) for one in found}
    return spans == {(span.start, span.end, span.label) for span in said.spans}


def _answer(pipe: Any, kept: Kept, example: Example, said: Prediction) -> bool:
    assert isinstance(said, Spans)
    found = pipe(**asked(kept, example), handle_impossible_answer=True, max_answer_len=LONGEST)
    return bool(found["answer"] == (said.spans[0].label if said.spans else ""))


def _best(pipe: Any, kept: Kept, example: Example, said: Prediction) -> bool:
    assert isinstance(said, Classes)
    scores = []
    for first, second in kept.task.inputs(example):
        found = pipe({"text": first.text, "text_pair": second.text}, function_to_apply="none")
        scores.append((found[0] if isinstance(found, list) else found)["score"])
    return said.label == str(scores.index(max(scores)) + 1)


def _text(pipe: Any, kept: Kept, example: Example, said: Prediction) -> bool:
    assert isinstance(said, Text)
    tokenizer: Any = kept.model.tokenizer  # type: ignore[attr-defined]
    tidy = tokenizer.clean_up_tokenization_spaces
    (found,) = pipe(asked(kept, example), **writing(kept, pipe.task), clean_up_tokenization_spaces=tidy)
    return bool(found["generated_text"].strip() == said.text)


Ask = Callable[[Any, Kept, Example, Prediction], bool]
ASKED: Mapping[Form, Ask] = {
    Form.LABEL: _label,
    Form.LABELS: _labels,
    Form.WORDS: _spans,
    Form.ANSWER: _answer,
    Form.CHOICE: _best,
    Form.TEXT: _text,
}
"""By form, whether the pipeline says the same about an example."""
