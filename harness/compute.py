"""Does the work of a plan, all of it or as much as it takes, and reads back what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness import budget, showcase
from harness.conclude import Found, judged
from harness.execute.files import OUTCOME
from harness.execute.local import Emit, Report, Settings, execute
from harness.execute.perform import keep_data
from harness.gather import gather, reasons, stumbles
from harness.measure.tables import LOOKED_AT, Reference, Tables
from harness.measure.weakest import search
from harness.plan import Plan
from harness.prepare import Prepared
from harness.rows import Budget
from harness.store import Published, Store
from harness.units import Agree, AnyModel, Data, Given, Unit, reachable


@dataclass
class Work:
    """Executes plans of a suite.

    Args:
        prepared: What was asked for.
        store: Where results are.
        report: Told what becomes of the units.
        emit: Told of every event.
        workers: Processes; 0 means as many as there are cores for.
        beside: Whom errors are compared with.
    """

    prepared: Prepared
    store: Store
    report: Report
    emit: Emit
    workers: int = 0
    beside: Reference | None = None

    def found(self, against: Path, required: bool) -> Found:
        """All that the suite asks for, read back.

        Args:
            against: File that relative gates compare with.
            required: Whether it has to be there.
        """
        plan, spent = self.prepared.plan, None
        if self.prepared.suite.spec.budget.adaptive:
            plan, spent = self._adapted(against, required)
        else:
            self._do(plan.wanted())
        agreements = plan.agreements(self._missing)
        # Known only now: which runs there are to agree. No model is needed for it.
        self._do(list(reachable(agreements.values())), workers=1)
        blobs, out, tables = self.store.blobs, self._out, self._tables(plan, agreements)
        return Found(
            plan=plan,
            tables=tables,
            examples=showcase.examples(plan, blobs, out),
            explanations=showcase.explanations(plan, blobs, out),
            unstable=showcase.unstable(plan, agreements, blobs, out),
            slices=showcase.weakest(plan, blobs, out, search(tables)),
            trained=tuple(_outcome(self.store, run) for runs in plan.models.values() for run in runs),
            stumbles=stumbles(plan, blobs, out),
            out=out,
            budget=spent,
        )

    def _adapted(self, against: Path, required: bool) -> tuple[Plan, Budget]:
        """As much of the plan as an adaptive budget asks for, done; and what it came to."""
        plan, spec = self.prepared.plan, self.prepared.suite.spec
        asked = budget.start(plan)
        while True:
            part = plan.only(asked)
            self._do(part.wanted())
            seen = judged(self.prepared, self._tables(part, {}), against, required, LOOKED_AT)
            look = budget.look(plan, asked, seen.rows, seen.gates, spec.budget.width)
            if look.over:
                return part, budget.spent(plan, look, spec.statistics.level)
            asked = look.more

    def _do(self, units: Sequence[Unit], workers: int = 0) -> None:
        plan, spec = self.prepared.plan, self.prepared.suite.spec
        names = {unit.key: name for name, unit in plan.units.items()}

        def restore(unit: Data) -> Published:
            return keep_data(unit, plan.data[names[unit.key]], self.store.blobs)

        own = workers or self.workers or _workers(self.prepared)
        settings = Settings(self.prepared.suite.plugins, self.prepared.device, spec.threads, own)
        self.report.absorb(execute(units, self.store, settings, restore, self.emit))

    @property
    def _missing(self) -> set[str]:
        return self.report.diverged | self.report.failed.keys() | self.report.skipped.keys()

    @property
    def _out(self) -> dict[str, str]:
        return reasons(self.report.diverged, self.report.failed, self.report.skipped)

    def _tables(self, plan: Plan, agreements: Mapping[str, Agree]) -> Tables:
        prepared = self.prepared
        found = gather(
            plan,
            agreements,
            self.store.blobs,
            self._out,
            prepared.suite.spec,
            prepared.reviews,
            prepared.excluded,
            self.beside,
        )
        return replace(found, looks=prepared.plan.looks)


def _outcome(store: Store, run: AnyModel) -> Mapping[str, Any]:
    """What a training said about itself."""
    if isinstance(run, Given) or not store.blobs.has(run.key):
        return {}
    seconds = store.blobs.described(run.key).seconds
    return {**json.loads(store.blobs.open(run.key, OUTCOME).read_text("utf-8")), "seconds": seconds}


def _workers(prepared: Prepared) -> int:
    """One worker a core, up to eight; one alone on an accelerator."""
    if prepared.device != "cpu":
        return 1
    return max(1, min(8, (os.cpu_count() or 1) // prepared.suite.spec.threads))
