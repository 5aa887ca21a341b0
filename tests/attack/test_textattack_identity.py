"""On the same model TextAttack's recipes find the same texts, with as many queries, in our engine as in its own."""

from __future__ import annotations

import hashlib
import os
import pickle  # noqa: TID251 - TextAttack's own files are pickles
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from harness.attack.textattack_victims import victim
from harness.data.delimited import tab
from harness.inference import predict
from harness.models.function import Function
from harness.models.model import Model
from harness.models.transformer import Transformer
from harness.models.weights import local
from harness.perturb import libraries
from harness.tasks.classification import TASK
from harness.text import Example, example

from .theirs import asking, attacked, ours, sentences

pytestmark = [
    pytest.mark.skipif(
        any(find_spec(name) is None for name in ("textattack", "flair", "nltk")),
        reason="TextAttack is not installed: pip install 'continuity-harness[textattack]'",
    ),
]
wordnet = pytest.mark.skipif(
    not libraries.nltk_place("corpora/wordnet"), reason="no WordNet: set HARNESS_RESOURCES"
)
tagger = pytest.mark.skipif(
    not libraries.nltk_place("taggers/averaged_perceptron_tagger_eng")
    or not libraries.nltk_place("taggers/universal_tagset"),
    reason="NLTK's tagger is not on this machine: set HARNESS_RESOURCES",
)
encoder = pytest.mark.skipif(
    find_spec("sentence_transformers") is None, reason="pip install sentence-transformers"
)


def bag() -> Function:
    """Three labels; each word has a weight for each of them that nobody has chosen, so that no two tie."""

    def weights(word: str) -> np.ndarray:
        digest = hashlib.blake2b(word.encode(), digest_size=12).digest()
        return np.frombuffer(digest, "<u4") / 2**31 - 1

    def said(text: Any) -> dict[str, float]:
        words = re.findall(r"\w+", text if isinstance(text, str) else " ".join(text.values()))
        total = sum((weights(word) for word in words), np.zeros(3)) * 0.8
        odds = np.exp(total - total.max())
        return dict(zip(LABELS, (odds / odds.sum()).tolist(), strict=True))

    return Function(lambda texts: [said(text) for text in texts], LABELS, TASK)


LABELS = ("a", "b", "c")


def right(model: Model, examples: Sequence[Example]) -> list[Example]:
    """With what the model says as gold, but for the second one, on which it is wrong."""
    said = [one.label for one in predict(model, examples)]
    others = [label if at != 1 else LABELS[LABELS.index(label) - 1] for at, label in enumerate(said)]
    return [replace(one, target=label) for one, label in zip(examples, others, strict=True)]


@pytest.mark.parametrize(
    "name",
    [
        "textattack/deepwordbug",
        "textattack/pruthi",
        "textattack/input-reduction",
        pytest.param("textattack/pwws", marks=wordnet),
    ],
)
@pytest.mark.parametrize("budget", [None, 40])
def test_recipes_that_read_nothing_that_has_to_be_downloaded(name: str, budget: int | None) -> None:
    """With a budget of theirs and without."""
    model = bag()
    examples = right(model, sentences())
    limit = {} if budget is None else {"budget": budget}
    found = ours(name, model, examples, seed=3, **limit)
    assert found == attacked(name, model, examples, seed=3, budget=budget)
    assert found[1].queries == 1  # the model is wrong already
    changed = sum(one.text != example.text for one, example in zip(found, examples, strict=True))
    assert changed > (4 if budget is None else 1)


@wordnet
def test_normal_numbers_are_drawn_in_pairs_across_questions() -> None:
    """A swarm in Lévy flight draws them, and NumPy keeps the second of each pair for later."""
    model = bag()
    examples = right(model, sentences()[:3])
    found = ours("textattack/leap", model, examples, seed=3, budget=600)
    assert found == attacked("textattack/leap", model, examples, seed=3, budget=600)
    assert max(one.queries for one in found) > 100


def test_how_many_are_under_way_does_not_matter() -> None:
    """Searches that draw from global generators find them as if each were alone."""
    model = bag()
    examples = right(model, sentences())
    one, many = (ours("textattack/deepwordbug", model, examples, seed=5, in_flight=size) for size in (1, 64))
    assert one == many != ours("textattack/deepwordbug", model, examples, seed=6)


def test_texts_of_two_fields_are_attacked_as_pairs() -> None:
    """TextFooler and others leave a premise alone, which they know by its name."""
    model = bag()
    pairs = [
        Example(one.id, {"premise": one.text, "hypothesis": other.text})
        for one, other in zip(sentences()[:4], sentences()[4:], strict=False)
    ]
    examples = right(model, pairs)
    found = ours("textattack/deepwordbug", model, examples, seed=3)
    assert found == attacked("textattack/deepwordbug", model, examples, seed=3)
    assert any(one.text != "\n".join(e.fields.values()) for one, e in zip(found, examples, strict=True))


# -- with stand-ins for what has to be downloaded ------------------------------------------------

SYNONYMS = (
    "good fine great nice lovely",
    "dreadful awful horrible dire",
    "boring dull tedious dreary",
    "film movie picture films pictures",
    "people folk persons friends",
    "charming delightful lovely enchanting",
    "brilliant bright clever smart",
    "doctor physician medic",
    "funny comic comical amusing",
    "beautiful pretty handsome fair",
    "cheap inexpensive shabby",
    "best finest greatest",
    "quiet calm silent still",
    "know understand see seen",
    "lifeless dead inert",
    "story tale plot",
    "waste loss ruin",
    "slow sluggish tardy",
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few words in the form of TextAttack's files: what is in a row of synonyms is near."""
    cache = tmp_path_factory.mktemp("cache")
    folder = cache / "word_embeddings" / "paragramcf"
    folder.mkdir(parents=True)
    draws = np.random.default_rng(0)
    numbers: dict[str, int] = {}
    rows = []
    for group in SYNONYMS:
        centre = draws.normal(size=16)
        for word in group.split():
            if word not in numbers:
                numbers[word] = len(numbers)
                rows.append(centre / np.linalg.norm(centre) + draws.normal(size=16) * 0.08)
    matrix = np.array(rows, np.float32)
    np.save(folder / "paragram.npy", matrix)
    distances = np.linalg.norm(matrix[:, None] - matrix[None], axis=2)
    np.save(folder / "nn.npy", distances.argsort(axis=1, kind="stable"))
    for name, content in (
        ("wordlist.pickle", numbers),
        ("mse_dist.p", defaultdict(dict)),
        ("cos_sim.p", defaultdict(dict, {0: {1: float(matrix[0] @ matrix[1])}})),
    ):
        with (folder / name).open("wb") as file:
            pickle.dump(content, file)
    return cache


@pytest.fixture
def theirs(table: Path, tiny_pretrained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TextAttack finds the vectors where it keeps downloads, and has another encoder of its own."""
    libraries.textattack()
    from textattack import attack_recipes, shared
    from textattack.constraints.semantics.sentence_encoders import SBERT
    from textattack.shared.utils import install, strings

    monkeypatch.setattr(install, "TEXTATTACK_CACHE_DIR", str(table))
    monkeypatch.setattr(shared.utils, "GLOBAL_OBJECTS", {})

    def universal(threshold: float = 0.8, metric: str = "angular", **rest: Any) -> Any:
        return SBERT(threshold=threshold, metric=metric, model_name=str(tiny_pretrained), **rest)

    for module in (attack_recipes.textfooler_jin_2019, attack_recipes.textbugger_li_2018):
        monkeypatch.setattr(module, "UniversalSentenceEncoder", universal)
    monkeypatch.setattr(strings, "_flair_taggers", {"ner": Gazetteer()})


class Gazetteer:
    """Tags a handful of names; some words that begin a sentence are names too, for somebody."""

    names = dict.fromkeys(["Michael", "Jennifer", "David", "An", "Good", "O'Neil"], "S-PER")
    names |= dict.fromkeys(["Chicago", "China", "American"], "S-LOC")

    def predict(self, sentence: Any, **_: Any) -> None:
        for token in sentence:
            if token.text in self.names:
                token.add_label("ner", self.names[token.text])


@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize(
    "name",
    [
        "textattack/iga",
        pytest.param("textattack/textfooler", marks=[encoder, tagger]),
        pytest.param("textattack/textbugger", marks=encoder),
    ],
)
def test_recipes_with_vectors_and_an_encoder(name: str, table: Path, tiny_pretrained: Path) -> None:
    """The vectors in TextAttack's own files, which it reads itself; its own encoder class, of another model."""
    model = bag()
    examples = right(model, sentences())
    options = {"vectors": str(table / "word_embeddings" / "paragramcf"), "encoder": str(tiny_pretrained)}
    options = {key: options[key] for key in options if key != "encoder" or name != "textattack/iga"}
    found = ours(name, model, examples, seed=3, options=options)
    assert found == attacked(name, model, examples, seed=3)
    assert sum(one.text != example.text for one, example in zip(found, examples, strict=True)) > 4


@pytest.mark.usefixtures("theirs")
def test_names_and_numbers_are_changed_as_checklist_does() -> None:
    """By names from TextAttack's lists, which tag as the handful here does."""
    model = bag()
    examples = right(model, sentences())
    found = ours("textattack/checklist", model, examples, seed=3, options={"tagger": "lists"})
    assert found == attacked("textattack/checklist", model, examples, seed=3)
    assert sum(one.text != example.text for one, example in zip(found, examples, strict=True)) > 3


# -- with gradients ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def network(tiny_pretrained: Path) -> Transformer:
    """A small classifier with random weights, and in double precision, so that batches do not matter."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        config = transformers.BertConfig.from_pretrained(
            tiny_pretrained, num_labels=3, id2label=dict(enumerate(LABELS)), initializer_range=0.5
        )
        made = transformers.BertForSequenceClassification(config).double()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_pretrained)
    return Transformer(made, tokenizer, TASK, "cpu")


def short() -> list[Example]:
    """Sentences of words that the small model knows."""
    pieces = ("the food was good", "it was a lovely day", "awful , said the man", "today bob is in paris")
    texts = [f"{one} {mark}" for one in pieces for mark in (".", ", alice saw dave .")]
    return [example(f"t{at}", text) for at, text in enumerate(texts)]


@tagger
@pytest.mark.usefixtures("theirs")
def test_words_are_flipped_as_gradients_point(network: Transformer, table: Path) -> None:
    """TextAttack takes gradients of words by one network only; both sides show it a transformer as one."""
    examples = right(network, short())
    options = {"vectors": str(table / "word_embeddings" / "paragramcf")}
    found = ours("textattack/hotflip", network, examples, seed=3, options=options)
    by_word = victim(asking(network), network, by_word=True)
    assert found == attacked("textattack/hotflip", network, examples, seed=3, wrapped=by_word)
    assert sum(one.text != source.text for one, source in zip(found, examples, strict=True)) > 1


@tagger
@encoder
@pytest.mark.usefixtures("theirs")
def test_words_are_ranked_by_gradients_with_the_dropout_that_textattack_leaves_on(
    network: Transformer, table: Path, tiny_pretrained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each example draws it from numbers of its own; the network is left as it was."""
    from textattack.attack_recipes import a2t_yoo_2021
    from textattack.constraints.semantics.sentence_encoders import SBERT
    from textattack.models.wrappers import HuggingFaceModelWrapper

    examples = right(network, short())
    options = {"vectors": str(table / "word_embeddings" / "paragramcf"), "encoder": str(tiny_pretrained)}
    found = ours("textattack/a2t", network, examples, seed=3, options=options)
    assert not network.network.training
    assert all(one.grad is None for one in network.network.parameters())

    class Wrapper(HuggingFaceModelWrapper):
        def __call__(self, texts: Sequence[Any]) -> torch.Tensor:
            return asking(network)(texts)

    def theirs(model_name: str, **rest: Any) -> Any:
        return SBERT(model_name=str(tiny_pretrained), **rest)

    monkeypatch.setattr(a2t_yoo_2021, "SBERT", theirs)
    wrapped = Wrapper(network.network, network.tokenizer)
    assert found == attacked("textattack/a2t", network, examples, seed=3, wrapped=wrapped)
    assert sum(one.text != source.text for one, source in zip(found, examples, strict=True)) > 0


# -- in single precision -------------------------------------------------------------------------

SOME = 30


@pytest.mark.slow
@pytest.mark.real
@wordnet
@pytest.mark.parametrize("name", ["textattack/deepwordbug", "textattack/pwws"])
def test_on_a_real_model_only_ties_in_the_last_bit_may_part_the_two(name: str) -> None:
    """There TextAttack takes a softmax of its own, of logits from other batches. Where texts or counts differ,
    two of the texts that TextAttack compared are as good as each other: these examples are listed."""
    if "HARNESS_DATA" not in os.environ:
        pytest.skip("HARNESS_DATA does not name a folder of real data")
    libraries.textattack()  # quietly, before anything of it is imported
    from textattack.models.wrappers import HuggingFaceModelWrapper

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = transformers.AutoModelForSequenceClassification.from_pretrained(
            local("minilm"), num_labels=3, id2label=dict(enumerate(LABELS))
        )
        torch.nn.init.normal_(made.classifier.weight, std=1.0)
    tokenizer = transformers.AutoTokenizer.from_pretrained(local("minilm"), model_max_length=64)
    model = Transformer(made, tokenizer, TASK, "cpu")  # TextAttack pads to that length
    file = str(Path(os.environ["HARNESS_DATA"], "sentiment-sst2", "sst2_dev.tsv"))
    examples = right(model, tab.function(file, text="sentence")[:SOME])
    found = ours(name, model, examples, seed=3)
    theirs = attacked(name, model, examples, seed=3, wrapped=HuggingFaceModelWrapper(made, tokenizer))
    ties = [
        f"{source.id}: {one.text!r} by {one.queries}, or {other.text!r} by {other.queries}"
        for source, one, other in zip(examples, found, theirs, strict=True)
        if one != other
    ]
    print(f"{name}: {len(ties)} of {len(examples)} differ", *ties, sep="\n")
    assert len(ties) <= SOME // 15
    assert sum(one.text != source.text for one, source in zip(found, examples, strict=True)) > SOME // 4
