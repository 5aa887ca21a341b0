"""How far the worst of all small steps moves an answer, whatever moves in it (methods, section 2.9 b).

The Jacobian of a text holds the slopes of all probabilities at its word embeddings. A gradient norm is that of
one probability alone; the worst step may move several at once, and of a tagger the tags of many words. Only
what is multiplied by ``r_nn`` compares between models, as in :mod:`harness.probe.embedding`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.errors import Fault, UserError
from harness.probe.embedding import network, reading, seen, unfit
from harness.probe.probe import Found, Scene, probe
from harness.rng import rng

if TYPE_CHECKING:
    import torch

    from harness.probe.network import View

STARTS = 3
"""The worst step is looked for from the steepest direction, and from the slopes of so many of the labels that
are the likeliest."""


@probe(
    "jacobian",
    reading("jacobian_norm", "norm"),
    reading("jacobian_norm_p95", "norm", "p95"),
    reading("jacobian_sensitivity", "scaled"),
    reading("jacobian_sensitivity_p95", "scaled", "p95"),
    unfit=unfit,
)
def jacobian(scene: Scene, *, steps: int = 10) -> list[Found]:
    """The steepest slope of the whole answer at each text (methods, section 2.9 b).

    Two norms of the Jacobian ``J`` of the probabilities. The spectral one is ``max ||J u||_2`` over steps
    ``u`` of length 1, by power iteration; of several rows the root of the mean square. The other one is in
    total variation, ``max 1/2 ||J u||_1``, of several rows the mean: how far a small step moves the answer,
    per length. It is looked for by an ascent that never goes down. Of ``C`` columns it is at most ``1/2 sqrt(C)``
    times the spectral norm, and of one row at least the gradient norm of each of the ``STARTS`` likeliest labels.

    Args:
        scene: The texts.
        steps: Of each iteration at most, 1 or more; it ends when nothing is gained.

    Raises:
        UserError: If an option is out of range.
    """
    import torch

    from harness.models.embedded import spacing
    from harness.probe.linear import farthest, linearised, spectral

    if steps < 1:
        raise UserError(Fault(f"at least 1 step is needed, found {steps}", field="steps"))
    unit, found = spacing(network(scene)), []
    for example, _, view in seen(scene):

        def says(at: torch.Tensor, view: View = view) -> torch.Tensor:
            return view.says(at.unsqueeze(0))[0].exp()

        said, map = linearised(says, view.at, view.free)
        drawn = rng(scene.seed, "jacobian", example.id).standard_normal(tuple(view.at.shape))
        norm, way = spectral(map, torch.tensor(drawn).to(view.at), steps)
        far = farthest(map, [way, *(map.back(one) for one in _likeliest(said))], steps)
        found.append(Found(example.id, {"norm": norm, "scaled": far * unit}))
    return found


def _likeliest(said: torch.Tensor) -> list[torch.Tensor]:
    """One-hot rows of the likeliest column of each row, of the second, and so on; shape as probabilities."""
    order = said.argsort(-1, descending=True)[..., :STARTS]
    return [
        said.new_zeros(said.shape).scatter(-1, order[..., at : at + 1], 1.0) for at in range(order.shape[-1])
    ]
