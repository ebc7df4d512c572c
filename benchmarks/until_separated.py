"""What `hpo replay --until-separated` promises and saves, on returns whose truth is known.

Usage: python -m benchmarks.until_separated [CASES] (five minutes for 1000). The last line of the output is JSON.

Returns are normal, or heavy-tailed: Student's t with 4 degrees of freedom, scaled to the same standard deviation 1.
Equal candidates: in how many cases any look separates any two, with p-values of all looks as the product has them, and
with those of a single look, as somebody has who looks again and again. Unequal ones: in how many the best ends alone,
and after how many runs, beside one ranking of the whole budget.
"""

import itertools
import json
import sys
from collections.abc import Sequence

import numpy as np

from benchmarks.paths import RESULTS
from replay import statistics
from replay.ranking import SIGNIFICANCE
from replay.sequential import looks

EQUAL = ((2, 60), (3, 90))
UNEQUAL = (((0.0, 1.0), 60), ((0.0, 2.0), 60), ((0.0, 0.0, 1.5), 90))


def main() -> None:
    """All cases."""
    n_cases = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    rng = np.random.default_rng(0)
    results: dict[str, dict[str, float]] = {}
    for tails in ("normal", "heavy"):
        for n, budget in EQUAL:
            drawn = [returns(rng, [0.0] * n, budget, tails) for _ in range(n_cases)]
            results[f"{n} equal candidates, {budget} runs, {tails}"] = {
                "any separated": float(np.mean([separated(one, budget, True)[0] for one in drawn])),
                "without the correction": float(np.mean([separated(one, budget, False)[0] for one in drawn])),
            }
        for means, budget in UNEQUAL:
            drawn = [returns(rng, means, budget, tails) for _ in range(n_cases)]
            ended = [alone(one, budget) for one in drawn]
            results[f"best ahead by {max(means):g} sd of {len(means)}, {budget} runs, {tails}"] = {
                "the best alone": float(np.mean([best for best, _ in ended])),
                "runs": float(np.mean([runs for _, runs in ended])),
                "the best alone, one ranking of all runs": float(np.mean([at_once(one) for one in drawn])),
            }
        print(json.dumps(results, indent=2), file=sys.stderr)
    (RESULTS / "until_separated.json").write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results))


def returns(rng: np.random.Generator, means: Sequence[float], budget: int, tails: str) -> np.ndarray:
    """Shape `(candidates, seeds)`."""
    shape = (len(means), budget // len(means))
    noise = rng.normal(size=shape) if tails == "normal" else rng.standard_t(4, shape) / np.sqrt(2)
    return noise + np.array(means)[:, None]


def p_values(seen: Sequence[np.ndarray]) -> dict[tuple[int, int], float]:
    """Of each pair on the seeds that both have, Holm-adjusted."""
    pairs = list(itertools.combinations(range(len(seen)), 2))
    shared = [(seen[a][: len(seen[b])].tolist(), seen[b][: len(seen[a])].tolist()) for a, b in pairs]
    return dict(zip(pairs, statistics.holm([statistics.paired_p_value(*both) for both in shared]), strict=True))


def separated(values: np.ndarray, budget: int, corrected: bool) -> tuple[bool, int]:
    """Whether some look separates some pair, and at which."""
    planned = looks(len(values), budget)
    for number, rung in enumerate(planned, start=1):
        smallest = min(p_values(list(values[:, : rung.n_seeds])).values())
        if smallest * (len(planned) if corrected else 1) < SIGNIFICANCE:
            return True, number
    return False, len(planned)


def alone(values: np.ndarray, budget: int) -> tuple[bool, int]:
    """Whether the last candidate, the best, ends separated from all others, and after how many runs of all."""
    planned = looks(len(values), budget)
    seen = [values[one, :0] for one in range(len(values))]
    alive = list(range(len(values)))
    for rung in planned:
        for one in alive:
            seen[one] = values[one, : rung.n_seeds]
        leader = max(alive, key=lambda one: float(statistics.iqm(seen[one])))
        p = p_values(seen)
        others = [one for one in alive if one != leader]
        alive = [leader, *(o for o in others if p[min(o, leader), max(o, leader)] * len(planned) >= SIGNIFICANCE)]
        if len(alive) == 1:
            break
    return alive == [len(values) - 1], sum(map(len, seen))


def at_once(values: np.ndarray) -> bool:
    """Whether a single ranking of all runs separates the best from all others."""
    adjusted = p_values(list(values))
    best = len(values) - 1
    leads = max(range(len(values)), key=lambda one: float(statistics.iqm(values[one]))) == best
    return leads and all(p < SIGNIFICANCE for pair, p in adjusted.items() if best in pair)


if __name__ == "__main__":
    main()
