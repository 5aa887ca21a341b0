"""What TextAttack takes for a model: it is asked, or shows what the model looks like inside.

A question goes to the engine. A gradient is taken at once, by TextAttack's own code, for it depends on
the numbers that the search draws: TextAttack leaves dropout on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from harness.models.model import Model
from harness.perturb import libraries
from harness.perturb.vectors import BEGINNINGS

Answer = Callable[[Sequence[Any]], Any]
"""What is said of texts, each a string or one per field."""


class Victim:
    """A model that can only be asked."""

    model = None

    def __init__(self, answer: Answer) -> None:
        self.answer = answer

    def __call__(self, texts: Sequence[Any]) -> Any:
        """What the model says of each text."""
        return self.answer(texts)


def victim(answer: Answer, model: Model | None = None, by_word: bool = False) -> Any:
    """What TextAttack attacks.

    Args:
        answer: Answers its questions.
        model: A transformer whose gradients it sees; None if it sees none.
        by_word: Whether it is shown as a model of words, which gradients are asked of by
            ``WordSwapGradientBased``: its words are the tokens that stand for whole words, and a word of
            several tokens counts as its first.
    """
    if model is None:
        return Victim(answer)
    seen, words = _wrappers()
    return (words if by_word else seen)(model, answer)


@cache
def _wrappers() -> tuple[type, type]:
    library = libraries.textattack()
    wrappers, helpers = library.models.wrappers, library.models.helpers
    attacked = library.shared.AttackedText

    class Seen(wrappers.HuggingFaceModelWrapper):  # type: ignore[misc, name-defined]
        """A transformer, its gradients as TextAttack takes them."""

        def __init__(self, model: Any, answer: Answer) -> None:
            super().__init__(model.network, model.tokenizer)
            self.answer = answer

        def __call__(self, texts: Sequence[Any]) -> Any:
            return self.answer(texts)

        def get_grad(self, text_input: Any) -> dict[str, Any]:
            try:
                found: dict[str, Any] = super().get_grad(text_input)
                return found
            finally:
                self.model.eval()
                self.model.zero_grad(set_to_none=True)

    class Words(wrappers.ModelWrapper):  # type: ignore[misc, name-defined]
        """The same as a model of words."""

        def __init__(self, model: Any, answer: Answer) -> None:
            self.seen, self.answer = Seen(model, answer), answer
            self.model = Network(model.network)
            self.tokenizer = SimpleNamespace(
                pad_token_id=model.tokenizer.pad_token_id or 0,
                convert_id_to_word=_words(
                    model.tokenizer, model.network.get_input_embeddings().weight.shape[0]
                ),
            )

        def __call__(self, texts: Sequence[Any]) -> Any:
            return self.answer(texts)

        def get_grad(self, text_input: Any) -> dict[str, Any]:
            found = self.seen.get_grad(text_input)
            tokens = attacked(text_input).align_with_model_tokens(self.seen)
            gradient, ids = found["gradient"], found["ids"][0].tolist()
            first = [tokens[at][0] if tokens[at] else None for at in range(len(tokens))]
            nothing = gradient[0] * 0
            return {
                "ids": [0 if at is None else ids[at] for at in first],
                "gradient": np.array([nothing if at is None else gradient[at] for at in first]),
            }

    class Network(helpers.LSTMForClassification):  # type: ignore[misc, name-defined]
        """Passes for the one kind of network that TextAttack swaps words of by their gradients."""

        def __init__(self, network: Any) -> None:
            super(helpers.LSTMForClassification, self).__init__()
            self.get_input_embeddings = network.get_input_embeddings

    return Seen, Words


def _words(tokenizer: Any, size: int) -> Callable[[int], str]:
    """The word that a token stands for; empty for those that do not stand for one."""
    tokens = [str(one) for one in tokenizer.convert_ids_to_tokens(range(min(size, len(tokenizer))))]
    mark = next((mark for mark in BEGINNINGS if any(token.startswith(mark) for token in tokens)), "")
    special = set(tokenizer.all_special_tokens)
    words = [
        token.removeprefix(mark)
        if token.startswith(mark) and not token.startswith("##") and token not in special
        else ""
        for token in tokens
    ]
    return lambda at: words[at] if at < len(words) else ""
