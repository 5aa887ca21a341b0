"""Watches a stream: the share of labels by group, and how often small edits flip the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness import catalog
from harness.after.kept import Kept
from harness.after.outcome import known, outcomes
from harness.after.predict import answers
from harness.after.stream import Line, batches
from harness.errors import Fault, UserError, nearest
from harness.measure.sequential import Reference, Rise, Watch, rate, reference
from harness.measure.statistics import Interval
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.plan import sample
from harness.text import Example

MOST = 2000
"""Examples of a reference."""


@dataclass(frozen=True)
class Wish:
    """What to watch.

    Args:
        labels: Whose shares; empty for all, unless flips are watched.
        by: Column that the stream is divided by; empty for the whole stream.
        operator: Whose edits may flip an answer, as in ``harness perturb``; empty for none.
        severity: How strong they are, 1 to 5.
        alpha: Probability of ever raising any false alarm.
        margin: How much a share may rise without being a reason for an alarm.
    """

    labels: tuple[str, ...] = ()
    by: str = ""
    operator: str = ""
    severity: int = 1
    alpha: float = 0.01
    margin: float = 0.05


Key = tuple[str, str]
"""What is watched, a label or :data:`FLIPS`, and in which group."""
FLIPS = "(flips)"


@dataclass(frozen=True)
class Alarm:
    """A share that has risen.

    Args:
        what: The label, or :data:`FLIPS`.
        group: Where; empty for the whole stream.
        line: The line of the stream that raised the alarm.
        example: What that line holds.
        before: What the share was.
        rise: What it is.
    """

    what: str
    group: str
    line: Line
    example: Example
    before: Reference
    rise: Rise


class Watcher:
    """Watches a stream with a model.

    Args:
        kept: The model.
        wish: What to watch.
        before: Examples from before, by default the test data of the model's run; they say what the
            shares were. A group that they lack is compared with all of them.

    Raises:
        UserError: If a label, an operator or a number is not possible, or there is no reference.
    """

    def __init__(self, kept: Kept, wish: Wish, before: Sequence[Line] = ()) -> None:
        self.kept, self.wish = kept, wish
        self.labels = _labels(kept, wish)
        self.operator, self.options = _operator(kept, wish)
        given = before or [Line(at, e.id, e) for at, e in enumerate(kept.examples("test"), 1)]
        self.lines = 0
        self.grouped = bool(wish.by) and all(line.example and wish.by in line.example.meta for line in given)
        self.before: dict[Key, list[int]] = {}
        for line, seen in self._seen(_sampled(given), grouped=self.grouped):
            group = self._group(line) if self.grouped else ""
            for what, outcome in seen:
                for key in {(what, group), (what, "")}:
                    count = self.before.setdefault(key, [0, 0])
                    count[0], count[1] = count[0] + outcome, count[1] + 1
        missing = [what for what in self._watched() if (what, "") not in self.before]
        if missing:
            raise UserError(Fault(f"the reference holds nothing to compare {missing[0]} with"))
        own = [key for key in self.before if bool(key[1]) == bool(wish.by)]
        self.known, self.later = len(own), 0
        self.watches = {key: self._watch(key, rate(wish.alpha, self.known)) for key in own}

    def follow(self, stream: Iterable[Line], batch: int) -> Iterator[Alarm | Line]:
        """Alarms as they are raised, and lines that cannot be used, in order.

        Args:
            stream: The lines, as they come.
            batch: How many are held at a time.
        """
        for held in batches(stream, batch):
            for line, seen in self._seen(held, grouped=bool(self.wish.by)):
                if line.example is None:
                    yield line
                    continue
                self.lines += 1
                group = self._group(line)
                for what, outcome in seen:
                    watch = self._found((what, group))
                    if (rise := watch.observe(outcome, line.number)) is not None:
                        yield Alarm(what, group, line, line.example, watch.before, rise)

    def _watched(self) -> tuple[str, ...]:
        return (*self.labels, *([FLIPS] if self.operator else []))

    def _group(self, line: Line) -> str:
        return line.example.meta[self.wish.by] if self.wish.by and line.example else ""

    def _found(self, key: Key) -> Watch:
        if key not in self.watches:
            self.later += 1
            self.watches[key] = self._watch(key, rate(self.wish.alpha, self.known, self.later))
        return self.watches[key]

    def _watch(self, key: Key, alpha: float) -> Watch:
        k, n = self.before.get(key) or self.before[key[0], ""]
        return Watch(reference(k, n, alpha, self.wish.margin))

    def _seen(self, held: Sequence[Line], grouped: bool) -> Iterator[tuple[Line, list[tuple[str, bool]]]]:
        """Each line with what it shows of all that is watched."""
        usable = [self._placed(line) if grouped else line for line in held]
        said = list(answers(self.kept.model, usable, max(len(usable), 1)))
        flips = self._flips([(line, one) for line, one in said if one is not None])
        for line, prediction in said:
            if prediction is None:
                yield line, []
                continue
            given = outcomes(prediction, self.kept.task.form)
            flip = [(FLIPS, flips[line.number])] if line.number in flips else []
            yield line, [(label, label in given) for label in self.labels] + flip

    def _placed(self, line: Line) -> Line:
        if line.example is None or self.wish.by in line.example.meta:
            return line
        return replace(line, example=None, fault=f"{self.wish.by} is missing, which the stream is divided by")

    def _flips(self, said: Sequence[tuple[Line, Any]]) -> dict[int, bool]:
        """By line, whether an edit flips the answer; lines in which nothing can be edited are left out."""
        if self.operator is None:
            return {}
        variants = {}
        for line, clean in said:
            assert line.example is not None
            severity = self.wish.severity if self.operator.graded else 0
            source = replace(line.example, target=None)
            variant = perturb(source, self.operator, severity, seed=0, options=self.options)
            if not variant.noop and not variant.refusal:
                variants[line.number] = (replace(line, example=variant.example), clean, variant, source)
        again = answers(self.kept.model, [one[0] for one in variants.values()], max(len(variants), 1))
        moved = self.kept.task.scoring.moved
        return {
            line.number: moved(clean, edited, variant.edits, source).flip > 0
            for (line, edited), (_, clean, variant, source) in zip(again, variants.values(), strict=True)
            if edited is not None
        }


def _sampled(lines: Sequence[Line]) -> tuple[Line, ...]:
    """At most :data:`MOST` lines, in their order."""
    by_id = {str(line.number): line for line in lines}
    chosen = sample([Example(name, {}) for name in by_id], MOST, "reference")
    return tuple(by_id[e.id] for e in chosen)


def _labels(kept: Kept, wish: Wish) -> tuple[str, ...]:
    possible = known(kept.task, kept.model.labels)
    if not wish.labels:
        return () if wish.operator else possible
    faults = [
        Fault(f"{kept.title} gives no label {label!r}", field="--label", hint=nearest(label, possible))
        for label in wish.labels
        if label not in possible
    ]
    if faults:
        raise UserError(faults)
    return tuple(dict.fromkeys(wish.labels))


def _operator(kept: Kept, wish: Wish) -> tuple[Operator | None, dict[str, Any]]:
    if not wish.operator:
        return None, {}
    name, _, option = wish.operator.partition(":")
    found = catalog.find("operator", name, kept.bench.plugins)
    assert isinstance(found, Operator)
    if found.directional or not found.suits(kept.task.name):
        raise UserError(Fault(f"{name} does not preserve the labels of {kept.task.name}", field="--operator"))
    try:
        return found, found.bind(option or None)
    except ValueError as error:
        raise UserError(Fault(str(error), field="--operator")) from None


# -- for people and programs -----------------------------------------------------------------------


def sentence(alarm: Alarm, wish: Wish) -> str:
    """An alarm in words."""
    what = f"rate of flips under {wish.operator}" if alarm.what == FLIPS else f"share of {alarm.what}"
    where = f" in {wish.by} {alarm.group}" if wish.by else ""
    rise, before = alarm.rise, alarm.before
    return (
        f"the {what}{where} has risen: it was {_figure(before.share)} of {before.count}, and is "
        f"{_figure(rise.share)} of {rise.count} since line {rise.onset}"
    )


def _figure(share: Interval) -> str:
    return f"{share.value:.3f} [{share.low:.3f}, {share.high:.3f}]"


def record(alarm: Alarm) -> dict[str, Any]:
    """An alarm as JSON holds it."""
    return {
        **alarm.line.name,
        "what": alarm.what,
        "group": alarm.group,
        "columns": dict(alarm.example.meta),
        "before": _share(alarm.before.share, alarm.before.count) | {"allowed": alarm.before.null},
        "after": _share(alarm.rise.share, alarm.rise.count),
        "since_line": alarm.rise.onset,
        "evidence": min(alarm.rise.evidence, 1e300),
        "threshold": 1 / alarm.before.alpha,
    }


def _share(share: Interval, count: int) -> dict[str, Any]:
    return {"value": share.value, "low": share.low, "high": share.high, "n": count}


def watched(watcher: Watcher) -> list[dict[str, Any]]:
    """All that was watched, as JSON holds it."""
    return [
        {
            "what": what,
            "group": group,
            "before": _share(watch.before.share, watch.before.count) | {"allowed": watch.before.null},
            "stream": {"true": watch.true, "n": watch.count},
            "alarm": watch.alarm is not None,
        }
        for (what, group), watch in sorted(watcher.watches.items())
    ]
