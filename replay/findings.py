"""What a ranking says, in sentences: for the terminal and for the report."""

import math

from replay.ranking import SIGNIFICANCE, Ranking, Row
from replay.statistics import CONFIDENCE, MIN_SEEDS, fewest_seeds


def findings(ranking: Ranking) -> list[str]:
    """One sentence per finding, the most important first."""
    if not ranking.rows:
        return ["No run is finished yet."]
    return [
        *_leader(ranking),
        *_cheaper(ranking),
        *[_lucky(row) for row in ranking.rows if row.lucky],
        *[_diverged(row) for row in ranking.rows if row.n_diverged],
        *_not_comparable(ranking),
        *_few_seeds(ranking),
    ]


def _leader(ranking: Ranking) -> list[str]:
    leader, *others = ranking.rows
    if not others:
        return []
    tied = [row for row in others if row.tied]
    if not tied:
        return [f"{leader.candidate.label} is separated from every other candidate."]
    names = ", ".join(f"{row.candidate.label} ({_seeds_needed(row)})" for row in tied)
    return [f"{leader.candidate.label} leads. Not separated from it (in brackets: seeds that it would take): {names}."]


def _seeds_needed(row: Row) -> str:
    against = row.against_leader
    if against is None:
        return "too few seeds in common to say"
    if against.seeds_to_separate is None:
        return "over 1000"
    return f"about {max(against.seeds_to_separate, against.n_pairs + 1)}"


def _cheaper(ranking: Ranking) -> list[str]:
    row = ranking.cheapest_of_the_best
    if row is None:
        return []
    leader = ranking.rows[0]
    return [
        f"These runs do not show that {row.candidate.label} is worse than the leader, and it is cheaper: "
        f"{row.gradient_steps_per_s:,.0f} gradient steps/s against {leader.gradient_steps_per_s:,.0f}."
    ]


def _lucky(row: Row) -> str:
    return (
        f"{row.candidate.label} was lucky in the search: its score {row.candidate.search_score:z.2f} lies above what "
        f"one more run would give in {(1 + CONFIDENCE) / 2:.1%} of the cases (replay mean {row.summary.mean:z.2f})."
    )


def _diverged(row: Row) -> str:
    return (
        f"{row.candidate.label}: {row.n_diverged} of {row.summary.n} runs diverged; they count with their floor value."
    )


def _not_comparable(ranking: Ranking) -> list[str]:
    names = [row.candidate.label for row in ranking.rows if not row.comparable]
    if not names:
        return []
    if not ranking.setting.as_searched:
        return ["These runs have another setting than the search, so they are not compared with search scores."]
    return [f"These ran on other or shared hardware, so they are not compared with the search: {', '.join(names)}."]


def _few_seeds(ranking: Ranking) -> list[str]:
    n = ranking.rows[0].summary.n
    sentences: list[str] = []
    if n < MIN_SEEDS:
        sentences.append(f"With {_count(n)} there are no intervals, and the IQM is the mean. Use at least {MIN_SEEDS}.")
    candidates = len(ranking.rows)
    if candidates == 1:
        return sentences
    smallest = min(1.0, math.comb(candidates, 2) * 2 / 2**n)
    if smallest >= SIGNIFICANCE:
        sentences.append(
            f"With {_count(n)} no difference between {candidates} candidates can be significant (smallest possible "
            f"adjusted p is {smallest:.3f}). Use at least {fewest_seeds(candidates)}."
        )
    return sentences


def _count(seeds: int) -> str:
    return "1 seed" if seeds == 1 else f"{seeds} seeds"
