"""TextAttack's own run of a recipe on a model of ours, to compare with."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

from harness.attack.textattack import RECIPES
from harness.attack.textattack_search import seed_of
from harness.inference import predict
from harness.models.model import Model
from harness.perturb import libraries
from harness.tasks.classification import TASK
from harness.text import Example, apply, example


class Result(NamedTuple):
    """What a recipe comes to: the text, and how many queries it counts."""

    text: str
    queries: int


def attacked(
    name: str,
    model: Model,
    examples: Sequence[Example],
    *,
    seed: int,
    budget: int | None = None,
    wrapped: Any = None,
) -> list[Result]:
    """By its ``Attacker``, one for each example, with the seed that the example has with us.

    Args:
        wrapped: What TextAttack takes for the model; made here if it can only be asked.
    """
    library = libraries.textattack()
    libraries.nltk()
    import textattack

    recipe = getattr(library.attack_recipes, RECIPES[name].made)
    with libraries.without_downloads(), libraries.without_homoglyphs():
        attack = recipe.build(wrapped or wrapper(asking(model)))
    found = []
    for one in examples:
        args = textattack.AttackArgs(
            num_examples=-1,
            random_seed=seed_of(seed, name, one.id),
            query_budget=budget,
            silent=True,
            disable_stdout=True,
        )
        texts = tuple(one.fields.values())
        data = [(texts if len(texts) > 1 else texts[0], model.labels.index(one.target))]
        columns = list(one.fields)
        attacker = textattack.Attacker(attack, textattack.datasets.Dataset(data, input_columns=columns), args)
        with warnings.catch_warnings():  # its summary takes the mean of nothing
            warnings.simplefilter("ignore", RuntimeWarning)
            (result,) = attacker.attack_dataset()
        found.append(Result("\n".join(_texts(result)), result.num_queries))
    logging.getLogger("textattack.shared.utils.install").setLevel(logging.ERROR)  # which it has changed
    return found


def _texts(result: Any) -> Sequence[str]:
    return list(result.perturbed_result.attacked_text._text_input.values())


def asking(model: Model) -> Callable[[Sequence[Any]], torch.Tensor]:
    """What the model says of texts, in double precision."""

    def answer(texts: Sequence[Any]) -> torch.Tensor:
        fields = [("text",) if isinstance(text, str) else ("premise", "hypothesis") for text in texts]
        inputs = [
            Example("x", dict(zip(names, (text,) if isinstance(text, str) else text, strict=True)))
            for names, text in zip(fields, texts, strict=True)
        ]
        said = np.array([one.probabilities for one in predict(model, inputs)], np.float64)
        return torch.from_numpy(said / said.sum(axis=1, keepdims=True))

    return answer


def wrapper(answer: Callable[[Sequence[Any]], torch.Tensor]) -> Any:
    """A model wrapper of TextAttack."""
    from textattack.models.wrappers import ModelWrapper

    class Wrapper(ModelWrapper):  # type: ignore[misc]
        model = None
        tokenizer = None

        def __call__(self, texts: Sequence[Any], **_: Any) -> torch.Tensor:
            return answer(texts)

    return Wrapper()


def ours(
    name: str,
    model: Model,
    examples: Sequence[Example],
    *,
    seed: int,
    budget: int = 10**9,
    options: dict[str, str] | None = None,
    in_flight: int = 64,
) -> list[Result]:
    """By our engine."""
    record = RECIPES[name]
    outcomes = record.run(
        model,
        TASK,
        examples,
        seed=seed,
        budget=budget,
        options=record.bind(options),
        in_flight=in_flight,
    )
    broken = [outcome.note for outcome in outcomes if outcome.status == "error"]
    assert not broken, broken
    return [
        Result(
            "\n".join(
                apply(text, [edit for edit in outcome.edits if edit.field == field])
                for field, text in one.fields.items()
            ),
            outcome.queries,
        )
        for one, outcome in zip(examples, outcomes, strict=True)
    ]


def sentences() -> list[Example]:
    """Twelve of them, with names, numbers and contractions."""
    texts = [
        "I'm sure that Michael saw 12 good films in Chicago with 3 friends",
        "This dreadful story isn't about the boring people of China at all.",
        "Two charming actors play a brilliant doctor and his clumsy son",
        "What a waste of time, said Jennifer: they're tired and it is not funny",
        "A slow film with beautiful music, wonderful pictures and no plot",
        "The whole thing feels cheap",
        "Good.",
        "It's the best American comedy of the year 2003, by far!",
        "An honest, moving and quiet film that I have seen 5 times",
        "David does not know what he wants, and neither do we",
        "dull , lifeless , and amateurishly assembled .",
        "naïve café scenes — “so” charming… 1,000 thanks to Mr. O'Neil",
    ]
    return [example(f"s{at}", text) for at, text in enumerate(texts)]
