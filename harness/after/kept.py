"""A model of a past run, loaded again from what the run noted and the store kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import archive
from harness.errors import BrokenPromise, Fault, UserError, nearest
from harness.execute.bench import Bench
from harness.models.device import resolve
from harness.models.model import Model
from harness.output import RUN_FILE
from harness.store import DIVERGED, Blobs, Damaged
from harness.tasks.task import Task
from harness.text import Example
from harness.units import AnyModel, Data, Given, Train, Unit, read_back


@dataclass(frozen=True)
class Kept:
    """A model with what is known of it.

    Args:
        folder: The run's, or that of a retraining.
        about: What its ``run.json`` says.
        unit: The training run, or the model that was given.
        task: What it does.
        model: Loaded, on the device that the suite asks for.
        bench: Where more can be read from the store.
    """

    folder: Path
    about: Mapping[str, Any]
    unit: AnyModel
    task: Task
    model: Model
    bench: Bench

    @property
    def title(self) -> str:
        """The model's name, and the seed if it was trained."""
        return title(self.unit)

    def examples(self, split: str) -> list[Example]:
        """The examples of one of the run's data sets.

        Raises:
            UserError: If the store no longer has them.
        """
        unit = Data(self.about["data"][split]["digest"], split)
        try:
            if self.bench.blobs.has(unit.key):
                return self.bench.examples(unit)
        except Damaged:
            pass
        raise _gone(f"the {split} data of this run are", self.about, self.bench.blobs.root)


def title(unit: AnyModel) -> str:
    """A model's name, and the seed if it was trained."""
    return unit.name if unit.seed is None else f"{unit.name} seed {unit.seed}"


def load(reference: str, store: Path) -> Kept:
    """The model that ``RUN``, ``RUN:MODEL`` or ``RUN:MODEL@SEED`` names.

    Args:
        reference: ``RUN`` as in :func:`harness.archive.find`, or the folder of a retraining. The model
            may be left out where there is one only, the seed for the first that finished.
        store: Where the run's results are kept.

    Raises:
        UserError: If there is no such run, model or seed, or its checkpoint is gone.
    """
    run, name, seed = split(reference)
    folder, about = _noted(run, store)
    units = _read_back(about["models"], folder)
    runs = [unit for unit in units if isinstance(unit, Train | Given)]
    blobs = Blobs(store)
    unit = _chosen(runs, name, seed, blobs, about)
    resolved = about["suite"]["resolved"]
    bench = Bench(blobs, tuple(about["plugins"]), resolve(resolved["device"]), resolved["threads"])
    try:
        return Kept(folder, about, unit, bench.task(unit.task), bench.model(unit), bench)
    except Damaged:
        raise _gone(f"the checkpoint of {title(unit)} is", about, store) from None
    except (OSError, ValueError, BrokenPromise) as error:
        raise UserError(Fault(f"{title(unit)} cannot be loaded: {error}")) from error


def split(reference: str) -> tuple[str, str, int | None]:
    """Run, model and seed of a reference; the model is empty and the seed None if not said.

    Raises:
        UserError: If the seed is not a number.
    """
    if (Path(reference) / RUN_FILE).is_file():
        return reference, "", None
    run, _, rest = reference.rpartition(":")
    if not run:
        run, rest = rest, ""
        if not (Path(run) / RUN_FILE).is_file() and "@" in run:
            run, _, seed = run.rpartition("@")
            return run, "", _seed(seed, reference)
    name, at, seed = rest.partition("@")
    return run, name, _seed(seed, reference) if at else None


def _seed(text: str, reference: str) -> int:
    if text.isdecimal():
        return int(text)
    raise UserError(Fault(f"a seed should be a whole number, found {text!r} in {reference!r}"))


def _noted(run: str, store: Path) -> tuple[Path, dict[str, Any]]:
    """The folder of a run and what its ``run.json`` says."""
    folder = Path(run)
    if not (folder / RUN_FILE).is_file():
        folder, _ = archive.find(run, store)
    path = folder / RUN_FILE
    try:
        about = json.loads(path.read_bytes())
        return folder, {key: about[key] for key in ("suite", "data", "models", "plugins", "units", "run")}
    except OSError as error:
        why = f"cannot be read: {error.strerror}"
    except KeyError as error:
        why = f"does not say {error}: an earlier version of harness wrote it"
    except ValueError as error:
        why = f"is not what was written: {error}"
    raise UserError(Fault(why, str(path), hint="remove the folder and run the suite again"))


def _read_back(models: Any, folder: Path) -> list[Unit]:
    try:
        return [read_back(told) for told in models]
    except (KeyError, TypeError, AttributeError) as error:
        why = f"describes models as another version of harness does ({error})"
        hint = "run the suite again with this version, or use that one"
        raise UserError(Fault(why, str(folder / RUN_FILE), hint=hint)) from error


def _chosen(
    runs: list[AnyModel], name: str, seed: int | None, blobs: Blobs, about: Mapping[str, Any]
) -> AnyModel:
    names = list(dict.fromkeys(run.name for run in runs))
    if not name and len(names) > 1:
        raise UserError(Fault(f"which model? The run has {', '.join(names)}", hint="say RUN:MODEL"))
    name = name or names[0]
    own = [run for run in runs if run.name == name]
    if not own:
        raise UserError(Fault(f"no model {name!r} in this run", hint=nearest(name, names)))
    if seed is not None:
        own = [run for run in own if run.seed == seed]
        if not own:
            seeds = ", ".join(str(run.seed) for run in runs if run.name == name)
            raise UserError(Fault(f"no seed {seed} of {name} in this run", hint=f"known: {seeds}"))
    return _finished(own, blobs, about)


def _finished(runs: list[AnyModel], blobs: Blobs, about: Mapping[str, Any]) -> AnyModel:
    """The first that came to an end."""
    states: dict[str, str] = {}
    for run in runs:
        if isinstance(run, Given):
            return run
        if blobs.has(run.key):
            try:
                states[run.key] = blobs.described(run.key).state
            except Damaged:
                continue
            if states[run.key] != DIVERGED:
                return run
    if states:
        raise UserError(Fault(f"{title(runs[0])} diverged in training: there is no model of it"))
    raise _gone(f"the checkpoint of {title(runs[0])} is", about, blobs.root)


def _gone(what: str, about: Mapping[str, Any], store: Path) -> UserError:
    again = f"`{about['run']['command']}` makes again what is missing, and nothing else"
    return UserError(Fault(f"{what} no longer in the store", str(store), hint=again))
