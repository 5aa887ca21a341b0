"""What a user can cause: faults with a place, what was found and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What ``harness`` tells the shell; a public interface."""

    PASSED = 0
    GATE_FAILED = 1
    WRONG_INPUT = 2
    INCOMPLETE = 3
    INCONCLUSIVE = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with what the user gave us.

    Args:
        message: What was found, and what would be right.
        file: Where, as the user named it; empty if it is not in a file.
        line: One-based line, or 0 if unknown.
        column: One-based column, or 0 if unknown.
        field: The field or key concerned, such as ``perturb.operators.3``.
        hint: What to do about it, such as the nearest known name.
    """

    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    field: str = ""
    hint: str = ""

    @property
    def place(self) -> str:
        """``file:line:column`` as far as it is known."""
        parts = [self.file] + [str(n) for n in (self.line, self.column) if n]
        return ":".join(part for part in parts if part)

    def __str__(self) -> str:
        head = ": ".join(part for part in (self.place, self.field, self.message) if part)
        return f"{head}\n  hint: {self.hint}" if self.hint else head


class UserError(Exception):
    """The suite, the data or the command is wrong: exit code 2, all faults at once."""

    def __init__(self, faults: Fault | str | Iterable[Fault]) -> None:
        if isinstance(faults, str):
            faults = Fault(faults)
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class BrokenPromise(Exception):
    """An extension returned what its contract does not allow; the unit that used it fails."""


class Diverged(Exception):
    """Training left the realm of finite numbers: a result about this seed, not a crash."""


def nearest(found: str, known: Sequence[str]) -> str:
    """A hint that names the nearest known spelling, or what there is to choose from."""
    close = difflib.get_close_matches(found, known, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(sorted(known))}" if known else ""
