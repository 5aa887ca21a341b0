"""What customers and agents of a service desk say."""

from __future__ import annotations

DAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "the 3rd",
    "the 12th",
    "the 21st",
    "the 30th",
)

ASIDES = """
BUT: 4 * _ | {DONE}, but | {DONE}, but | {DONE}, but | {DONE} and {DONE}, but | it is not about {MATTER}:
DONE:
  the other bill is paid | the other order has been cancelled | the other parcel arrived, and nothing was broken
  the refund for last time has come | the new password works | I have sent back the other thing | my email is still the same
  the appointment last week went well | we have closed the second account | the wrong item was picked up | the address was fine last time
  my first visit was cancelled by you | I was not charged twice this time | I got a new one for the damaged one
MATTER: a refund | my password | a bill | cancelling anything | an appointment | the address | something broken | my account | the wrong item
"""
"""Matters that are settled or meant not: words of one intent in the mouth of another."""
PLAIN = """
HELLO: 4 * {BUT} | hello, {BUT} | hi, {BUT} | good morning, {BUT} | hi there, {BUT}
WANT: I want to | I would like to | I need to | please help me to | I have to
TAIL: 5 * _ | ^thank you. | ^thanks. | ^please answer soon. | ^it is urgent. | 2 * ^by the way, {DONE}. | ^{DONE}, thanks.
"""
CHATTY = """
HELLO: good morning, I hope you are well and that I have come to the right place; {BUT} | hello there, sorry to bother you with this, I know you must be busy, but {BUT} | hi, this is probably a silly question, and do tell me if it is, but {BUT} | dear team, first of all many thanks for the kind help last year, and now {BUT}
WANT: if it is not too much trouble, I was rather hoping to | I suppose what I am trying to say is that I would quite like to | my sister thinks I should ask whether I might possibly | after thinking about it all week, I have more or less decided to
TAIL: ^no hurry at all, really, whenever you find the time. | ^anyway, enough of me, have a lovely day and thank you so much. | ^I do hope that makes some kind of sense. | ^it has been such a week here, what with the rain and everything.
"""

OPENINGS = """
ORDER: order <order> | my order <order> | 2 * my order | my <product.short> | the <product> I bought | order <order> with the <product>
THING: my <product> | the <product> from order <order> | the <product> I bought | something I bought | the <product.short>
BILL: bill <bill> | my bill <bill> | my bill | the last bill | your bill <bill> of last month
VISIT: my appointment in <city> | my appointment | the appointment at your shop in <city> | the visit to <city>
ACCOUNT: account <account> | my account | my account <account> | my account at <firm.short>

TRACK_ORDER:
  {HELLO} where is {ORDER}? {TAIL} | {HELLO} {ORDER} should have been here by now and is not. {TAIL}
  {HELLO} when will {ORDER} arrive? {TAIL} | {HELLO} I am still waiting for {ORDER}, has it left <city>? {TAIL}
  {HELLO} I do not want my money back, I just want to know where {ORDER} is. {TAIL}
  ~ {HELLO} any news about {ORDER}? {TAIL} | ~ {HELLO} nobody can tell me how far {ORDER} has come. {TAIL}
CANCEL_ORDER:
  {HELLO} {WANT} cancel {ORDER}. {TAIL} | {HELLO} please cancel {ORDER} before it is sent. {TAIL}
  {HELLO} I have changed my mind and do not need {ORDER} any more. {TAIL} | {HELLO} {ORDER} was a mistake, do not send it. {TAIL}
  {HELLO} it is taking too long to arrive, so cancel {ORDER}. {TAIL}
  ~ {HELLO} stop {ORDER}, I found it cheaper in <city>. {TAIL} | ~ {HELLO} forget about {ORDER}, it has not left yet, I hope. {TAIL}
RETURN_ITEM:
  {HELLO} {WANT} send back {THING}. {TAIL} | {HELLO} {THING} works, but I do not like it, can I return it? {TAIL}
  {HELLO} {THING} arrived and is too big, how do I send it back? {TAIL} | {HELLO} {WANT} return {THING} and get my money back. {TAIL}
  {HELLO} I got {THING} twice as a present, one may go back to you. {TAIL}
  ~ {HELLO} would you take {THING} back? {TAIL} | ~ {HELLO} {THING} is not for me, and the box is still closed. {TAIL}
REFUND_STATUS:
  {HELLO} when do I get my money back for {ORDER}? {TAIL} | {HELLO} I sent back {THING} weeks ago and have no refund. {TAIL}
  {HELLO} I cancelled {ORDER}, where is my money? {TAIL} | {HELLO} has the refund for {ORDER} been paid? {TAIL}
  {HELLO} {THING} was broken and returned, and you still owe me the price. {TAIL}
  ~ {HELLO} my bank sees nothing of what you owe me for {ORDER}. {TAIL} | ~ {HELLO} how long does it take to be paid back for {ORDER}? {TAIL}
CHANGE_ADDRESS:
  {HELLO} {WANT} change the address of {ORDER}. {TAIL} | {HELLO} please send {ORDER} to <city> instead. {TAIL}
  {HELLO} I have moved to <city>, what about {ORDER}? {TAIL} | {HELLO} {ORDER} is going to the wrong town, I live in <city> now. {TAIL}
  {HELLO} do not cancel {ORDER}, but deliver it to my office. {TAIL}
  ~ {HELLO} {ORDER} must not go to my old flat. {TAIL} | ~ {HELLO} from Monday I am in <city>, so {ORDER} has to come there. {TAIL}
DAMAGED_ITEM:
  {HELLO} {THING} arrived broken. {TAIL} | {HELLO} {THING} has a crack and I want a new one. {TAIL}
  {HELLO} {THING} does not work, it came in a damaged box. {TAIL} | {HELLO} the screen of {THING} is scratched. {TAIL}
  {HELLO} I do not want a refund for {THING}, but one that is not in pieces. {TAIL}
  ~ {HELLO} {THING} did not survive the post. {TAIL} | ~ {HELLO} when I opened the box, {THING} had lost its lid. {TAIL}
WRONG_ITEM:
  {HELLO} I ordered {THING} and got something else. {TAIL} | {HELLO} there was a kettle in the box instead of {THING}. {TAIL}
  {HELLO} you sent me the wrong thing, I want {THING}. {TAIL} | {HELLO} this is not {THING}, it is somebody else's order. {TAIL}
  {HELLO} the box is not damaged, but {THING} is not in it. {TAIL}
  ~ {HELLO} did you mix up {THING} with a toaster? {TAIL} | ~ {HELLO} what came is blue and small, and {THING} is neither. {TAIL}
BILL_TOO_HIGH:
  {HELLO} {BILL} is too high. {TAIL} | {HELLO} {WANT} know why {BILL} is so high. {TAIL} | {HELLO} you charged me twice on {BILL}. {TAIL}
  {HELLO} there is a fee on {BILL} that I do not understand. {TAIL} | {HELLO} I will not pay {BILL} before you check it. {TAIL}
  ~ {HELLO} {BILL} cannot be right. {TAIL} | ~ {HELLO} who came up with the sum on {BILL}? {TAIL}
PAY_BILL:
  {HELLO} {WANT} pay {BILL}. {TAIL} | {HELLO} how can I pay {BILL}? {TAIL} | {HELLO} can I pay {BILL} on <day>? {TAIL}
  {HELLO} {BILL} is fine, but I can only pay it next month. {TAIL} | {HELLO} please take the money for {BILL} from my card. {TAIL}
  ~ {HELLO} {WANT} settle {BILL}. {TAIL} | ~ {HELLO} {BILL} is due, and I am ready to send you the money on <day>. {TAIL}
BOOK_APPOINTMENT:
  {HELLO} {WANT} book an appointment. {TAIL} | {HELLO} {WANT} come to your shop in <city> on <day>. {TAIL}
  {HELLO} can somebody in <city> see me about my <product>? {TAIL} | {HELLO} is there a free appointment on <day>? {TAIL}
  {HELLO} I have no appointment yet and want one in <city>. {TAIL}
  ~ {HELLO} do you have time for me and my <product> on <day>? {TAIL} | ~ {HELLO} put me down for <day>. {TAIL}
MOVE_APPOINTMENT:
  {HELLO} {WANT} move {VISIT}. {TAIL} | {HELLO} {WANT} change {VISIT} to <day>. {TAIL} | {HELLO} I cannot make it to {VISIT}, is <day> free? {TAIL}
  {HELLO} do not cancel {VISIT}, but make it another day. {TAIL} | {HELLO} {VISIT} is too early for me, can I come later? {TAIL}
  ~ {HELLO} <day> would suit me better for {VISIT}. {TAIL} | ~ {HELLO} something came up, may {VISIT} wait a few days? {TAIL}
CANCEL_APPOINTMENT:
  {HELLO} {WANT} cancel {VISIT}. {TAIL} | {HELLO} please cancel {VISIT}, my <product> works again. {TAIL}
  {HELLO} I will not come to {VISIT} and do not need another day. {TAIL} | {HELLO} {VISIT} is no longer needed. {TAIL}
  {HELLO} I have changed my mind about {VISIT}, give it to somebody else. {TAIL}
  ~ {HELLO} strike {VISIT} from your list. {TAIL} | ~ {HELLO} {VISIT} is off, I am afraid. {TAIL}
RESET_PASSWORD:
  {HELLO} {WANT} reset the password of {ACCOUNT}. {TAIL} | {HELLO} I have forgotten my password for {ACCOUNT}. {TAIL}
  {HELLO} I cannot log in to {ACCOUNT}. {TAIL} | {HELLO} {ACCOUNT} does not take my password. {TAIL}
  {HELLO} {ACCOUNT} is closed to me, the new password never came by email. {TAIL}
  ~ {HELLO} I am locked out of {ACCOUNT}. {TAIL} | ~ {HELLO} what was the secret word for {ACCOUNT} again? {TAIL}
CLOSE_ACCOUNT:
  {HELLO} {WANT} close {ACCOUNT}. {TAIL} | {HELLO} please delete {ACCOUNT}. {TAIL} | {HELLO} I do not need {ACCOUNT} any more. {TAIL}
  {HELLO} cancel {ACCOUNT}, I get too much email. {TAIL} | {HELLO} I no longer want to be a customer, remove {ACCOUNT}. {TAIL}
  ~ {HELLO} wipe {ACCOUNT}, will you? {TAIL} | ~ {HELLO} after ten years I say goodbye to {ACCOUNT}. {TAIL}
CHANGE_EMAIL:
  {HELLO} {WANT} change the email of {ACCOUNT}. {TAIL} | {HELLO} I have a new email, please update {ACCOUNT}. {TAIL}
  {HELLO} your letters for {ACCOUNT} go to my old email. {TAIL} | {HELLO} the email address of {ACCOUNT} is wrong. {TAIL}
  {HELLO} do not close {ACCOUNT}, only the email is out of date. {TAIL}
  ~ {HELLO} {ACCOUNT} should write to me at work. {TAIL} | ~ {HELLO} I no longer read the mailbox that {ACCOUNT} knows. {TAIL}
OUT_OF_SCOPE:
  {HELLO} {WANT} know the weather in <city> on <day>. {TAIL} | {HELLO} how do I return a serve in tennis? {TAIL}
  {HELLO} who was born in <city>? {TAIL} | {HELLO} {WANT} cancel my subscription to the {paper}. {TAIL}
  {HELLO} is it true that <firm> was sold? {TAIL} | {HELLO} what does <somebody> earn at <firm.short>? {TAIL}
  {HELLO} {WANT} book a table for two in <city> on <day>. {TAIL} | {HELLO} {WANT} pay a parking fine from <city>. {TAIL}
  {HELLO} please change the address in my passport to <city>. {TAIL} | {HELLO} {WANT} close my account at the {bank}. {TAIL}
  {HELLO} tell me a joke about <city>. {TAIL} | {HELLO} my train from <city> on <day> was late, where is my money? {TAIL}
  {HELLO} which {paper} do you read on <day>? {TAIL} | {HELLO} {WANT} sell shares in <firm>. {TAIL}
  ~ {HELLO} does it rain a lot in <city>? {TAIL} | ~ {HELLO} my cat broke a lamp, whom do I call? {TAIL} | ~ {HELLO} who will win on <day>, <city> or the others? {TAIL}
  ~ {HELLO} {WANT} return a library book in <city>. {TAIL} | ~ {HELLO} could you write a poem about <firm>? {TAIL} | ~ {HELLO} are there jobs for cooks in <city>? {TAIL}
paper: newspaper | local paper | sports magazine | morning paper
bank: savings bank | bank next door | library | sports club
"""

CUSTOMER = """
give-order: it is <order> | <order> | the number is <order> | sure, <order> | that would be <order>, I think
give-product: it is the <product> | the <product> | one <product> | my <product>, of course
give-city: in <city> | <city> | it is <city> | <city>, please
give-bill: it says <bill> | <bill> | the number is <bill> | bill <bill>
give-day: <day> | on <day>, please | <day> would be good | let us say <day>
give-account: it is <account> | <account> | account <account> | my number is <account>
no-order: no, it is <order> | no, I mean <order> | not that one, <order>
no-product: no, the <product> | no, I mean the <product>
no-city: no, <city> | no, not there, in <city>
no-bill: no, <bill> | no, I mean <bill>
no-day: no, <day> | not then, I meant <day>
no-account: no, it is <account> | no, <account>
yes: yes | yes, please | that is right | exactly | right | correct, please do
thanks: thank you | thanks a lot | great, thanks | very good, thank you | perfect
pity: what a pity | all right then | okay, never mind | I see, thanks
"""

AGENT = """
ask-order: what is the number of your order? | could you give me your order number? | which order is it?
ask-product: which product is it about? | could you tell me which product you mean? | what was in the parcel, or should have been?
ask-city: which town, please? | could you tell me the town? | in what town?
ask-bill: what is the number on the bill? | could you give me the bill number? | which bill is it?
ask-day: which day, please? | on which day? | what day would suit you?
ask-account: what is your account number? | could you give me your account number? | which account is it?
confirm-track_order: shall I look up where order {order} is? | you want to know where order {order} is, right?
confirm-cancel_order: shall I cancel order {order}? | you want to cancel order {order}, right?
confirm-return_item: you want to send back the {product} from order {order}, right? | shall we take back the {product} from order {order}?
confirm-refund_status: shall I check the refund for order {order}? | you are waiting for the refund for order {order}, right?
confirm-change_address: shall order {order} go to {city}? | you want order {order} to be sent to {city}, right?
confirm-damaged_item: so the {product} from order {order} came damaged, right? | shall I replace the damaged {product} from order {order}?
confirm-wrong_item: so order {order} came without the {product}, right? | shall I send the {product} that was missing in order {order}?
confirm-bill_too_high: shall I have bill {bill} checked? | you think bill {bill} is too high, right?
confirm-pay_bill: you want to pay bill {bill} on {day}, right? | shall I note that bill {bill} will be paid on {day}?
confirm-book_appointment: shall I book you in for {day} in {city}? | you want an appointment in {city} on {day}, right?
confirm-move_appointment: shall I move your appointment in {city} to {day}? | you want to come to {city} on {day} instead, right?
confirm-cancel_appointment: shall I cancel your appointment in {city}? | you will not come to {city}, right?
confirm-reset_password: shall I reset the password of account {account}? | you need a new password for account {account}, right?
confirm-close_account: shall I close account {account} for good? | you want to close account {account}, right?
confirm-change_email: shall I send a form for a new email to account {account}? | you want a new email for account {account}, right?
done-track_order: order {order} is on its way; I have sent you the link. | I have sent you the link that shows where order {order} is.
done-cancel_order: order {order} is cancelled. | I have cancelled order {order}.
done-return_item: I have sent you a label for the {product} from order {order}. | you will get a label for sending back the {product} from order {order}.
done-refund_status: the refund for order {order} was paid today. | I have paid the refund for order {order} today.
done-change_address: order {order} will go to {city}. | I have changed the address of order {order} to {city}.
done-damaged_item: a new {product} for order {order} is on its way. | I have sent you another {product} for order {order}.
done-wrong_item: the right {product} for order {order} will be with you soon. | I am sending the {product} of order {order}, and you may keep the other thing.
done-bill_too_high: a colleague will check bill {bill} today. | I have asked a colleague to check bill {bill}.
done-pay_bill: I have noted that you pay bill {bill} on {day}. | that is fine: bill {bill} can be paid on {day}.
done-book_appointment: your appointment in {city} is on {day}. | I have booked you in for {day} in {city}.
done-move_appointment: your appointment in {city} is now on {day}. | I have moved your appointment in {city} to {day}.
done-cancel_appointment: your appointment in {city} is cancelled. | I have cancelled your appointment in {city}.
done-reset_password: the password of account {account} is reset. | I have sent you a new password for account {account}.
done-close_account: account {account} is closed. | I have closed account {account}.
done-change_email: the form for a new email has gone to account {account}. | I have sent you the form for the email of account {account}.
refuse: I am sorry, I can only help with orders, bills, appointments and accounts. | that is not something I can help with, I am afraid; orders, bills, appointments and accounts are. | sorry, here we only deal with orders, bills, appointments and accounts.
close: you are welcome. Goodbye. | glad to help. Goodbye. | thank you for writing to us. Goodbye.
"""
