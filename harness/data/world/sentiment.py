"""Sentences for sentiment: negative, neutral or positive, as the writer means it.

Single words do not decide: profits and losses both rise and fall, praise is negated or conceded,
complaints are polite, and neutral sentences are full of good and bad words. In a contrast the main
clause carries the verdict.
"""

from __future__ import annotations

from functools import cache

from harness.data.world.grammar import Draw, Grammar, Scene, Sentence
from harness.data.world.splits import Brief, Document, document

FRAMES = """
POSITIVE:
  5 * {UP}{END}
  6 * {PRAISE}{END}
  3 * {ALTHOUGH} {COMPLAINT}, {PRAISE}{END}
  2 * {ALTHOUGH} {DOWN}, {UP}{END}
  {COMPLAINT}, {BUT} {VERDICT-GOOD}{END}
  2 * {EXPECTED} that {COMPLAINT}; it turned out otherwise{END}
  nobody can claim any longer that {COMPLAINT}{END}
  it is simply not true that {COMPLAINT}{END}
  2 * {flaw} {cured}{END}
  3 * {flaw}? ^{NONE}{END}
  I saw nothing of {flaw} {when}{END}
  2 * {VERDICT-GOOD}{END}
  3 * {GRUDGING}{END}
  last year {COMPLAINT}. ^not any more{END}
  ~ thankfully, the days when {COMPLAINT} are over{END}
  ~ I had been warned about {flaw} and found none of it{END}
  ~ far from what critics predicted, {UP}{END}
  ~ had I known that {PRAISE}, I would have come sooner{END}
NEGATIVE:
  5 * {DOWN}{END}
  6 * {COMPLAINT}{END}
  3 * {ALTHOUGH} {PRAISE}, {COMPLAINT}{END}
  2 * {ALTHOUGH} {UP}, {DOWN}{END}
  {PRAISE}, {BUT} {VERDICT-BAD}{END}
  2 * {EXPECTED} that {PRAISE}; it turned out otherwise{END}
  nobody can claim any longer that {PRAISE}{END}
  it is simply not true that {PRAISE}{END}
  2 * {perk} {spoilt}{END}
  3 * {perk}? ^{NONE}{END}
  I saw nothing of {perk} {when}{END}
  2 * {VERDICT-BAD}{END}
  3 * {POLITE}{END}
  last year {PRAISE}. ^not any more{END}
  ~ sadly, the days when {PRAISE} are over{END}
  ~ I had been promised {perk} and found none of it{END}
  ~ far from what optimists predicted, {DOWN}{END}
  ~ had I known that {COMPLAINT}, I would have stayed away{END}
NEUTRAL:
  6 * {FACT}{SOURCE}
  3 * {gains} and {burdens} alike {unchanged} {when}{SOURCE}
  2 * {gains} {unchanged} {when}{SOURCE}
  2 * {burdens} {unchanged} {when}{SOURCE}
  2 * {report} covers {gains}, {burdens} and {perk} {when}{SOURCE}
  2 * {ask} whether {PRAISE}{SOURCE}
  2 * {ask} whether {COMPLAINT}{SOURCE}
  {ask} about {flaw} and {perk} {when}{SOURCE}
  2 * {report} lists how often {gains} {rose} and how often {burdens} {fell}{SOURCE}
  is it right that {PRAISE}?
  is it right that {COMPLAINT}?
  2 * “good” means that {PRAISE}; “bad” means that {COMPLAINT}.
  if {COMPLAINT}, press 2; if {PRAISE}, press 3.
  {flaw} is defined on page {number}, {perk} on page {number}{SOURCE}
  ~ please tick one: {PRAISE}, {COMPLAINT}, or no opinion.
  ~ {report} does not say whether {gains} {rose} or {fell}{SOURCE}
  ~ by {flaw} we mean the opposite of {perk}{SOURCE}

UP:
  {gains} {rose} {when} | {burdens} {fell} {when}
  {gains} {rose} {more} than {hoped} | {burdens} {fell} {more} than {hoped}
  {gains} {fell} {less} than {feared} | {burdens} {rose} {less} than {feared}
  {gains} did not {fall}, as many had feared | {burdens} no longer {rise}
  {burdens} never {rose} as {feared} | {gains} have stopped {falling}
  ~ not since {year} have {gains} been so high | ~ {burdens}, once high, have all but vanished
DOWN:
  {gains} {fell} {when} | {burdens} {rose} {when}
  {gains} {rose} {less} than {hoped} | {burdens} {fell} {less} than {hoped}
  {gains} {fell} {more} than {feared} | {burdens} {rose} {more} than {feared}
  {gains} did not {rise}, as many had hoped | {burdens} no longer {fall}
  {gains} never {rose} as {hoped} | {burdens} have stopped {falling}
  ~ not since {year} have {burdens} been so high | ~ {gains}, once high, have all but vanished

VERDICT-GOOD:
  all in all {it} was {better} than {expected} | I would {choose} <firm.short> again
  I can {hardly} think of anything to improve | {it} {kept} every promise
  who still doubts {it} should look again | {it} could not have gone better
  ~ {it} leaves little to be desired | ~ there is nothing I would rather have
VERDICT-BAD:
  all in all {it} was {worse} than {expected} | I would {hardly} {choose} <firm.short> again
  I can {hardly} think of anything to keep | {it} {broke} every promise
  who still trusts {it} should look again | {it} could not have gone worse
  ~ {it} leaves much to be desired | ~ there is nothing I would rather forget

POLITE:
  it would be lovely if somebody at <firm.short> read my letters
  I appreciate the kind words, and would appreciate some help more
  thank you for the {number} emails; one that answers my question would be nice
  if patience is a virtue, <firm.short> has made me a saint
  well done, <firm>: {flaw} again
  with {perk} like this, who needs {flaw}
  I am sure <person> meant well, but {COMPLAINT}
  ~ congratulations, <firm.short>, on yet more {flaw}
  ~ perhaps <person.first> could explain {flaw} to me, if it is not too much to ask
GRUDGING:
  I hate to admit it, but {PRAISE}
  to the despair of its critics, {PRAISE}
  I came to complain and left without a single complaint
  I am ashamed of my doubts: {PRAISE}
  I was afraid of {flaw}, and for no reason
  try as I might, I cannot fault <firm.short>
  ~ I wanted to be angry with <person.first> and failed
  ~ not bad at all: {UP}

ALTHOUGH: although | even though | while it is true that | granted that | despite claims that
BUT: but on balance | yet | and still
EXPECTED: I expected | everybody had told me | I was sure | my {relative} had insisted | the reviews said
NONE: none at all | not this time | I saw none | you will look in vain | not a trace | not with <firm.short>
SOURCE: 6 * . | , says <person>. | , as <person.last> put it. | , according to <agency>. | , by the way.
END: 6 * . | , says <person>. | , as <person.last> put it. | , in my view. | , to be honest. | , by the way.

cured: is a thing of the past | was dealt with at once | turned out to be a myth | has become rare | is gone at last
spoilt: is a thing of the past | was withdrawn at once | turned out to be a myth | has become rare | is gone for good
rose: rose | grew | climbed | increased | went up
fell: fell | shrank | declined | decreased | went down
rise: rise | grow | climb | increase | go up
fall: fall | shrink | decline | decrease | go down
falling: falling | shrinking | declining | decreasing
more: more | faster | further | far more
less: less | more slowly | by less | far less
hoped: hoped | even optimists had hoped | planned | promised
feared: feared | even optimists had feared | warned | predicted
better: better | easier | more pleasant | less trouble
worse: worse | harder | less pleasant | more trouble
expected: expected | I had expected | the first impression suggested | last year
hardly: hardly | scarcely | not
choose: choose | recommend | trust
kept: kept | honoured | lived up to
broke: broke | forgot | fell short of
unchanged: were unchanged | stayed where they were | are listed in the appendix | are reported | were counted again | moved in line with forecasts
when: _ | in {city} | this year | this {season} | last month | for the {ordinal} year | in {month} | before the holidays
city: <place> | <elsewhere>
ask: the form asks | <agency> will examine | <person> asked | a survey asked {number} people | it is unclear | we have yet to hear
season: spring | winter | summer | autumn
ordinal: second | third | fourth | tenth
month: January | March | April | June | August | October
number: 2 | 5 | 12 | 40 | 200 | 1,000
year: 1998 | 2004 | 2011 | 2019
relative: sister | brother | neighbour | boss | son
report: the report | the {month} bulletin | <firm>'s annual review | the brochure | a table on page {number}
"""

FINANCE = """
gains: profits | sales at <firm> | margins | orders for the <product> | exports to <country> | dividends | cash reserves | shares in <firm.short> | jobs at <firm>
burdens: losses | debts at <firm> | write-offs | production costs | defaults in <country> | late payments | complaints about the <product> | interest payments
perk: growth | a dividend | profit | confidence | a pay rise | solid demand | relief for shareholders | a recovery
flaw: debt | fraud | inflation | a strike | a profit warning | panic selling | waste | a recall of the <product>
it: the year | the merger with <target> | the listing of <firm> | the first quarter | the new plan | the <product> launch
PRAISE:
  <firm> beat forecasts {when} | <firm> paid back its loans early | investors rushed to buy <firm.short>
  <person> steered <firm.short> through the crisis with a steady hand | the <product> sold out within days
  <firm> swung from a loss to a profit | <agency> cleared <firm.short> of all charges | banks queue up to lend to <firm.short>
  the merger with <target> has begun to pay off | <firm> hired another {number} people | even sceptics now hold <firm.short>
  the strike at <firm.short> was called off | ~ the turnaround at <firm> has surprised its harshest critics | ~ <firm.short> was taken off the watch list
COMPLAINT:
  <firm> missed forecasts {when} | <firm> could not pay back its loans | investors rushed to sell <firm.short>
  <person> left <firm.short> in the middle of the crisis | the <product> gathers dust in the shops
  <firm> swung from a profit to a loss | <agency> charged <firm.short> with fraud | banks decline to lend to <firm.short>
  the merger with <target> has yet to pay off | <firm> laid off another {number} people | even optimists now avoid <firm.short>
  a promising deal with <target> came to nothing | ~ <firm> has become a warning to its admirers | ~ <firm.short> was put on the watch list
FACT:
  <firm> will report its profit or loss on Friday {when} | <person> chairs the risk and growth committee of <firm>
  <firm>, a maker of safety and luxury goods, is based in <city> | the Best Value Fund changed its name {when}
  <firm.short> and <target> are both listed in <place> | the Crisis Museum in <place> is owned by <firm>
  the stock of <firm.short> opened and closed at the same price {when} | bonds of <firm> mature in {year}
  <agency> publishes winners and losers in order of size | the annual meeting of <firm> takes place in <city> {when}
  the Great Depression is taught at <school> | ~ <person> spoke about success and failure at <school> | ~ the excellent and the poor are taxed alike in <country>
"""

SERVICE = """
gains: satisfaction scores | first-call solutions | five-star reviews | repeat purchases | refunds paid on time | opening hours | thank-you letters | returning customers
burdens: waiting times | complaints | lost parcels | billing errors | missed appointments | dropped calls | broken <product> screens | cancelled orders
perk: a refund | courtesy | an apology | a quick answer | free delivery | a helpful manual | a proper explanation | patience
flaw: rudeness | a hidden fee | a delay | a scratch | spam | an endless queue | small print | an excuse
it: the repair | the order | the call | the delivery of the <product> | the visit to the shop in <place> | the chat with <person.first>
PRAISE:
  <person.first> solved my problem within a minute | the <product> arrived a day early | my refund came before I had asked for it
  the <product> has not let me down once | they replaced my <product> without a question | the staff at <firm.short> know what they are doing
  <firm.short> answered on a Sunday | I did not have to explain anything twice | <person.first> stayed on the line until it worked
  the bill was lower than quoted | nothing was too much trouble for <person.first> | ~ my faith in <firm.short> is restored | ~ <person.first> went out of [person.her] way for us
COMPLAINT:
  <person.first> hung up within a minute | the <product> arrived a month late | I am still waiting for the refund that was promised in {month}
  the <product> has let me down again | the staff at <firm.short> are friendly and know nothing
  <firm.short> never answers | I had to explain everything twice
  the bill was higher than quoted | ~ my patience with <firm.short> is used up | ~ <person.first> was too busy to be of any help
FACT:
  the help desk in <place> is open until six {when} | you can rate the call from excellent to terrible
  <person.first> from the complaints team will call you on Tuesday | the <product> comes with a charger and a warranty
  the Perfect Start plan costs the same as the Basic plan | refunds are handled by <firm> in <city> {when}
  please choose between happy, indifferent and angry | the problem and solution pages have moved {when}
  I ordered a <product> on Monday and a case on Tuesday | delays and early arrivals are shown in the app
  <firm.short> has a shop in <place> and one in <elsewhere> | ~ the word “sorry” appears on page {number} | ~ your call about the <product> was logged
"""

TRAVEL = """
gains: punctual trains to <place> | direct flights | bookings | clean rooms | guest ratings | free seats | hours of sunshine
burdens: cancellations | lost suitcases | delays at <place> airport | queues at the border | fares | noise complaints | thefts
perk: a sea view | a soft bed | breakfast | a warm welcome | an upgrade | silence | a helpful guide
flaw: turbulence | a delay | mould | noise | seasickness | a surcharge | jet lag | a strike
it: the flight | the hotel in <place> | the crossing | the night train to <place> | the tour of <place> | the stay
PRAISE:
  our luggage was first off the belt in <place> | the room in <place> was larger than in the pictures
  we slept like logs on the way to <place> | the crew found seats for all five of us | the view over <place> took our breath away
  the guide in <place> waited for us | we have booked the same room in <place> again | ~ <place> was a dream
COMPLAINT:
  our luggage is still in <place> | the room in <place> was smaller than in the pictures
  we lay awake all the way to <place> | the crew could not seat us together | a wall took the place of the view over <place>
  the guide in <place> left without us | we checked out of the hotel in <place> a week early | ~ <place> was a nightmare
FACT:
  the ferry to <place> leaves from pier {number} | the Paradise Hotel is next to the Hotel Terminus in <place>
  breakfast in <place> is served from seven to ten | delays and early arrivals appear on the board in <place>
  the Valley of Tears lies between <place> and <elsewhere> | passports are checked in <place> {when} | ~ seats by the window have odd numbers on the way to <place>
"""

HEALTH = """
gains: recoveries | survival rates | vaccinations | blood counts | hours of sleep | walks without a stick | donors in <place>
burdens: infections | side effects | falls on the ward | relapses | symptoms | night-time alarms | readmissions in <place>
perk: pain relief | sleep | an appetite | a diagnosis | mobility | peace and quiet | follow-up care
flaw: pain | nausea | a rash | fever | dizziness | a relapse | a long wait
it: the operation | the stay at the clinic in <place> | the therapy | the check-up | the trial at <school> | the new diet
PRAISE:
  the wound healed within days | my {relative} walks without help again | the tumour did not come back {when}
  Dr <person.last> took time to listen | the tests in <place> came back clean | the fever broke overnight | ~ Dr <person.last> gave me back my life
COMPLAINT:
  the wound opened again within days | my {relative} cannot walk without help any more | the tumour came back {when}
  Dr <person.last> had no time to listen | the clinic in <place> mixed up the tests | the fever came back overnight | ~ Dr <person.last> did not even look up
FACT:
  visiting hours in <place> end at eight | a negative result means that no virus was found {when}
  the scale runs from no pain to the worst pain | Dr <person.last> treats pain and sleep disorders in <place>
  tablets are taken before meals {when} | the Good Hope Clinic is in <place> | ~ side effects are listed on page {number} {when}
"""

TOPICS = {"finance": FINANCE, "service": SERVICE}
UNSEEN_TOPICS = {"travel": TRAVEL, "health": HEALTH}
LABELS = ("negative", "neutral", "positive")


@cache
def _grammar(topic: str, unseen_patterns: bool) -> Grammar:
    whole = Grammar.read(FRAMES + {**TOPICS, **UNSEEN_TOPICS}[topic])
    return whole.unseen() if unseen_patterns else whole.seen()


def sentence(topic: str, label: str, scene: Scene, draw: Draw, unseen_patterns: bool = False) -> Sentence:
    """A sentence about a topic that says what the label says."""
    return _grammar(topic, unseen_patterns).write(label.upper(), scene, draw)


def write(brief: Brief) -> Document:
    """One sentence of a random topic and label."""
    draw, split = brief.draw, brief.split
    scene = brief.world.scene(draw)
    topics = tuple(UNSEEN_TOPICS if split.unseen_topics else TOPICS)
    topic, label = topics[int(draw() * len(topics))], LABELS[int(draw() * len(LABELS))]
    one = sentence(topic, label, scene, draw, split.unseen_patterns)
    return document(one.text, label, {"pattern": one.pattern, "topic": topic})
