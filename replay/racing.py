"""Sequential halving over (candidate, seed): more seeds only for the better half.

Karnin, Koren and Somekh, "Almost Optimal Exploration in Multi-Armed Bandits", 2013, with few seeds in the first rung,
since a bad candidate shows early.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from replay.candidates import Candidate
from replay.ranking import Ranking

FIRST_SEEDS = 2
MORE_SEEDS = 3
FINALISTS = 2
SHARE_OF_GRID = 0.6
"""The run budget where none is given: 60 % of what every candidate with every seed would take. From ten candidates with
ten seeds on a race then picks as well as that grid (`benchmarks/replay_statistics.py`)."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One round: so many candidates are left, and each has so many seeds at its end."""

    n_candidates: int
    n_seeds: int


def rungs(n_candidates: int, n_seeds: int, max_runs: int | None = None, most_seeds: int | None = None) -> list[Rung]:
    """The rounds of a race, known before it starts.

    The last two candidates share what is left of the budget, and so may get more seeds than anybody in the grid:
    that is where the runs that the others did not need do most good.

    Args:
        n_candidates: Candidates at the start.
        n_seeds: Seeds of the full grid that the race replaces.
        max_runs: The run budget; None: `SHARE_OF_GRID` of that grid, but at least the first round.
        most_seeds: Seeds that there are; None: as many as are wanted.

    Raises:
        ValueError: The budget does not pay for the first round.
    """
    if n_candidates == 1:
        return [Rung(1, n_seeds if max_runs is None else min(n_seeds, max_runs))]
    first = min(FIRST_SEEDS, n_seeds)
    least = n_candidates * first
    budget = max(int(SHARE_OF_GRID * n_candidates * n_seeds), least) if max_runs is None else max_runs
    if budget < least:
        raise ValueError(f"a race of {n_candidates} candidates starts with {least} runs, the budget is {budget}")
    rounds = [Rung(n_candidates, first)]
    left = budget - least
    while True:
        alive = max(FINALISTS, (rounds[-1].n_candidates + 1) // 2)
        more = left // alive
        if alive > FINALISTS:
            more = min(MORE_SEEDS, more)
        if most_seeds is not None:
            more = min(more, most_seeds - rounds[-1].n_seeds)
        if more == 0:
            return rounds
        left -= alive * more
        rounds.append(Rung(alive, rounds[-1].n_seeds + more))
        if alive == FINALISTS:
            return rounds


def survivors(ranking: Ranking, rung: Rung) -> list[Candidate]:
    """The candidates that `rung` is for: the best of those that stand in `ranking`."""
    return [row.candidate for row in ranking.rows[: rung.n_candidates]]


def n_runs(rounds: Sequence[Rung]) -> int:
    """Runs that a race takes in all."""
    before = 0
    total = 0
    for rung in rounds:
        total += rung.n_candidates * (rung.n_seeds - before)
        before = rung.n_seeds
    return total
