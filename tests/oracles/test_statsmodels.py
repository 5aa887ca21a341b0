"""Our statistics beside those of statsmodels, on random inputs (methods, section 12)."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from harness.measure import statistics as st
from harness.rng import rng

pytest.importorskip("statsmodels", reason="statsmodels is an oracle of `make oracles` alone")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from statsmodels.api import OLS
    from statsmodels.regression.mixed_linear_model import MixedLM
    from statsmodels.stats.contingency_tables import mcnemar
    from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa
    from statsmodels.stats.multitest import multipletests
    from statsmodels.stats.power import TTestPower, normal_sample_size_one_tail
    from statsmodels.stats.proportion import proportion_confint
    from statsmodels.stats.weightstats import ttost_paired

TRIALS = range(25)


@pytest.mark.parametrize("trial", TRIALS)
def test_mcnemar_is_theirs(agree, trial):
    """Exact, two-sided; the mid-p value is the exact one less the probability of what was observed."""
    b, c = rng("mcnemar", trial).integers(0, 60, 2).tolist()
    theirs = mcnemar([[100, b], [c, 30]], exact=True).pvalue
    agree("McNemar, exact", "mcnemar", st.mcnemar(b, c), theirs, 1e-12)


@pytest.mark.parametrize("trial", TRIALS)
def test_intervals_of_proportions_are_theirs(agree, trial):
    """Wilson for reports, Clopper-Pearson for guarantees, at several levels."""
    random = rng("proportion", trial)
    n = int(random.integers(1, 2000))
    k, level = int(random.integers(0, n + 1)), float(random.choice([0.8, 0.9, 0.95, 0.99]))
    for what, ours, name in (
        ("Wilson", st.wilson, "wilson"),
        ("Clopper-Pearson", st.clopper_pearson, "beta"),
    ):
        found, theirs = ours(k, n, level), proportion_confint(k, n, 1 - level, method=name)
        agree(f"{what} interval", f"proportion_confint('{name}')", (found.low, found.high), theirs, 1e-12)


@pytest.mark.parametrize("trial", TRIALS)
def test_fleiss_kappa_is_theirs(agree, trial):
    """3 to 10 runs, 2 to 6 labels."""
    random = rng("fleiss", trial)
    runs, labels = int(random.integers(3, 11)), int(random.integers(2, 7))
    right = random.integers(0, labels, 40)
    said = np.where(random.random((runs, 40)) < 0.6, right, random.integers(0, labels, (runs, 40)))
    theirs = fleiss_kappa(aggregate_raters(said.T)[0])
    agree("Fleiss' kappa", "fleiss_kappa", st.fleiss(said), theirs, 1e-12)


@pytest.mark.parametrize("trial", TRIALS)
def test_adjusted_p_values_are_theirs(agree, trial):
    """Holm, Benjamini-Hochberg, Benjamini-Yekutieli, ties included."""
    p = np.round(rng("p", trial).beta(0.5, 2, 30), 3)
    for what, ours, name in (
        ("Holm", st.holm, "holm"),
        ("Benjamini-Hochberg", st.benjamini_hochberg, "fdr_bh"),
        ("Benjamini-Yekutieli", st.benjamini_yekutieli, "fdr_by"),
    ):
        agree(what, f"multipletests('{name}')", ours(p), multipletests(p, method=name)[1], 1e-12)


@pytest.mark.parametrize("trial", TRIALS)
def test_equivalence_of_means_is_theirs(agree, trial):
    """Two one-sided t tests of paired scores."""
    random = rng("tost", trial)
    one = random.normal(0.8, 0.1, 30)
    other = one + random.normal(0.0, 0.03, 30)
    theirs = ttost_paired(one, other, -0.02, 0.02)[0]
    agree("TOST of paired means", "ttost_paired", st.equivalent_mean(one - other, 0.02), theirs, 1e-12)


@pytest.mark.parametrize("trial", TRIALS)
def test_the_clustered_standard_error_is_theirs(agree, trial):
    """That of the constant of a regression on nothing else, with the correction for few clusters."""
    random = rng("clusters", trial)
    groups = np.sort(random.integers(0, 12, 80))
    values = random.normal(size=12)[groups] + random.normal(size=80)
    theirs = OLS(values, np.ones(80)).fit(cov_type="cluster", cov_kwds={"groups": groups}).bse[0]
    agree("clustered standard error", "OLS(cov_type='cluster')", st.cluster_se(values, groups), theirs, 1e-12)


@pytest.mark.parametrize(("sd", "margin", "power"), [(0.3, 0.02, 0.8), (0.2, 0.01, 0.9), (0.5, 0.05, 0.6)])
def test_the_number_of_examples_is_theirs(agree, sd, margin, power):
    """A one-sided test of means whose standard deviation is known."""
    theirs = math.ceil(normal_sample_size_one_tail(margin, power, 0.05, std_null=sd))
    agree("needed examples", "normal_sample_size_one_tail", st.needed(sd, margin, power=power), theirs, 0)


@pytest.mark.parametrize("runs", [3, 5, 10, 30])
@pytest.mark.parametrize("effect", [0.2, 0.8, 1.5, 3.0])
def test_the_power_of_runs_alone_is_theirs(agree, runs, effect):
    """With nothing but differences between runs, the plan is that of a one-sided t test; ours is an integral."""
    ours = st.two_way_power(st.Spread(1.0, 0.0, 0.0), runs, 500, effect)
    theirs = TTestPower().power(effect, runs, 0.05, alternative="larger")
    agree("power of a t test", "TTestPower", ours, theirs, 1e-5)


def fitted(scores: np.ndarray, crossed: bool) -> list[float]:
    """Their variance components by restricted maximum likelihood, the rest last."""
    rows, columns = np.indices(scores.shape)
    flat = scores.ravel()
    if crossed:
        one = np.ones(flat.size)
        effects = {
            name: [np.eye(scores.shape[axis])[place.ravel()]]
            for axis, (name, place) in enumerate((("a", rows), ("b", columns)))
        }
        from statsmodels.regression.mixed_linear_model import VCSpec

        names = [[[f"{name}{k}" for k in range(scores.shape[axis])]] for axis, name in enumerate("ab")]
        spec = VCSpec(["a", "b"], names, [effects["a"], effects["b"]])
        model = MixedLM(flat, one, groups=np.zeros(flat.size), exog_vc=spec)
        found = model.fit(reml=True, method="powell")
        return [*found.vcomp.tolist(), float(found.scale)]
    found = MixedLM(flat, np.ones(flat.size), groups=rows.ravel()).fit(reml=True)
    return [float(found.cov_re[0, 0]), float(found.scale)]


@pytest.mark.parametrize("trial", range(4))
def test_components_of_nested_levels_are_theirs(agree, trial):
    """Seeds within data subsets: balanced data, so that mean squares and likelihood say the same."""
    random = rng("nested", trial)
    scores = random.normal(size=(8, 1)) + random.normal(size=(8, 6))
    ours = [part.variance for part in st.nested(scores, rng("draw"))]
    assert min(ours) > 0
    agree("components of 8 x 6 nested levels", "MixedLM", ours, fitted(scores, crossed=False), 1e-4)


@pytest.mark.parametrize("trial", range(3))
def test_components_of_crossed_levels_are_theirs(agree, trial):
    """Initialisations x data orders."""
    random = rng("crossed", trial)
    scores = random.normal(size=(8, 1)) + random.normal(size=(1, 7)) + random.normal(size=(8, 7))
    ours = [part.variance for part in st.crossed(scores, rng("draw"))]
    assert min(ours) > 0
    agree("components of 8 x 7 crossed levels", "MixedLM", ours, fitted(scores, crossed=True), 1e-3)


@pytest.mark.parametrize("trial", TRIALS)
def test_main_effects_are_theirs(agree, trial):
    """Type II sums of squares of two options and the seed, of grids that lack some settings."""
    import pandas
    from statsmodels.formula.api import ols
    from statsmodels.stats.anova import anova_lm

    random = rng("effects", trial)
    grid = [(a, b) for a in "xyz" for b in "uvw"]
    grid = [grid[at] for at in sorted(random.permutation(9)[:7])]
    levels = {"a": [a for a, _ in grid], "b": [b for _, b in grid]}
    scores = random.normal(size=(7, 4))
    ours = st.main_effects(scores, levels)
    lines = [(a, b, str(run), scores[at, run]) for at, (a, b) in enumerate(grid) for run in range(4)]
    table = pandas.DataFrame(lines, columns=["a", "b", "seed", "score"])
    theirs = anova_lm(ols("score ~ C(a) + C(b) + C(seed)", table).fit(), typ=2)
    for name in ours:
        line = theirs.loc[f"C({name})"]
        agree("main effects, F", "anova_lm(typ=2)", ours[name].f, line["F"], 1e-9)
        agree("main effects, p", "anova_lm(typ=2)", ours[name].p, line["PR(>F)"], 1e-9)
