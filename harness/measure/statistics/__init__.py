"""Intervals, tests and sample sizes: arrays in, numbers out (methods, sections 4 and 7).

Every score is a function of the column sums of a table with one row of additive statistics per
example, so a bootstrap is one matrix product of resampling weights with the table. Conditions and
models that share examples share one weight matrix and thereby stay paired. A ``level`` is always
that of the two-sided interval: the one-sided 95 % bounds of a gate are the ends at level 0.90.

================  ================================================================================
``interval``      an estimate between its bounds
``resampling``    what is drawn, and the sums of it
``replication``   intervals and p-values of any score, over examples or runs and examples
``rates``         proportions, clustered means
``quantiles``     medians and tails
``paired``        tests of two models on the same examples
``multiplicity``  many tests at once
``subsets``       overlapping parts of the examples, each against the rest
``runs``          what finished runs say about their recipe, and about two recipes
``components``    what causes the spread
``effects``       what chosen options add
``raters``        whether runs agree beyond chance
``anytime``       bounds and evidence that allow to stop early
``planning``      how much data decides
``design``        how many variants of an example, and what is known of it beforehand
================  ================================================================================
"""

from harness.measure.statistics.anytime import (
    asymptotic,
    betting,
    discordant,
    empirical_bernstein,
    noninferior_evidence,
    wealth,
)
from harness.measure.statistics.components import Component, crossed, nested
from harness.measure.statistics.design import best_variants, cuped, two_stage_variance
from harness.measure.statistics.effects import Effect, main_effects
from harness.measure.statistics.interval import (
    FEW,
    MINIMUM_RUNS,
    ROUNDING,
    UNDEFINED,
    Floats,
    Interval,
    Statistic,
    ratio,
)
from harness.measure.statistics.multiplicity import benjamini_hochberg, benjamini_yekutieli, holm
from harness.measure.statistics.paired import (
    equivalent,
    equivalent_mean,
    mcnemar,
    noninferior,
    noninferior_mean,
    swap_test,
    swap_tests,
    tango,
)
from harness.measure.statistics.planning import (
    Spread,
    detectable,
    halving,
    needed,
    needed_examples,
    needed_runs,
    power,
    two_way_detectable,
    two_way_power,
    unit_sd,
)
from harness.measure.statistics.quantiles import quantile_interval
from harness.measure.statistics.raters import (
    SMALLEST_DISAGREEMENT,
    agreement,
    chance_disagreement,
    fleiss,
    kendall_w,
    krippendorff,
    without_runs,
)
from harness.measure.statistics.rates import clopper_pearson, cluster_se, wilson
from harness.measure.statistics.replication import (
    above,
    below,
    bootstrap,
    bootstraps,
    difference,
    interval_of,
    multibootstrap,
    multibootstraps,
    paired_difference,
    within,
)
from harness.measure.statistics.resampling import cluster_sums, left_out, replicates, sums, weights
from harness.measure.statistics.runs import (
    almost_dominates,
    expected_best,
    instability,
    prediction_interval,
    run_variance,
    sd_interval,
    t_interval,
    two_way_t,
    violation,
)
from harness.measure.statistics.subsets import Parts, part_tests, shrunken, shrunken_rates

__all__ = [
    "FEW",
    "MINIMUM_RUNS",
    "ROUNDING",
    "SMALLEST_DISAGREEMENT",
    "UNDEFINED",
    "Component",
    "Effect",
    "Floats",
    "Interval",
    "Parts",
    "Spread",
    "Statistic",
    "above",
    "agreement",
    "almost_dominates",
    "asymptotic",
    "below",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "best_variants",
    "betting",
    "bootstrap",
    "bootstraps",
    "chance_disagreement",
    "clopper_pearson",
    "cluster_se",
    "cluster_sums",
    "crossed",
    "cuped",
    "detectable",
    "difference",
    "discordant",
    "empirical_bernstein",
    "equivalent",
    "equivalent_mean",
    "expected_best",
    "fleiss",
    "halving",
    "holm",
    "instability",
    "interval_of",
    "kendall_w",
    "krippendorff",
    "left_out",
    "main_effects",
    "mcnemar",
    "multibootstrap",
    "multibootstraps",
    "needed",
    "needed_examples",
    "needed_runs",
    "nested",
    "noninferior",
    "noninferior_evidence",
    "noninferior_mean",
    "paired_difference",
    "part_tests",
    "power",
    "prediction_interval",
    "quantile_interval",
    "ratio",
    "replicates",
    "run_variance",
    "sd_interval",
    "shrunken",
    "shrunken_rates",
    "sums",
    "swap_test",
    "swap_tests",
    "t_interval",
    "tango",
    "two_stage_variance",
    "two_way_detectable",
    "two_way_power",
    "two_way_t",
    "unit_sd",
    "violation",
    "wealth",
    "weights",
    "wilson",
    "within",
    "without_runs",
]
