"""What moves robots between levels, what an evaluation looks at, and what is stored. Real A1, real Isaac Lab."""

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from tests.acceptance import watched_terrain
from tests.acceptance.watched_terrain import N_ENVS, Differences, Watched


@pytest.fixture(scope="module")
def watched(asset_root: None) -> Watched:
    done = subprocess.run([sys.executable, watched_terrain.__file__], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Watched.model_validate_json(done.stdout.splitlines()[-1])  # Isaac Lab talks, too


@pytest.mark.takes(60)
def test_neither_warm_up_nor_the_reset_before_training_moves_a_robot(watched: Watched) -> None:
    # Three steps of training: nobody has ended an episode.
    assert len(set(watched.levels_at_the_start)) > 1
    assert watched.result.curriculum_level == pytest.approx(np.mean(watched.levels_at_the_start))


def test_an_evaluation_leaves_the_levels_as_they_were(watched: Watched) -> None:
    assert watched.levels_after_evaluation == watched.levels_at_the_start


def test_an_evaluation_while_training_ends_the_episodes_that_went_on(watched: Watched) -> None:
    (point,) = watched.result.evaluations
    assert (point.num_timesteps, point.n_episodes) == (2 * N_ENVS, N_ENVS)
    assert watched.transitions_that_the_evaluation_ended == N_ENVS
    assert watched.result.num_timesteps == 3 * N_ENVS


@pytest.mark.parametrize("task", ["A1", "Cartpole"])
def test_episodes_begin_training_at_random_moments_and_end_at_the_studys_limit(task: str, watched: Watched) -> None:
    ends = watched.ends[task]
    assert ends.episode_limit == 12
    assert len(set(ends.expected)) > 5
    assert ends.seen == ends.expected


def test_an_evaluation_looks_at_all_kinds_of_ground_in_trainings_proportions_and_at_all_levels(
    watched: Watched,
) -> None:
    assert watched.result.evaluation is not None
    cells = watched.result.evaluation.terrain
    episodes: Counter[str] = Counter()
    for cell in cells:
        episodes[cell.terrain] += cell.n_episodes
    shares = {
        "pyramid_stairs": 0.2, "pyramid_stairs_inv": 0.2, "boxes": 0.2, "random_rough": 0.2, "hf_pyramid_slope": 0.1,
        "hf_pyramid_slope_inv": 0.1,
    }  # fmt: skip
    assert episodes == Counter(watched.types) == {name: share * N_ENVS for name, share in shares.items()}
    for name, number in episodes.items():
        at_level = {cell.level: cell.n_episodes for cell in cells if cell.terrain == name}
        assert len(at_level) == min(number, 10)
        assert max(at_level.values()) - min(at_level.values()) <= 1
    mean = sum(cell.mean_return * cell.n_episodes for cell in cells) / N_ENVS
    assert watched.result.evaluation.mean_return == pytest.approx(mean)


@pytest.mark.parametrize("task", ["A1", "Cartpole"])
def test_a_time_out_has_its_own_last_observation(task: str, watched: Watched) -> None:
    seen = watched.last_observations[task]
    assert (seen.n_ended, seen.n_truncated, seen.n_first_of_the_next, seen.n_as_before) == (16, 16, 0, 16)


def test_velocities_are_those_that_the_robots_policy_sees(watched: Watched) -> None:
    assert watched.followed.fastest > 0.2  # they were pushed about
    assert (watched.followed.farthest_commanded, watched.followed.farthest_actual) == pytest.approx((0, 0), abs=1e-5)


def test_the_evaluation_of_robots_that_never_learned_to_walk_says_so(watched: Watched) -> None:
    assert watched.result.evaluation is not None
    velocity = watched.result.evaluation.velocity
    assert velocity is not None
    assert 0.4 < velocity.commanded_speed < 1.5  # each direction is drawn from [-1, 1] m/s
    assert abs(velocity.reached_speed) < 0.3 * velocity.commanded_speed
    assert velocity.error_vel_xy > 0.5 * velocity.commanded_speed


def test_what_is_learned_from_does_not_change_when_isaac_lab_writes_over_it(watched: Watched) -> None:
    assert watched.overwritten.model_dump() == dict.fromkeys(Differences.model_fields, 0)
    without = watched.overwritten_without_clones
    assert min(without.observations, without.last_observations, without.rewards) > 1e5
    assert (without.ends, without.timeouts) == (1, 1)
