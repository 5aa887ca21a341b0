"""How fast texts are perturbed beside nlpaug and TextAttack, as ratios in one run.

Both change the same share of the words of the same sentences, SST-2's below ``HARNESS_DATA``. nlpaug is
timed as it is shipped, which is how people use it, and with a tokenizer that splits at spaces, which is as
fast as it gets. Ratios are printed with what we aim at, and never asserted.
"""

from __future__ import annotations

import os
import random  # noqa: TID251 - the peers draw from it
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from harness.catalog import every, find
from harness.errors import UserError
from harness.perturb import libraries
from harness.perturb.operator import Operator
from harness.perturb.severity import perturb
from harness.text import Example, Span, diff, edit_rate, example

SEVERITY, ROUNDS, SOME, FEW = 3, 3, 120, 60
"""How severe, how often, and how many sentences for peers that are slow and for those that are very slow."""
DATA = Path(os.environ.get("HARNESS_DATA", ""))
SENTENCES = DATA / "sentiment-sst2" / "sst2_dev.tsv"
ENTITIES = DATA / "ner-wnut17" / "dev.conll"
OPERATORS = {name: one for name, one in every("operator").items() if isinstance(one, Operator)}

sst2 = pytest.mark.skipif(not SENTENCES.is_file(), reason="SST-2 is not below HARNESS_DATA")
wnut = pytest.mark.skipif(not ENTITIES.is_file(), reason="WNUT-17 is not below HARNESS_DATA")

Augment = Callable[[str], str]
Maker = Callable[..., Callable[[float], Augment]]


@cache
def sentences() -> Sequence[Example]:
    """872 sentences of film reviews, in tokens with spaces between, as every tokenizer would have them."""
    reader = find("reader", "tsv")
    found: list[Example] = reader.function(
        str(SENTENCES), **reader.bind({"text": "sentence", "label": "label"})
    )
    return found


def options(**given: Any) -> dict[str, Any]:
    """Options as a suite would set them."""
    return given


def known(name: str) -> Operator:
    """An operator of ours."""
    if name not in OPERATORS:
        pytest.skip(f"there is no operator {name}")
    return OPERATORS[name]


def ours(name: str, given: Mapping[str, Any]) -> Callable[[Example], str]:
    """What an operator of ours makes of an example."""
    operator = known(name)
    bound = operator.bind(dict(given))
    return lambda one: perturb(one, operator, SEVERITY, seed=7, options=bound).example.text


def share(pairs: Iterator[tuple[str, str]]) -> float:
    """Mean share of the words and marks that differ, however they are spaced."""
    told = [(spaced(old), spaced(new)) for old, new in pairs]
    return float(np.mean([edit_rate(old, diff(old, new), by_word=True) for old, new in told]))


def spaced(text: str) -> str:
    """Words and marks with a space between, so that it does not matter who has put spaces where."""
    return " ".join(re.findall(r"\w+|[^\w\s]", text))


def seconds(function: Callable[[Any], object], texts: Sequence[Any]) -> float:
    """Of the processor, for one text; other processes on the machine do not lengthen it much."""
    start = process_time()
    for text in texts:
        function(text)
    return (process_time() - start) / len(texts)


def matched(make: Callable[[float], Augment], texts: Sequence[str], target: float) -> tuple[Augment, float]:
    """A peer that changes about the target share of words, by bisection of its parameter, and that share."""
    low, high, best = 0.0, 1.0, (make(target), -1.0)
    for _ in range(7):
        at = (low + high) / 2
        peer = make(at)
        random.seed(7)
        np.random.seed(7)  # noqa: NPY002, TID251
        found = share((text, peer(text)) for text in texts)
        if abs(found - target) < abs(best[1] - target):
            best = peer, found
        low, high = (at, high) if found < target else (low, at)
    return best


def compare(
    benchmark: BenchmarkFixture,
    mine: Sequence[Callable[[Example], str]],
    make: Callable[[float], Augment],
    peer: str,
    goal: float,
    size: int,
) -> None:
    """Time both in turns, the peer on ``size`` sentences; several of ours share the sentences evenly."""
    source = sentences()
    some = [one.text for one in source[:: max(1, len(source) // size)]][:size]
    turns = [(mine[at % len(mine)], one) for at, one in enumerate(source)]
    own = share((one.text, function(one)) for function, one in turns)
    augment, theirs = matched(make, some, own)
    assert theirs == pytest.approx(own, rel=0.25), "the two do not do the same amount of work"
    taken: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(ROUNDS):
        taken["theirs"].append(seconds(augment, some))
        taken["ours"].append(seconds(lambda turn: turn[0](turn[1]), turns))
    benchmark.pedantic(lambda: [function(one) for function, one in turns], rounds=1)
    benchmark.extra_info |= {
        f"{peer} / ours": round(min(taken["theirs"]) / min(taken["ours"]), 1),
        "goal": goal,
        "sentences/s of ours": round(1 / min(taken["ours"])),
        "sentences/s of theirs": round(1 / min(taken["theirs"])),
        "share of ours": round(own, 3),
        "share of theirs": round(theirs, 3),
    }
    print(benchmark.name, benchmark.extra_info)


# -- nlpaug --------------------------------------------------------------------------------------

SPLIT: Mapping[str, Any] = {"tokenizer": str.split, "reverse_tokenizer": " ".join}
"""White space only, which is faster than nlpaug's own tokenizer and right for these sentences."""


def characters(kind: str, **settings: Any) -> Callable[[float], Augment]:
    """One letter in a share of the words."""

    def make(part: float) -> Augment:
        module = pytest.importorskip("nlpaug.augmenter.char", reason="nlpaug is not installed")
        given = {"aug_char_min": 1, "aug_char_max": 1, "aug_word_min": None, "aug_word_max": None}
        made = getattr(module, kind)(aug_word_p=part, **given, **settings)
        return lambda text: str(made.augment(text)[0])

    return make


def words(kind: str, **settings: Any) -> Callable[[float], Augment]:
    """A share of the words."""

    def make(part: float) -> Augment:
        module = pytest.importorskip("nlpaug.augmenter.word", reason="nlpaug is not installed")
        made = getattr(module, kind)(aug_p=part, aug_min=None, aug_max=None, **settings)
        return lambda text: str(made.augment(text)[0])

    return make


NLPAUG: Sequence[tuple[str, Mapping[str, Any], Maker, str, Mapping[str, Any], float, int]] = [
    ("keyboard", {}, characters, "KeyboardAug", {}, 2, 872),
    ("ocr", {}, characters, "OcrAug", {}, 2, 872),
    ("insert", {}, characters, "RandomCharAug", {"action": "insert"}, 2, 872),
    ("substitute", {}, characters, "RandomCharAug", {"action": "substitute"}, 2, 872),
    ("swap", {}, characters, "RandomCharAug", {"action": "swap"}, 2, 872),
    ("delete", {}, characters, "RandomCharAug", {"action": "delete"}, 2, 872),
    ("misspell", {}, words, "SpellingAug", {}, 2, 872),
    ("split-word", {}, words, "SplitAug", {}, 2, 872),
    ("swap-words", {}, words, "RandomWordAug", {"action": "swap"}, 2, 872),
    ("drop-stopword", {}, words, "RandomWordAug", {"action": "delete"}, 2, 872),
    ("synonym", options(source="wordnet"), words, "SynonymAug", {"aug_src": "wordnet"}, 10, SOME),
]
"""Antonyms are not among them: ours replaces one word where that is sure to turn the meaning, nlpaug's any word."""


@sst2
@pytest.mark.parametrize("settings", [{}, SPLIT], ids=["as-shipped", "at-its-fastest"])
@pytest.mark.parametrize(
    ("name", "given", "maker", "kind", "action", "goal", "size"), NLPAUG, ids=[one[0] for one in NLPAUG]
)
def test_sentences_are_perturbed_faster_than_by_nlpaug(
    benchmark: BenchmarkFixture,
    name: str,
    given: Mapping[str, Any],
    maker: Maker,
    kind: str,
    action: Mapping[str, Any],
    settings: Mapping[str, Any],
    goal: float,
    size: int,
) -> None:
    """The same share of the words of 872 sentences."""
    make = maker(kind, **action, **settings)
    if "source" in given:
        known_to_nltk("corpora/wordnet", "taggers/averaged_perceptron_tagger_eng")
        given = {key: value for key, value in given.items() if key in known(name).options}
    compare(benchmark, [ours(name, given)], make, "nlpaug", goal, size)


def known_to_nltk(*needed: str) -> None:
    """Skip where NLTK's data are not there."""
    try:
        libraries.nltk(*needed)
    except UserError as error:
        pytest.skip(str(error))


# -- TextAttack ----------------------------------------------------------------------------------


def augmenter(kind: str) -> Callable[[float], Augment]:
    """An augmenter of TextAttack that gives one text for a text."""

    def make(part: float) -> Augment:
        library = libraries.textattack()
        with libraries.without_downloads():
            made = getattr(library.augmentation, kind)(
                pct_words_to_swap=part, transformations_per_example=1, fast_augment=True
            )
        return lambda text: str(made.augment(text)[0])

    return make


TEXTATTACK: Sequence[tuple[str, Sequence[tuple[str, Mapping[str, Any]]]]] = [
    ("CharSwapAugmenter", [("swap", {}), ("substitute", {}), ("delete", {}), ("insert", {})]),
    ("DeletionAugmenter", [("drop-stopword", {})]),
    ("WordNetAugmenter", [("synonym", {"source": "wordnet"})]),
    ("EasyDataAugmenter", [("synonym", {"source": "wordnet"}), ("drop-stopword", {}), ("swap-words", {})]),
]


@sst2
@pytest.mark.parametrize(("kind", "own"), TEXTATTACK, ids=[one[0] for one in TEXTATTACK])
def test_sentences_are_perturbed_faster_than_by_textattack(
    benchmark: BenchmarkFixture, kind: str, own: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """The same share of the words, by the operators that do what the augmenter does, in turn."""
    try:
        libraries.textattack()
    except UserError as error:
        pytest.skip(str(error))
    known_to_nltk("corpora/wordnet")
    mine = [ours(name, given) for name, given in own]
    compare(benchmark, mine, augmenter(kind), "TextAttack", 100, FEW)


# -- gold ----------------------------------------------------------------------------------------


@wnut
@pytest.mark.parametrize("name", ["keyboard", "delete", "misspell", "synonym", "whitespace", "drop-stopword"])
def test_carrying_gold_costs_little(benchmark: BenchmarkFixture, name: str) -> None:
    """1,009 sentences with their entities, and the same without any."""
    reader = find("reader", "conll")
    gold: Sequence[Example] = reader.function(str(ENTITIES), **reader.bind({}))
    bare = [replace(one, target=()) for one in gold]
    operator = known(name)

    def varied(examples: Sequence[Example]) -> list[float]:
        return [perturb(one, operator, SEVERITY, seed=7).rate for one in examples]

    assert np.mean(varied(gold)) == pytest.approx(np.mean(varied(bare)), rel=0.2)
    taken: dict[str, list[float]] = {"with": [], "without": []}
    for _ in range(2 * ROUNDS + 1):
        for key, examples in (("with", gold), ("without", bare)):
            taken[key].append(seconds(varied, [examples]))
    benchmark.pedantic(varied, (gold,), rounds=1)
    extra = min(taken["with"]) / min(taken["without"]) - 1
    benchmark.extra_info |= {"with gold, extra": f"{extra:+.0%}", "goal": "+25%"}
    print(benchmark.name, benchmark.extra_info)


# -- length --------------------------------------------------------------------------------------


NAMES = re.compile(r"(?P<PER>Ann Lee)|(?P<ORG>Acme Works)|(?P<LOC>Lisbon)")


def text_of(size: int, gold: bool = False) -> Example:
    """An English text of so many characters, with numbers, questions, lines and perhaps marked names."""
    prose = (
        'In May 2019, Ann Lee of Acme Works told the teachers in Lisbon that "they don\'t have to sell it".\n'
        "Because the children usually believe what they hear, 12 good friends did not receive the old letter; "
        "is it clear to you why? I think they're very happy now, and the garden is beautiful (as it was).\n"
    )
    text = (prose * (size // len(prose) + 1))[:size]
    spans = tuple(Span(*match.span(), match.lastgroup or "") for match in NAMES.finditer(text))
    return example("long", text, spans if gold else "any")


@pytest.mark.parametrize(
    "name", ["keyboard", "misspell", "synonym", "drop-stopword", "filler", "punctuation", "suffix-distractor"]
)
def test_time_grows_with_length(benchmark: BenchmarkFixture, name: str) -> None:
    """The time for a character of 1 kB, 10 kB, 100 kB and 1 MB of text, as multiples of the first."""
    operator, sizes = known(name), (1_000, 10_000, 100_000, 1_000_000)
    severity = SEVERITY if operator.graded else 0
    costs = []
    for size in sizes:
        source = [text_of(size)] * (sizes[-1] // size // 4 + 1)
        costs.append(
            min(seconds(lambda one: perturb(one, operator, severity, seed=7), source) for _ in range(2))
            / size
        )
    benchmark.pedantic(perturb, (text_of(sizes[-1]), operator, severity), {"seed": 7}, rounds=1)
    benchmark.extra_info |= {
        "per character, of 1 kB": {
            f"{size:,}": round(cost / costs[0], 2) for size, cost in zip(sizes, costs, strict=True)
        }
    }
    print(benchmark.name, benchmark.extra_info)


@pytest.mark.parametrize("name", [name for name, one in OPERATORS.items() if not one.needs])
def test_a_megabyte_is_perturbed(benchmark: BenchmarkFixture, name: str) -> None:
    """By every operator of ours, whatever it looks at."""
    operator = OPERATORS[name]
    source = text_of(1_000_000, gold=operator.level == "entity")
    others = (example("other", "Ann Lee went to Lisbon.", "any"),)
    severity = SEVERITY if operator.graded else 0
    found = benchmark.pedantic(perturb, (source, operator, severity), {"seed": 7, "peers": others}, rounds=1)
    benchmark.extra_info |= {"MB/s": round(1 / benchmark.stats.stats.min, 2), "share": round(found.rate, 3)}
