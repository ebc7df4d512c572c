"""The ranking of replayed candidates: who leads, who cannot be told from the leader, who was lucky."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Literal

from replay import statistics
from replay.candidates import Candidate
from replay.cost import network_size
from replay.runs import Outcome, Setting, Speed, ranked_runs

RankBy = Literal["iqm", "mean", "lower-ci", "cvar"]
"""Interquartile mean, mean, lower end of the interval, or mean of the worst quarter."""
SIGNIFICANCE = 0.05


@dataclass(frozen=True, slots=True)
class AgainstLeader:
    """A candidate held against the leader, on the seeds both have run."""

    n_pairs: int
    probability_better: float
    """That the candidate is the better one, by paired bootstrap."""
    p_value: float
    """Two-sided paired signed-rank test, Holm-adjusted for all pairs of candidates, and for all looks."""
    seeds_to_separate: int | None
    """Paired seeds that would separate the two; None where more than 1000 would be needed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate's place in the ranking."""

    candidate: Candidate
    summary: statistics.Summary
    returns: dict[int, float]
    """Seed -> return."""
    n_diverged: int
    comparable: bool
    """Whether every run had the search's settings, and its hardware for itself."""
    shrinkage: float | None
    """Replay mean - search score: how much of the score was luck. None where the two do not compare."""
    lucky: bool
    """The search score lies above what one more run would give in 97.5 % of the cases."""
    steps_per_s: float
    gradient_steps_per_s: float
    speed: Speed | None
    """The mean over the runs that did not diverge; None where one of them has none."""
    against_leader: AgainstLeader | None
    """None for the leader itself, and where fewer than 2 seeds are shared."""

    @property
    def trains(self) -> bool:
        """Whether a run of it did not diverge."""
        return self.n_diverged < self.summary.n

    @property
    def tied(self) -> bool:
        """Whether nothing separates it from the leader; true of the leader."""
        return self.against_leader is None or self.against_leader.p_value >= SIGNIFICANCE


@dataclass(frozen=True, slots=True)
class Ranking:
    """Candidates in one setting, best first."""

    setting: Setting
    rank_by: RankBy
    rows: tuple[Row, ...]

    @property
    def tie_set(self) -> tuple[Row, ...]:
        """The leader, and all that are not separated from it."""
        return tuple(row for row in self.rows if row.tied)

    @property
    def cheapest_of_the_best(self) -> Row | None:
        """The cheapest tied candidate whose return lies within the leader's interval, where it is not the leader.

        Few seeds separate nobody, so a tie alone is no reason to prefer a configuration. Cheap: fewer gradient steps
        per second, then the smaller network.
        """
        if not self.rows or self.rows[0].summary.interval is None:
            return None
        low, _ = self.rows[0].summary.interval
        near = [row for row in self.tie_set if row is self.rows[0] or _score(row.summary, self.rank_by) >= low]
        cheapest = min(near, key=lambda row: (row.gradient_steps_per_s, network_size(row.candidate.hyperparameters)))
        return None if cheapest is self.rows[0] else cheapest


def rank(
    candidates: Sequence[Candidate],
    outcomes: Iterable[Outcome],
    setting: Setting,
    hardware: str,
    rank_by: RankBy = "iqm",
    looks: int = 1,
) -> Ranking:
    """Ranks `candidates` by their outcomes in `setting`; one without any is left out.

    A candidate with fewer seeds than others stands behind them, whatever its returns: racing has dropped it, or its
    runs are not finished. One of which every run diverged stands behind all others.

    Args:
        candidates: What was replayed.
        outcomes: Finished runs; those of other settings and those that confirm are not counted.
        setting: Which setting.
        hardware: The search's hardware class.
        rank_by: What decides.
        looks: How often such a ranking decides whether to go on (`replay.sequential`).
    """
    counted = ranked_runs(outcomes, setting)
    statistic = statistics.mean if rank_by == "mean" else statistics.iqm
    rows = [
        _row(candidate, counted[candidate.name], setting, hardware, statistic)
        for candidate in candidates
        if candidate.name in counted
    ]
    rows.sort(key=lambda row: (row.trains, row.summary.n, _score(row.summary, rank_by)), reverse=True)
    return Ranking(setting, rank_by, _against_leader(rows, statistic, looks))


def _row(
    candidate: Candidate,
    outcomes: list[Outcome],
    setting: Setting,
    hardware: str,
    statistic: statistics.Statistic,
) -> Row:
    returns = {outcome.run.seed: outcome.value for outcome in outcomes}
    values = list(returns.values())
    summary = statistics.summarize(values, statistic)
    comparable = setting.as_searched and all(o.hardware == hardware and not o.hardware_shared for o in outcomes)
    score = candidate.search_score if comparable else None
    bound = statistics.prediction_bound(values)
    return Row(
        candidate=candidate,
        summary=summary,
        returns=returns,
        n_diverged=sum(outcome.diverged for outcome in outcomes),
        comparable=comparable,
        shrinkage=None if score is None else summary.mean - score,
        lucky=score is not None and bound is not None and score > bound,
        steps_per_s=fmean(outcome.steps_per_s for outcome in outcomes),
        gradient_steps_per_s=fmean(outcome.gradient_steps_per_s for outcome in outcomes),
        speed=_mean_speed([outcome.speed for outcome in outcomes if not outcome.diverged]),
        against_leader=None,
    )


def _mean_speed(speeds: list[Speed | None]) -> Speed | None:
    known = [speed for speed in speeds if speed is not None]
    if not known or len(known) < len(speeds):
        return None
    return Speed(fmean(speed.reached for speed in known), fmean(speed.commanded for speed in known))


def _score(summary: statistics.Summary, rank_by: RankBy) -> float:
    match rank_by:
        case "iqm":
            return summary.centre
        case "mean":
            return summary.mean
        case "lower-ci":
            return summary.minimum if summary.interval is None else summary.interval[0]
        case "cvar":
            return summary.cvar


def _against_leader(rows: list[Row], statistic: statistics.Statistic, looks: int) -> tuple[Row, ...]:
    """`rows` with each held against the first.

    P-values are adjusted for all pairs of candidates, not only those with the leader: it was chosen by these very
    returns, and could have been any.
    """
    pairs = list(itertools.combinations(range(len(rows)), 2))
    shared = [_shared(rows[one], rows[other]) for one, other in pairs]
    p_values = statistics.holm([statistics.paired_p_value(*returns) if returns[0] else 1.0 for returns in shared])
    compared = rows[:1]
    # The pairs with the leader come first.
    for row, (leader, own), p_value in zip(rows[1:], shared, p_values, strict=False):
        if len(own) < 2:  # noqa: PLR2004  (nothing to resample)
            compared.append(row)
            continue
        against = AgainstLeader(
            n_pairs=len(own),
            probability_better=statistics.probability_better(own, leader, statistic),
            p_value=min(1.0, looks * p_value),
            seeds_to_separate=statistics.seeds_to_separate(own, leader, comparisons=looks * len(pairs)),
        )
        compared.append(replace(row, against_leader=against))
    return tuple(compared)


def _shared(one: Row, other: Row) -> tuple[list[float], list[float]]:
    """The returns of both with the seeds that both have run."""
    seeds = [seed for seed in one.returns if seed in other.returns]
    return [one.returns[seed] for seed in seeds], [other.returns[seed] for seed in seeds]
