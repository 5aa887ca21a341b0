"""Sentences for named entity recognition: PER, ORG, LOC and PROD.

A name alone never tells its type for sure; the sentence around it always does, though often from
afar: ``Morgan, after months of talks, resigned`` against ``Morgan, after months of talks, sold its
mills``. Months, nationalities, acronyms and words that look like names are there to mislead.
"""

from __future__ import annotations

from functools import cache

from harness.data.world.grammar import Grammar
from harness.data.world.splits import Brief, Document, document

GRAMMAR = """
S:
  6 * {EVENT} {WHEN}.
  3 * {TIME}, {EVENT}.
  4 * {EVENT} {LINK} {ASIDE}.
  2 * {BECAUSE} {ASIDE}, {EVENT}.
  4 * {SAYING}
  3 * {QUESTION}?
  3 * {HEADLINE}
  3 * {LISTING}.
  2 * {FRAGMENT}
  2 * {SERVICE}
  8 * {NOBODY}
  2 * {VAGUE}.
  3 * {STATE} {FOR}.

EVENT:
  {HIRE} | {EXIT} | {DEAL} | {DEAL} | {LAUNCH} | {LAUNCH} | {RESULT} | {RESULT} | {TRAVEL} | {TRAVEL}
  {LIFE} | {DISPUTE} | {SPORT} | {NATURE} | {NATURE} | {RESEARCH} | 20 * {TWIN}

HIRE:
  {ORG} named <person> as [person.her] successor to <colleague.last>
  {ORG} hired <person>{WHO} to run its {unit}
  <person>{WHO} was appointed {role} of <firm>
  {PER}{MID} took over as {role} of <firm.short>
  <rival> poached {role} <person> from <firm.short>
  bosses came and went, but <person.last> stayed at <firm> for {number} years
  the board of <firm> chose <person.last>, {age}, over <colleague>
  <agency> made <person> its new head
  ~ <person> left <rival.short> and joined <firm> as {role}
  ~ replacing <colleague.last> at the top of <firm> is <person>{WHO}
  ~ the post of {role} at <firm.short> went to <person>
EXIT:
  {PER}{MID} {resigned}
  {PER}{MID} {resigned} as {role} of <firm>
  <firm> parted ways with its {role}, <person>
  <person> was forced out by investors in <firm.short>
  <founder>, who founded <firm>, {resigned}
  <person.last> had led <firm.short> since leaving <rival>
  ~ after {number} years at <firm>, {PER} {resigned}
  ~ shareholders voted <person.last> off the board of <firm>
DEAL:
  {ORG}{MID} {bought} <target>
  <target>{THING} was {acquired} by <firm> of <city>
  {ORG}{MID} sold its {unit} to <rival>
  {ORG} and <rival> agreed to merge their {goods} businesses
  <firm.short> raised its stake in <target.short> to {percent}
  a bid for <target> by <firm> of <country> collapsed
  the takeover of <target.short> cost shareholders of <firm> {money}
  {ORG}{MID} is in talks to buy a {goods} plant in <place> from <rival>
  ~ <firm>, <rival> and <target> formed a joint venture
  ~ what <firm> paid for <target.short> was never disclosed
  ~ ownership of <target> passed to <firm.short>
LAUNCH:
  {ORG}{MID} unveiled the {PROD} in <place>
  the {PROD} goes on sale in <country>
  {ORG} stopped making the <product> at its plant in <city>
  <person> presented the <product> to dealers in <place>
  {ORG} recalled every <product.short> built in <city>
  {ORG} shipped {number},000 units of the <product>
  ~ buyers in <country> had to wait {number} weeks for a(n) <product>
  ~ with the <product>, <firm> hopes to win back customers in <place>
  ~ faulty screens plagued the <product.short>
RESULT:
  {ORG}{MID} posted a(n) {adjective} {loss} of {money}
  shares in <firm.short> {moved} {percent}
  {ORG}{MID} {cut} its {forecast}
  the {forecast} of <firm> fell short of what analysts in <place> had expected
  {ORG}{MID} will close {number} branches across <country>
  sales at <firm.short>{THING} {moved} {percent} in <country>
  {ORG} owes <rival> {money}
  ~ {moved} {percent}: shares of <firm>
  ~ no dividend will be paid by <firm.short>
  ~ in <country>, <firm> {cut} its {forecast}
TRAVEL:
  <person> flew to <place>
  {PER}{MID} moved from <place> to <elsewhere>
  the road from <place> to <elsewhere> was {closed}
  {PER} spent {number} nights in <place>
  trains between <city> and <place> were {closed}
  hotels in <place> are full, so <person.last> stayed in <elsewhere>
  ~ <person.first> took the ferry out of <place>
  ~ it took {number} hours to drive to <elsewhere> via <place>
LIFE:
  <person> was born in <birthplace>
  {PER}{MID} married <colleague>
  <person.last>{MID} wrote a(n) {adjective} memoir
  <person.first> met <colleague.first> at school in <birthplace>
  {PER} and [person.her] {relative} sued the makers of the <product>
  <person.first> was named after [person.her] {relative}, <founder>
  the funeral of <founder> was held in <place>
  {PER}, a(n) {nationality} {job}, grew up in <birthplace>
  ~ as a child in <birthplace>, <person.first> {liked}
  ~ <person.initial>, a(n) {job}, left [person.her] house in <place> to <colleague.first>
DISPUTE:
  <agency>{MID} fined <firm> {money}
  {ORG}{MID} sued <rival> in a court in <place>
  <person> accused <firm> of misleading {customers}
  a judge in <place> ordered <person.last> to pay <firm.short> {money}
  <agency> opened an inquiry into <firm.short> and its {role}, <person>
  <firm> and <agency> disagree about the safety of the <product>
  ~ <rival.short> lost its case against <firm>
  ~ cleared by <agency>, <firm> resumed {goods} production
SPORT:
  <club.short> beat <visitors.short> {score}
  <person> scored twice as <club> drew with <visitors.short>
  <club>{MID} signed <person.last> from <visitors>
  fans of <club.short> travelled to <place> by coach
  <club.short> host <visitors.short> {weekday} in the second round
  <person.last> was sent off and <club.short> lost {score} at home
  ~ a late goal by <person.last> rescued <club.short>
  ~ relegated: <visitors>
NATURE:
  heavy {weather} hit <place> and parts of <country>
  {weather} left {number},000 homes in <place> without power
  the mayor of <place> {promised}
  rents in <place>{THING} {moved} {percent}
  <place>, a town of {number}0,000 people, celebrated its {ordinal} anniversary
  the river rose in <place> but spared <elsewhere>
  voters in <country> go to the polls on {weekday}
  ~ schools in <place> and <elsewhere> stayed shut because of {weather}
RESEARCH:
  researchers at <school> tested the <product> on {number} volunteers
  <person>, a professor at <school>, {studied} {topic}
  <school> opened a campus in <place>
  a study by <school> links {topic} to {weather} in <country>
  <school>{MID} awarded a prize to <person.last>
  ~ {topic} is the subject of a course at <school>
STATE:
  {REVIEW} | {REVIEW} | {STANDS}
STANDS:
  <person>, born in <birthplace>, has a flat in <place>
  <place>{MID} lies {number} miles south of <elsewhere>
  <firm> flies from <place> to <elsewhere> on {weekday}s
  the <product>, made by <firm>, replaces the <gadget>
  {ORG} and <rival.short> share a building in <place>
  {percent} of owners of the <product.short> would buy one again
  <place>{LONG} is a(n) {adjective} place to live
  the <product.short>{LONG} is cheaper to repair than it looks
  ~ from <place> one can see the hills of <elsewhere>
  ~ nowhere in <country> is it drier than in <place>
  ~ <person.last> teaches at <school>
REVIEW:
  the <product> is lighter than the <gadget>
  I traded my <product.short> for a(n) <gadget>
  <person> still drives a second-hand <product.short>
  nobody at <firm.short> wanted to test the <gadget>
  my <product> {broke} after {number} weeks
  the screen of the <product.short>{THING} {broke}
  <person.first> bought a(n) <product> and a(n) <gadget> for [person.her] {relative}
  ~ between the <product> and the <gadget>, I would take the former
  ~ plug in the <product.short>, wait, and it {broke}
TWIN:
  <person.last>{LONG} told [person.her] {relative} the truth
  <person.last>{LONG} {liked} as a child
  <person.last>{LONG} lost [person.her] temper
  <firm.short>{LONG} {cut} its {forecast}
  <firm.short>{LONG} opened {number} branches
  <firm.short>{LONG} laid off {number}00 of its workers
  <place>{LONG} elected a new mayor
  <place>{LONG} was hit by {weather}
  <club.short>{LONG} lost {score} to <visitors.short>
  5 * {TOLD} {SUBJECT}
  the dispute with <person.last> ended when [person.she] apologised in [person.her] own hand
  the dispute with <firm.short> ended when its lawyers gave in
  ~ <person.first>{LONG} blushed
  ~ <firm.short>{LONG} issued new shares
  ~ <place>{LONG} lies under a metre of snow
  ~ nobody expected this of <person.last>, a shy {job}
  ~ nobody expected this of <firm.short>, a maker of {goods}

TOLD:
  reporters asked about | a new book tells the story of | {customers} kept talking about | little was known about
  everyone remembered | critics made fun of | the documentary follows | people were tired of | nobody understood
  the inquiry turned to | the rumours concerned | the exhibition is devoted to | the letter mentioned
  ~ few mourned | ~ the joke was about
SUBJECT:
  <person.last>, whose {relative} had {left} | <person.last>, who {liked} as a child
  <person.last> and [person.her] {relative} | <person.last>{LONG} the former {job}
  <colleague.last>{LONG} and [colleague.her] three marriages
  <firm.short>, whose shares had {moved-on} {percent} | <firm.short>, which sold {goods} by mail
  <firm.short> and its lenders | <firm.short>{LONG} the {goods} maker
  <rival.short>{LONG} and the strike at its warehouses
  <place>, whose mayor had {left} | <place>, where {weather} had {hurt} many
  <place> and its old harbour | <place>{LONG} the {nationality} seaside town
  <elsewhere>{LONG} and the farms around it
  the <product.short>, whose battery {broke} | the <gadget.short>{LONG} and its {adjective} instructions
  <club.short>, who lost {score} to <visitors.short> | <club.short>{LONG} and their goalkeeper
  ~ <person.last> and [person.her] bad back | ~ <firm.short> and its many subsidiaries | ~ <place> and its crowded beaches

ASIDE:
  <rival>{MID} {cut} its {forecast}
  <colleague.last> stayed at home
  <colleague>{MID} {refused}
  {weather} closed the airport in <abroad>
  <agency> {refused}
  volatile prices {hurt} makers of {goods}
  investors {refused}
  the <gadget> {broke}
  the government of <country> {promised}
  <rival.short> would not sell its {unit}
  ~ not even <colleague.last> and [colleague.her] lawyers {did}
  ~ the warehouse of <rival.short> burnt down

SAYING:
  “{QUOTE},” {quoth} <person>{WHO}.
  “{QUOTE},” {quoth} <person.last>. “^{QUOTE2}.”
  {PER} {said} that {ASIDE}.
  according to <agency>, {EVENT}.
  <colleague>, {job} at <rival>, {said}: “^{QUOTE}.”
  a spokesman for {ORG} {refused}.
  people close to <firm.short> say {EVENT}.
  ~ “{QUOTE}”, reads a letter that <person> sent to <agency>.
  ~ asked about {topic}, <colleague.last> {said} “{QUOTE2}”.
QUOTE:
  we will not leave <country> | I never met <colleague.last> | the <product> was my idea
  people in <place> deserve better | our rivals at <rival.short> are no fools | nothing has changed
  trust me, I grew up in <birthplace> | business is business | I learned the trade from <founder>
QUOTE2: there is no plan B | ask <colleague.first>, not me | we sold it to <rival.short> | see you in <place> | time will tell

QUESTION:
  who at <firm.short> approved the <product>
  will <person> {return}
  why did <firm>{THING} leave <place>
  is <place> ready for another summer of {weather}
  has anyone in <country> tried the <product.short>
  did <person.last> really sell [person.her] shares in <firm.short>
  what is <agency> for
  where was <person.first> when <club.short> lost
  can <rival> afford <firm.short>
  ~ how far is it from <place> to <elsewhere>
  ~ does the <gadget> charge faster than the <product>
  ~ who will succeed <person.last> at <firm>

HEADLINE:
  @title <firm.short> {buys} <target.short> for {money}
  @title <firm.short> {rises} {percent} after <person.last> quits
  @title <club.short> {score} <visitors.short>
  @title <place> braces for {weather}
  @upper <firm.short> recalls <product>
  @upper {weather} in <country>
  @title <person> to lead <agency>
  @lower <person.first> says [person.her] <product.short> {broke}, anyone else in <place>?
  @lower <firm.short> has {moved-on} {percent} lol
  <firm.short>: {forecast} {rises} {percent}
  {weekday} briefing: <firm.short>, <rival.short> and {weather} in <place>
  <place>, {month} {number} – {EVENT}.
  ~ @title opinion: <person.last> was wrong about <place>
  ~ @title <rival.short> eyes <firm.short>
  ~ @upper <place> votes
  ~ @lower stuck in <place> again, thanks <firm.short>

LISTING:
  the guests included <person>, <colleague> and <founder.last>
  on the shortlist are <firm>, <rival> and <target>
  the tour takes in <place>, <elsewhere> and <birthplace>
  we compared three {devices}: the <product>, the <gadget> and last year's model
  <firm.short> has offices in <city>, <place> and <country>
  <person> (<firm.short>), <colleague> (<rival.short>) and <founder> spoke
  {nationality}, {nationality2} and other firms such as <firm> came to <place>
  ~ absent were <colleague.last>, <person.last> and everyone from <firm>
  ~ both <place> and <elsewhere> want to host <club>

FRAGMENT:
  <person>, {role}, <firm>.
  made by <firm>, <city>.
  back to <place>, then.
  another {adjective} year for <firm.short>.
  <firm.short>, {month}: {money}, {moved} {percent}.
  photo: <person.initial> in <place>.
  ~ contact: <person.initial>, <firm>, <city>.
  ~ not <place>, but <elsewhere>.
  ~ thanks, <person.first>!

SERVICE:
  hello, my <product> arrived {damaged} and <firm.short> will not take it back.
  dear [person.title] <person.last>, your parcel is waiting in <place>.
  I spoke to <person.first> in {CITYDESK}, who was kind.
  please send the <product.short> to <person>, {number} {street}, <place>.
  hi <person.first>, does the <product> {work} in <country>?
  ~ regards, <person>, {job}, <firm>.
  ~ your order ({number} × <product>) leaves <place> on {weekday}.
CITYDESK: the {unit} | your <place> office | {month} | customer care

NOBODY:
  6 * {PLAIN} {WHEN}.
  2 * {PLAIN} {LINK} {PLAIN}.
  2 * {TIME}, {PLAIN}.
  {ASK}?
  {IDIOM}
  @title {PLAIN}
  @lower {PLAIN}
PLAIN:
  experts disagree about {topic}
  the {job} {refused}
  {adjective} {nationality} {customers} {refused}
  the {role} of a(n) {nationality} maker of {goods} {resigned}
  {percent} of {customers} {refused}
  {weather} {hurt} makers of {goods}
  prices of {goods} {moved} {percent} in {month}
  the CEO and the CFO {refused}
  a ford across the river was {closed}
  the target of {percent} was missed
  orange and apple {juice} {moved} {percent}
  hope rose among {customers}
  the Internet was {closed} for {number} hours
  a shell washed up on the beach
  Bishop and King were the last pieces on the board
  the IPO of a(n) {adjective} AI start-up was {postponed}
  a bill to tax {goods} was {postponed}
  the summit on {topic} was {postponed}
  parliament debated {topic}
  the English teacher {liked}
  ~ nobody in the {unit} {did}
  ~ {nationality} law forbade the sale of {goods} on {weekday}s
  ~ GDP {moved} {percent}, the Treasury secretary {said}
  ~ makers of {goods} faced {adjective} times
ASK:
  will prices of {goods} rise in {month} | may I speak to the {job} | who needs {goods} on a(n) {weekday}
  what did {customers} say about {topic} | is {topic} worth {money}
  ~ how many {customers} {refused} | can {weather} stop {goods} exports
IDIOM:
  mark my words, {topic} will matter by {month}. | rose, violet and ivy grow in {weather}.
  dear Sir or Madam, my order of {goods} never arrived in {month}. | {month} and {season} brought {weather}.
  {nationality} {goods}: {adjective}. | Monday, Tuesday, then {weather} until {weekday}.
  ~ note to self: buy {goods} before {weekday}. | P.S. no {goods} on {weekday}, please.

VAGUE:
  the company said it would leave <place>
  ~ the two met in <place> and {refused}
  the {job} who ran it has left for <country>
  a bank in <place> {refused}
  the {nationality} {job} returned to <birthplace>

ORG: <firm> | 3 * <firm.short> | <firm>, the {nationality} maker of {goods},
PER: 2 * <person> | 3 * <person.last> | Dr <person.last> | [person.title] <person> | {job} <person> | <person.initial> | <person.first>
PROD: 2 * <product> | <product.short> | new <product> | {adjective} <product.short>
WHO: 3 * , {age}, | , a former {job}, | , once a(n) {job} at <rival.short>,
MID: 2 * _ | , {aware}, | , {aware} and {aware2}, | {sometimes}
LONG: , {aware}, | , {aware}, {aware2}, | , {aware2}, | {sometimes} | , as was widely reported,
THING: 5 * _ | , {aware},
LINK: , while | , although | because | after | , and | , but | , so
BECAUSE: because | although | since | after | now that | while
WHEN:
  5 * _ | on {weekday} | last {month} | in {month} | for the {ordinal} time | despite {weather}
  in spite of the tax on {goods} | this week | without explanation
TIME: on {weekday} | in {month} | last week | for the {ordinal} time in {number} years | to general surprise | early in {month} | in spite of the tax on {goods}
FOR: 5 * _ | , say the {nationality} papers | , whatever the {job} says | , even in {month}

role: chief executive | chairman | finance director | head of research | marketing chief | CEO | CFO | treasurer | general counsel
job: lawyer | nurse | economist | analyst | engineer | carpenter | novelist | pilot | accountant | chess player | baker | professor
damaged: scratched | late | wet | without its cable | in pieces | twice
unit: shipping arm | call centre | research division | night desk | Internet business | insurance unit | repair shop | legal team
goods: steel | rice | paper | furniture | coffee | cement | wool | cheese | glass | salt | tea | timber | sugar
adjective: modest | record | surprising | difficult | quiet | costly | frank | minor | strange | lively | unremarkable
nationality: German | French | Brazilian | Chinese | Kenyan | Norwegian | American | Indian | Turkish | Spanish
nationality2: Dutch | Japanese | Swiss | Canadian | Egyptian
season: Easter | Ramadan | Christmas | Diwali
weekday: Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday
month: January | February | March | April | May | June | July | August | September | October | November | December
ordinal: first | second | third | fourth | fifth | tenth
age: 24 | 31 | 38 | 46 | 54 | 60
number: 2 | 3 | 5 | 7 | 8 | 11 | 12 | 18 | 24 | 31 | 40 | 46 | 54 | 60 | 72
score: 1-0 | 2-1 | 3-1 | 4-2 | 3-0 | 2-0 | 5-3
percent: 2% | 3.5% | 7% | 8% | 11% | 15% | 0.4% | 22% | 31% | 6.25%
money: $3m | $80m | $2.1bn | €45m | £600,000 | ¥9bn | $18m | €700m | 90 million dollars | £12m
weather: rain | snow | fog | floods | storms | wildfires | ice | hail | drought | gales
topic: inflation | migration | sleep | privacy | climate change | school meals | deep-sea mining | rural transport | patent law | Latin
customers: customers | tenants | drivers | parents | pensioners | investors | commuters | farmers
juice: juice | peel | blossom
devices: phones | cars | tablets | kettles
street: Mill Lane | High Street | Station Road | Ocean Drive
relative: sister | brother | aunt | son | daughter | grandfather
loss: loss | profit | deficit | surplus
forecast: forecast | dividend | outlook for the year | revenue target | budget
cut: cut | raised | withdrew | confirmed | published | doubled
moved: fell | rose | slipped | climbed | gained | lost
moved-on: fallen | risen | slipped | climbed | gained | lost
rises: up | down
hurt: hurt | helped | worried | pleased | divided
quoth: said | says | wrote | added | insisted
said: said | says | told reporters | wrote | insisted | admitted
resigned: resigned | quit | stepped down | retired | stood aside | was dismissed
left: resigned | quit | stepped down | retired | stood aside
bought: bought | acquired | took over | snapped up | took control of
acquired: acquired | bought | taken over | rescued
buys: buys | to buy | drops bid to buy | agrees to buy
closed: closed | blocked | cut off | disrupted
liked: loved dancing | hated cabbage | collected stamps | kept bees | learned Latin | played the oboe | feared dogs
refused: declined to comment | did not reply | asked for more time | heard nothing | had other plans | agreed | laughed | paid in cash | waited | hoped for the best
did: agreed | laughed | asked for more time | paid in cash | waited | slept well | objected
promised: promised to build more homes | asked for help | called for calm | resigned | banned scooters | raised taxes
studied: has studied | lectures on | wrote a book about | changed [person.her] mind about
broke: broke | froze | cracked | overheated | stopped working | went dark | beeped all night
work: work | float | fold | bend
return: return | resign | apologise | run for office | pay
postponed: postponed | delayed until {month} | approved | cancelled | discussed
aware: under pressure from investors | after months of rain | once the envy of all | never far from the headlines | to no one's surprise | after {number} difficult years | still new to {nationality} customs | the subject of many rumours
aware2: short of money | loved by many | often misunderstood | better known abroad | slow to change | hit by one scandal after another
sometimes: , too, | , for one, | , at last, | , as expected,
"""


@cache
def _grammar(unseen_patterns: bool) -> Grammar:
    whole = Grammar.read(GRAMMAR)
    return whole.unseen() if unseen_patterns else whole.seen()


def write(brief: Brief) -> Document:
    """One sentence about a scene, with its names as spans."""
    scene = brief.world.scene(brief.draw)
    sentence = _grammar(brief.split.unseen_patterns).write("S", scene, brief.draw)
    return document(sentence.text, sentence.spans, {"pattern": sentence.pattern})
