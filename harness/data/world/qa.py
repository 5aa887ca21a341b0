"""Questions with answers in a paragraph, and questions that the paragraph does not answer.

A paragraph tells some of the facts about two firms and the people, places and products around them, so
that there is usually another person, place, year or sum besides the right one. A question without an
answer asks for a fact that is not told of one firm, though it mostly is of the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from zlib import crc32

from harness.data.world.facts import in_roles
from harness.data.world.grammar import Draw, Entity, Grammar, Scene
from harness.data.world.splits import Brief, Document, Written
from harness.text import Span

UNANSWERABLE = 0.26
"""Share of questions that the paragraph does not answer."""
QUESTIONS = 3
"""Questions per paragraph."""
FACTS: Mapping[str, tuple[str, ...]] = {
    "works": ("person", "firm", "post"),
    "founded": ("founder", "firm", "year"),
    "based": ("firm", "city"),
    "makes": ("firm", "product", "cost"),
    "bought": ("firm", "target", "price"),
    "born": ("person", "birthplace"),
    "lies": ("city", "country"),
    "staff": ("firm", "staff"),
    "launch": ("product", "launched"),
    "dinner": ("founder", "firm"),
    "rival": ("target", "firm"),
    "trip": ("person", "birthplace"),
}
"""Who and what each kind of fact is about: every sentence that tells it names them all."""
NEVER_ASKED = ("dinner", "rival", "trip")
"""Facts that only bring together those of whom something else could have been told."""
ASKED: Sequence[tuple[str, str, str]] = (
    ("works", "person", "firm"),
    ("works", "firm", "person"),
    ("works", "post", "person"),
    ("founded", "founder", "firm"),
    ("founded", "firm", "founder"),
    ("founded", "year", "firm"),
    ("based", "city", "firm"),
    ("based", "firm", "city"),
    ("makes", "product", "firm"),
    ("makes", "firm", "product"),
    ("makes", "cost", "product"),
    ("bought", "target", "firm"),
    ("bought", "firm", "target"),
    ("bought", "price", "target"),
    ("born", "birthplace", "person"),
    ("born", "person", "birthplace"),
    ("lies", "country", "city"),
    ("staff", "staff", "firm"),
    ("launch", "launched", "product"),
)
"""What can be asked: the kind of fact, the role that is asked for, and the role that is given."""

TOLD = """
works:
  <person> is <post> of {FIRM} | {FIRM} has hired <person> as <post> | as <post> of {FIRM}, <person> has much to do
  <person>, a former {job}, is the new <post> of {FIRM} | for <post>, {FIRM} chose <person>
founded:
  {FIRM} was founded by <founder> in <year> | <founder> founded {FIRM} in <year> | in <year>, <founder> started {FIRM} in a garage
  {FIRM} goes back to <year>, when <founder> opened a workshop
based:
  {FIRM} is based in <city> | the headquarters of {FIRM} are in <city> | {FIRM} has its head office in <city>, near the {landmark}
  from <city>, {FIRM} is run with a firm hand
makes:
  {FIRM} makes the <product>, which sells for <cost> | the <product>, made by {FIRM}, costs <cost>
  for <cost>, customers of {FIRM} get the <product> | the best-known product of {FIRM} is the <product>, at <cost>
bought:
  {FIRM} bought <target> for <price> | <target> was sold to {FIRM} for <price> | {FIRM} paid <price> for <target>
  when <target> was for sale, {FIRM} offered <price> and got it
born:
  <person> was born in <birthplace> | <person.last> grew up in <birthplace>, where [person.she] was born
  <birthplace> is the birthplace of <person> | a native of <birthplace>, <person> {likes}
lies:
  <city> is a town in <country> | <city> lies in the north of <country> | <country> is proud of its town of <city>
staff:
  {FIRM} employs <staff> | <staff> work for {FIRM} | the payroll of {FIRM} lists <staff>
launch:
  the <product.short> went on sale in <launched> | in <launched>, the first <product.short> was sold
  shops have stocked the <product.short> since <launched>
dinner:
  <founder> spoke at a dinner of {FIRM} | the lawyer of {FIRM} met <founder> | <founder.last> was seen in a car of {FIRM}
rival:
  {FIRM} and <target> are old rivals | <target> has lost a court case against {FIRM} | {FIRM} shares a warehouse with <target>
trip:
  <person> often travels to <birthplace> | <person.last> owns a flat in <birthplace> | the mayor of <birthplace> praised <person>
filler:
  analysts {disagree} | the {landmark} was closed for repairs | nobody expected much of the year | the weather was {weather}
  shares {moved} on the news | it was a(n) {weather} {season} | critics {disagree} | the union asked for {demand}
job: lawyer | nurse | pilot | carpenter | teacher | novelist
landmark: harbour | old bridge | cathedral | railway station | fish market | stadium
likes: likes to cook | plays the oboe | speaks Latin | keeps bees | paints at night | collects stamps
disagree: were divided | remained sceptical | had seen it coming | kept silent
weather: cold | mild | stormy | dry | rainy
season: spring | summer | autumn | winter
moved: rose | fell | did not move
demand: more pay | shorter hours | a new canteen | better chairs
"""
FULL = "FIRM: 2 * <firm> | <firm.short>\n"
AGAIN = "FIRM: <firm.short> | 2 * the company | 2 * the firm\n"

QUESTION = """
works-person: who works for <firm.short>? | whom does <firm> employ? | whom has <firm> hired? | ~ who is on the staff of <firm>? | ~ who earns a living at <firm.short>?
works-firm: which company does <person> work for? | where does <person> work? | who employs <person>? | ~ on whose payroll is <person>? | ~ <person> is on the staff of which firm?
works-post: what is the job of <person>? | what does <person> do for a living? | which post does <person> hold? | ~ in what role is <person.last> employed?
founded-founder: who founded <firm>? | who is the founder of <firm.short>? | by whom was <firm> founded? | ~ to whom does <firm> owe its existence? | ~ who got <firm.short> off the ground?
founded-firm: which company did <founder> found? | what was founded by <founder>? | ~ which business owes its existence to <founder>? | which firm was started by <founder>?
founded-year: when was <firm> founded? | in which year was <firm> founded? | when did <firm.short> start? | ~ since when has there been a company called <firm.short>? | ~ how far back does <firm> go?
based-city: where is <firm> based? | in which town does <firm.short> have its headquarters? | where are the headquarters of <firm>? | ~ which place does <firm> call its home?
based-firm: which company is based in <city>? | who has a head office in <city>? | ~ <city> is the seat of which company? | ~ whose head office is to be found in <city>?
makes-product: what does <firm> make? | which product does <firm> make? | what is made by <firm.short>? | ~ what do people buy from <firm>? | ~ name a product of <firm.short>.
makes-firm: who makes the <product>? | which company makes the <product>? | by whom is the <product> made? | ~ whose product is the <product>? | ~ who is behind the <product>?
makes-cost: how much does the <product> cost? | what is the price of the <product>? | what does the <product.short> sell for? | ~ what do customers have to pay for the <product>?
bought-target: which company did <firm> buy? | what did <firm.short> buy? | whom did <firm> take over? | ~ which firm fell into the hands of <firm>?
bought-firm: who bought <target>? | which company took over <target.short>? | to whom was <target> sold? | ~ who is the new owner of <target>?
bought-price: how much did <firm> pay for <target>? | how much did <target> cost? | for how much was <target> sold? | ~ what was the price tag on <target>?
born-birthplace: where was <person> born? | in which town was <person> born? | what is the birthplace of <person>? | ~ where does <person> come from? | ~ which town is <person.last> a native of?
born-person: who was born in <birthplace>? | whose birthplace is <birthplace>? | ~ who is a native of <birthplace>? | ~ who comes from <birthplace>?
lies-country: in which country is <city>? | where does <city> lie? | which country is <city> in? | ~ to which country does <city> belong? | ~ on the map of what country would you look for <city>?
staff-staff: how many people work for <firm>? | how many employees does <firm.short> have? | how many people does <firm> employ? | ~ what is the size of the workforce of <firm>?
launch-launched: when did the <product> go on sale? | since when has the <product.short> been on sale? | when was the <product> launched? | ~ what was the date of the first <product>?
"""

Place = tuple[int, str, str]
"""The scene, the kind of fact and the role of a mention."""

POSTS = ("chief executive", "chairman", "finance director", "head of research", "treasurer", "chief engineer")
MONTHS = ("January", "March", "April", "June", "August", "October", "November")


@cache
def _told(again: bool) -> Grammar:
    return Grammar.read(TOLD + (AGAIN if again else FULL))


@cache
def _questions(unseen_patterns: bool) -> Grammar:
    # In capitals, since which question was asked is the pattern.
    lines = (line.partition(":") for line in QUESTION.strip().splitlines())
    whole = Grammar.read("\n".join(f"{name.upper()}:{rest}" for name, _, rest in lines))
    return whole.unseen() if unseen_patterns else whole.seen()


def write(brief: Brief) -> Document:
    """A paragraph and three questions about it."""
    longer = brief.split.special == "longer"
    count = 3 if longer else 2
    cast = brief.world.cast(brief.draw, count)
    scenes = [_complete(cast, at) for at in range(count)]
    told = _choose(count, brief.draw, 4 if longer else 2)
    context, places = _paragraph(scenes, told, brief.draw, 4 if longer else 1)
    used: set[Place] = set()
    return Document(
        context, (_question(context, scenes, told, places, used, brief) for _ in range(QUESTIONS))
    )


def _complete(cast: Scene, at: int) -> Scene:
    """One scene of several, with the years, sums and numbers that belong to it."""
    suffix = str(at + 1) if at else ""
    roles = {role for roles in FACTS.values() for role in roles} | {"founder"}
    scene = {role: cast[role + suffix] for role in roles if role + suffix in cast}
    firm, product, target = (scene[role].name for role in ("firm", "product", "target"))
    staff = f"{_number(firm, 'staff', 18) * 50 + 120:,}"
    year = 1990 + _number(product, "year", 32)
    month = MONTHS[_number(product, "month", len(MONTHS))]
    price = _number(target, "price", 90) * 5 + 15
    forms: Mapping[str, Mapping[str, str]] = {
        "post": {"full": POSTS[(_number(firm, "post", 3) * 2 + at) % len(POSTS)]},
        "year": {"full": str(1900 + _number(firm, "year", 88))},
        "cost": {"full": f"{_number(product, 'cost', 60) * 15 + 45} euros"},
        "price": {"full": f"${price} million"},
        "staff": {"full": f"{staff} people", "short": staff},
        "launched": {"full": f"{month} {year}", "short": str(year)},
    }
    return in_roles(scene | {role: Entity(role, form) for role, form in forms.items()})


def _number(name: str, what: str, below: int) -> int:
    """A number that is always the same for the same name."""
    return crc32(f"{what} {name}".encode()) % below


def _choose(scenes: int, draw: Draw, least: int) -> list[tuple[str, ...]]:
    """Which facts are told of each scene, in an order of its own; most kinds are told of more than one."""
    kinds = _shuffled(sorted({kind for kind, _, _ in ASKED}), draw)
    common, others = kinds[: least - 1], kinds[least - 1 :]
    told = []
    for _ in range(scenes):
        own = common + _shuffled(others, draw)[: 1 + int(draw() * 2)]
        told.append(_shuffled(own + (_shuffled(NEVER_ASKED, draw)[:1] if draw() < 0.6 else ()), draw))
    return told


def _shuffled(many: Sequence[str], draw: Draw) -> tuple[str, ...]:
    return tuple(one for _, one in sorted((draw(), one) for one in many))


def _paragraph(
    scenes: Sequence[Scene], told: Sequence[Sequence[str]], draw: Draw, fillers: int
) -> tuple[str, Mapping[Place, Span]]:
    """The sentences about one scene after those about another, and where who and what is named."""
    places: dict[Place, Span] = {}
    sentences: list[str] = []
    length = 0
    for at, (scene, kinds) in enumerate(zip(scenes, told, strict=True)):
        named = False  # whether the firm, and no other, was named in this scene's last sentence
        for kind in (*kinds, *(["filler"] if draw() < fillers / 4 else [])):
            one = _told(named).write(kind, scene, draw)
            for span in one.spans:
                places[at, kind, span.label] = Span(length + span.start, length + span.end, "", "context")
            named = "firm" in FACTS.get(kind, ()) and kind != "bought"
            sentences.append(one.text + ("" if one.text.endswith(".") else "."))
            length += len(sentences[-1]) + 1
    return " ".join(sentences), places


def _question(
    context: str,
    scenes: Sequence[Scene],
    told: Sequence[Sequence[str]],
    places: Mapping[Place, Span],
    used: set[Place],
    brief: Brief,
) -> Written:
    """A question, not one of those used, about what the paragraph tells, or about what it could have told."""
    draw = brief.draw
    named = {(at, role) for at, _, role in places}
    can = [
        (at, kind, asked)
        for at in range(len(scenes))
        for kind, asked, given in ASKED
        if (at, given) in named and (at, kind, asked) not in used
    ]
    answered = [one for one in can if one in places]
    # A kind of fact that is told of another scene is what makes a question without an answer hard.
    missing = [one for one in can if one[1] not in told[one[0]]]
    hard = [one for one in missing if any(one[1] in kinds for kinds in told)]
    pool = (hard or missing) if missing and draw() < UNANSWERABLE else answered
    at, kind, asked = where = pool[int(draw() * len(pool))]
    used.add(where)
    one = _questions(brief.split.unseen_patterns).write(f"{kind}-{asked}".upper(), scenes[at], draw)
    answers = _answers(context, scenes[at][asked], where, places) if pool is answered else ()
    meta = {"pattern": one.pattern, "kind": f"{kind}-{asked}", "answerable": "yes" if answers else "no"}
    return Written({"question": one.text, "context": context}, answers, meta)


def _answers(context: str, entity: Entity, where: Place, places: Mapping[Place, Span]) -> tuple[Span, ...]:
    """The mention that answers, shorter forms within it, and fuller mentions elsewhere."""
    at, _, asked = where
    same = (span for (scene, _, role), span in places.items() if (scene, role) == (at, asked))
    found: dict[str, Span] = {}
    for span in (places[where], *same):
        text = context[span.start : span.end]
        for form in (text, entity.forms.get("short", ""), entity.forms.get("last", "")):
            # A surname ends a name and a year a date, so the short form is looked for from the right.
            offset = text.rfind(form) if "last" in entity.forms or asked == "launched" else text.find(form)
            if form and offset >= 0 and form not in found:
                start = span.start + offset
                found[form] = Span(start, start + len(form), form, "context")
    return tuple(found.values())
