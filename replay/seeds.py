"""Seeds that no run of the search has seen, the same list for every candidate and on every machine."""

from collections.abc import Collection
from typing import Literal

import numpy as np

Purpose = Literal["replay", "confirm"]
"""`replay` runs make the ranking; `confirm` runs are the winner's own, and make the number to publish."""


def fresh_seeds(study: str, purpose: Purpose, number: int, used: Collection[int]) -> list[int]:
    """`number` seeds below 2**31, none of them in `used`.

    The list depends on study and purpose alone, and a longer one begins with a shorter one: machines need not agree on
    it, and raising the number keeps the runs there are.

    Args:
        study: Name of the searched study.
        purpose: Replay and confirmation have lists of their own, which share no seed.
        number: How many.
        used: Seeds of the search, and of anything else that must stay apart.
    """
    excluded = set(used) | (set(_sequence(study, "replay", 1000)) if purpose == "confirm" else set())
    drawn = _sequence(study, purpose, number + len(excluded))
    return list(dict.fromkeys(seed for seed in drawn if seed not in excluded))[:number]


def _sequence(study: str, purpose: Purpose, number: int) -> list[int]:
    """The first `number` draws of the list; a doubled draw, one in 10**6 lists, leaves one seed fewer."""
    generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence([*f"{purpose} of {study}".encode()])))
    # One at a time: a longer draw must begin with a shorter one whatever numpy does in bulk.
    return [int(generator.integers(2**31)) for _ in range(number)]
