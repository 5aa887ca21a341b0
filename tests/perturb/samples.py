"""Examples of every task that operators are tried on, made from a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.perturb.operator import Operator
from harness.rng import rng
from harness.text import Example, Span, example

NAMES = {
    "PER": ("Ada Lindqvist", "Tomas", "Noor El Amin"),
    "LOC": ("Bergen", "Port Louis"),
    "ORG": ("Acme Works",),
}
PLAIN = (
    "the teacher asked people about their beautiful garden because she wanted to know which "
    "flowers received water every morning and whether the government should separate old trees from "
    "new ones it is not clear what happened to a quick decision of 12 "
    "friends who started building houses near rivers where children usually play with great interest "
    "before dinner"
)


def sentence(seed: int) -> Example:
    """About twenty words with two entities, a comma and a full stop."""
    random = rng("sentence", seed)
    parts = [str(word) for word in random.choice(PLAIN.split(), size=int(random.integers(14, 24)))]
    parts[0] = parts[0].capitalize()
    parts[5] += ","
    for at, label in ((3, "PER"), (9, str(random.choice(("LOC", "ORG"))))):
        parts[at] = f"{label}:{random.choice(NAMES[label])}"
    text, spans = "", []
    for part in parts:
        label, colon, name = part.partition(":")
        text += " " if text else ""
        if colon:
            spans.append(Span(len(text), len(text) + len(name), label))
        text += name if colon else part
    return example(f"s{seed}", f"{text}.", tuple(spans))


def relation(seed: int) -> Example:
    """A sentence whose two entities are the arguments of a relation."""
    source = sentence(seed)
    head, tail = source.spans
    marks = (Span(head.start, head.end, "head"), Span(tail.start, tail.end, "tail"))
    return Example(source.id, source.fields, ("knows(e1,e2)", "likes(e1,e2)")[seed % 2], marks=marks)


def question(seed: int) -> Example:
    """A context of three sentences, and a question whose answer is in the middle one."""
    first, middle, last = (sentence(3 * seed + at) for at in range(3))
    answer, shift = middle.spans[0], len(first.text) + 1
    context = " ".join(one.text for one in (first, middle, last))
    name = context[answer.start + shift : answer.end + shift]
    asked = f"Who {middle.text.split()[6].strip(',.')} the garden in {1900 + seed}, {first.text.split()[1]} or Tomas Berg?"
    target = (Span(answer.start + shift, answer.end + shift, name, "context"),)
    return Example(f"q{seed}", {"question": asked, "context": context}, target)


def dialogue(seed: int) -> Example:
    """Four turns of two speakers, and the reply to the last."""
    turns = {
        f"{at + 1} {'user' if at % 2 == 0 else 'agent'}": sentence(9 * seed + at).text for at in range(5)
    }
    return Example(f"d{seed}", turns, ("That depends on the garden.",), meta={"speaker": "agent"})


def translation(seed: int) -> Example:
    """A sentence to be translated."""
    return Example(f"t{seed}", {"source": sentence(seed).text.replace("clear", "très clair")}, ("Ein Satz.",))


def paragraph(seed: int) -> Example:
    """Four sentences, of which the second has entities."""
    parts = [sentence(5 * seed + at) for at in range(4)]
    text, spans = "", []
    for at, part in enumerate(parts):
        text += " " if text else ""
        if at == 1:
            spans = [Span(len(text) + s.start, len(text) + s.end, s.label) for s in part.spans]
        text += part.text
    return example(f"p{seed}", text, tuple(spans))


def reply(seed: int) -> Example:
    """Four turns and two candidates for the next."""
    turns = dialogue(seed).fields
    candidates = {"candidate 1": "That depends on the garden.", "candidate 2": "No, never."}
    return Example(f"r{seed}", {**turns, **candidates}, ("1",), meta={"speaker": "agent"})


def sentiment(seed: int) -> Example:
    """A sentence with a label."""
    return example(f"c{seed}", sentence(seed).text, ("good", "bad")[seed % 2])


KINDS: Mapping[str, Callable[[int], Example]] = {
    "ner": sentence,
    "classification": sentiment,
    "qa": question,
    "relation": relation,
    "translation": translation,
    "dialogue": dialogue,
    "response": reply,
}
"""How to make an example of a task."""


def task_of(operator: Operator) -> str:
    """The first task that an operator is for."""
    return next(task for task in KINDS if operator.suits(task))


def fitting(operator: Operator, count: int) -> list[Example]:
    """Examples of a task that the operator is for."""
    return [KINDS[task_of(operator)](seed) for seed in range(count)]
