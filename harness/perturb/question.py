"""Questions asked otherwise, and contexts that nearly answer them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from harness.perturb.asked import bare, indirect, statement, wh
from harness.perturb.decoys import altered, answer
from harness.perturb.operator import operator
from harness.perturb.sites import Word, pick, wordlist
from harness.rng import Random
from harness.tasks.qa import QUESTION
from harness.tasks.scoring.answers import CONTEXT
from harness.text import Edit, Example

qa = partial(operator, level="sentence", graded=False, only_for=frozenset({"qa"}), language="en")

TRIES = 5
"""How many wrong answers are tried for one that does not hold a right one."""


@qa("add-sentence", fields=frozenset({CONTEXT}), reference="Jia and Liang 2017, AddSent")
def add_sentence(example: Example, rng: Random) -> Iterator[Edit]:
    """Append a sentence to the context that answers a similar question about something else.

    The question with other names and numbers becomes a statement with a wrong answer of the form of the
    right one. It never holds a right answer. Questions without a name or a number are left alone, for the
    sentence would answer them, and so are those without an answer.
    """
    context, asked = example.fields.get(CONTEXT, ""), example.fields.get(QUESTION, "")
    golds = [context[span.start : span.end] for span in example.spans]
    if not golds or not asked.strip():
        return
    for _ in range(TRIES):
        other = altered(asked, rng)
        said = statement(other, answer(golds[0], wh(asked), rng))
        if other != asked and not any(gold.lower() in said.lower() for gold in golds):
            at = len(context.rstrip())
            yield Edit(at, at, f" {said}", CONTEXT)
            return


FRAMES = (
    "I would like to know: {}",
    "I have a question: {}",
    "Quick question: {}",
    "Please answer this question: {}",
    "Here is what I want to know: {}",
)
BEFORE = (
    "Can you tell me {}?",
    "Could you tell me {}?",
    "Do you know {}?",
    "Please tell me {}.",
    "I want to know {}.",
)
SAME: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(said + r"(?=\s+\w)", re.IGNORECASE), instead)
    for said, instead in (
        (r"where(?=\s+(?:is|are|was|were|do|does|did|can)\b)", ("in which place", "in what place")),
        (r"when(?=\s+(?:is|are|was|were|do|does|did|will)\b)", ("at what point in time",)),
        (r"why", ("for what reason",)),
        (r"how many(?!\s+\w+\s+(?:is|are|was|were)\s+there\b)", ("what number of",)),
        (r"how(?=\s+(?:do|does|did|can|is|are|was|were)\b)", ("in what way",)),
    )
)
"""Question words that ask the same, by what they stand before."""


@qa("question-form", fields=frozenset({QUESTION}))
def question_form(example: Example, rng: Random) -> Iterator[Edit]:
    """Ask the same question in another form: can you tell me who, in which place for where."""
    text = example.fields.get(QUESTION, "")
    asked = text.strip()
    if not bare(asked):
        return
    ways = [*_other_word(asked), *_indirect(asked, rng), pick(rng, FRAMES).format(asked)]
    start = text.index(asked)
    yield from Word(start, start + len(asked), asked, QUESTION).becomes(pick(rng, ways))


WHICH = re.compile(r"((?:(?:in|on|at|from|to|for|by|with|of|during)\s+)?)(what|which)\s+(\w+)", re.IGNORECASE)


def _other_word(asked: str) -> Iterator[str]:
    """The question with another question word that asks the same."""
    found = WHICH.match(asked)
    if found and found[3].lower() in wordlist("wh-nouns"):
        word = "which" if found[2].lower() == "what" else "what"
        yield _begun(found[1] + word + asked[found.end(2) :], asked)
    for pattern, instead in SAME:
        if match := pattern.match(asked):
            yield from (_begun(said + asked[match.end() :], asked) for said in instead)


def _begun(said: str, asked: str) -> str:
    """In small letters but for the first, if that of the question was a capital."""
    return said[:1].upper() + said[1:] if asked[:1].isupper() else said[:1].lower() + said[1:]


def _indirect(asked: str, rng: Random) -> Iterator[str]:
    if said := indirect(asked):
        yield pick(rng, BEFORE).format(said)
