"""Conversations of customers with a service desk: what was meant, what to answer, which answer fits.

One stream of conversations serves three collections. A conversation is a walk through a small state
machine: the customer says what it is about, the agent asks for what is missing, has it confirmed, does it and
takes leave. What an agent says next follows from the conversation so far, up to its phrasing; whatever an
answer mentions has been mentioned before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from harness.data.world.facts import World, in_roles
from harness.data.world.grammar import Draw, Entity, Grammar, Scene, Sentence
from harness.data.world.service_words import AGENT, ASIDES, CHATTY, CUSTOMER, DAYS, OPENINGS, PLAIN
from harness.data.world.splits import Brief, Document, Split, Written
from harness.rng import rng
from harness.text import TEXT

OUT_OF_SCOPE = "out_of_scope"
NEEDS: Mapping[str, tuple[str, ...]] = {
    "track_order": ("order",),
    "cancel_order": ("order",),
    "return_item": ("order", "product"),
    "refund_status": ("order",),
    "change_address": ("order", "city"),
    "damaged_item": ("order", "product"),
    "wrong_item": ("order", "product"),
    "bill_too_high": ("bill",),
    "pay_bill": ("bill", "day"),
    "book_appointment": ("city", "day"),
    "move_appointment": ("city", "day"),
    "cancel_appointment": ("city",),
    "reset_password": ("account",),
    "close_account": ("account",),
    "change_email": ("account",),
}
"""What an agent has to know before doing what a customer wants."""
INTENTS = (*NEEDS, OUT_OF_SCOPE)
CANDIDATES = 10
SLOTS = ("order", "product", "city", "bill", "day", "account")

SPLITS: Mapping[str, Split] = {
    "train": Split(4000),
    "validation": Split(500),
    "test": Split(1000),
    "unseen-entities": Split(600, unseen_entities=True),
    "unseen-patterns": Split(600, unseen_patterns=True),
    "chatty": Split(600, special="chatty"),
    "out-of-scope": Split(600, special="out-of-scope"),
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agent does at a point of a conversation.

    Args:
        act: ``ask-<slot>``, ``confirm-<intent>``, ``done-<intent>``, ``refuse`` or ``close``.
        ways: All its phrasings; the first is what was said.
    """

    act: str
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """Turns of a customer and replies of an agent, in turn; the customer begins.

    Args:
        intent: What the customer wants.
        scene: What may be mentioned, by slot.
        turns: What the customer says.
        replies: What the agent answers to each turn.
        pattern: The structure of the first turn.
    """

    intent: str
    scene: Scene
    turns: tuple[str, ...]
    replies: tuple[Reply, ...]
    pattern: str

    def history(self, at: int) -> dict[str, str]:
        """The turns before reply ``at``, as fields in order."""
        fields: dict[str, str] = {}
        for number in range(at + 1):
            fields[f"{2 * number + 1:02d} customer"] = self.turns[number]
            if number < at:
                fields[f"{2 * number + 2:02d} agent"] = self.replies[number].ways[0]
        return fields


@cache
def _openings(unseen_patterns: bool, chatty: bool) -> Grammar:
    whole = Grammar.read(OPENINGS + ASIDES + (CHATTY if chatty else PLAIN))
    return whole.unseen() if unseen_patterns else whole.seen()


@cache
def _customer() -> Grammar:
    return Grammar.read(CUSTOMER)


@cache
def _agent() -> Mapping[str, tuple[str, ...]]:
    """The phrasings of every act."""
    lines = (line.partition(": ") for line in AGENT.strip().splitlines())
    return {act: tuple(ways.split(" | ")) for act, _, ways in lines}


def _keyed(*purpose: str | int) -> Draw:
    """Numbers for what follows from an opening, whether or not other collections need them too."""
    return rng("world/service", *purpose).random


def _digits(draw: Draw, count: int) -> str:
    return "".join(str(int(draw() * 10)) for _ in range(count))


def _slots(world: World, draw: Draw) -> Scene:
    """Who, what, where and when a conversation may be about."""
    scene = world.scene(draw)
    slots = {
        "order": f"{int(draw() * 90) + 10}-{_digits(draw, 4)}",
        "bill": f"R{_digits(draw, 5)}",
        "account": f"K{_digits(draw, 4)}",
        "day": DAYS[int(draw() * len(DAYS))],
    }
    return in_roles(
        {
            "product": scene["product"],
            "city": scene["city"],
            "somebody": scene["person"],
            "firm": scene["firm"],
            **{slot: Entity(slot, {"full": value}) for slot, value in slots.items()},
        }
    )


def _reply(act: str, scene: Scene, draw: Draw) -> Reply:
    """All phrasings of what an agent does, beginning with any."""
    names = {slot: scene[slot].name for slot in SLOTS}
    ways = [way.format_map(names) for way in _agent()[act]]
    start = int(draw() * len(ways))
    return Reply(act, tuple(way[0].upper() + way[1:] for way in ways[start:] + ways[:start]))


def _with(scene: Scene, slot: str, other: Scene) -> Scene:
    """The scene with one thing from another."""
    return {**{name: scene[name] for name in SLOTS}, slot: other[slot]}


Opened = tuple[str, Sentence, Scene]
"""The intent, the first turn, and what else may be mentioned."""


def _open(brief: Brief) -> Opened:
    """How a conversation begins; the rest of it is keyed by that."""
    draw, split = brief.draw, brief.split
    scene = _slots(brief.world, draw)
    share = 0.5 if split.special == "out-of-scope" else 0.08
    intent = OUT_OF_SCOPE if draw() < share else tuple(NEEDS)[int(draw() * len(NEEDS))]
    grammar = _openings(split.unseen_patterns, split.special == "chatty")
    opening = grammar.write(intent.upper(), scene, draw)
    return intent, replace(opening, text=opening.text.strip()), scene


def converse(opened: Opened, world: World) -> Conversation:
    """A conversation from its opening to goodbye."""
    intent, opening, scene = opened
    draw = _keyed("conversation", opening.text)
    turns, replies = [opening.text], []

    def answer(act: str, turn: str = "") -> None:
        replies.append(_reply(act, scene, draw))
        if turn:
            turns.append(_customer().write(turn, scene, draw).text)

    if intent == OUT_OF_SCOPE:
        answer("refuse", "pity")
    else:
        known = {span.label for span in opening.spans}
        for slot in NEEDS[intent]:
            if slot not in known:
                answer(f"ask-{slot}", f"give-{slot}")
        if draw() < 0.25:  # the customer takes something back
            slot = NEEDS[intent][int(draw() * len(NEEDS[intent]))]
            replies.append(_reply(f"confirm-{intent}", scene, draw))
            scene = _with(scene, slot, _slots(world, draw))
            turns.append(_customer().write(f"no-{slot}", scene, draw).text)
        answer(f"confirm-{intent}", "yes")
        answer(f"done-{intent}", "thanks")
    answer("close")
    return Conversation(intent, scene, tuple(turns), tuple(replies), opening.pattern)


def intents(brief: Brief) -> Document:
    """What the customer says first, and what is meant."""
    intent, opening, _ = _open(brief)
    return Document(opening.text, (Written({TEXT: opening.text}, intent, {"pattern": opening.pattern}),))


def dialogue(brief: Brief) -> Document:
    """The conversation up to each reply, and the reply in all its phrasings."""
    opened = _open(brief)

    def examples() -> Iterator[Written]:
        one = converse(opened, brief.world)
        for at, reply in enumerate(one.replies):
            yield Written(one.history(at), reply.ways, _meta(one, at) | {"speaker": "agent"})

    return Document(opened[1].text, examples())


def _meta(one: Conversation, at: int) -> dict[str, str]:
    act = one.replies[at].act.partition("-")[0]
    return {"pattern": one.pattern, "intent": one.intent, "act": act, "turns": str(2 * at + 1)}


# -- which reply fits ----------------------------------------------------------------------------


def response(brief: Brief) -> Document:
    """The conversation up to each reply, and ten candidates of which one is right."""
    opened = _open(brief)

    def examples() -> Iterator[Written]:
        one = converse(opened, brief.world)
        for at in range(len(one.replies)):
            yield _ranking(one, at, brief.world)

    return Document(opened[1].text, examples())


def _ranking(one: Conversation, at: int, world: World) -> Written:
    draw = _keyed("candidates", one.turns[0], at)
    wrong = _distractors(one, at, world, draw)
    right = int(draw() * CANDIDATES)
    candidates = [*wrong[:right], one.replies[at].ways[0], *wrong[right:]]
    numbered = {f"candidate {number}": text for number, text in enumerate(candidates, start=1)}
    return Written(one.history(at) | numbered, (str(right + 1),), _meta(one, at))


def _distractors(one: Conversation, at: int, world: World, draw: Draw) -> list[str]:
    """Nine wrong replies: the right one with other things in it, other acts, other matters."""
    gold = one.replies[at]
    needs = NEEDS.get(one.intent, ())
    texts: list[str] = []
    if gold.act.startswith(("confirm", "done")):
        texts += [
            _reply(gold.act, _with(one.scene, slot, _slots(world, draw)), draw).ways[0]
            for slot in (needs * 3)[:3]
        ]
    # What was confirmed before it was taken back is wrong once it has been.
    texts += [reply.ways[0] for reply in one.replies[:at] if reply.act == gold.act]
    same = [f"{act}-{one.intent}" for act in ("confirm", "done") if needs]
    near = [
        f"{act}-{other}" for act in ("confirm", "done") for other in NEEDS if set(NEEDS[other]) & set(needs)
    ]
    # Asking for what is needed and not yet known would not be wrong, only out of turn.
    asking = [f"ask-{slot}" for slot in SLOTS if slot not in needs]
    acts = [*same, *_shuffled([*near, *asking, "close", "refuse"], draw)]
    acts = [act for act in dict.fromkeys(acts) if act != gold.act]
    texts += [_reply(act, one.scene, draw).ways[0] for act in acts[: CANDIDATES - 1 - len(texts)]]
    rest = _shuffled([f"{act}-{other}" for act in ("confirm", "done") for other in NEEDS], draw)
    other = _slots(world, draw)
    texts += [_reply(act, other, draw).ways[0] for act in rest if act != gold.act]
    wrong = [text for text in dict.fromkeys(texts) if text not in gold.ways]
    return _shuffled(wrong[: CANDIDATES - 1], draw)


def _shuffled(many: Sequence[str], draw: Draw) -> list[str]:
    return [one for _, one in sorted((draw(), one) for one in many)]
