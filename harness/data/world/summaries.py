"""Short news of a firm, and what it comes down to in one or two sentences.

An article tells one event among details, background and other news with names and numbers of the same kind.
The event is told in two sentences, which need neither come first nor stand together. A reference says both
in other words; several of them are given.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from harness.data.world.grammar import Draw, Entity, Grammar, Scene
from harness.data.world.splits import IN_DOMAIN, UNSEEN_ENTITIES, Brief, Document, Split, Written

SPLITS: Mapping[str, Split] = {
    **IN_DOMAIN,
    **UNSEEN_ENTITIES,
    "unseen-topics": Split(600, unseen_topics=True),
}

TOPICS = {
    "results": """
FIRST: profit at <firm> <move.past> by <percent> to <money> in the {quarter} | <firm> reported a(n) {quarter} profit of <money>, <percent> <move.than> a year before | the profit of <firm> for the {quarter} came to <money>, a(n) <move.noun> of <percent>
SECOND: the company now expects to sell <count> <product.short> devices this year | for the whole year, <firm.short> plans to sell <count> of its <product.short> | managers put this year’s sales of the <product> at <count>
DETAIL: a year ago, profit had moved by <percent2> | costs came to <money2> | analysts in <city> had expected something else | sales in <country> made up <percent2> of the total | the dividend stays where it is | the business that <firm.short> bought from <target.short> lost <money2>
SUM: <firm>’s profit <move.past> <percent> to <money>, and it expects to sell <count> <product.short> devices this year. | Profit of <firm.short> <move.past> by <percent> to <money>. ^It plans to sell <count> <product.short> devices. | <firm> made <money>, <percent> <move.than> before, and expects sales of <count> <product.short> devices.
""",
    "appointment": """
FIRST: <firm> has named <person> as its new <post> | <person> will be the next <post> of <firm> | the board of <firm> has chosen <person> to be <post>
SECOND: [person.she] will take over from <founder> in <month> | <founder>, who has held the post for years, will step down in <month> | in <month>, <founder> will hand over the keys
DETAIL: <person.last> was born in <birthplace> | [person.she] used to work for <target> | shares in <firm.short> moved by <percent2> on the news | the post had been offered to two others | <firm.short>, based in <city>, employs <count2> people | <founder.last> will keep a desk in <city>
SUM: <person> will succeed <founder> as <post> of <firm> in <month>. | <firm> has chosen <person> as <post>; [person.she] follows <founder> in <month>. | <founder> will hand the post of <post> at <firm.short> to <person> in <month>.
""",
    "takeover": """
FIRST: <firm> is to buy <target> for <money> | <firm> has agreed to pay <money> for <target> | <target> will be sold to <firm> for <money>
SECOND: <count> jobs will be lost | <firm.short> plans to cut <count> jobs after the deal | the deal will cost <count> people their jobs
DETAIL: <firm.short> had offered <money2> a year ago | <target.short> makes a rival of the <product.short> | talks in <city> went on for <few> hours | shares in <target.short> moved by <percent2> | <agency> still has to agree | <founder> founded <firm.short> in a garage
SUM: <firm> is buying <target> for <money> and will cut <count> jobs. | <target> goes to <firm> for <money>, at the cost of <count> jobs. | <firm.short> pays <money> for <target.short>; <count> jobs will go.
""",
    "launch": """
FIRST: <firm> will bring out the <product> in <month> | the <product> by <firm> goes on sale in <month> | from <month>, <firm> will sell the <product>
SECOND: it will cost <price> | customers will have to pay <price> for it | the price will be <price>
DETAIL: the last model cost <price2> | it is built in <city> | <person> showed it to <count2> guests | <firm.short> spent <money2> on tests | buyers in <country> have to wait | <agency> called it safe
SUM: <firm>’s <product> goes on sale in <month> for <price>. | From <month>, the <product> by <firm> will be sold at <price>. | <firm.short> brings out the <product> in <month> at a price of <price>.
""",
    "recall": """
FIRST: <firm> is calling back <count> <product.short> devices | <count> <product.short> devices have to go back to <firm> | <firm> wants <count> of its <product.short> back
SECOND: the {part} can {fail} | the reason is a(n) {part} that may {fail} | tests showed that the {part} might {fail}
DETAIL: repairs take <few> minutes | shops in <country> have stopped selling it | the recall will cost <money2> | <person>, a lawyer, has bought two | <agency> had asked for tests | the devices were built in <city>
SUM: <firm> recalls <count> <product.short> devices because the {part} can {fail}. | a(n) {part} that can {fail} makes <firm> call back <count> <product.short> devices. | As the {part} may {fail}, <count> <product.short> devices go back to <firm.short>.
""",
}
UNSEEN_TOPICS = {
    "lawsuit": """
FIRST: a court in <city> has ordered <firm> to pay <money> to <target> | <firm> has lost a case against <target> and has to pay <money> | <target> has won <money> from <firm> in a court in <city>
SECOND: the judges found that the <product> copies a(n) {part} of <target.short> | the {part} of the <product>, they said, was stolen | at issue was the {part} of the <product>
DETAIL: <target.short> had asked for <money2> | the case lasted <few> days | <person> spoke for <firm.short> | shares in <firm.short> moved by <percent2> | <firm.short> may go to a higher court | <agency> did not comment
SUM: <firm> has to pay <target> <money> because of the {part} of the <product>. | A court made <firm> pay <money> to <target> over the {part} of the <product>. | <target.short> won <money> from <firm.short> over the <product>’s {part}.
""",
    "strike": """
FIRST: <count> workers of <firm> have gone on strike | a strike of <count> workers has begun at <firm> | at <firm>, <count> workers have put down their tools
SECOND: they want <percent> more pay | the union asks for <percent> more pay | their demand: <percent> more pay
DETAIL: <firm.short> has offered <percent2> | the plant in <city> makes the <product.short> | <person>, who leads the union, spoke for <few> minutes | a day without work costs <money2> | the last strike was won by the other side | police were at the gates
SUM: <count> workers at <firm> are on strike for <percent> more pay. | A strike of <count> workers at <firm> is about <percent> more pay. | <firm.short>: <count> workers stopped work because they want <percent> more pay.
""",
}
SHARED = """
OPENING: it was a busy week in <city> | few had expected news from <city> this week | there was no lack of rumours about <firm.short> | everybody in <city> talks about <firm.short> | <firm>, the maker of the <product>, is in the news again
FILLER: a spokesman was not available | the weather in <city> was {weather} | “we will see,” said <founder.last> | elsewhere, <rival> moved its office to <place> | <rival.short> had no news of its own | {weather} days lie ahead for everybody in the trade | people in <place> took little notice
quarter: first quarter | second quarter | third quarter | last quarter
weather: dry | wet | mild | stormy | cold
"""
PARTS = ("battery", "lid", "cable", "screen", "handle", "motor")
FAILURES = ("catch fire", "break", "melt", "come off", "leak", "stop without warning")
MONTHS = ("January", "March", "April", "June", "August", "October", "November")
POSTS = ("chief executive", "chairman", "finance director", "head of research", "treasurer")
MOVES = (
    {"full": "rose", "past": "rose", "noun": "rise", "than": "more than"},
    {"full": "fell", "past": "fell", "noun": "fall", "than": "less than"},
)


@cache
def _grammar(topic: str, part: str, failure: str) -> Grammar:
    """The grammar of a topic in which what broke, and how, is the same everywhere."""
    words = f"part: {part}\nfail: {failure}\n"
    return Grammar.read({**TOPICS, **UNSEEN_TOPICS}[topic] + SHARED + words)


def _one(many: tuple[str, ...], draw: Draw) -> str:
    return many[int(draw() * len(many))]


def _scene(brief: Brief) -> Scene:
    """Who and what, and two different sums, shares, counts and prices."""
    draw = brief.draw
    cast = brief.world.cast(draw, 1)

    def two(role: str, say: str, least: int, step: int, below: int) -> dict[str, Entity]:
        first = int(draw() * below)
        second = (first + 1 + int(draw() * (below - 1))) % below
        return {
            name: Entity("", {"full": say.format(f"{least + step * number:,}")})
            for name, number in ((role, first), (role + "2", second))
        }

    values = {
        **two("percent", "{}%", 2, 1, 40),
        **two("money", "${} million", 15, 5, 90),
        **two("count", "{}", 120, 20, 200),
        **two("price", "{} euros", 45, 15, 60),
        "few": Entity("", {"full": str(2 + int(draw() * 58))}),
        "post": Entity("", {"full": _one(POSTS, draw)}),
        "month": Entity("", {"full": _one(MONTHS, draw)}),
        "move": Entity("", MOVES[int(draw() * len(MOVES))]),
    }
    for role, entity in values.items():
        cast[role] = entity  # type: ignore[index]
    return cast


def write(brief: Brief) -> Document:
    """An article and its references."""
    draw = brief.draw
    scene = _scene(brief)
    topics = tuple(UNSEEN_TOPICS if brief.split.unseen_topics else TOPICS)
    topic = _one(topics, draw)
    grammar = _grammar(topic, _one(PARTS, draw), _one(FAILURES, draw))

    def say(symbol: str, rule: int = -1) -> str:
        rules = grammar.rules[symbol]
        chosen = Grammar({**grammar.rules, symbol: [rules[rule]] if rule >= 0 else rules})
        text = chosen.write(symbol, scene, draw).text
        return text if text.endswith((".", "?")) else text + "."

    details = sorted((draw(), at) for at in range(len(grammar.rules["DETAIL"])))[: 2 + int(draw() * 3)]
    rest = [say("DETAIL", at) for _, at in details]
    fillers = sorted((draw(), at) for at in range(len(grammar.rules["FILLER"])))[: int(draw() * 3)]
    for _, at in fillers:
        rest.insert(int(draw() * (len(rest) + 1)), say("FILLER", at))
    lead = draw() < 0.5
    sentences = [say("FIRST")] if lead else [say("OPENING"), say("FIRST")]
    # The second half of the news comes after at most three other sentences.
    place = int(draw() * min(4, len(rest) + 1))
    sentences += [*rest[:place], say("SECOND"), *rest[place:]]
    text = " ".join(sentences)
    references = [say("SUM", at) for at in range(len(grammar.rules["SUM"]))]
    first = int(draw() * len(references))
    meta = {"topic": topic, "lead": "yes" if lead else "no", "sentences": str(len(sentences))}
    return Document(text, (Written({"source": text}, tuple(references[first:] + references[:first]), meta),))
