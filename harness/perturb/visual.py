"""Words in other characters that a reader sees as the same: styled, accented or flipped letters.

What a person makes out at a glance is made of code points that few vocabularies have. Labels stay true
for every task, and gold spans are carried as through any other typo (methods, section 9.6).
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import cycle, islice

from harness.errors import Fault, UserError, nearest
from harness.perturb.character import character
from harness.perturb.sites import core, pick, typable
from harness.rng import Random
from harness.text import Edit, Example

STYLES: Mapping[str, tuple[int, int]] = {
    "bold": (0x1D400, 0x1D41A),
    "bold-italic": (0x1D468, 0x1D482),
    "script": (0x1D4D0, 0x1D4EA),
    "fraktur": (0x1D56C, 0x1D586),
    "sans": (0x1D5A0, 0x1D5BA),
    "monospace": (0x1D670, 0x1D68A),
    "fullwidth": (0xFF21, 0xFF41),
    "circled": (0x24B6, 0x24D0),
}
"""Where the capitals and the small letters of a style begin; only styles that have all of them."""
SMALL_CAPS = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡxʏᴢ"
ANY, SMALL = "any", "small-caps"


@cache
def styled_letters() -> Mapping[str, Mapping[int, int | str]]:
    """The letters of every style, for :meth:`str.translate`."""
    found: dict[str, Mapping[int, int | str]] = {SMALL: str.maketrans(string.ascii_lowercase, SMALL_CAPS)}
    for style, (upper, lower) in STYLES.items():
        pairs = enumerate(zip(string.ascii_uppercase, string.ascii_lowercase, strict=True))
        found[style] = {
            ord(c): base + i for i, both in pairs for c, base in zip(both, (upper, lower), strict=True)
        }
    return found


@character("lookalike")
def lookalike(example: Example, rng: Random, *, style: str = ANY) -> Iterator[Edit]:
    """Write a word in letters that Unicode has for mathematics or display: ``𝐛𝐨𝐥𝐝``, ``ⓒⓘⓡⓒⓛⓔⓓ``.

    Args:
        style: bold, bold-italic, script, fraktur, sans, monospace, fullwidth, circled, small-caps, or any,
            which draws one for each word.

    Raises:
        UserError: If the style is unknown.
    """
    styles = tuple(styled_letters())
    if style not in (*styles, ANY):
        raise UserError(Fault(f"unknown style {style!r}", hint=nearest(style, (*styles, ANY))))
    chosen = styles if style == ANY else (style,)
    for word in typable(example, rng):
        yield from word.becomes(_styled(word.text, pick(rng, chosen)))


@lru_cache(maxsize=2**16)
def _styled(word: str, style: str) -> str:
    start, end = core(word)
    return word[:start] + word[start:end].translate(styled_letters()[style]) + word[end:]


FLIPPED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz∀ꓭƆꓷƎℲ⅁HIſꓘ⅂WNOԀꝹꓤS⊥∩ΛMX⅄Z",
)


@character("upside-down")
def upside_down(example: Example, rng: Random) -> Iterator[Edit]:
    """Turn a word upside down: ``ǝᴉʌoɯ`` for ``movie``."""
    for word in typable(example, rng):
        yield from word.becomes(_flipped(word.text))


@lru_cache(maxsize=2**16)
def _flipped(word: str) -> str:
    start, end = core(word)
    return word[:start] + word[start:end].translate(FLIPPED)[::-1] + word[end:]


@character("viper", reference="Eger et al. 2019, Text Processing Like Humans Do")
def viper(example: Example, rng: Random, *, share: float = 0.5) -> Iterator[Edit]:
    """Replace letters of a word by the same letters with a mark on them: ``ṃọṽḭẽ``.

    Args:
        share: How likely each letter is replaced; one of the word always is.

    Raises:
        UserError: If the share is not above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise UserError(Fault(f"viper: share should be above 0 and at most 1, found {share}"))
    marked = marked_letters()
    for word in typable(example, rng):
        if sites := _markable(word.text):
            letters = list(word.text)
            for at in [i for i in sites if rng.random() < share] or [pick(rng, sites)]:
                letters[at] = pick(rng, marked[letters[at]])
            yield from word.becomes("".join(letters))


@lru_cache(maxsize=2**16)
def _markable(word: str) -> tuple[int, ...]:
    return tuple(i for i, c in enumerate(word) if c in marked_letters())


NAMED = re.compile("LATIN (SMALL|CAPITAL) LETTER ([A-Z]) WITH (?!SMALL LETTER).*")


@cache
def marked_letters() -> Mapping[str, str]:
    """The letters of English, each with those that Unicode describes as the same with something."""
    found: dict[str, str] = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        if named := NAMED.fullmatch(unicodedata.name(chr(code), "")):
            letter = named[2].lower() if named[1] == "SMALL" else named[2]
            found[letter] = found.get(letter, "") + chr(code)
    return found


PILED = "".join(chr(code) for code in range(0x300, 0x370) if code not in (0x34F, *range(0x35C, 0x363)))
"""Marks that stand above, below or across the letter before them, and that letter alone."""


@character("zalgo")
def zalgo(example: Example, rng: Random, *, height: int = 2) -> Iterator[Edit]:
    """Pile marks above and below the letters of a word, so many on each letter.

    Raises:
        UserError: If the height is not at least 1.
    """
    if height < 1:
        raise UserError(Fault(f"zalgo: height should be at least 1, found {height}"))
    for word in typable(example, rng):
        start, end = core(word.text)
        first = int(rng.random() * len(PILED))
        marks = cycle(PILED[first:] + PILED[:first])
        yield word.edit(start, end, "".join(c + "".join(islice(marks, height)) for c in word.text[start:end]))


OVERRIDE, POP = "\u202e", "\u202c"


@character("bidi", reference="Boucher et al. 2022, Bad Characters")
def bidi(example: Example, rng: Random) -> Iterator[Edit]:
    """Store the inner letters of a word backwards, with controls that show them in their order."""
    for word in typable(example, rng):
        start, end = core(word.text)
        inner = word.text[start + 1 : end - 1]
        # What reads from right to left anyway would be shown backwards.
        if len(inner) > 1 and inner.isascii():
            yield word.edit(start + 1, end - 1, f"{OVERRIDE}{inner[::-1]}{POP}")
