"""Operators that cannot reach every severity: texts have too few places for what they do."""

from __future__ import annotations

SATURATES = {
    "synonym": "few words have a safe synonym",
    "contraction": "few phrases can be contracted",
    "paraphrase": "few phrases are in the list",
    "slang": "few words have an abbreviation",
    "drop-stopword": "there are only so many function words",
    "lower": "most words are in lower case already",
    "whitespace": "there are five letters to a gap, and severity counts characters",
    "quotes": "few words have quotation marks",
    "mojibake": "few words are not plain ASCII",
    "entity-typo": "most words are not names",
    "entity-case": "most words are not names",
}
