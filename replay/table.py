"""A ranking as rows of plain values: for JSON, CSV and the tables people read."""

from typing import Any

from replay.ranking import Ranking, Row


def records(ranking: Ranking) -> list[dict[str, Any]]:
    """One mapping per candidate, best first; None where a value does not exist."""
    return [_record(place, row) for place, row in enumerate(ranking.rows, start=1)]


def _record(place: int, row: Row) -> dict[str, Any]:
    low, high = row.summary.interval or (None, None)
    against = row.against_leader
    reached, commanded = row.speed or (None, None)
    return {
        "rank": place,
        "candidate": row.candidate.name,
        "label": row.candidate.label,
        "n": row.summary.n,
        "iqm": row.summary.iqm,
        "mean": row.summary.mean,
        "median": row.summary.median,
        "std": row.summary.std,
        "min": row.summary.minimum,
        "cvar_25": row.summary.cvar,
        "interval_low": low,
        "interval_high": high,
        "search_score": row.candidate.search_score,
        "smoothed_score": row.candidate.smoothed_score,
        "shrinkage": row.shrinkage,
        "lucky": row.lucky,
        "diverged": row.n_diverged,
        "comparable": row.comparable,
        "steps_per_s": row.steps_per_s,
        "gradient_steps_per_s": row.gradient_steps_per_s,
        "p_better": None if against is None else against.probability_better,
        "p_value_holm": None if against is None else against.p_value,
        "seeds_to_separate": None if against is None else against.seeds_to_separate,
        "tied_with_leader": row.tied,
        "reached_speed": reached,
        "commanded_speed": commanded,
    }
