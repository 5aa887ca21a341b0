"""Numbers written in another way: the value stays exactly what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from harness.perturb.lexical import begins
from harness.perturb.operator import operator
from harness.perturb.sites import Word, cased, following, preceding, shuffled, wordlist
from harness.rng import Random
from harness.text import Edit, Example

WORDS: Mapping[str, str] = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12",
}  # fmt: skip
DIGITS: Mapping[str, str] = {number: word for word, number in WORDS.items()}
NUMBER = re.compile(
    r"(?<![\w.,:/#+\-\u2013])(?:"
    r"(?P<percent>\d+(?:\.\d+)?(?:\s?%|\sper\s?cent\b))"
    r"|(?P<thousands>[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{3,8})"
    r"|(?P<digit>[2-9]|1[0-2])"
    rf"|(?P<word>{'|'.join(f'[{w[0]}{w[0].upper()}]{w[1:]}' for w in sorted(WORDS, key=len, reverse=True))})"
    r")(?![\w%:/\-\u2013]|[.,]\d)"
)
"""Numbers that stand alone: not part of dates, hours, scores, ranges, versions, codes or longer numbers."""


@operator("number-format", level="format", inside_spans=False, language="en")
def number_format(example: Example, rng: Random) -> Iterator[Edit]:
    """Write a number in another way: ``1,000`` for ``1000``, ``12`` for ``twelve``, ``50 percent``.

    Years, dates, hours and numbers that name something (``room 5``, ``Windows 10``) stay, and so does
    one that a gold answer holds too, since the answer can be found at every place that has it.
    """
    answers = [example.fields[s.field][s.start : s.end] for s in example.spans if s.field in example.fields]
    for word in shuffled(example, rng, NUMBER):
        if not any(word.text in answer for answer in answers):
            yield from word.becomes(_otherwise(word, example))


def _otherwise(word: Word, example: Example) -> str:
    """The same number in another form; as it is where it may be more than a number."""
    kind = NUMBER.fullmatch(word.text)
    assert kind is not None, "the word is a match of this pattern"
    return FORMS[kind.lastgroup or ""](word, example)


def _percent(word: Word, example: Example) -> str:
    number = re.match(r"[\d.]+", word.text)
    assert number is not None, "a percentage begins with digits"
    return number.group() + (" percent" if "%" in word.text else "%")


YEARS = range(1000, 2200)
MANY = re.compile(r"\s+(?:(?:[a-z]+\s+)?[a-z]{2,}s|people|men|women|children|km|kg)\b")
"""What is counted in thousands: a plural, perhaps with a word before it."""


def _thousands(word: Word, example: Example) -> str:
    digits, before = word.text.replace(",", ""), preceding(word, example)
    if not before.endswith(("$", "\u00a3", "\u20ac")):
        if int(digits) in YEARS or _naming(before):  # without a comma it would read as one, or does
            return word.text
        if digits == word.text and not MANY.match(following(word, example)):
            return word.text
    return f"{int(digits):,}" if digits == word.text else digits


COUNTED = re.compile(
    r"\s+(?!(?:am|pm|o'clock|hundred|thousand|and|x|by|to|or|halves|quarters|[a-z]+(?:ird|th)s|jan(?:uary)?|"
    r"feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|"
    r"dec(?:ember)?)\b|[ap]\.\s?m)[a-z]{2}"
)
"""What a number may count, in lower case: no fraction, no range, no hour and no month."""


def _digit(word: Word, example: Example) -> str:
    if not _counts(word, example):
        return word.text
    return cased(DIGITS[word.text], "A" if begins(word, example) else "a")


def _word(word: Word, example: Example) -> str:
    return WORDS[word.text.lower()] if _counts(word, example) else word.text


def _counts(word: Word, example: Example) -> bool:
    """Whether a small number says how many there are of something."""
    if not COUNTED.match(following(word, example)):
        return False
    if begins(word, example):
        return True
    before = preceding(word, example)
    if not before[-1].isspace() or _naming(before):
        return False
    last = before.split()[-1]
    return last.islower() or last.lower() in wordlist("function-words")


def _naming(before: str) -> bool:
    """Whether a number behind a text says which one something is, or belongs to a longer number."""
    last = before.split()[-1:]
    return bool(last) and (last[0].lower() in wordlist("naming") or last[0][-1].isdigit())


FORMS: Mapping[str, Callable[[Word, Example], str]] = {
    "percent": _percent,
    "thousands": _thousands,
    "digit": _digit,
    "word": _word,
}
