"""A user's callable as a model: texts in, predictions out."""

from __future__ import annotations

import hashlib
import importlib
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from harness.errors import BrokenPromise, Fault, UserError
from harness.models.model import Piece, piece
from harness.models.remote import endpoint, is_endpoint
from harness.prediction import Prediction
from harness.tasks.task import Task
from harness.text import SOURCE, SPEAKER, TEXT, Example

Answerer = Callable[[list[Any]], Sequence[Any]]


def resolve(reference: str) -> Answerer:
    """The function behind ``package.module:function``, or behind the URL of an endpoint.

    Raises:
        UserError: If it cannot be imported or is not callable.
    """
    if is_endpoint(reference):
        return endpoint(reference)
    module, _, name = reference.partition(":")
    try:
        function = getattr(importlib.import_module(module), name)
    except Exception as error:  # importing runs the user's code
        message = f"cannot import the callable {reference!r}: {type(error).__name__}: {error}"
        hint = "its module should be installed, or in a folder that PYTHONPATH names"
        raise UserError(Fault(message, hint=hint)) from error
    if not callable(function):
        raise UserError(Fault(f"{reference!r} is not callable, found {type(function).__name__}"))
    return function  # type: ignore[no-any-return]


def digest(reference: str) -> str:
    """A digest of the source of the callable's module: results are remade when it changes.

    What listens at an endpoint cannot be seen; there the address has to do.
    """
    if is_endpoint(reference):
        return hashlib.blake2b(reference.encode(), digest_size=16).hexdigest()
    module = inspect.getmodule(resolve(reference))
    try:
        source = inspect.getsource(module) if module else reference
    except (OSError, TypeError):  # it was not written in Python
        source = reference
    return hashlib.blake2b(source.encode(), digest_size=16).hexdigest()


class Function:
    """Calls the user's function with lists of inputs and re-checks what it returns.

    An input is the text where there is nothing but a text, or a source of one. Otherwise it is a
    mapping of the fields, in order; of ``marks``, if there are any, to lists of ``start``, ``end``,
    ``label`` and ``field``; and of ``speaker`` to who is to reply, in dialogues.
    """

    def __init__(self, function: Answerer, labels: tuple[str, ...], task: Task) -> None:
        self.function, self._labels, self.task = function, labels, task

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the data."""
        return self._labels

    def encode(self, examples: Sequence[Example]) -> list[list[Piece]]:
        """One piece per example."""
        inputs = [_input(example) for example in examples]
        return [[piece(len(str(one)), one, one)] for one in inputs]

    def forward(self, pieces: Sequence[Piece]) -> Sequence[Any]:
        """What the function says, one answer an input.

        Raises:
            BrokenPromise: If it returns another number of answers.
        """
        said = list(self.function([piece.data for piece in pieces]))
        if len(said) != len(pieces):
            raise BrokenPromise(f"the callable returned {len(said)} answers for {len(pieces)} inputs")
        return said

    def decode(self, example: Example, pieces: Sequence[Piece], outputs: Sequence[Any]) -> Prediction:
        """Let the task read the answer."""
        return self.task.answer(example, outputs[0], self._labels)


def _input(example: Example) -> Any:
    if list(example.fields) in ([TEXT], [SOURCE]) and not example.marks:
        return next(iter(example.fields.values()))
    marks = [{"start": m.start, "end": m.end, "label": m.label, "field": m.field} for m in example.marks]
    speaker = {SPEAKER: example.meta[SPEAKER]} if SPEAKER in example.meta else {}
    return dict(example.fields) | ({"marks": marks} if marks else {}) | speaker
