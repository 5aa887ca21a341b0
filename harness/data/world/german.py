"""A small bilingual lexicon and as much of English and German as simple sentences need.

German articles, cases, adjective endings, weak nouns, compounds, verb-second and verb-final order,
separable verbs and both past tenses follow from the rules below rather than from lists of sentences. The
lexicon is one to one: no two English words share a German one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.data.world.names import lines

Words = tuple[str, str]
"""English and German."""

NOUNS = """
person: man men Mann m Männer | woman women Frau f Frauen | child children Kind n Kinder | boy - Junge m Jungen w
person: girl - Mädchen n Mädchen | teacher - Lehrer m Lehrer | doctor - Arzt m Ärzte | neighbour - Nachbar m Nachbarn w
person: friend - Freund m Freunde | sister - Schwester f Schwestern | brother - Bruder m Brüder | mother - Mutter f Mütter
person: father - Vater m Väter | student - Student m Studenten w | baker - Bäcker m Bäcker | guest - Gast m Gäste | farmer - Bauer m Bauern w
animal: dog - Hund m Hunde | cat - Katze f Katzen | horse - Pferd n Pferde | bird - Vogel m Vögel | cow - Kuh f Kühe
food: apple - Apfel m Äpfel | cake - Kuchen m Kuchen | egg - Ei n Eier | soup - Suppe f Suppen | pear - Birne f Birnen
food: tomato tomatoes Tomate f Tomaten | potato potatoes Kartoffel f Kartoffeln
thing: table - Tisch m Tische | chair - Stuhl m Stühle | lamp - Lampe f Lampen | bag - Tasche f Taschen | bottle - Flasche f Flaschen
thing: flower - Blume f Blumen | coat - Mantel m Mäntel | shirt - Hemd n Hemden | picture - Bild n Bilder | key - Schlüssel m Schlüssel
thing: ball - Ball m Bälle | car - Auto n Autos | bicycle - Fahrrad n Fahrräder | clock - Uhr f Uhren
text: book - Buch n Bücher | letter - Brief m Briefe | newspaper - Zeitung f Zeitungen | story stories Geschichte f Geschichten
door: door - Tür f Türen | window - Fenster n Fenster | shop - Laden m Läden
"""
COMPOUNDS = """
garden Garten: table chair door lamp | kitchen Küchen: table chair door window lamp clock
school Schul: book bag door | winter Winter: coat | children’s Kinder: book bicycle chair coat bag
office Büro: chair lamp key door window | sports Sport: newspaper bag car
"""
ADJECTIVES = """
person: old alt | young jung | tired müde | happy glücklich | small klein | big groß | friendly freundlich | quiet ruhig
animal: old alt | young jung | tired müde | small klein | big groß | white weiß | black schwarz | quiet ruhig
food: cold kalt | hot heiß | good gut | bad schlecht | small klein | big groß | cheap billig
thing: old alt | new neu | small klein | big groß | red rot | green grün | white weiß | black schwarz | beautiful schön | cheap billig | dirty schmutzig | heavy schwer
text: old alt | new neu | long lang | short kurz | beautiful schön | good gut | bad schlecht
door: old alt | new neu | small klein | big groß | green grün | white weiß | dirty schmutzig
"""
VERBS = """
- person,animal: sleep slept | schlafen schläft schlief geschlafen h
- person: laugh laughed | lachen lacht lachte gelacht h
- person: work worked | arbeiten arbeitet arbeitete gearbeitet h
- person: sing sang | singen singt sang gesungen h
- person: wait waited | warten wartet wartete gewartet h
- person: dance danced | tanzen tanzt tanzte getanzt h
- person,animal: swim swam | schwimmen schwimmt schwamm geschwommen s
- person: arrive arrived | an+kommen kommt kam angekommen s
- person: get-up got-up | auf+stehen steht stand aufgestanden s
- person,animal: come-back came-back | zurück+kommen kommt kam zurückgekommen s
to person: go went | gehen geht ging gegangen s
to person: drive drove | fahren fährt fuhr gefahren s
to person,animal: run ran | laufen läuft lief gelaufen s
any person,animal: see saw | sehen sieht sah gesehen h
any person,animal: look-for looked-for | suchen sucht suchte gesucht h
any person,animal: find found | finden findet fand gefunden h
any person: love loved | lieben liebt liebte geliebt h
any person: draw drew | zeichnen zeichnet zeichnete gezeichnet h
food person,animal: eat ate | essen isst aß gegessen h
food person: cook cooked | kochen kocht kochte gekocht h
food,thing,text person: buy bought | kaufen kauft kaufte gekauft h
food,thing,text person: sell sold | verkaufen verkauft verkaufte verkauft h
food,thing,text person: need needed | brauchen braucht brauchte gebraucht h
thing,text,food person: forget forgot | vergessen vergisst vergaß vergessen h
thing,text,food person: bring-along brought-along | mit+bringen bringt brachte mitgebracht h
thing,door person: clean cleaned | putzen putzt putzte geputzt h
text person: read read | lesen liest las gelesen h
text person: write wrote | schreiben schreibt schrieb geschrieben h
door person: open opened | auf+machen macht machte aufgemacht h
door person: close closed | zu+machen macht machte zugemacht h
person person: visit visited | besuchen besucht besuchte besucht h
person person: call called | an+rufen ruft rief angerufen h
person,thing person: pick-up picked-up | ab+holen holt holte abgeholt h
to-person person: help helped | helfen hilft half geholfen h
to-person person: thank thanked | danken dankt dankte gedankt h
to-person person: listen-to listened-to | zu+hören hört hörte zugehört h
give-thing,text,food person: give gave | geben gibt gab gegeben h
give-thing,text,food person: show showed | zeigen zeigt zeigte gezeigt h
give-thing,text,food person: send sent | schicken schickt schickte geschickt h
give-thing,text person: lend lent | leihen leiht lieh geliehen h
"""
MODALS: Mapping[str, tuple[str, str]] = {
    "can": ("kann", "können"),
    "must": ("muss", "müssen"),
    "should": ("soll", "sollen"),
    "may": ("darf", "dürfen"),
}

ARTICLES = {  # by case: masculine, feminine, neuter, plural
    "der": {"nom": "der die das die", "acc": "den die das die", "dat": "dem der dem den"},
    "dies": {
        "nom": "dieser diese dieses diese",
        "acc": "diesen diese dieses diese",
        "dat": "diesem dieser diesem diesen",
    },
    "ein": {"nom": "- e - e", "acc": "en e - e", "dat": "em er em en"},
}
WEAK = {"nom": "e e e en", "acc": "en e e en", "dat": "en en en en"}
MIXED = {"nom": "er e es en", "acc": "en e es en", "dat": "en en en en"}
STRONG_PLURAL = {"nom": "e", "acc": "e", "dat": "en"}
GENDERS = "mfnp"
DETERMINERS: Mapping[str, tuple[str, str]] = {
    "the": ("der", "der"),
    "this": ("dies", "dies"),
    "these": ("dies", "dies"),
    "a": ("ein", "ein"),
    "my": ("mein", "ein"),
    "our": ("unser", "ein"),
    "no": ("kein", "ein"),
}
"""English determiner: its German stem and how that is declined."""
NUMERALS = {"two": "zwei", "three": "drei", "many": "viele"}


def _pairs(text: str) -> tuple[Words, ...]:
    """One pair a line or between bars."""
    entries = (entry.split(" = ") for line in text.strip().splitlines() for entry in line.split(" | "))
    return tuple((english, target) for english, target in entries)


NOW = _pairs("""
today = heute | every day = jeden Tag | in the evening = am Abend | on Monday = am Montag | now = jetzt
in summer = im Sommer | at eight o’clock = um acht Uhr | on Sunday = am Sonntag
""")
THEN = _pairs("""
yesterday = gestern | last week = letzte Woche | this morning = heute Morgen | on Monday = am Montag
in the evening = am Abend | at eight o’clock = um acht Uhr | last summer = letzten Sommer
""")
SOON = _pairs("""
tomorrow = morgen | today = heute | on Sunday = am Sonntag | now = jetzt | in the evening = am Abend
""")
PLACES = _pairs("""
in the garden = im Garten | in the kitchen = in der Küche | at the station = am Bahnhof | at home = zu Hause
in the park = im Park | in the museum = im Museum | on the bridge = auf der Brücke | in town = in der Stadt
""")
GOALS = _pairs("""
to the station = zum Bahnhof | to school = zur Schule | into the garden = in den Garten | home = nach Hause
to the museum = ins Museum | to town = in die Stadt | to the church = zur Kirche | into the kitchen = in die Küche
""")
REPORTS = _pairs("""
he says that = er sagt, dass | she knows that = sie weiß, dass | we hope that = wir hoffen, dass
my mother thinks that = meine Mutter denkt, dass | he asks whether = er fragt, ob
she wants to know whether = sie will wissen, ob
""")
NAMES = lines("""
Anna, Peter, Maria, Paul, Lena, Jonas, Emma, Felix, Laura, Max, Julia, Tim, Clara, David, Nina, Simon, Sophie, Lukas
Eva, Martin, Hannah, Oskar, Ida, Anton, Greta, Karl, Mila, Erik, Ella, Hugo, Marta, Ben, Lotte, Emil, Paula, Jakob
Rosa, Theo
""")
CITIES = lines("""
Berlin, Hamburg, Paris, London, Oslo, Madrid, Bremen, Dresden, Boston, Chicago, Amsterdam, Leipzig, Helsinki
Stockholm, Dublin, Essen, Kassel, Bonn, Toronto, Sydney, Mannheim, Erfurt, Potsdam, Bristol
""")


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun in both languages; ``gender`` is m, f or n, ``weak`` nouns end in -n outside the nominative."""

    kind: str
    singular: str
    plural: str
    german: str
    gender: str
    german_plural: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb in both languages.

    Args:
        frame: What it takes: ``-``, ``to`` a place, a thing of ``kinds``, ``to-person`` (dative), ``give``.
        kinds: Kinds of nouns that may be its object.
        subjects: Kinds of nouns that may be its subject.
        base: Its English base form; words after the first are a particle.
        past: Its English past.
        infinitive: Its German infinitive without the separable prefix.
        present: Third person singular.
        preterite: Third person singular.
        participle: The past participle.
        auxiliary: ``h`` (haben) or ``s`` (sein).
        prefix: The separable prefix, or nothing.
    """

    frame: str
    kinds: tuple[str, ...]
    subjects: tuple[str, ...]
    base: str
    past: str
    infinitive: str
    present: str
    preterite: str
    participle: str
    auxiliary: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Whom or what a sentence is about; a name has no noun.

    Args:
        determiner: English determiner or numeral; empty for names and pronouns.
        adjective: English and German, or None.
        noun: None for a name or a pronoun.
        many: Whether it is plural.
        name: A name, or an English pronoun and its German, separated by a bar.
    """

    determiner: str = ""
    adjective: tuple[str, str] | None = None
    noun: Noun | None = None
    many: bool = False
    name: str = ""

    @property
    def definite(self) -> bool:
        """Whether it stands early in a German clause."""
        return self.noun is None or self.determiner in ("the", "this", "these", "my", "our")

    @property
    def gender(self) -> str:
        """m, f, n, or p for the plural."""
        return "p" if self.many or self.noun is None else self.noun.gender

    def english(self) -> str:
        """The phrase in English."""
        if self.noun is None:
            return self.name.partition("|")[0]
        words = [self.adjective[0]] if self.adjective else []
        words.append(self.noun.plural if self.many else self.noun.singular)
        first = self.determiner
        if first == "a" and words[0][0] in "aeiou":
            first = "an"
        return " ".join([first, *words])

    def german(self, case: str) -> str:
        """The phrase in German, in the case ``nom``, ``acc`` or ``dat``."""
        if self.noun is None:
            return self.name.rpartition("|")[2]
        column = GENDERS.index(self.gender)
        words = []
        if self.determiner in NUMERALS:
            numeral, ending = NUMERALS[self.determiner], STRONG_PLURAL[case]
            words.append(numeral + "n" if numeral == "viele" and case == "dat" else numeral)
        else:
            stem, declension = DETERMINERS[self.determiner]
            form = ARTICLES[declension][case].split()[column]
            words.append(stem + form.strip("-") if declension == "ein" else form)
            ending = (MIXED if declension == "ein" else WEAK)[case].split()[column]
        if self.adjective:
            words.append(self.adjective[1].removesuffix("e") + ending)
        return " ".join([*words, self._noun(self.noun, case)])

    def _noun(self, noun: Noun, case: str) -> str:
        if self.many:
            dative = case == "dat" and not noun.german_plural.endswith(("n", "s"))
            return noun.german_plural + ("n" if dative else "")
        if noun.weak and case != "nom":
            return noun.german + ("n" if noun.german[-1] in "er" else "en")
        return noun.german


def third(base: str) -> str:
    """The third person singular of an English verb, particle and all."""
    head, space, rest = base.partition(" ")
    ending = "es" if head.endswith(("s", "sh", "ch", "x", "o")) else "s"
    return head + ending + space + rest


def finite(form: str, many: bool) -> str:
    """A German preterite in the third person singular or plural."""
    return form if not many else form + ("n" if form.endswith("e") else "en")


def _entries(text: str) -> list[tuple[str, str]]:
    return [
        (kind, entry)
        for kind, _, entries in (line.partition(": ") for line in text.strip().splitlines())
        for entry in entries.split(" | ")
    ]


def nouns() -> tuple[Noun, ...]:
    """The simple nouns, then the compounds."""
    simple: dict[str, Noun] = {}
    for kind, entry in _entries(NOUNS):
        one, many, german, gender, german_many, *weak = entry.split()
        simple[one] = Noun(
            kind, one, one + "s" if many == "-" else many, german, gender, german_many, bool(weak)
        )
    built = []
    for line in COMPOUNDS.strip().splitlines():
        for entry in line.split(" | "):
            modifier, heads = entry.split(": ")
            english, german = modifier.split()
            built += [_compound(english, german, simple[head]) for head in heads.split()]
    return (*simple.values(), *built)


def _compound(english: str, german: str, head: Noun) -> Noun:
    """``garden`` and ``door`` make ``garden door``, ``Gartentür``."""
    return Noun(
        head.kind,
        f"{english} {head.singular}",
        f"{english} {head.plural}",
        german + head.german.lower(),
        head.gender,
        german + head.german_plural.lower(),
    )


def adjectives() -> Mapping[str, Sequence[tuple[str, str]]]:
    """Adjectives that fit a kind of noun, each in English and German."""
    found: dict[str, list[tuple[str, str]]] = {}
    for kind, entry in _entries(ADJECTIVES):
        english, german = entry.split()
        found.setdefault(kind, []).append((english, german))
    return found


def verbs() -> tuple[Verb, ...]:
    """All verbs."""
    found = []
    for line in VERBS.strip().splitlines():
        frames, english, german = line.replace(": ", " | ", 1).split(" | ")
        frame, subjects = frames.split()
        base, past = (form.replace("-", " ") for form in english.split())
        prefix, _, rest = german.rpartition("+")
        infinitive, present, preterite, participle, auxiliary = rest.split()
        give = frame.startswith("give-")
        plain = frame in ("-", "to", "to-person")
        kinds = () if plain else tuple(frame.removeprefix("give-").split(","))
        found.append(
            Verb(
                "give" if give else frame if plain else "thing",
                ("person", "animal", "food", "thing", "text", "door") if kinds == ("any",) else kinds,
                tuple(subjects.split(",")),
                base,
                past,
                infinitive,
                present,
                preterite,
                participle,
                auxiliary,
                prefix,
            )
        )
    return tuple(found)
