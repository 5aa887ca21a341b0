"""Sentences with two marked names and the relation between them that the sentence states.

Labels are directed: ``founded(e1,e2)`` if the first of the two names founded the second. Most sentences
hold several names and state several facts, and examples ask about different pairs of one sentence, so that
the words of the sentence alone do not decide. A pair is ``no_relation`` if the sentence states no fact about
it: what is denied or came to nothing, or two names from different facts. No such pair is related in the
world either.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations

from harness.data.world.facts import in_roles
from harness.data.world.grammar import Draw, Grammar
from harness.data.world.splits import Brief, Document, Written
from harness.text import TEXT, Span

NO_RELATION = "no_relation"
STATED = {
    "works": ("person", "works_for", "firm"),
    "founded": ("founder", "founded", "firm"),
    "based": ("firm", "based_in", "city"),
    "makes": ("firm", "makes", "product"),
    "bought": ("firm", "bought", "target"),
    "born": ("person", "born_in", "birthplace"),
    "lies": ("city", "lies_in", "country"),
}
"""Which fact a symbol of the grammar states: the first part of its name says so."""
LABELS = (
    *(f"{name}({pair})" for _, name, _ in STATED.values() for pair in ("e1,e2", "e2,e1")),
    NO_RELATION,
)

FRAMES = """
S:
  3 * {FACT}{END}.
  5 * {FACT}{LINK} {FACT2}{END}.
  2 * {TIME}, {FACT}{LINK} {NOT}.
  2 * {NOT}{LINK} {FACT}.
  2 * {FACT}{LINK} {NOT2}.
  2 * {NOT}{END}.
  {TIME}, {FACT}.
  {SAY} {FACT} and that {FACT2}.
LINK: , while | , and | , but | ; meanwhile, | , whereas
END: 4 * _ | , the papers say | , as {whose} lawyers confirm | , despite {trouble} | , of all places
TIME: in {month} | as of {month} | today | after {trouble} | in spite of {trouble}
SAY: the report says that | we learn that | it is well known that | the court heard that
whose: several | the company’s | our
trouble: a strike | years of doubt | the recession | a scandal | heavy losses | some delay
month: January | March | May | July | September | November
adjective: small | proud | cautious | well-known | troubled | ambitious
job: lawyer | engineer | economist | designer | accountant | chemist
role: chief executive | finance director | head of research | spokesman | treasurer
goods: steel | paper | furniture | coffee | cement | glass
"""

FACTS = """
FACT:
  <person> {WORKS-VP} | <person.last>, who {BORN-VP}, {WORKS-VP} | <person>{ASIDE} {BORN-VP}
  {WORKS-OF} | {WORKS-OF} | {FOUNDED-OF} | <founder> {FOUNDED-VP} | <founder.last>{ASIDE} {FOUNDED-VP}
  <firm> {BASED-VP} | <firm.short>, which {BASED-VP}, {MAKES-VP} | <firm>, which {MAKES-VP}, {BASED-VP}
  {BASED-OF} | {BASED-OF} | <firm>{ASIDE} {MAKES-VP} | {MAKES-OF} | {MAKES-OF} | <firm.short> {BOUGHT-VP}
  <firm.short>, which {BASED-VP}, {BOUGHT-VP} | {BOUGHT-OF} | {BOUGHT-OF} | {BORN-OF} | {BORN-OF}
  <city> {LIES-VP} | <city>, which {LIES-VP}, {BASED-HOST} | {LIES-OF} | {LIES-OF}
  <founder>, who {FOUNDED-VP}, met <person>, who {BORN-VP}
  {WORKS-OF}, and {FOUNDED-OF}
BASED-HOST: is home to <firm> | hosts the head office of <firm> | ~ lives off <firm.short>, the largest firm in town
ASIDE: 3 * _ | , a(n) {adjective} name, | , unlike <rival>, | , according to <colleague>,
WORKS-VP:
  works for <firm> | is a(n) {job} at <firm> | joined <firm.short> as {role} | is {role} of <firm> | sits on the board of <firm.short>
  ~ earns a living as {job} with <firm> | ~ has been on the payroll of <firm.short> for years
WORKS-OF:
  <firm> employs <person> as {role} | <firm.short> hired {job} <person> | the {role} of <firm>, <person>, spoke first
  among the staff of <firm.short> is <person.last> | <firm.short> {job} <person> took the floor
  ~ <firm> pays <person> to be its {role} | ~ on the team of <firm.short> is a(n) {job} called <person>
FOUNDED-VP:
  founded <firm> | set up <firm.short> | started <firm> in a garage | established <firm>
  ~ brought <firm> into being | ~ got <firm.short> off the ground
FOUNDED-OF:
  <firm> was founded by <founder> | <firm.short> was set up by <founder.last> | <firm> goes back to its founder, <founder>
  the founder of <firm> is <founder> | ~ <firm> is the brainchild of <founder> | ~ <firm.short> owes its existence to <founder>
BASED-VP:
  is based in <city> | has its headquarters in <city> | is run from <city> | has its head office in <city>
  ~ calls <city> its home | ~ is registered in <city>
BASED-OF:
  <city> is home to <firm> | the <city>-based company <firm> spoke first | <city> is the seat of <firm.short> | from its base in <city>, <firm.short> is growing
  ~ nobody in <city> has not heard of <firm>, the largest firm in town | ~ <city> has one big address, that of <firm>
MAKES-VP:
  makes the <product> | builds the <product> | is the maker of the <product> | produces the <product.short>
  ~ churns out the <product> | ~ is behind the <product>
MAKES-OF:
  the <product> is made by <firm> | the <product> comes from <firm.short> | every <product.short> is built by <firm>
  the <product>, a device by <firm>, won a prize | ~ the <product> bears the logo of <firm> | ~ the <product.short> left the workshops of <firm>
BOUGHT-VP:
  bought <target> | took over <target> | acquired <target> | swallowed <target.short> | ~ got hold of all shares in <target> | ~ added <target> to its empire
BOUGHT-OF:
  <target> was bought by <firm> | <target> now belongs to <firm.short> | <target.short> was taken over by <firm> | <target> was sold to <firm>
  ~ <target> fell into the hands of <firm> | ~ the new owner of <target> is <firm>
BORN-VP:
  was born in <birthplace> | is a native of <birthplace> | came into the world in <birthplace>
  ~ first saw the light of day in <birthplace> | ~ hails from <birthplace>
BORN-OF:
  <birthplace> is the birthplace of <person> | <birthplace>-born <person> spoke first | in <birthplace>, where <person> was born, it rained
  ~ <birthplace> celebrates its most famous daughter or son, <person> | ~ <birthplace> claims <person> as one of its own
LIES-VP:
  lies in <country> | is a town in <country> | is in the north of <country> | ~ is marked on every map of <country> | ~ is part of <country>
LIES-OF:
  in <country>, the town of <city> is growing | <country> has many towns, and <city> is one | the people of <country> love their city of <city>
  ~ nowhere in <country> is livelier than <city> | ~ <country> includes <city>
"""

DENIALS = """
NOT:
  <colleague> never worked for <firm> | <colleague.last> turned down a job as {role} of <firm.short> | <firm> did not hire <colleague>
  <person> was not born in <place>, as had been claimed | <founder> did not found <rival> | <rival> was not founded by <colleague>
  <firm> is not based in <place> | <firm.short> thought about moving to <place> | <rival> left <city>
  <firm.short> does not make the <gadget> | the <gadget> is not made by <firm> | <rival> stopped work on the <product>
  <firm> tried to buy <rival> and failed | <rival> was not sold to <firm> | talks between <firm.short> and <rival.short> about a takeover broke down
  <place> does not lie in <country> | <colleague> sued <firm.short>, which {BASED-VP} | <person.last> bought a(n) <gadget> from <rival>
  <colleague.last>, a(n) {job}, flew to <city> | <rival.short> lost a court case in <birthplace> | <person> drove a(n) <product> to <place>
  <colleague> praised <firm>, which {MAKES-VP} | <rival> envies <firm>, which {BOUGHT-VP} | <person> met <founder>, who {FOUNDED-VP}
  <colleague>, unlike <person>, does not work for <firm> | <person.last> toured <country> with <colleague.last>
  ~ it is a myth that <colleague> works for <firm> | ~ nobody believes that <founder> founded <rival> | ~ <firm> has no office in <place>
  ~ the sale of <rival> to <firm> fell through | ~ the <gadget> only looks as if <firm> made it | ~ <person> has never set foot in <place>
  ~ <place>, unlike <city>, is nowhere near <country>
"""


def _second(text: str) -> str:
    """The same grammar about the second scene: every symbol of structure and every role is its own."""
    text = re.sub(r"<(\w+)", r"<\g<1>2", text)
    text = re.sub(r"\{([A-Z-]+)\}", r"{\g<1>2}", text)
    return re.sub(r"^([A-Z-]+):", r"\g<1>2:", text, flags=re.MULTILINE)


@cache
def _grammar(unseen_patterns: bool) -> Grammar:
    whole = Grammar.read(FRAMES + FACTS + DENIALS + _second(FACTS + DENIALS))
    return whole.unseen() if unseen_patterns else whole.seen()


def write(brief: Brief) -> Document:
    """One sentence, and one or two pairs of its names: one that is related if there is, one that is not."""
    cast = brief.world.cast(brief.draw, 2)
    sentence = _grammar(brief.split.unseen_patterns).write("S", in_roles(cast), brief.draw)
    facts = dict(filter(None, (_fact(step) for step in sentence.pattern.split("/"))))
    related, unrelated = [], []
    for one, other in combinations(sentence.spans, 2):
        if label := _label(one.label, other.label, facts):
            related.append((one, other, label))
        elif one.label != other.label and not brief.world.related(
            cast[one.label].name, cast[other.label].name
        ):
            unrelated.append((one, other, NO_RELATION))
    chosen = [_any(related, brief.draw)] if related else []
    if unrelated and (not related or brief.draw() < 0.5):
        chosen.append(_any(unrelated, brief.draw))
    return Document(
        sentence.text,
        tuple(
            Written(
                {TEXT: sentence.text},
                label,
                {"pattern": sentence.pattern, "types": f"{cast[one.label].label}-{cast[other.label].label}"},
                (Span(one.start, one.end, "head"), Span(other.start, other.end, "tail")),
            )
            for one, other, label in chosen
        ),
    )


def _fact(step: str) -> tuple[tuple[str, str], str] | None:
    """The fact that a step of a pattern such as ``works-vp2-3`` states: subject and object, and the relation."""
    symbol = step.rpartition("-")[0]
    which = "2" if symbol.endswith("2") else ""
    if (stated := STATED.get(symbol.partition("-")[0])) is None:
        return None
    subject, relation, thing = stated
    return (subject + which, thing + which), relation


def _label(first: str, second: str, facts: dict[tuple[str, str], str]) -> str:
    if relation := facts.get((first, second)):
        return f"{relation}(e1,e2)"
    relation = facts.get((second, first), "")
    return relation and f"{relation}(e2,e1)"


def _any(many: list[tuple[Span, Span, str]], draw: Draw) -> tuple[Span, Span, str]:
    return many[int(draw() * len(many))]
