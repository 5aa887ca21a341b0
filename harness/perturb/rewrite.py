"""Whole texts written anew by a model on this machine, and brought back to edits.

Nothing is drawn: models write the most probable token each time, so that a rewrite is the same whenever
it is asked for. What a model should not have changed, numbers and negations, is counted before and after:
a rewrite that fails this, lacks a name, is cut off or is of quite another length counts as none. Whether it
means the same is more than can be counted: judge the variants, or read them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from harness.errors import Fault, UserError
from harness.perturb.operator import operator
from harness.perturb.sentence import joined, longest
from harness.perturb.sites import negates
from harness.rng import Random
from harness.tasks.qa import QUESTION
from harness.text import Edit, Example, diff

if TYPE_CHECKING:
    from harness.models.writer import Writer

rewritten = partial(
    operator,
    level="sentence",
    graded=False,
    whole=True,
    invalid_for=frozenset({"relation"}),
    needs="weights",
)

PROMPT = "Say this in other words. Keep the meaning, all names and all numbers. Write nothing else."
NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
NAME = re.compile(r"(?<=[^\W\d_A-Z][ ,])\s?[A-Z][\w'’-]+")
"""A word with a capital in the middle of a sentence; in German, a noun."""
LENGTHS, SLACK = (0.5, 2.0), 20
"""How long a rewrite may be, as a multiple of the text, and by how many characters more."""


@rewritten("rephrase", weights=("model",))
def rephrase(
    example: Example, rng: Random, *, model: str = "smollm2", prompt: str = PROMPT
) -> Iterator[Edit]:
    """Have a language model say the longest field, or the question, in other words.

    Args:
        model: A folder or hub name of a decoder or an encoder-decoder, or smollm2.
        prompt: What a decoder is told to do; what an encoder-decoder reads before the text.

    Raises:
        UserError: If the model is not found or cannot write.
    """
    for name in _about(example):
        text = example.fields[name]
        yield from _edits(text, _said(model, prompt, text.strip()), name)


@rewritten(
    "back-translation", weights=("there", "back"), reference="Sennrich et al. 2016; Yu et al. 2018, QANet"
)
def back_translation(
    example: Example, rng: Random, *, there: str = "", back: str = "", prompts: tuple[str, ...] = ("", "")
) -> Iterator[Edit]:
    """Translate the longest field, or the question, into another language and back.

    Args:
        there: A folder or hub name of a model that translates into the other language.
        back: One that translates back.
        prompts: What each of them reads before the text, such as ``translate English to German: ``.

    Raises:
        UserError: If a model is not named, is not found or cannot write, or the prompts are not two.
    """
    if not there or not back:
        missing = "there" if not there else "back"
        hint = "name a checkpoint of a translation model for each direction, such as folders of Marian models"
        raise UserError(Fault(f"back-translation: {missing} names no model", field=missing, hint=hint))
    if len(prompts) != 2:
        raise UserError(Fault(f"back-translation: there should be two prompts, found {len(prompts)}"))
    for name in _about(example):
        text = example.fields[name]
        abroad = _said(there, prompts[0], text.strip())
        yield from _edits(text, _said(back, prompts[1], abroad) if abroad else "", name)


def _about(example: Example) -> list[str]:
    """The field to write anew: a context holds the answer, so that it is the question there."""
    if QUESTION in example.fields:
        return [QUESTION] if example.fields[QUESTION].strip() else []
    return longest(example)


def _edits(text: str, said: str, name: str) -> Iterator[Edit]:
    """The edits that make a text what a model said, if that is plausible; white space around it stays."""
    if said and faithful(text.strip(), said):
        lead = text[: len(text) - len(text.lstrip())]
        after = lead + said + text[len(text.rstrip()) :]
        yield from joined(diff(text, after, name))


def faithful(before: str, after: str) -> bool:
    """Whether a rewrite has the numbers, the names and as many negations as the text, and about its length."""
    least, most = LENGTHS
    return (
        least * len(before) <= len(after) <= most * len(before) + SLACK
        and all(name.strip() in after for name in NAME.findall(before))
        and Counter(NUMBER.findall(before)) == Counter(NUMBER.findall(after))
        and sum(map(negates, before.split())) == sum(map(negates, after.split()))
    )


@lru_cache(maxsize=2**14)  # severities, draws and models under test ask for the same
def _said(model: str, prompt: str, text: str) -> str:
    """What a model makes of a text; empty if it does not get to an end."""
    return _writer(model, prompt).write(text)


@lru_cache(maxsize=4)
def _writer(model: str, prompt: str) -> Writer:
    from harness.models.writer import Writer

    return Writer.load(model, prompt)
