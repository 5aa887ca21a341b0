"""Errors beside those of a reference model, so that hard and easy operators count alike (methods, 3.2).

As the corruption error of Hendrycks and Dietterich (2019): of an operator the errors at all severities
together, over those of the reference. 1 is as bad as the reference, less is better.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from harness.measure.common import ANY, POSITIVE, Study, joined
from harness.measure.disturbed import Conditions, alike, by_operator, disturbed
from harness.measure.tables import Array, Condition, Fixed, Reference
from harness.rows import Row, Status

CLEARLY = 5.0
"""By so many standard errors a reference has to be worse when disturbed for a ratio to its loss to mean
anything."""
NAMES = ("corruption_error", "relative_corruption_error")


# -- formulas ------------------------------------------------------------------------------------


def corruption_error(errors: Array, of_reference: Array) -> Array:
    """Errors over those of the reference, severities added up.

    Args:
        errors: One less the score, ``(severities, ...)``.
        of_reference: Likewise of the reference.

    Returns:
        ``(...)``, from 0; NaN where the reference makes none.
    """
    return _over(np.asarray(errors).sum(axis=0), np.asarray(of_reference).sum(axis=0))


def relative_corruption_error(
    errors: Array, clean: Array, of_reference: Array, reference_clean: Array
) -> Array:
    """Likewise of what is lost against the clean error; negative if the model gains by noise."""
    return _over(
        (np.asarray(errors) - clean).sum(axis=0), (np.asarray(of_reference) - reference_clean).sum(axis=0)
    )


def _over(top: Array, bottom: Array) -> Array:
    top, bottom = np.broadcast_arrays(np.asarray(top, float), np.asarray(bottom, float))
    found: Array = np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom != 0)
    return found


# -- rows ----------------------------------------------------------------------------------------


class Beside(NamedTuple):
    """The errors of the reference in the conditions of an operator.

    Args:
        errors: Shape ``(severities, length)``, or ``(severities, 1)`` if they are fixed.
        clean: Of the same texts undisturbed, likewise.
        spread: Standard error of how much worse it is when disturbed, severities added up.
    """

    errors: Array
    clean: Array
    spread: float

    @property
    def degrades(self) -> bool:
        """Whether it is surely worse when disturbed."""
        return float((self.errors - self.clean).sum(axis=0)[0]) > CLEARLY * self.spread


def rows(found: Sequence[tuple[Study, Conditions]]) -> Iterator[Row]:
    """Corruption errors of every model but the reference, if the suite names one.

    Args:
        found: Each model with a finished run and its conditions.
    """
    reference = found[0][0].tables.reference if found else None
    if reference is None:
        return
    known = next((one for one in found if one[0].model.name == reference.name), None)
    if reference.scores is not None:
        known = None
    elif known is None:
        yield from (
            one.absent("mean_corruption_error", f"no run of {reference.name} finished") for one, _ in found
        )
        return
    for study, conditions in found:
        if known is None and conditions:
            yield from _rows(study, conditions, _of_file(reference, conditions), reference.title)
        elif known is not None and conditions and study is not known[0]:
            own, theirs = alike(study, known[0])
            both = (conditions, known[1]) if own is study else (disturbed(own), disturbed(theirs))
            yield from _rows(own, both[0], _of_model(theirs, both[1], both[0]), reference.title)


def _of_model(study: Study, own: Conditions, conditions: Conditions) -> dict[str, Beside]:
    """The mean over its runs, resampled with the model."""
    found = {}
    for (operator, _), levels in by_operator([c for c in conditions if c in own]).items():
        errors, clean = (
            1 - np.stack([getattr(own[c], name).mean(axis=0) for c in levels]) for name in ("score", "clean")
        )
        loss = (errors - clean).sum(axis=0)[1 : 1 + study.draws.resamples]
        spread = float(np.nanstd(loss, ddof=1)) if len(loss) > 1 else math.nan
        found[operator] = Beside(errors, clean, spread)
    return found


def _of_file(reference: Reference, conditions: Conditions) -> dict[str, Beside]:
    """What was written down, taken as certain; how uncertain it was decides whether it degrades."""
    assert reference.scores is not None
    found = {}
    for (operator, _), levels in by_operator([c for c in conditions if c in reference.scores]).items():
        scores: list[Fixed] = [reference.scores[c] for c in levels]
        clean = np.full((len(levels), 1), 1 - reference.clean)
        # Losses at several severities of one set of texts go together.
        spread = sum(one.error for one in scores)
        found[operator] = Beside(1 - np.array([[one.value] for one in scores]), clean, spread)
    return found


def _rows(
    study: Study, conditions: Conditions, of_reference: Mapping[str, Beside], title: str
) -> Iterator[Row]:
    telling = {c.operator for c in study.telling(list(conditions))}
    means: tuple[list[Array], list[Array]] = ([], [])
    over: list[Condition] = []
    vague = []
    for (operator, family), levels in by_operator(list(conditions)).items():
        beside = of_reference.get(operator)
        if beside is None or len(beside.errors) != len(levels):
            continue
        place = {"operator": operator, "family": family}
        errors, clean = (
            1 - np.stack([getattr(conditions[c], name) for c in levels]) for name in ("score", "clean")
        )
        theirs, theirs_clean = (one[:, np.newaxis] for one in (beside.errors, beside.clean))
        n = max(study.size(c) for c in levels)
        whole = corruption_error(errors, theirs)
        about = joined(f"beside {title}", study.aside(operator))
        yield study.row(NAMES[0], whole, place, n=n, bounds=POSITIVE, direction="lower", note=about)
        lost = relative_corruption_error(errors, clean, theirs, theirs_clean)
        if beside.degrades:
            yield study.row(NAMES[1], lost, place, n=n, bounds=ANY, direction="lower", note=about)
        else:
            vague.extend([operator] if operator in telling else [])
        if operator in telling:
            over += levels
            means[0].append(whole)
            means[1].extend([lost] if beside.degrades else [])
    n = max((study.size(c) for c in over), default=0)
    if not means[0]:
        why = f"no operator was applied at the same severities to {title}"
        yield study.absent("mean_corruption_error", why)
        return
    for name, several in zip(NAMES, means, strict=True):
        hidden = (
            f"without {', '.join(vague)}, which {title} hardly minds" if vague and name == NAMES[1] else ""
        )
        note = joined(f"beside {title}", study.left_out, hidden)
        if several:
            mean, bounds = np.mean(several, axis=0), POSITIVE if name == NAMES[0] else ANY
            yield study.row(f"mean_{name}", mean, n=n, bounds=bounds, direction="lower", over=over, note=note)
        else:
            yield study.absent(
                f"mean_{name}", f"{title} is not surely worse on disturbed texts", Status.NOT_APPLICABLE
            )
