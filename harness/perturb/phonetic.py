"""Words spelt as they sound: one group of letters in a word becomes another that is read alike.

Unlike a misspelling, the word sounds the same when read aloud. A slip that makes another word of it, such
as ``knight`` without its ``k``, is left out where we know of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from harness.perturb.character import character
from harness.perturb.sites import pick, protected, typable, wordlist
from harness.rng import Random
from harness.text import Edit, Example

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    # -- consonants
    (r"ph(?!erd|ill)", ("f",)),
    (r"(?<=[bfklmnrs])ight", ("ite",)),
    (r"tch", ("ch",)),
    (r"cks\b", ("x", "ks")),
    (r"ck", ("k",)),
    (r"cqu|qu", ("kw",)),
    (r"sch(?=oo|ed)", ("sk",)),
    (r"sc(?=[ei])", ("s",)),
    (r"(?<=\w)ci(?=[aou])", ("sh",)),
    (r"(?<=[^\Ws])tion|ssion", ("shun",)),
    (r"(?<=[aeiou])sion", ("zhun",)),
    (r"(?<=[^\Ws])ti(?=al\b|ent\b)", ("sh",)),
    (r"c(?=[eiy]\w{2})", ("s",)),
    (r"(?<=\w)c(?=[eiy])", ("s",)),
    (r"(?<=\w)c?ture\b", ("cher",)),
    (r"(?<![cs])c(?=[aourlt]|\b)", ("k",)),
    (r"(?<=\w)x", ("ks",)),
    (r"(?<=\w\w)ks\b", ("x",)),
    (r"dge\b|dg(?=e)", ("j",)),
    (r"(?<=[^\Wdg])g(?=e\b|es\b|ed\b)|\bg(?=en)", ("j",)),
    (r"\bwh(?=[aei])", ("w",)),
    (r"\bkn(?=\w{3})", ("n",)),
    (r"\bwr", ("r",)),
    (r"(?<=\w\w)mb\b", ("m",)),
    (r"(?<=[aeou])z(?=[aeiou])", ("s",)),
    (r"(?<=ea|ou|au|oi)s(?=e|y)|(?<=[iou])s(?=e[ds]?\b)", ("z",)),
    (r"\bf(?=[aeiou])|(?<=[aeiou])f(?=[aeiou])", ("ph",)),
    (r"(?<=[kpx])ed\b|(?<=ss)ed\b", ("t",)),
    # -- vowels and endings
    (r"(?<=en)ough\b|(?<=\b[rt])ough\b", ("uff",)),
    (r"(?<=\bth)ough\b", ("o",)),
    (r"(?<=\bthr)ough\b", ("oo", "u")),
    (r"ought\b", ("awt",)),
    (r"eigh", ("ay",)),
    (r"(?<=\w\w)ous\b", ("us",)),
    (r"(?<=\w[bdfgkptz])le\b", ("el", "ul")),
    (r"(?<=\w\w)ing\b", ("in",)),
    (r"(?<=\w\w[^\Waeiouw])er\b", ("a", "ur")),
    (r"(?<=\w\w\w[^\Waeiouw])y\b", ("ee", "ie")),
    (r"oo(?=[dklmnt])", ("u",)),
    (r"(?<!br)ea(?=[klmnp](?:s|ed|ing)?\b)", ("ee",)),
    (r"(?<=[^\Ws])ai(?=[dlnrt])", ("ay",)),
    (r"(?<=[^\We])ay\b", ("ai",)),
    (r"au(?=[dnst]|g(?!h))", ("aw",)),
    (r"(?<=[lsv])ov(?=e)", ("uv",)),
    (r"\byou", ("yoo", "yu")),
    (r"\bthe(?=[mn]\b|se\b|y\b)", ("tha",)),
)
"""Groups of letters, where they stand, and what sounds like them; earlier ones go first at one place."""
SOUND = re.compile("|".join(f"({group})" for group, _ in GROUPS))
LONGEST = 40
"""No word of English is longer, and what is would cost its length at each of its sites."""


@character("phonetic", language="en", reference="Eger and Benz 2020, From Hero to Zéroe")
def phonetic(example: Example, rng: Random) -> Iterator[Edit]:
    """Spell a group of letters as it sounds: ``fone``, ``kwick``, ``nashun``."""
    for word in typable(example, rng):
        if slips := _slips(word.text):
            yield word.edit(*pick(rng, slips))


@lru_cache(maxsize=2**16)
def _slips(word: str) -> tuple[tuple[int, int, str], ...]:
    """Where a word may be spelt by ear, and how."""
    low = word.lower()
    if len(word) > LONGEST or len(low) != len(word):
        return ()
    return tuple(
        (*match.span(), _cased(new, match, word))
        for match in SOUND.finditer(low)
        for new in GROUPS[(match.lastindex or 1) - 1][1]
        if not _is_word(low[: match.start()] + new + low[match.end() :])
    )


def _cased(new: str, match: re.Match[str], word: str) -> str:
    if word.isupper():
        return new.upper()
    return new.capitalize() if word[match.start()].isupper() else new


def _is_word(spelt: str) -> bool:
    return protected(spelt) or "".join(filter(str.isalpha, spelt)) in wordlist("phonetic")
