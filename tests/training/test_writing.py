"""Baselines that write: the source again, and the reference of the nearest training example."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from harness.errors import UserError
from harness.inference import predict
from harness.models.copy import beginning
from harness.tasks.dialogue import TASK as DIALOGUE
from harness.tasks.summarization import TASK as SUMMARIZATION
from harness.tasks.translation import TASK as TRANSLATION
from harness.text import Example
from harness.training.copy import TRAINER as COPY
from harness.training.retrieve import TRAINER as RETRIEVE

GERMAN = ("der Hund schläft", "die Katze schläft", "der Mann sieht den Hund", "ein Haus am See", "am See")
ENGLISH = ("the dog sleeps", "the cat sleeps", "the man sees the dog", "a house by the lake", "by the lake")
PAIRS = [
    Example(str(at), {"source": g}, (e, "or so"))
    for at, (g, e) in enumerate(zip(GERMAN, ENGLISH, strict=True))
]


def trained(trainer, job, **options):
    """Train with these options and the defaults, and load what came of it."""
    outcome = trainer.function(job, lambda said: None, **trainer.bind(options))
    return outcome, trainer.load(job.where, job.task, "cpu")


def said(model, *fields: dict[str, str]) -> list[str]:
    return [p.text for p in predict(model, [Example(str(at), one, ("?",)) for at, one in enumerate(fields)])]


def test_copying_says_the_source_again(new_job):
    """What translations of names and numbers alone would score."""
    outcome, model = trained(COPY, new_job(TRANSLATION, examples=PAIRS))
    assert said(model, {"source": "Ein Hund. Eine Katze."}) == ["Ein Hund. Eine Katze."]
    assert outcome.before is None
    assert 0 < outcome.after < 0.5
    assert model.labels == ()


def test_copying_may_end_after_some_sentences(new_job):
    """The lead of a text as its summary."""
    _, model = trained(COPY, new_job(SUMMARIZATION, examples=PAIRS), sentences=1)
    assert said(model, {"source": "\n It works. It is new."}, {"source": "no mark"}) == [
        "It works.",
        "no mark",
    ]


def test_copying_says_the_last_turn_of_a_dialogue(new_job):
    """The one that a reply is for."""
    _, model = trained(COPY, new_job(DIALOGUE, examples=PAIRS))
    assert said(model, {"01 a": "Hello", "02 b": "Tea?"}) == ["Tea?"]


@pytest.mark.parametrize(
    ("text", "sentences", "expected"),
    [
        ("One. Two! Three?", 2, "One. Two!"),
        ("One. Two", 2, "One. Two"),
        ('"One." Two.', 1, '"One."'),
        ("3.5 is more. Yes.", 1, "3.5 is more."),
        ("one\ntwo\n\nthree", 2, "one\ntwo"),
        ("...", 1, "..."),
        ("", 1, ""),
    ],
)
def test_sentences_end_at_their_marks(text: str, sentences: int, expected: str) -> None:
    """Numbers do not end sentences; line breaks do."""
    assert beginning(text, sentences) == expected


def test_retrieval_says_the_reference_of_the_nearest_example(new_job):
    """Nearest by words: its own for a text from training, and a sensible one for a new text."""
    outcome, model = trained(RETRIEVE, new_job(TRANSLATION, examples=PAIRS))
    assert said(model, *(example.fields for example in PAIRS)) == list(ENGLISH)
    assert said(model, {"source": "Die Katze, am Abend"}) == ["the cat sleeps"]
    assert said(model, {"source": "xyz"}) == [ENGLISH[0]]
    assert outcome.after == 1.0


def test_retrieval_is_nearest_in_scikit_learns_vectors(new_job):
    """The same neighbours as TfidfVectorizer's, which keeps its vocabulary."""
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(list("abcdefgh"), 6)) for _ in range(60)]
    train = [Example(str(at), {"source": text}, (str(at),)) for at, text in enumerate(texts[:40])]
    _, model = trained(RETRIEVE, new_job(TRANSLATION, examples=train), ngrams=2)
    oracle = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\b\w+\b")
    matrix = oracle.fit_transform(texts[:40])
    near = (oracle.transform(texts[40:]) @ matrix.T).toarray()
    found = [int(one) for one in said(model, *({"source": text} for text in texts[40:]))]
    np.testing.assert_allclose(near[np.arange(20), found], near.max(axis=1), atol=1e-6)


def test_retrieval_may_look_at_the_last_turn_only(new_job):
    """What was said before it is then left out."""
    talks = [
        Example("a", {"01 x": "tea coffee milk", "02 y": "hello"}, ("hi",)),
        Example("b", {"01 x": "something else", "02 y": "bye"}, ("so long",)),
    ]
    asked = {"01 x": "tea coffee milk", "02 y": "bye"}
    for last, reply in ((False, "hi"), (True, "so long")):
        _, model = trained(RETRIEVE, new_job(DIALOGUE, examples=talks), last=last)
        assert said(model, asked) == [reply]


def test_equal_runs_leave_equal_files(new_job):
    """Seeds do not matter, and nothing is pickled."""
    files = []
    for seed in (0, 1):
        job = new_job(TRANSLATION, examples=PAIRS, seed=seed)
        trained(RETRIEVE, job)
        files.append({path.name: path.read_bytes() for path in job.where.iterdir()})
    assert files[0] == files[1]
    assert set(files[0]) == {"model.safetensors", "retrieve.json"}


@pytest.mark.parametrize(
    ("trainer", "options", "changes", "why"),
    [
        (COPY, {"sentences": -1}, {}, "sentences should be at least 0, found -1"),
        (RETRIEVE, {"ngrams": 0}, {}, "ngrams should be at least 1, found 0"),
        (RETRIEVE, {}, {"train": []}, "no training example"),
    ],
)
def test_wrong_options_and_no_data_are_refused(new_job, trainer, options, changes, why: str) -> None:
    """With the name of the option."""
    with pytest.raises(UserError, match=why):
        trained(trainer, new_job(TRANSLATION, examples=PAIRS, **changes), **options)
