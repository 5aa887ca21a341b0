"""The augmenters of nlpaug, brought back to edits."""

from __future__ import annotations

import random  # noqa: TID251 - what is tested is that it is left alone
import sys

import numpy as np
import pytest

from harness.errors import UserError
from harness.perturb import nlpaug
from harness.perturb.severity import LADDER, perturb
from harness.text import Span, example

pytest.importorskip("nlpaug", reason="nlpaug is not installed")

TEXT = "Because the children usually believe what their teachers say about the ancient castle near Lisbon."
SPANS = (Span(TEXT.index("Lisbon"), len(TEXT) - 1, "LOC"),)
every = pytest.mark.parametrize("augmenter", nlpaug.AUGMENTERS)


@every
def test_every_augmenter_makes_edits(augmenter: str) -> None:
    """Each augmenter works offline and leaves the gold usable."""
    source = example("a", TEXT, SPANS)
    variants = [
        perturb(source, nlpaug.nlpaug, 5, seed=0, draw=d, options={"augmenter": augmenter}) for d in range(5)
    ]
    assert any(not variant.noop for variant in variants)
    assert all(variant.refusal == "" and len(variant.example.spans) == 1 for variant in variants)


@every
def test_the_global_generators_are_left_as_they_were(augmenter: str) -> None:
    """nlpaug draws from them; behind the fence nobody notices."""
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002, TID251
    python, numpy = random.getstate(), np.random.get_state(legacy=False)["state"]["key"].tolist()  # noqa: NPY002
    perturb(example("a", TEXT), nlpaug.nlpaug, 5, seed=0, options={"augmenter": augmenter})
    assert random.getstate() == python
    assert np.random.get_state(legacy=False)["state"]["key"].tolist() == numpy  # noqa: NPY002


@every
def test_the_state_of_the_global_generators_does_not_matter(augmenter: str) -> None:
    """The same key gives the same variant whatever others have drawn."""
    random.seed(1)
    first = perturb(example("a", TEXT), nlpaug.nlpaug, 5, seed=0, options={"augmenter": augmenter})
    random.seed(2)
    second = perturb(example("a", TEXT), nlpaug.nlpaug, 5, seed=0, options={"augmenter": augmenter})
    assert first == second


def test_severity_takes_exactly_its_share_of_nlpaugs_edits() -> None:
    """Twenty words at severity 3 are three typos, however many nlpaug would make."""
    source = example("a", " ".join(["reading"] * 20))
    assert len(perturb(source, nlpaug.nlpaug, 3, seed=0).edits) == round(LADDER[3] * 20)


def test_only_function_words_are_deleted_and_no_protected_word_moves() -> None:
    """Without a content word or with a negation elsewhere, labels may not be true."""
    text = "it is not the fault of the author"
    for draw in range(20):
        for augmenter in ("word-delete", "word-swap"):
            variant = perturb(
                example("a", text), nlpaug.nlpaug, 5, seed=0, draw=draw, options={"augmenter": augmenter}
            )
            assert variant.example.text.split().index("not") == 2 or augmenter == "word-delete"
            assert {"it", "not", "fault", "author"} <= set(variant.example.text.split())


def test_an_unknown_augmenter_is_the_users_error() -> None:
    """The fault names the nearest known augmenter."""
    with pytest.raises(UserError, match="did you mean 'keyboard'"):
        perturb(example("a", TEXT), nlpaug.nlpaug, 5, seed=0, options={"augmenter": "keybord"})


def test_a_missing_package_is_the_users_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault says how to install it."""
    nlpaug._augmenter.cache_clear()
    monkeypatch.setitem(sys.modules, "nlpaug.augmenter.char", None)
    with pytest.raises(UserError, match=r"continuity-harness\[nlpaug\]"):
        perturb(example("a", TEXT), nlpaug.nlpaug, 5, seed=0)
