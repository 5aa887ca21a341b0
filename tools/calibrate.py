"""What each operator does to real text: ``make calibration`` writes the table of docs/perturbations.md.

Rates and shares are those of SST-2's and CrossNER's test sentences, gold that is lost that of WNUT-17; all of
them below ``HARNESS_DATA``. Speed is what one core of this machine does.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from harness import catalog
from harness.data.conll import conll
from harness.errors import UserError
from harness.perturb.operator import Operator
from harness.perturb.severity import LADDER, perturb
from harness.text import Example, Variant

PAGE = Path(__file__).resolve().parent.parent / "docs" / "perturbations.md"
PART = re.compile(r"(<!-- measured: calibration -->\n).*?(<!-- /measured -->)", re.DOTALL)
SHOWN = (1, 3, 5)
SLOW = 20
"""Of the texts of a slow library, one in so many is enough."""


def sentences(folder: Path) -> tuple[list[Example], list[Example]]:
    """Reviews and news, without gold; and messages with their entities."""
    tsv = catalog.find("reader", "tsv")
    reviews = tsv.function(str(folder / "sentiment-sst2" / "sst2_dev.tsv"), text="sentence", label="label")
    news = conll.function(str(folder / "ner-crossner" / "politics" / "test.conll"))
    messages = conll.function(str(folder / "ner-wnut17" / "test.conll"))
    return [Example(e.id, e.fields) for e in [*reviews, *news]], list(messages)


def all_of(operator: Operator, examples: Sequence[Example], severity: int) -> list[Variant]:
    """One variant of each example."""
    return [
        perturb(e, operator, severity if operator.graded else 0, seed=0, peers=examples) for e in examples
    ]


def line(operator: Operator, plain: Sequence[Example], messages: Sequence[Example]) -> str:
    """A row of the table."""
    rates, started = [], time.perf_counter()
    for severity in SHOWN:
        variants = all_of(operator, plain, severity)
        rates.append(sum(v.rate for v in variants) / len(variants))
        if severity == SHOWN[1]:
            changed = sum(not v.noop for v in variants) / len(variants)
    speed = len(SHOWN) * len(plain) / (time.perf_counter() - started)
    lost = "–"
    if operator.suits("ner") and not operator.directional:
        made = [v for v in all_of(operator, messages, 3) if not v.noop]
        lost = f"{sum(bool(v.refusal) for v in made) / len(made):.1%}" if made else "–"
    told = [f"{rate:.1%}" for rate in rates] if operator.graded else ["", f"{rates[1]:.1%}", ""]
    short = operator.graded and any(
        abs(rate - LADDER[s]) > 0.1 * LADDER[s] for rate, s in zip(rates, SHOWN, strict=True)
    )
    cells = [f"`{operator.name}`{' *' if short else ''}", *told, f"{changed:.0%}", lost, f"{speed:,.0f}"]
    return f"| {' | '.join(cells)} |"


def table(folder: Path) -> str:
    """The whole table, in Markdown."""
    plain, messages = sentences(folder)
    head = "| operator | rate at 1 | at 3 | at 5 | changed at 3 | gold lost, WNUT-17 | sentences/s |\n"
    rows = []
    for operator in catalog.every("operator").values():
        assert isinstance(operator, Operator)
        of_texts, of_names = operator.suits("classification"), operator.suits("ner")
        spoken = operator.language in ("", "en")
        if not (of_texts or of_names) or not spoken or operator.needs == "weights":
            continue
        part = SLOW if operator.needs == "textattack" else 1
        texts = messages if operator.level == "entity" or not of_texts else plain
        try:
            rows.append(line(operator, texts[::part], messages[::part]))
        except UserError as error:
            sys.stderr.write(f"{operator.name} is left out: {error}\n")
    return head + "| --- |" + " --- |" * 6 + "\n" + "\n".join(rows) + "\n"


if __name__ == "__main__":
    where = os.environ.get("HARNESS_DATA")
    if not where:
        sys.exit("HARNESS_DATA should name the folder of the real data sets")
    found = table(Path(where))
    PAGE.write_text(PART.sub(lambda part: part[1] + found + part[2], PAGE.read_text("utf-8")), "utf-8")
