"""Finds extensions: one lazy way for every kind.

An extension is a function and a frozen record that names it. Records are found as values of the
modules that hold them; nothing is registered, so importing a module has no side effect. Built-in
modules are listed here; a third party's are named by entry points of the group ``harness`` and
imported only when a suite names something of theirs (``package/name``). A suite may also name
``package.module:object`` or bring a file (``plugins: [./my_operators.py]``).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from harness.errors import Fault, UserError, nearest

BUILTIN: Mapping[str, tuple[str, ...]] = {
    "operator": (
        "harness.perturb.character",
        "harness.perturb.phonetic",
        "harness.perturb.visual",
        "harness.perturb.word",
        "harness.perturb.phrase",
        "harness.perturb.grammar",
        "harness.perturb.dialect",
        "harness.perturb.number",
        "harness.perturb.gender",
        "harness.perturb.thesaurus",
        "harness.perturb.vectors",
        "harness.perturb.directional",
        "harness.perturb.sentence",
        "harness.perturb.rewrite",
        "harness.perturb.format",
        "harness.perturb.encoding",
        "harness.perturb.layout",
        "harness.perturb.convention",
        "harness.perturb.web",
        "harness.perturb.entity",
        "harness.perturb.names",
        "harness.perturb.surface",
        "harness.perturb.context",
        "harness.perturb.relation",
        "harness.perturb.question",
        "harness.perturb.conversation",
        "harness.perturb.source",
        "harness.perturb.nlpaug",
        "harness.perturb.nlpaug_models",
        "harness.perturb.textattack",
        "harness.perturb.textattack_models",
    ),
    "task": (
        "harness.tasks.ner",
        "harness.tasks.classification",
        "harness.tasks.multilabel",
        "harness.tasks.relation",
        "harness.tasks.qa",
        "harness.tasks.translation",
        "harness.tasks.summarization",
        "harness.tasks.dialogue",
        "harness.tasks.response",
        "harness.tasks.recommendation",
    ),
    "reader": (
        "harness.data.conll",
        "harness.data.jsonl",
        "harness.data.delimited",
        "harness.data.relations",
        "harness.data.squad",
        "harness.data.parallel",
        "harness.data.dialogue",
        "harness.data.responses",
        "harness.data.clicks",
        "harness.data.hub",
        "harness.data.world",
        "harness.data.frozen",
    ),
    "trainer": (
        "harness.training.hf",
        "harness.training.torch",
        "harness.training.sklearn",
        "harness.training.copy",
        "harness.training.retrieve",
    ),
    "attack": ("harness.attack.recipes", "harness.attack.textattack"),
    "goal": ("harness.attack.goals",),
    "constraint": ("harness.attack.constraints",),
    "explainer": (
        "harness.explain.gradients",
        "harness.explain.attention",
        "harness.explain.occlusion",
        "harness.explain.shapley",
    ),
    "probe": (
        "harness.probe.paths",
        "harness.probe.embedding",
        "harness.probe.jacobian",
        "harness.probe.interpolation",
        "harness.probe.clever",
        "harness.probe.certified",
        "harness.probe.exact",
    ),
    "measure": (
        "harness.measure.score",
        "harness.measure.continuity",
        "harness.measure.robustness",
        "harness.measure.stability",
        "harness.measure.generalization",
        "harness.measure.interpretability",
    ),
    "reporter": (
        "harness.report.html",
        "harness.report.json",
        "harness.report.parquet",
        "harness.report.junit",
        "harness.report.markdown",
    ),
}
KINDS: tuple[str, ...] = tuple(BUILTIN)
GROUP = "harness"


@dataclass(frozen=True, kw_only=True)
class Extension:
    """What every extension has; each kind adds its own fields.

    Args:
        name: How a suite names it.
        function: What it does. Its keyword-only parameters with defaults are its options.
        version: Raised by its author whenever its output changes; it enters the keys of results.
    """

    kind: ClassVar[str]
    name: str
    function: Callable[..., Any]
    version: int = 1

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def problem(self) -> str:
        """Why it cannot be used on this machine, in a line; empty if it can."""
        return ""

    @property
    def options(self) -> Mapping[str, Any]:
        """The options by name, with their defaults, in the order in which they are declared."""
        parameters = inspect.signature(self.function).parameters.values()
        return {
            p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.default is not p.empty
        }

    @property
    def source(self) -> str:
        """A digest of the module's source, for code that no released version number stands for."""
        module = inspect.getmodule(self.function)
        if module is None or module.__name__.startswith("harness."):
            return ""
        return hashlib.blake2b(inspect.getsource(module).encode(), digest_size=8).hexdigest()

    def bind(self, given: object) -> dict[str, Any]:
        """All options, with defaults for those not given.

        Args:
            given: None, a mapping of options, or a single value for the first option.

        Raises:
            ValueError: If an option is unknown or its type is not that of its default.
        """
        options = dict(self.options)
        if given is None:
            return options
        if not isinstance(given, Mapping):
            if not options:
                raise ValueError(f"{self.name} has no options, found {given!r}")
            given = {next(iter(options)): given}
        for key, value in given.items():
            if key not in options:
                raise ValueError(
                    f"unknown option {key!r} of {self.name}; {nearest(str(key), tuple(options))}"
                )
            default = options[key]
            value = _alike(value, default)
            if default is not None and type(value) is not type(default):
                should = "list of str" if isinstance(default, tuple) else type(default).__name__
                raise ValueError(f"option {key!r} of {self.name} should be {should}, found {value!r}")
            options[key] = value
        return options


def _alike(value: Any, default: Any) -> Any:
    """A whole number for an option that takes any, and a list or one string for a tuple of strings."""
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(default, tuple) and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if isinstance(default, tuple) and isinstance(value, str):
        return (value,)
    return value


@cache
def _module(name: str) -> ModuleType:
    """A module by its name, or by the path of its file.

    Raises:
        ImportError: Whatever went wrong: this may be a stranger's code.
    """
    try:
        return _from_file(name) if name.endswith(".py") else importlib.import_module(name)
    except ImportError:
        raise
    except Exception as error:
        raise ImportError(f"{type(error).__name__}: {error}") from error


def _from_file(path: str) -> ModuleType:
    digest = hashlib.blake2b(path.encode(), digest_size=6).hexdigest()
    spec = importlib.util.spec_from_file_location(f"harness_plugin_{digest}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where inspect looks for its source
    spec.loader.exec_module(module)
    return module


def _records(module: ModuleType, kind: str) -> dict[str, Extension]:
    found = (v for v in vars(module).values() if isinstance(v, Extension) and v.kind == kind)
    return {record.name: record for record in found}


@cache
def _builtin(kind: str) -> dict[str, Extension]:
    records: dict[str, Extension] = {}
    for name in BUILTIN[kind]:
        records |= _records(_module(name), kind)
    return records


def every(kind: str, plugins: Sequence[str] = ()) -> dict[str, Extension]:
    """All built-in extensions of a kind and those of the plug-in files, by name."""
    known = dict(_builtin(kind))
    for path in plugins:
        known |= _records(_module(str(Path(path).resolve())), kind)
    return known


def find(kind: str, name: str, plugins: Sequence[str] = ()) -> Extension:
    """The extension of that kind and name.

    Args:
        kind: One of :data:`KINDS`.
        name: ``name`` of a built-in or of a plug-in file, ``package/name`` of an installed
            package with an entry point, or ``package.module:object``.
        plugins: Paths of the Python files that the suite brings along.

    Raises:
        UserError: If there is none, with the nearest known name; or if its module is broken.
    """
    try:
        if ":" in name:
            module, _, attribute = name.partition(":")
            record = getattr(_module(module), attribute, None)
            if isinstance(record, Extension) and record.kind == kind:
                return record
            raise UserError(Fault(f"{name} is not a {kind}: found {type(record).__name__}"))
        known = every(kind, plugins)
        package, _, local = name.partition("/")
        if local and not any(one.startswith(f"{package}/") for one in known):
            for point in entry_points(group=GROUP, name=package):
                records = _records(_module(point.module), kind)
                if local in records:
                    return records[local]
                raise UserError(
                    Fault(f"{package} has no {kind} {local!r}", hint=nearest(local, tuple(records)))
                )
            raise UserError(Fault(f"no installed package offers {package!r} to harness"))
    except ImportError as error:
        raise UserError(Fault(f"cannot import {kind} {name!r}: {error}")) from error
    if name not in known:
        raise UserError(Fault(f"unknown {kind} {name!r}", hint=nearest(name, tuple(known))))
    return known[name]


@dataclass(frozen=True)
class Listed:
    """One row of ``harness list``; ``problem`` says why an extension cannot be used."""

    kind: str
    name: str
    version: int
    origin: str
    summary: str
    problem: str = ""


def listing(kinds: Iterable[str] = KINDS) -> list[Listed]:
    """Everything there is, broken plug-ins included."""
    rows = [
        Listed(kind, record.name, record.version, "harness", record.summary, record.problem)
        for kind in kinds
        for record in _builtin(kind).values()
    ]
    for point in entry_points(group=GROUP):
        try:
            module = _module(point.module)
        except ImportError as error:
            rows.append(Listed("?", f"{point.name}/", 0, point.module, "", str(error)))
            continue
        for kind in kinds:
            rows += [
                Listed(kind, f"{point.name}/{record.name}", record.version, point.module, record.summary)
                for record in _records(module, kind).values()
            ]
    return rows
