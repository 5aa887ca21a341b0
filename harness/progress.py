"""What a person sees while a run is going on: one live line, or plain lines where there is no terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from harness.execute.local import Emit, Event
from harness.report.safe import line

PLAIN_EVERY = 5.0


@contextmanager
def following(quiet: bool) -> Iterator[Emit]:
    """A function to be told of events; shows progress on standard error until the end."""
    if quiet:
        yield lambda event: None
    elif sys.stderr.isatty():
        with _live() as emit:
            yield emit
    else:
        yield _Plain()


@contextmanager
def _live() -> Iterator[Emit]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("", total=None)

        def emit(event: Event) -> None:
            if event.what == "planned":
                progress.update(bar, total=int(event.text), completed=0)
            elif event.what in ("done", "failed", "skipped"):
                progress.advance(bar)
                if event.what == "failed" or (
                    event.unit and event.unit.kind in ("train", "attack", "explain", "probe")
                ):
                    progress.console.print(Text(_told(event)))
            elif event.what == "start" and event.unit:
                progress.update(bar, description=line(event.unit.title)[:48])
            elif event.what == "said":
                progress.console.print(Text(_told(event)))

        yield emit


class _Plain:
    """Lines for logs: trainings, attacks and failures, and from time to time how far it has got."""

    def __init__(self) -> None:
        self.total = self.settled = 0
        self.last = time.monotonic()

    def __call__(self, event: Event) -> None:
        if event.what == "planned":
            self.total += int(event.text)
            return
        if event.what in ("done", "failed", "skipped"):
            self.settled += 1
        notable = event.what in ("failed", "said") or (
            event.what == "done"
            and event.unit is not None
            and event.unit.kind in ("train", "attack", "explain", "probe")
        )
        if notable:
            print(_told(event), file=sys.stderr)  # noqa: T201 - this is where a run speaks
        elif time.monotonic() - self.last > PLAIN_EVERY:
            self.last = time.monotonic()
            print(f"  {self.settled} of {self.total} units", file=sys.stderr)  # noqa: T201


def _told(event: Event) -> str:
    title = event.unit.title if event.unit else ""
    text = f" {event.text}" if event.text and event.text != "done" else ""
    seconds = f" ({event.seconds:.1f} s)" if event.seconds else ""
    return line(f"{title}: {event.what if event.what != 'said' else ''}{text}{seconds}")
