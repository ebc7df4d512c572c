"""What a handful of seeds says about one candidate, and about the difference of two.

A run is one sample: its 512 evaluation episodes tell how well one trained agent does, and nothing about how the next
seed would have trained. So everything here resamples seeds. `docs/replay.md` has the reasons, and
`benchmarks/replay_statistics.py` the coverage and error rates measured on synthetic studies.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # `scipy.stats` is loaded at its first use: it takes as long as all the rest of a command
from numpy.typing import NDArray

Statistic = Callable[..., NDArray[np.float64]]
CONFIDENCE = 0.95
MIN_SEEDS = 4
"""Below, no interval is given and the IQM is the mean: even the whole range of 3 seeds holds the median in only 75 %
of the cases (1 - 2 / 2**3), so no resampling of them covers 95 %."""
CVAR_SHARE = 0.25
N_RESAMPLES = 9999
POWER = 0.8
"""Probability with which the stated number of seeds would separate two candidates."""
MAX_SEEDS_STATED = 1000


@dataclass(frozen=True, slots=True)
class Summary:
    """One candidate's returns over seeds."""

    n: int
    mean: float
    median: float
    iqm: float | None
    """Interquartile mean (Agarwal et al. 2021, arXiv 2108.13264); None for fewer than `MIN_SEEDS` seeds."""
    std: float | None
    """Standard deviation over seeds, of the sample (n - 1); None for one seed."""
    minimum: float
    cvar: float
    """Conditional value at risk: the mean of the worst quarter of the seeds."""
    interval: tuple[float, float] | None
    """95 % percentile bootstrap over seeds, of the IQM, or of the mean where that ranks; None for too few seeds."""

    @property
    def centre(self) -> float:
        """The IQM, or the mean of too few seeds."""
        return self.mean if self.iqm is None else self.iqm


def iqm(values: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Interquartile mean, as rliable computes it: a quarter of the values trimmed from each end."""
    return np.asarray(scipy.stats.trim_mean(values, 0.25, axis=axis))


def mean(values: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Arithmetic mean."""
    return np.asarray(np.mean(values, axis=axis))


def summarize(values: Sequence[float], statistic: Statistic = iqm) -> Summary:
    """The summary of one candidate; `values` has one return per seed."""
    array = np.asarray(values, dtype=float)
    return Summary(
        n=len(array),
        mean=float(array.mean()),
        median=float(np.median(array)),
        iqm=float(iqm(array)) if len(array) >= MIN_SEEDS else None,
        std=float(array.std(ddof=1)) if len(array) > 1 else None,
        minimum=float(array.min()),
        cvar=cvar(array),
        interval=interval(array, statistic),
    )


def cvar(values: NDArray[np.float64], share: float = CVAR_SHARE) -> float:
    """Mean of the worst `share` of `values`, the last of them in part (Rockafellar and Uryasev 2002)."""
    worst_first = np.sort(values)
    weights = np.clip(share * len(values) - np.arange(len(values)), 0, 1)
    return float(np.average(worst_first, weights=weights))


def interval(values: NDArray[np.float64], statistic: Statistic = iqm) -> tuple[float, float] | None:
    """95 % percentile bootstrap interval of `statistic` over seeds.

    The percentile interval of a mean is too narrow for few samples; its level is raised to what makes it as wide as
    Student's (Hesterberg 2015, arXiv 1411.5279, "expanded percentile"). That of the IQM is not: resampling moves whole
    order statistics.
    """
    if len(values) < MIN_SEEDS:
        return None
    if np.ptp(values) == 0:
        return float(values[0]), float(values[0])
    bootstrapped = scipy.stats.bootstrap(
        (values,),
        statistic,
        n_resamples=N_RESAMPLES,
        confidence_level=CONFIDENCE if statistic is iqm else _expanded_level(len(values)),
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return float(bootstrapped.low), float(bootstrapped.high)


def prediction_bound(values: Sequence[float]) -> float | None:
    """The upper end of the 95 % interval for one more run, by Student's t; None for fewer than `MIN_SEEDS` seeds.

    A search score is one run. To hold it against the interval of the IQM would call many an average candidate
    lucky: that interval says where the centre lies, not where single runs fall.
    """
    n = len(values)
    if n < MIN_SEEDS:
        return None
    quantile = scipy.stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)
    return float(np.mean(values) + quantile * np.std(values, ddof=1) * math.sqrt(1 + 1 / n))


def probability_better(values: Sequence[float], leader: Sequence[float], statistic: Statistic = iqm) -> float:
    """Share of paired bootstrap resamples of the seeds in which `values` beat the `leader`'s; a tie is half a win.

    Args:
        values: One return per seed.
        leader: The leader's returns with the same seeds.
        statistic: What is compared.
    """
    resampled = np.random.default_rng(0).integers(0, len(values), size=(N_RESAMPLES, len(values)))
    difference = statistic(np.asarray(values)[resampled]) - statistic(np.asarray(leader)[resampled])
    return float(np.mean(difference > 0) + np.mean(difference == 0) / 2)


def paired_p_value(values: Sequence[float], other: Sequence[float]) -> float:
    """Two-sided p-value of the paired signed-rank test (Wilcoxon), exact for few seeds.

    It cannot lie below 2 / 2**n: 0.0625 for 5 seeds, whatever they show. The bootstrap can, and then pretends.
    """
    differences = np.asarray(values) - np.asarray(other)
    if not differences.any():
        return 1.0
    return float(scipy.stats.wilcoxon(differences, method="auto").pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values adjusted for their number (Holm 1979): rejecting those below 0.05 errs at all in 5 % of the cases."""
    order = np.argsort(p_values)
    adjusted = np.empty(len(p_values))
    running = 0.0
    for place, index in enumerate(order):
        running = max(running, (len(p_values) - place) * p_values[index])
        adjusted[index] = min(1.0, running)
    return [float(p) for p in adjusted]


def seeds_to_separate(values: Sequence[float], other: Sequence[float], comparisons: int) -> int | None:
    """Paired seeds that would separate two candidates in 80 % of the cases, if they differ as they seem to.

    Power of the paired t-test (noncentral t), at the level of Holm's first comparison, and never fewer than the
    signed-rank test needs to reach that level at all.

    Returns:
        None where it would take more than `MAX_SEEDS_STATED`, or the seeds at hand show no difference.
    """
    differences = np.asarray(values) - np.asarray(other)
    level = (1 - CONFIDENCE) / comparisons
    fewest = math.ceil(math.log2(2 / level))
    if len(differences) == 1 or not differences.mean():
        return None
    if not differences.std():
        return fewest
    effect = abs(differences.mean()) / differences.std(ddof=1)
    n = np.arange(2, MAX_SEEDS_STATED + 1)
    power = scipy.stats.nct.sf(scipy.stats.t.ppf(1 - level / 2, n - 1), n - 1, effect * np.sqrt(n))
    enough = np.flatnonzero(power >= POWER)
    return max(fewest, int(n[enough[0]])) if len(enough) else None


def fewest_seeds(candidates: int, looks: int = 1) -> int:
    """The fewest seeds with which some pair of candidates can be significant at all, by the signed-rank test.

    Args:
        candidates: That are ranked together.
        looks: How often p-values are looked at (`replay.sequential`).
    """
    comparisons = max(1, math.comb(candidates, 2)) * looks
    return math.ceil(math.log2(2 * comparisons / (1 - CONFIDENCE)) + 1e-9)


def detectable_difference(seeds: int, candidates: int, seed_std: float) -> float | None:
    """The smallest difference of two candidates that so many paired seeds separate in 80 % of the cases.

    As of `seeds_to_separate`, with differences of pairs that vary as two independent runs do.

    Args:
        seeds: How many.
        candidates: That are ranked together.
        seed_std: Standard deviation of one candidate's returns over seeds.

    Returns:
        None where so few seeds separate nobody.
    """
    if seeds < fewest_seeds(candidates):
        return None
    level = (1 - CONFIDENCE) / max(1, math.comb(candidates, 2))
    critical = scipy.stats.t.ppf(1 - level / 2, seeds - 1)

    def lacking(effect: float) -> float:
        return float(scipy.stats.nct.sf(critical, seeds - 1, effect * math.sqrt(seeds)) - POWER)

    return float(scipy.optimize.brentq(lacking, 1e-6, 100.0)) * math.sqrt(2) * seed_std


def _expanded_level(n: int) -> float:
    """The confidence level at which the percentile interval of a mean is as wide as Student's at 95 %."""
    quantile = scipy.stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) * math.sqrt(n / (n - 1))
    return float(1 - 2 * scipy.stats.norm.sf(quantile))
