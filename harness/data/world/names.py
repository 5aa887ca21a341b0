"""Names to people the world with: short lists, combined, and split in a seen and an unseen part.

Many names are meant to mislead: Ford is a person and a firm, Jordan a person and a country, Leeds
a city and a club, Target a firm and a common noun. Only the sentence around them decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from harness.rng import seed_of


def part(names: Iterable[str], unseen: bool) -> tuple[str, ...]:
    """A third of the names are unseen, the others seen, wherever and for whatever they are used."""
    return tuple(name for name in names if (seed_of("world", "name", name) % 3 == 0) is unseen)


def lines(text: str) -> tuple[str, ...]:
    """Names from a text: separated by commas or line breaks."""
    return tuple(name.strip() for line in text.strip().splitlines() for name in line.split(","))


WOMEN = lines(
    """Maria, Virginia, Georgia, Aisha, Hope, Rose, Ingrid, Florence, Paris, Chiara, Sydney, Madison, Elena, April, June
    Fatima, Charlotte, Savannah, Nadia, Grace, Joy, Mei, Victoria, Chelsea, Priya, May, Dawn, Olga, Carolina, Sienna, Yuki
    Mercedes, Summer, Helen, Lorraine, Faith, Ruth, Marguerite, Ivy, Zainab, Asia, Iris"""
)
MEN = lines(
    """Thomas, Jordan, Austin, Ahmed, Mark, Will, Lars, Dallas, Lincoln, Pedro, Bill, Chase, Kenji, Kent, Devon, Ivan, Rob
    Grant, Otto, Houston, Drew, Samuel, Santiago, Jack, Omar, Art, Miles, Wei, Frank, Pat, Diego, Carter, Rich, Anton, Chad, Skip
    Marco, Tyler, Francisco, Piotr, Ray, August"""
)
SURNAMES = lines(
    """van der Berg, Okafor, O'Neill, de la Cruz, Lindqvist, al-Rashid, Novak, Tanaka, von Hagen, Petrov, Silva
    D'Angelo, Kowalski, Nguyen, McAllister, Haddad, Fischer, Moreau, Yilmaz, Castellano, di Marco, Bakker, Ferreira
    Banerjee, Sørensen, Abubakar, Le Goff, Zhang, Müller, Smith-Jones, Takahashi, Garcia Lopez, Kim, O'Brien
    ter Horst, Mensah, Ito, Virtanen, Papadakis, da Costa, Rossi, Johansson, Eriksen, Achebe, Park, Brown, Young
    Baker, Price, King, Fields, Waters, Rivers, Stone, Black, Cook, Archer, Banks, Hill, Woods"""
)
NAMESAKES = lines(
    """Ford, Morgan, Chandler, Wells, Barclay, Siemens, Hilton, Lincoln, Dell, Mercer, Houston, Sterling, Baxter
    Jordan, Hamilton, Gallagher, Washington, Wellington, Porter, Kent, Lancaster, Disney, Berlin, Darwin, Bentley
    London, York, Warner, Israel, Rothschild, Hudson, Cadbury, Holland, Ferrero, France, Santos"""
)
"""Surnames that firms or places bear as well."""
PLACES = lines(
    """Virginia, Jordan, Lyon, Georgia, Lincoln, Wellington, Paris, Austin, Florence, Houston, Hamilton, Chelsea
    Lisbon, Amazon, Leeds, Madison, Washington, Sydney, Oslo, Kent, Berlin, Savannah, Hudson, Darwin, Dallas, Phoenix
    Lancaster, Porto, York, London, Nairobi, San Diego, Santos, Kyoto, New Haven, Victoria, Turin, Rotterdam, Ghent
    Stoke-on-Trent, Novi Sad, Cluj, Lagos, Santiago, Carolina, Aarhus, Asia, Devon, Graz, Rio Verde, St. Ives
    Bristol, Reading, Bath, Mobile, Split, Nice, Orange, Cork, Essen, Cologne, Buffalo, Tours, Bergen"""
)
COUNTRIES = lines(
    """Germany, Brazil, Chad, Kenya, Turkey, Israel, Japan, the UK, Holland, India, South Africa, France, Norway
    New Zealand, Chile, the U.S., Poland, Peru, Ghana, Sri Lanka, China, Vietnam, Egypt, Portugal"""
)
TOWNS = tuple(
    first + last
    for last, first in product(
        ("field", "by", "haven", "stad", "ville", "ford"), ("Harrow", "Linden", "Ash", "Nor", "Kel", "Bran")
    )
)
STEMS = tuple(
    first + last
    for last, first in product(
        ("alis", "tera", "ix", "onic", "etta", "ovia", "um"),
        ("Nov", "Arg", "Zent", "Vel", "Kor", "Lum", "Sol", "Quant"),
    )
)
SHARED = tuple(
    first + last
    for last, first in product(
        ("en", "ar", "is", "ow", "ell", "on", "ine", "ock", "ora"),
        ("Brand", "Tor", "Kest", "Wald", "Mar", "Hall", "Vann", "Sel", "Dorn", "Cort", "Ren", "Lath"),
    )
)
"""Names that people, firms, places and products all bear."""
WORDS = lines(
    """Target, Orange, Gap, Shell, Visa, Phoenix, Apple, Amazon, Pioneer, Sprint, Subway, Chase, Frontier, Falcon
    Compass, Mercury, Bridge, Monster, Eclipse, Discovery, Summit, Anchor, Virgin, Oracle"""
)
"""Firms named with a common noun."""
BRANDS = lines(
    "eVanto, iQuell, deRoute, xLane, 3Sixty, uMeal, eCargo, 23Lumen, kBank, iGrove, 7th Avenue, bLoom"
)
LETTERS = tuple("".join(letters) for letters in product("BHKT", "LMR", "CGS"))
TRADES = lines(
    """Foods, Motors, Energy, Bank, Pharma, Airlines, Steel, Software, Insurance, Logistics, Media, Textiles, Mining
    Hotels, Chemicals, Robotics, Retail, Telecom"""
)
SUFFIXES = lines("Inc, AG, Ltd, plc, SE, Group, Holdings, N.V., Corp., & Co, GmbH, S.A.")
GOODS = lines(
    """Falcon, Orbit, Vela, Mercury, Lincoln, Nimbus, Eclipse, Sienna, Pulse, Monarch, Santiago, Kestrel, Savannah
    Beacon, Discovery, Tundra, Cardivex, Orange, Phoenix, Nurolin, Aspen, Compass, Mercedes, Zephyr, Hudson, Anchor
    Trivastin, Summit, Bergen, Ranger, Sprint, Lumia, Frontier, Darwin, Chronos, Austin"""
)
MODELS = lines("7, X2, Pro, S-400, Mini, 3000, Air, GT, 12, Max, One, V8, T14, Lite, 2.0, XL")
CODES = tuple(
    f"{letter}{mark}{number}" for number, mark, letter in product((320, 55, 9, 700), ("-", ""), "KQRX")
)
GADGETS = lines(
    "iPulse, eSketch, MyDesk, iRoam, FitLoop, eNotes, PhotoBox, iTill, OpenRack, eTutor, AirMop, iScan"
)
CLUBS = lines("Rovers, United, City, Wanderers, Athletic, Tigers")
AGENCIES = lines(
    """Food Safety Board, Civil Aviation Office, Securities Commission, Court of Auditors, Maritime Agency, Red Lantern Society
    Labour Inspectorate, Doctors’ Guild, Statistics Bureau, Rail Authority, Health Council, Patent Office"""
)
