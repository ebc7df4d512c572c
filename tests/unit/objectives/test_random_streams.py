"""Random numbers for one use tell nothing about those for another."""

import itertools

import jax
import numpy as np
import pytest

from objectives.agents.random_streams import Stream, first_key


@pytest.mark.parametrize("seed", [0, 7])
def test_no_key_of_ours_is_one_that_sbx_draws_with(seed: int) -> None:
    # sbx splits the bare seed's key into up to four, again and again; so do we with each stream's.
    begun = [jax.random.PRNGKey(seed), *(first_key(seed, stream) for stream in Stream)]

    keys = [_descendants(key) for key in begun]

    for one, other in itertools.combinations(keys, 2):
        assert not one & other


def test_without_a_seed_no_two_runs_share_random_numbers() -> None:
    np.random.seed(0)

    assert (first_key(None, Stream.DRAWS) != first_key(None, Stream.DRAWS)).any()


def _descendants(key: jax.Array, generations: int = 4) -> set[tuple[int, ...]]:
    latest, all_keys = key[None], {tuple(key.tolist())}
    for _ in range(generations):
        latest = jax.vmap(lambda one: jax.random.split(one, 4))(latest).reshape(-1, 2)
        all_keys |= {tuple(one) for one in latest.tolist()}
    return all_keys
