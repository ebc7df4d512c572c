"""More seeds in rounds until the leader is separated, with an error that holds over all rounds.

Whoever looks at the p-values after each round and stops at the first that is small enough separates equal candidates
far more often than in 5 % of the cases. Here all looks are planned, and each p-value is multiplied by their number
(Bonferroni over looks, beside Holm over pairs): the chance to separate any equal candidates at any look is 5 % at
most. The numbers of seeds are fixed beforehand, too, and do not depend on returns.
"""

import numpy as np

from replay.racing import Rung
from replay.statistics import fewest_seeds

MOST_LOOKS = 5
"""More would find a large difference earlier, and a small one later."""


def looks(n_candidates: int, max_runs: int) -> list[Rung]:
    """After how many seeds each, of all candidates at most, the leader is held against the others.

    The first look is where a difference can be significant at all, the last where the budget ends.

    Args:
        n_candidates: Candidates at the start; those that are separated get no more seeds.
        max_runs: The run budget.

    Raises:
        ValueError: The budget does not pay for a single look that could separate anybody.
    """
    most = max_runs // n_candidates
    for n_looks in range(MOST_LOOKS, 0, -1):
        first = fewest_seeds(n_candidates, n_looks)
        seeds = np.unique(np.linspace(first, most, n_looks).round().astype(int)).tolist()
        if first <= most and len(seeds) == n_looks:
            return [Rung(n_candidates, n) for n in seeds]
    least = n_candidates * fewest_seeds(n_candidates)
    raise ValueError(
        f"{n_candidates} candidates need {least} runs before a difference can be significant, the budget is {max_runs}"
    )
