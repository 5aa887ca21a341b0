"""Several data sets of one task: trained on each, tested on each (methods, sections 4.13 and 5.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

import numpy as np
from scipy.stats import trim_mean

from harness.measure.common import POSITIVE, Study, draws_of, joined, redrawn
from harness.measure.statistics import MINIMUM_RUNS, kendall_w, ratio
from harness.measure.tables import TEST, Array, Condition, ModelTable, RunTable, Tables
from harness.rng import rng
from harness.rows import Row, Status
from harness.variation import HOME, Variation

CHOSEN = "its interval ignores that it was chosen as the least"

Place = dict[str, str | int | float]


def rows(tables: Tables, version: int) -> Iterator[Row]:
    """The matrix of scores by data set trained and tested on, and what carries over (methods, section 5.3)."""
    for study in _studies(tables, "generalization", version):
        yield from _matrix_rows(study)


def spread(tables: Tables, version: int) -> Iterator[Row]:
    """How much a model's skill differs between data sets, and whether they rank models alike (section 4.13)."""
    found = list(_studies(tables, "stability", version))
    for study in found:
        yield from _over_data_sets(study)
    models = [study for study in found if len(_at_home(study)) == len(tables.others) + 1]
    if len(models) > 1:
        scores = [
            [_score(study, name, runs).mean(axis=0) for name, runs in _at_home(study).items()]
            for study in models
        ]
        note = f"of {', '.join(study.model.name for study in models)}, over examples alone"
        agreed = kendall_w(np.moveaxis(np.array(scores), 0, 1))[np.newaxis]
        row = models[0].row("rank_agreement", agreed, n=_least(models[0]), note=note)
        yield replace(row, model="")


def _over_data_sets(study: Study) -> Iterator[Row]:
    skills = {name: _skill(study, name, runs) for name, runs in _at_home(study).items()}
    if len(skills) < 2:
        return
    n, runs = _least(study), sum(map(len, skills.values()))
    sds = np.std(_stacked(list(skills.values())), axis=0, ddof=1)
    note = "of scores above chance; these data sets are no sample, so it holds for them alone"
    yield study.row("dataset_sd", sds, n=n, direction="lower", note=note)
    few = min(map(len, skills.values())) < MINIMUM_RUNS
    again = redrawn(list(skills.values()), study.draws, rng(study.tables.seed, "middle"))
    yield study.row(
        "dataset_iqm",
        middle(again)[np.newaxis],
        n=n,
        runs=runs,
        status=Status.UNDERPOWERED if few else Status.OK,
        note=f"mean skill of the middle half of {runs} runs on {len(skills)} data sets",
    )
    worst = min(skills, key=lambda name: float(skills[name][:, 0].mean()))
    size = study.tables.sizes[_split(worst)]
    place: Place = {"tested": worst}
    yield study.row("dataset_worst", skills[worst], place, n=size, runs=len(skills[worst]), note=CHOSEN)


def middle(scores: Sequence[Array]) -> Array:
    """Mean of the middle half of the scores of all runs on all data sets (Agarwal et al. 2021).

    One that failed, or one data set that is too easy, moves it less than a mean, and all runs more than a median.

    Args:
        scores: Of the runs on each data set, ``(R_k, length)``.

    Returns:
        Of shape ``(length,)``.
    """
    return np.asarray(trim_mean(np.concatenate(scores), 0.25, axis=0))


def _studies(tables: Tables, name: str, version: int) -> Iterator[Study]:
    if tables.others:
        draws = draws_of(tables, (TEST, *tables.others))
        for model in tables.models:
            yield Study(name, version, tables, draws, model, model.runs)


def _split(name: str) -> str:
    return TEST if name == HOME else name


def _names(study: Study) -> tuple[str, ...]:
    return (HOME, *study.tables.others)


def _trained(study: Study) -> dict[str, tuple[RunTable, ...]]:
    """The runs by the data set that they were trained on, those that were tested on all; without empty ones."""
    model: ModelTable = study.model
    found = {HOME: model.runs}
    if not model.given:
        found |= {name: model.parts.get(Variation(source=name), ()) for name in study.tables.others}
    wanted = [Condition(_split(name)) for name in _names(study)]
    whole = {
        name: tuple(r for r in runs if all(c in r.cells for c in wanted)) for name, runs in found.items()
    }
    return {name: runs for name, runs in whole.items() if runs}


def _at_home(study: Study) -> Mapping[str, tuple[RunTable, ...]]:
    """By data set the runs that know it: trained on it, or there already."""
    trained = _trained(study)
    return dict.fromkeys(_names(study), trained[HOME]) if study.model.given and trained else trained


def _score(study: Study, tested: str, runs: Sequence[RunTable]) -> Array:
    return study.tables.score(replace(study, runs=tuple(runs)).clean(_split(tested)))


def _skill(study: Study, tested: str, runs: Sequence[RunTable]) -> Array:
    """Share of what there is above chance."""
    sums = replace(study, runs=tuple(runs)).clean(_split(tested))
    chance = study.tables.chance(sums)
    return ratio(np.stack([study.tables.score(sums) - chance, 1 - chance], axis=-1))


def _stacked(parts: Sequence[Array]) -> Array:
    """Series of runs side by side, seed by seed if all have equally many, else of the mean run."""
    alike = len({len(one) for one in parts}) == 1
    return np.stack([one if alike else one.mean(axis=0, keepdims=True) for one in parts])


def _least(study: Study) -> int:
    return min(study.tables.sizes[_split(name)] for name in _names(study))


def _matrix_rows(study: Study) -> Iterator[Row]:
    trained, names = _trained(study), _names(study)
    cells = {(j, k): _score(study, k, runs) for (j, runs), k in product(trained.items(), names)}
    for (j, k), series in cells.items():
        place: Place = {"tested": k} if study.model.given else {"trained": j, "tested": k}
        about = {"n": study.tables.sizes[_split(k)], "runs": len(series), "note": _remark(study, j, k)}
        yield study.row("cross_score", series, place, **about)  # type: ignore[arg-type]
        if j != k and (k, k) in cells:
            top, bottom = _stacked([series, cells[k, k]])
            carried = ratio(np.stack([top, bottom], axis=-1))
            yield study.row("cross_transfer", carried, place, bounds=POSITIVE, **about)  # type: ignore[arg-type]
    if study.model.given or len(trained) < 2:
        return
    n, few = _least(study), f"of the data sets {', '.join(trained)}"
    runs = sum(map(len, trained.values()))
    home = [series for (j, k), series in cells.items() if j == k]
    away = [series for (j, k), series in cells.items() if j != k]
    yield study.row(
        "cross_home", _stacked(home).mean(axis=0), n=n, runs=runs, note=f"{few}: tested where trained"
    )
    yield study.row(
        "cross_away", _stacked(away).mean(axis=0), n=n, runs=runs, note=f"{few}: tested elsewhere"
    )
    j, k = min(cells, key=lambda at: float(cells[at][:, 0].mean()))
    worst: Place = {"trained": j, "tested": k}
    size = study.tables.sizes[_split(k)]
    yield study.row("cross_worst", cells[j, k], worst, n=size, runs=len(cells[j, k]), note=CHOSEN)


def _remark(study: Study, trained: str, tested: str) -> str:
    out = {
        name: count for name in dict.fromkeys((trained, tested)) if (count := study.tables.excluded.get(name))
    }
    return joined(
        *(f"{count} label(s) of {name} without a counterpart were left out" for name, count in out.items())
    )
