"""Drives attacks: many searches at once, their questions merged into full batches.

A search asks and is answered; it never judges. What a text is worth is decided here, by the task's
own goal on the gold that was carried through the edits, so an attack cannot grade itself.

Accounting: every distinct text that the model sees for an example is one query, the clean text
included; asking again is free. Candidates whose gold cannot be carried are refused unasked.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from harness.errors import BrokenPromise
from harness.inference import predict
from harness.models.model import Model
from harness.prediction import Prediction
from harness.rng import rng
from harness.tasks.task import Form, Scoring, Task
from harness.text import Edit, Example, Variant, vary

IN_FLIGHT = 64
"""Examples attacked at a time."""
PATIENCE = 100
"""Questions in a row without a new text, after which a search is going round in circles."""
DECIMALS = 6
"""Searches see rounded harms, so that which texts share a batch cannot decide a tie."""

Script = Sequence[Edit]


class Ask(NamedTuple):
    """A question of a search.

    Args:
        scripts: Edits of the clean example, one script per text; ``()`` is the clean text.
        probe: Whether to learn from the texts only. Otherwise each of them is a candidate: the
            attack has succeeded if the model fails on one.
    """

    scripts: Sequence[Script]
    probe: bool = False


class Reply(NamedTuple):
    """What became of one script: its harm in [0, 1], and whether the attack's goal is reached."""

    harm: float
    broken: bool


REFUSED = Reply(-1.0, False)
"""The reply to a script that leaves no valid gold, or lies beyond the budget: below every harm."""

Search = Generator[Ask, list[Reply], None]
Searcher = Callable[[Example, np.random.Generator], Search]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an attack did to one example.

    Args:
        id: The example's.
        skipped: Whether there was nothing to attack, or the model was wrong already.
        success: Whether the model is right on the clean text and wrong on the edited one.
        queries: Distinct texts that the model saw, the clean one included.
        edits: The successful script, or else the most harmful candidate; empty if none did harm.
        harm_before: Harm of the clean text, in [0, 1].
        harm_after: Harm of the edited text, in [0, 1].
        clean: The prediction for the clean text.
        final: The prediction for the edited text.
        note: Why the example was skipped or the search was cut short; otherwise empty.
    """

    id: str
    skipped: bool
    success: bool
    queries: int
    edits: tuple[Edit, ...]
    harm_before: float
    harm_after: float
    clean: Prediction
    final: Prediction
    note: str = ""


def run(
    model: Model,
    task: Task,
    examples: Sequence[Example],
    search: Searcher,
    *,
    name: str,
    seed: int,
    budget: int,
    in_flight: int = IN_FLIGHT,
) -> list[Outcome]:
    """Attack every example.

    Args:
        model: The victim.
        task: Its scoring says what harm and success are.
        examples: Clean examples with gold.
        search: Starts a search on one example, see :class:`harness.attack.attack.Attack`.
        name: The attack's name, for its random numbers and for messages.
        seed: With ``name`` and the example's id it decides all random numbers.
        budget: Queries per example, at least 1.
        in_flight: Examples attacked at a time; does not change the outcomes.

    Returns:
        An outcome per example, in order.

    Raises:
        BrokenPromise: If the search asks for something that is not a script on its example.
    """
    if budget < 1 or in_flight < 1:
        raise ValueError(f"budget and in_flight should be at least 1, found {budget} and {in_flight}")
    waiting = (
        (at, _attacked(example, task, search, name, seed, budget)) for at, example in enumerate(examples)
    )
    outcomes: dict[int, Outcome] = {}
    active: dict[int, _Attacked] = {}
    asked: dict[int, list[Example]] = {}
    try:
        while True:
            for at, attacked in islice(waiting, in_flight - len(active)):
                active[at], asked[at] = attacked, next(attacked)
            if not active:
                return [outcomes[at] for at in range(len(examples))]
            answers = iter(predict(model, [text for at in active for text in asked[at]]))
            for at in tuple(active):
                try:
                    asked[at] = active[at].send(list(islice(answers, len(asked[at]))))
                except StopIteration as end:
                    outcomes[at] = end.value
                    del active[at], asked[at]
    finally:
        for attacked in active.values():
            attacked.close()


_Attacked = Generator[list[Example], list[Prediction], Outcome]
_Fields = tuple[tuple[str, str], ...]


class _Try(NamedTuple):
    edits: tuple[Edit, ...]
    prediction: Prediction
    reply: Reply


def _attacked(example: Example, task: Task, search: Searcher, name: str, seed: int, budget: int) -> _Attacked:
    """One attack: yields texts, is sent predictions, returns the outcome."""
    scoring = task.scoring
    (clean,) = yield [example]
    start = best = _judged(vary(example, ()), clean, scoring)
    said = {_fields(example): clean}
    note = _why_skip(task, example, start.reply)
    if note:
        return _outcome(example, start, start, said, skipped=True, note=note)
    running, idle = search(example, rng(seed, "attack", name, example.id)), 0
    if not isinstance(running, Generator):
        raise BrokenPromise(f"attack {name} should be a generator, found {type(running).__name__}")
    try:
        ask = _resume(running, None, name)
        while ask is not None:
            variants = [_variant(example, script, name, task.alternatives) for script in ask.scripts]
            valid = {_fields(v.example): v.example for v in variants if v is not None}
            new = {fields: text for fields, text in valid.items() if fields not in said}
            allowed = dict(islice(new.items(), budget - len(said)))
            if new and not allowed:
                note = "the query budget is spent"
                break
            if allowed:
                said |= zip(allowed, (yield list(allowed.values())), strict=True)
            tries = [
                _judged(v, said[_fields(v.example)], scoring) if v and _fields(v.example) in said else None
                for v in variants
            ]
            if not ask.probe:
                best = max((best, *filter(None, tries)), key=lambda one: (one.reply.broken, one.reply.harm))
            if best.reply.broken:
                break
            idle = 0 if allowed else idle + 1
            if idle == PATIENCE:
                note = f"{PATIENCE} questions in a row brought no new text"
                break
            ask = _resume(running, [one.reply if one else REFUSED for one in tries], name)
    finally:
        running.close()
    return _outcome(example, start, best, said, skipped=False, note=note)


def _why_skip(task: Task, example: Example, clean: Reply) -> str:
    # No entity cannot be missed; no label and no answer are answers like any other.
    if example.target is None or (example.target == () and task.form is Form.WORDS):
        return "there is nothing to attack"
    return "the model is wrong on the clean text" if clean.broken else ""


def _resume(running: Search, replies: list[Reply] | None, name: str) -> Ask | None:
    """The next question, or None if the search has given up."""
    try:
        ask = next(running) if replies is None else running.send(replies)
    except StopIteration:
        return None
    if not isinstance(ask, Ask):
        raise BrokenPromise(f"attack {name} should yield Ask(scripts), found {type(ask).__name__}")
    return ask


def _variant(example: Example, script: Script, name: str, alternatives: bool) -> Variant | None:
    """The edited example with its gold, or None if the gold did not survive.

    An edit that deletes a gold span leaves an easier question, not a wrong answer; one that glues
    a letter to its edge makes a word that no tagger can split (methods, section 9.3.1). Of spans that
    are ``alternatives`` one has to survive.
    """
    unknown = {edit.field for edit in script} - set(example.fields)
    if unknown:
        raise BrokenPromise(f"attack {name} edited the unknown field {unknown.pop()!r}")
    try:
        variant = vary(example, script, alternatives=alternatives)
    except ValueError as error:
        raise BrokenPromise(f"attack {name} on {example.id}: {error}") from error
    lost = not alternatives and len(variant.example.anchors) < len(example.anchors)
    glued = _glued(variant.example) > _glued(example)
    return None if variant.refusal or lost or glued else variant


def _glued(example: Example) -> int:
    """How many edges of gold spans lie inside a word."""
    edges = ((example.fields[s.field], at) for s in example.anchors for at in (s.start, s.end))
    return sum(0 < at < len(text) and text[at - 1 : at + 1].isalnum() for text, at in edges)


def _judged(variant: Variant, prediction: Prediction, scoring: Scoring) -> _Try:
    harm = round(scoring.harm(variant.example, prediction), DECIMALS)
    return _Try(variant.edits, prediction, Reply(harm, scoring.broken(variant.example, prediction)))


def _fields(example: Example) -> _Fields:
    return tuple(sorted(example.fields.items()))


def _outcome(
    example: Example, start: _Try, best: _Try, said: dict[_Fields, Prediction], *, skipped: bool, note: str
) -> Outcome:
    return Outcome(
        id=example.id,
        skipped=skipped,
        success=best.reply.broken and not skipped,
        queries=len(said),
        edits=best.edits,
        harm_before=start.reply.harm,
        harm_after=best.reply.harm,
        clean=start.prediction,
        final=best.prediction,
        note=note,
    )
