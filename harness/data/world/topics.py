"""Texts about one to three topics, and a stream in which the mood about one of them may turn.

A text of ``world/topics`` joins sentences about different topics; words of one topic turn up in figures of
speech of another (``a healthy profit``, ``the goal of the merger``), which are not about it. ``world/stream``
has the sentences of ``world/sentiment`` in order of time.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from harness.data.world import sentiment
from harness.data.world.grammar import Draw, Grammar
from harness.data.world.splits import Brief, Document, Split, Written, document
from harness.text import TEXT

TOPICS = ("finance", "health", "politics", "science", "service", "sport", "travel")
GRAMMAR = """
FINANCE:
  shares in <firm.short> {moved} | the profit of <firm> {moved} this {season} | <firm> paid back a loan to a bank in <place>
  interest rates in <country> {moved} | investors met at <firm.short> | <person> asked for a mortgage
  the merger reached its goal, and <firm.short> is in good shape | after a healthy quarter, <firm> raised its dividend
  ~ <firm.short> wrote off its bonds | ~ inflation in <country> {moved}
HEALTH:
  doctors in <place> treated <person> for a fever | a new vaccine is being given in <country> | <person.last> spent the night in a clinic
  nurses in <place> are short of beds | sleep is good against stress, says Dr <colleague.last> | <person.first> broke a leg and lost a tooth
  <person> won her fight against a long illness | the patients of Dr <person.last> have a long journey behind them
  ~ surgeons in <place> put in a new hip | ~ hay fever is early this {season}
POLITICS:
  the mayor of <place> resigned | voters in <country> elected a new parliament | <person>, a minister, {said} nothing
  a law on rents was passed in <country> | <person.last> leads the opposition in <place> | the ambassador of <country> was recalled
  the party of <person.last> lost by a point | the government lives on borrowed time and has no credit left with <person>
  ~ the coalition in <country> broke up | ~ a referendum will be held in <place>
SCIENCE:
  researchers at <school> found a new comet | a laboratory in <place> measured the ice | <person>, a chemist, {said} the theory was right
  <school> built a telescope | the experiment of <person.last> was repeated in <place> | fossils were dug up near <place>
  a study by <school> scored a success: the theory pays off | physicists in <place> are at war over a tiny particle
  ~ a probe sent data back to <school> | ~ the gene was decoded in <place>
SERVICE:
  <firm.short> did not answer my call | the shop in <place> replaced my <product> | my parcel from <firm.short> is still missing
  <person.first> at the help desk was kind | I asked <firm> for a refund | the hotline of <firm.short> is always busy
  I voted with my feet and sent the <product> back | waiting for <firm.short> on the phone is a marathon
  ~ nobody at the counter of <firm.short> knew a thing | ~ my complaint about the <product> was lost
SPORT:
  <club.short> beat <visitors.short> {score} | <person> scored twice for <club> | <club> signed <person.last>
  the coach of <club.short> was dismissed | <person.last> won the race in <place> | fans of <club.short> sang all night
  <visitors.short> paid dearly for a mistake and lost {score} | the doctor of the attack, <person.last>, cured what ailed <club.short>
  ~ the referee sent off <person.last> | ~ extra time brought no winner for <club.short>
TRAVEL:
  trains from <place> to <elsewhere> were late | we slept in a hotel in <place> | <person> flew to <place>
  the beach at <place> was empty | our suitcases are still in <place> | the ferry to <elsewhere> was full
  the guide in <place> had no vote in the matter: it rained | our trip to <place> was a losing game
  ~ customs at <place> took hours | ~ we hiked from <place> to <elsewhere>
NONE:
  it is {season}, and nothing has happened | thank you for your letter | please find the list below | {who} had other plans
  this page is empty | {who} called and hung up | there is no more to say | the clock on the wall has stopped
  ~ nothing to report | ~ no news is good news | ~ {who} left early
season: spring | summer | autumn | winter
moved: rose | fell | did not move
said: said | wrote | claimed
score: 1-0 | 2-1 | 3-1 | 4-2
who: somebody | my neighbour | the boss | <colleague>
"""

LINKS = ("", "", "Meanwhile, ", "Also, ", "By the way, ", "Elsewhere, ", "In other news, ")
PER_DAY = 100
"""Texts a day in ``world/stream``."""
JUMP = 12
"""The number, from 0, of the day on which the mood turns in the split ``jump``."""
JUMPING = "service"
"""The topic whose texts turn negative."""
CALM, UPSET = 0.3, 0.6
"""Share of negative texts before and, of the one topic, after."""

STREAM: Mapping[str, Split] = {"steady": Split(2000), "jump": Split(2000, special="jump")}


@cache
def _grammar(unseen_patterns: bool) -> Grammar:
    whole = Grammar.read(GRAMMAR)
    return whole.unseen() if unseen_patterns else whole.seen()


def _shuffled(draw: Draw) -> list[str]:
    return [topic for _, topic in sorted((draw(), topic) for topic in TOPICS)]


def write(brief: Brief) -> Document:
    """A text about none to three topics, one sentence each."""
    draw = brief.draw
    grammar = _grammar(brief.split.unseen_patterns)
    number = draw()
    count = 0 if number < 0.06 else 1 if number < 0.42 else 2 if number < 0.78 else 3
    topics = _shuffled(draw)[:count]
    symbols = [topic.upper() for topic in topics] or ["NONE", "NONE"]
    if topics and draw() < 0.3:
        symbols.insert(int(draw() * (len(symbols) + 1)), "NONE")
    parts, patterns = [], []
    for at, symbol in enumerate(symbols):
        one = grammar.write(symbol, brief.world.scene(draw), draw)
        link = LINKS[int(draw() * len(LINKS))] if at else ""
        named = one.text.startswith("I ") or (one.spans and one.spans[0].start == 0)
        small = link and not named
        parts.append(link + (one.text[0].lower() + one.text[1:] if small else one.text))
        patterns.append(one.pattern)
    text = ". ".join(parts) + "."
    meta = {"pattern": "/".join(patterns), "topics": str(len(topics))}
    return Document(text, (Written({TEXT: text}, tuple(sorted(topics)), meta),))


def stream(brief: Brief) -> Document:
    """The next text of a stream of customers' and investors' voices."""
    draw = brief.draw
    day = brief.at // PER_DAY
    topics = tuple(sentiment.TOPICS)
    topic = topics[int(draw() * len(topics))]
    upset = brief.split.special == "jump" and topic == JUMPING and day >= JUMP
    number, share = draw(), UPSET if upset else CALM
    label = "negative" if number < share else ("neutral", "positive")[int(draw() * 2)]
    one = sentiment.sentence(topic, label, brief.world.scene(draw), draw)
    minute = brief.at % PER_DAY * (24 * 60) // PER_DAY
    time = f"2024-03-{day + 1:02d}T{minute // 60:02d}:{minute % 60:02d}"
    return document(one.text, label, {"time": time, "topic": topic, "pattern": one.pattern})
