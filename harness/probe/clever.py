"""How far an answer is from becoming another one, by extreme values of slopes (methods, section 2.10).

Weng et al. 2018 (CLEVER). Within a ball around a text the margin of the label over another one falls at most
by the largest slope there times the distance. The largest slope is estimated: the largest of many samples
follow a reverse Weibull distribution, which ends there. An estimate is no bound, and networks whose gradients
vanish where they are sampled look better than they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import kstest, weibull_max

from harness.errors import Fault, UserError
from harness.models.model import Model
from harness.probe.embedding import network, seen, unfit
from harness.probe.probe import Found, Reading, Scene, probe
from harness.rng import rng
from harness.tasks.task import Form, Task

if TYPE_CHECKING:
    import torch

    from harness.probe.network import View

Array = NDArray[np.float64]

SHAPES = (0.1, 1.0, 5.0, 10.0, 20.0, 50.0)
"""Where fits begin."""
PENALTY = 0.01
"""What a unit of the shape costs, in nats, so that it does not run away."""
ACCEPTED = 1e-3
"""A fit that Kolmogorov and Smirnov find less likely is none."""


# -- formulas ------------------------------------------------------------------------------------


def location(maxima: Array) -> float:
    """Where the distribution of maxima ends: an estimate of the largest value there is.

    The location of a reverse Weibull distribution by maximum likelihood; of several fits the one that suits
    best by the test of Kolmogorov and Smirnov. Where none is acceptable, as for a linear model, whose slopes
    are all the same, it is the largest that was seen.

    Args:
        maxima: Of batches of samples, at least 0, shape ``(batches,)``.
    """
    largest = float(maxima.max())
    if maxima.min() >= largest * (1 - 1e-6):
        return largest
    scaled = maxima / largest
    fits = [_fit(scaled, shape) for shape in SHAPES]
    suits, end = max((_suits(scaled, *fit), fit[1]) for fit in fits)
    return end * largest if suits >= ACCEPTED else largest


def _fit(maxima: Array, shape: float) -> tuple[float, float, float]:
    """Shape, location and scale of the likeliest reverse Weibull; the location is above all maxima."""

    def surprise(logs: Array) -> float:
        shape, ahead, scale = np.exp(np.clip(logs, -20, 20))
        apart = np.log((1 + ahead - maxima) / scale)
        with np.errstate(over="ignore"):
            told = np.log(shape / scale) + (shape - 1) * apart - np.exp(shape * apart)
        return float(min(PENALTY * shape - told.sum(), 1e30))

    spread = float(maxima.std())
    begin = np.log([shape, spread, max(shape, 1.0) * spread])
    found = minimize(surprise, begin, method="Nelder-Mead", options={"maxiter": 600})
    best, ahead, scale = np.exp(np.clip(found.x, -20, 20))
    return float(best), float(1 + ahead), float(scale)


def _suits(maxima: Array, shape: float, end: float, scale: float) -> float:
    return float(kstest(maxima, weibull_max(shape, end, scale).cdf).pvalue)


def score(margins: Array, steepest: Array, radius: float) -> float:
    """``min(R, min_j g_j / L_j)``: the distance within which no margin should reach 0.

    Args:
        margins: Of the label over others at the text, in nats, shape ``(rivals,)``.
        steepest: The largest slope of each, in nats per unit of distance, shape ``(rivals,)``.
        radius: Of the ball in which slopes were looked for.
    """
    known = steepest > 0
    return float(min(radius, *(margins[known] / steepest[known]))) if known.any() else radius


# -- the probe -----------------------------------------------------------------------------------


def unfit_too(model: Model, task: Task) -> str:
    """As the other probes of this kind; and there have to be labels of which one is chosen."""
    if task.form is not Form.LABEL:
        return "it is about texts with one label"
    return unfit(model, task)


@probe(
    "clever",
    Reading("clever", "distance", direction="higher", bounds=(0.0, inf), note="an estimate, no bound"),
    Reading("clever_median", "distance", "median", direction="higher", bounds=(0.0, inf)),
    Reading("clever_seen", "seen", direction="higher", bounds=(0.0, inf), note="by the largest slope seen"),
    Reading("clever_capped", "capped", direction="higher"),
    unfit=unfit_too,
)
def clever(
    scene: Scene,
    *,
    texts: int = 5,
    batches: int = 50,
    samples: int = 64,
    radius: float = 2.0,
    rivals: int = 1,
) -> Iterator[Found]:
    """An estimate of the distance to the nearest other label, in steps to the nearest token.

    The defaults are for a machine without much time, and still by far the dearest of all probes: the paper
    takes 500 batches of 1,024 samples. With several labels the least distance may be to one that was not
    looked at. The distance by the largest slope that was seen stands beside the estimate: where they are far
    apart, slopes have no end in sight, and the estimate rests on the fit alone.

    Args:
        scene: The texts, of which the first so many are looked at.
        texts: How many.
        batches: How many maxima the fit has to go by, at least 2.
        samples: Of which each is the largest slope, at least 1.
        radius: Of the ball around each text, in ``r_nn``; no distance is found to be larger.
        rivals: How many labels to look at, those first that are nearest to be said.

    Raises:
        UserError: If an option is out of range.
    """
    from harness.models.embedded import spacing

    _check(texts, batches, samples, radius, rivals)
    unit = spacing(network(scene))
    for example, _, view in seen(scene, texts):
        said = view.asked(view.at.unsqueeze(0))[0, 0].log()
        order = said.argsort(descending=True, stable=True).tolist()
        others = order[1 : 1 + rivals]
        margins = np.array([float(said[order[0]] - said[other]) for other in others])
        maxima = np.array(
            [
                [
                    _slopes(
                        view, order[0], other, samples, radius * unit, scene.seed, example.id, other, at
                    ).max()
                    for at in range(batches)
                ]
                for other in others
            ]
        )
        distance = score(margins, np.array([location(own) for own in maxima]), radius * unit) / unit
        numbers = {
            "distance": distance,
            "seen": score(margins, maxima.max(1), radius * unit) / unit,
            "capped": float(distance >= radius),
        }
        yield Found(example.id, numbers)


def _slopes(view: View, label: int, other: int, samples: int, radius: float, *purpose: str | int) -> Array:
    """The slopes of a margin at points drawn evenly from a ball, ``(samples,)``."""
    import torch

    from harness.probe.climb import on_sphere

    generator = rng("clever", *purpose)
    ways = torch.tensor(generator.standard_normal((samples, *view.at.shape))).to(view.at) * view.free
    size = int(view.free.sum()) * view.at.shape[-1]
    lengths = torch.tensor(generator.random(samples) ** (1 / size)).to(view.at)
    points = view.at + on_sphere(ways, radius) * lengths.view(-1, 1, 1, 1)

    def ahead(said: torch.Tensor) -> torch.Tensor:
        return said[0, label] - said[0, other]

    return view.slopes([ahead] * samples, points)


def _check(texts: int, batches: int, samples: int, radius: float, rivals: int) -> None:
    least = {"texts": (texts, 1), "batches": (batches, 2), "samples": (samples, 1), "rivals": (rivals, 1)}
    for name, (found, wanted) in least.items():
        if found < wanted:
            raise UserError(Fault(f"at least {wanted} is needed, found {found}", field=name))
    if not 0 < radius < inf:
        raise UserError(Fault(f"a radius above 0 is needed, found {radius}", field="radius"))
