"""One example under attack, from the first look at its clean text to what is asked when it is over.

A search asks and is answered; it never judges. What a text is worth is decided here, by a goal on the
gold that was carried through the edits, so an attack cannot grade itself.

Accounting: every distinct text that the model sees for an example is one query, the clean text
included; asking again is free, and a gradient is one query more. Candidates whose gold cannot be carried,
or which a constraint refuses, are not asked. What is asked after a search is over (whether the answer
stands, which edits it needs, what chance would have done) is no query of the attack.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from harness.attack.constraint import Bound, Candidate
from harness.attack.goal import Judge, Seen
from harness.attack.gradient import Asked
from harness.attack.minimal import shrink
from harness.attack.oracle import Answer, Failure
from harness.attack.outcome import GOLD, Outcome, Status
from harness.attack.search import REFUSED, Ask, Estimate, Look, Question, Reply, Script, Searcher, Settled
from harness.errors import BrokenPromise, UserError
from harness.perturb.foreign import brief
from harness.prediction import Prediction
from harness.rng import rng
from harness.tasks.task import Task
from harness.text import Edit, Example, Variant, vary

PATIENCE = 100
"""Questions in a row without a new text, after which a search is going round in circles."""
SHRINKING = 200
"""Texts that may be asked to make a successful script smaller."""
SPENT = "the query budget is spent"
LATE = "the time is spent"


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How all examples of an attack are attacked.

    Args:
        name: The attack's name, for its random numbers and for messages.
        search: Starts a search on one example.
        judge: The goal.
        seed: With ``name`` and the example's id it decides all random numbers.
        budget: Queries per example, at least 1.
        seconds: Time per example; what is cut by it differs from machine to machine.
        constraints: What a candidate has to meet, the cheap ones first.
        control: A search at random that gets as many queries as the attack took.
        finish: Whether to ask a found answer once more and to look for the edits that it needs.
    """

    name: str
    search: Searcher
    judge: Judge
    seed: int
    budget: int
    seconds: float = math.inf
    constraints: Sequence[Bound] = ()
    control: Searcher | None = None
    finish: bool = False


# -- what an example wants -----------------------------------------------------------------------


class Texts(NamedTuple):
    """Predictions for these, or why there is none; computed afresh or not."""

    texts: Sequence[Example]
    fresh: bool = False


class Candidates(NamedTuple):
    """Which constraint refuses each of these."""

    candidates: Sequence[Candidate]


class Slopes(NamedTuple):
    """First-order harms."""

    asked: Asked


Want = Texts | Candidates | Slopes
Wanting = Generator[Want, Any, Any]


# -- the example ---------------------------------------------------------------------------------


class _Try(NamedTuple):
    """A text that was tried."""

    edits: tuple[Edit, ...]
    prediction: Prediction
    reply: Reply
    stage: str = ""

    @property
    def worth(self) -> tuple[bool, float]:
        """By which the best of several is chosen."""
        return self.reply.broken, self.reply.harm


class _Broke(Exception):
    """The model has no answer for a text, or the search raised: the example cannot go on."""

    def __init__(self, why: str, edits: Sequence[Edit] = ()) -> None:
        super().__init__(why)
        self.edits = tuple(edits)


class Attacked:
    """An example and the rules by which it is attacked; ``spent`` are the seconds it took so far."""

    def __init__(self, example: Example, task: Task, rules: Rules) -> None:
        self.example = example
        self.task = task
        self.rules = rules
        self.spent = 0.0
        self.glued = _glued(example)
        self.course: _Course | None = None

    def run(self) -> Wanting:
        """The whole attack: yields what it wants, is sent the answers, returns an :class:`Outcome`."""
        try:
            return (yield from self._run())
        except _Broke as broke:
            return Outcome(
                id=self.example.id,
                status=Status.ERROR,
                queries=self.course.queries if self.course else 1,
                edits=broke.edits,
                note=str(broke),
                seconds=self.spent,
            )

    def _run(self) -> Wanting:
        rules = self.rules
        (clean,) = yield from self.said([self.example], [()])
        self.clean = Seen(self.example, clean)
        reply = rules.judge(self.clean, self.clean)
        self.start = _Try((), clean, reply or REFUSED)
        if reply is None or reply.broken:
            why = "there is nothing to attack" if reply is None else "the model is wrong on the clean text"
            return self._outcome(Status.SKIPPED, self.start, queries=1, note=why)
        self.course = course = _Course(self, rules.search, rules.budget, "attack")
        best: _Try = yield from course.run()
        found: dict[str, Any] = {"minimal": (), "least": None, "unstable": False, "control": None}
        if rules.finish:
            found["unstable"] = yield from self._unstable(best)
            if best.reply.broken and not found["unstable"]:
                least: _Try = yield from self._minimal(best)
                found |= {"minimal": least.edits, "least": least.prediction}
        if rules.control is not None:
            chance: _Try = yield from _Course(self, rules.control, course.queries, "control").run()
            found["control"] = chance.reply.broken
        return self._outcome(
            Status.SUCCESS if best.reply.broken and not found["unstable"] else Status.FAILED,
            best,
            queries=course.queries,
            note="the model changed its answer when asked again" if found["unstable"] else course.note,
            truncated=course.note in (SPENT, LATE),
            candidates=course.candidates,
            refused=dict(course.refused),
            **found,
        )

    def _outcome(self, status: Status, best: _Try, **found: Any) -> Outcome:
        return Outcome(
            id=self.example.id,
            status=status,
            edits=best.edits,
            harm_before=self.start.reply.harm,
            harm_after=best.reply.harm,
            clean=self.start.prediction,
            final=best.prediction,
            stage=best.stage if best.reply.broken else "",
            seconds=self.spent,
            **found,
        )

    # -- when it is over -------------------------------------------------------------------------

    def _unstable(self, best: _Try) -> Wanting:
        """Whether the model says something else of the same text when it is asked once more."""
        variant = self.variant(best.edits)
        if variant is None:
            return False
        (again,) = yield from self.said([variant.example], [variant.edits], fresh=True)
        return self.judged(variant, again).reply.broken != best.reply.broken

    def _minimal(self, best: _Try) -> Wanting:
        """The part of a script that is enough; all of it, if looking for it takes too long."""
        shrinking, asked, kept = shrink(best.edits), 0, {best.edits: best}
        try:
            tries = next(shrinking)
            while asked + len(tries) <= SHRINKING:
                asked += len(tries)
                variants = [self.variant(script) for script in tries]
                valid = [v for v in variants if v is not None]
                found = iter((yield from self.said([v.example for v in valid], [v.edits for v in valid])))
                judged = [None if v is None else self.judged(v, next(found)) for v in variants]
                kept |= {one: now for one, now in zip(tries, judged, strict=True) if now}
                tries = shrinking.send([now is not None and now.reply.broken for now in judged])
        except StopIteration as end:
            return kept[end.value]
        return best

    # -- asking and judging ----------------------------------------------------------------------

    def said(
        self, texts: Sequence[Example], edits: Sequence[Sequence[Edit]], fresh: bool = False
    ) -> Generator[Want, Any, list[Prediction]]:
        """Predictions for texts that were made by these edits.

        Raises:
            _Broke: If the model has none for one of them.
        """
        answers: list[Answer] = (yield Texts(texts, fresh)) if texts else []
        for answer, own in zip(answers, edits, strict=True):
            if isinstance(answer, Failure):
                raise _Broke(answer.why, own)
        return [answer for answer in answers if not isinstance(answer, Failure)]

    def variant(self, script: Script) -> Variant | None:
        """The edited example with its gold, or None if the gold did not survive.

        An edit that deletes a gold span leaves an easier question, not a wrong answer; one that glues
        a letter to its edge makes a word that no tagger can split (methods, section 9.3.1). Of spans
        that are ``alternatives`` one has to survive.
        """
        example, name, alternatives = self.example, self.rules.name, self.task.alternatives
        unknown = {edit.field for edit in script} - set(example.fields)
        if unknown:
            raise BrokenPromise(f"attack {name} edited the unknown field {unknown.pop()!r}")
        try:
            variant = vary(example, script, alternatives=alternatives)
        except ValueError as error:
            raise BrokenPromise(f"attack {name} on {example.id}: {error}") from error
        if variant.refusal:
            return None
        if example.anchors:
            lost = not alternatives and len(variant.example.anchors) < len(example.anchors)
            if lost or _glued(variant.example) > self.glued:
                return None
        return variant

    def judged(self, variant: Variant, prediction: Prediction, stage: str = "") -> _Try:
        """A text with what it is worth."""
        reply = self.rules.judge(self.clean, Seen(variant.example, prediction))
        return _Try(variant.edits, prediction, reply or REFUSED, stage)


def _glued(example: Example) -> int:
    """How many edges of gold spans lie inside a word."""
    edges = ((example.fields[s.field], at) for s in example.anchors for at in (s.start, s.end))
    return sum(0 < at < len(text) and text[at - 1 : at + 1].isalnum() for text, at in edges)


# -- the course of a search ----------------------------------------------------------------------

_Fields = tuple[tuple[str, str], ...]


class _Over(Exception):
    """A search gets no more answers, and why."""


class _Course:
    """A search on an example, and what it has come to."""

    def __init__(self, attacked: Attacked, search: Searcher, budget: int, purpose: str) -> None:
        rules, example = attacked.rules, attacked.example
        self.attacked = attacked
        self.name = rules.name
        self.budget = budget
        self.running = search(example, rng(rules.seed, purpose, rules.name, example.id))
        if not isinstance(self.running, Generator):
            raise BrokenPromise(
                f"attack {self.name} should be a generator, found {type(self.running).__name__}"
            )
        self.said = {_fields(example): attacked.clean.prediction}
        self.gradients = 0
        self.best = attacked.start
        self.settled: Settled | None = None
        self.candidates = 0
        self.refused: Counter[str] = Counter()
        self.note = ""

    @property
    def queries(self) -> int:
        """Queries so far, or as many as the search itself has counted."""
        return self.settled.queries if self.settled else len(self.said) + self.gradients

    def run(self) -> Wanting:
        """Drive the search to its end; returns the best that it has tried."""
        try:
            yield from self._driven()
        except _Over as over:
            self.note = str(over)
        finally:
            self.running.close()
        if self.settled is not None:
            self.best = yield from self._own_choice(self.settled.edits)
            self.note = SPENT if self.settled.queries >= self.budget else self.note
        elif not self.candidates and self.queries == 1 and not self.note:
            self.note = "there was nothing to try"
        return self.best

    def _driven(self) -> Wanting:
        idle, question = 0, self._next(None)
        while question is not None:
            if self.attacked.spent > self.attacked.rules.seconds:
                raise _Over(LATE)
            before = self.queries
            answer = yield from self._answer(question)
            if self.best.reply.broken:
                return
            idle = 0 if self.queries > before else idle + 1
            if idle == PATIENCE:
                raise _Over(f"{PATIENCE} questions in a row brought no new text")
            question = self._next(answer)

    def _next(self, answer: Any) -> Question | None:
        """The next question, or None if there is none."""
        try:
            question = self.running.send(answer)
        except StopIteration as end:
            self.settled = end.value
            return None
        except (BrokenPromise, UserError, MemoryError):
            raise
        except Exception as error:
            raise _Broke(f"the search raised {brief(error)}") from error
        if not isinstance(question, Question):
            found = type(question).__name__
            raise BrokenPromise(f"attack {self.name} should yield Ask(scripts), found {found}")
        return question

    def _answer(self, question: Question) -> Wanting:
        match question:
            case Ask():
                return (yield from self._asked(question))
            case Look():
                return (yield from self._looked(question))
            case Estimate():
                return (yield from self._estimated(question))

    def _asked(self, ask: Ask) -> Generator[Want, Any, list[Reply]]:
        variants = [self.attacked.variant(script) for script in ask.scripts]
        if not ask.probe:
            variants = yield from self._allowed(variants)
        valid = {_fields(v.example): v for v in variants if v is not None}
        new = {fields: v for fields, v in valid.items() if fields not in self.said}
        within = dict(islice(new.items(), max(0, self.budget - self.queries)))
        if new and not within:
            raise _Over(SPENT)
        chosen = list(within.values())
        found = yield from self.attacked.said([v.example for v in chosen], [v.edits for v in chosen])
        self.said |= zip(within, found, strict=True)
        tries = [
            self.attacked.judged(v, self.said[fields], ask.stage)
            if v is not None and (fields := _fields(v.example)) in self.said
            else None
            for v in variants
        ]
        if not ask.probe:
            self.best = max((self.best, *filter(None, tries)), key=lambda one: one.worth)
        return [one.reply if one else REFUSED for one in tries]

    def _allowed(self, variants: list[Variant | None]) -> Generator[Want, Any, list[Variant | None]]:
        """Candidates without those that a constraint refuses."""
        self.candidates += len(variants)
        self.refused[GOLD] += variants.count(None)
        valid = [v for v in variants if v is not None]
        if not self.attacked.rules.constraints or not valid:
            return variants
        why: list[str] = yield Candidates([Candidate(self.attacked.example, v) for v in valid])
        self.refused.update(filter(None, why))
        reasons = iter(why)
        return [v if v is not None and not next(reasons) else None for v in variants]

    def _looked(self, look: Look) -> Generator[Want, Any, list[Prediction]]:
        texts = [self._text(fields) for fields in look.texts]
        new = {key: text for text in texts if (key := _fields(text)) not in self.said}
        found = yield from self.attacked.said(list(new.values()), [()] * len(new))
        self.said |= zip(new, found, strict=True)
        return [self.said[_fields(text)] for text in texts]

    def _text(self, fields: Mapping[str, str]) -> Example:
        one = self.attacked.example
        if fields.keys() != one.fields.keys():
            raise BrokenPromise(f"attack {self.name} looks at other fields than those of the example")
        return Example(one.id, dict(fields), one.target, one.group, one.meta, one.marks)

    def _estimated(self, question: Estimate) -> Wanting:
        base = self.attacked.variant(question.base)
        if base is None:
            raise BrokenPromise(f"attack {self.name} takes a gradient where gold is lost")
        if self.queries >= self.budget:
            raise _Over(SPENT)
        self.gradients += 1
        variants = [self.attacked.variant(script) for script in question.scripts]
        texts = [base.example if v is None else v.example for v in variants]
        slopes = yield Slopes(Asked(base.example, texts))
        return np.where([v is None for v in variants], -np.inf, np.array(slopes, float))

    def _own_choice(self, edits: Script) -> Wanting:
        """What a search with a mind of its own has settled on, judged as everything is."""
        (variant,) = yield from self._allowed([self.attacked.variant(edits)])
        if variant is None:  # its text has lost the gold or meets a constraint, so that it is no success
            return self.attacked.start._replace(edits=tuple(edits))
        known = self.said.get(_fields(variant.example))
        if known is None:
            (known,) = yield from self.attacked.said([variant.example], [variant.edits])
        return self.attacked.judged(variant, known)


def _fields(example: Example) -> _Fields:
    return tuple(example.fields.items())
