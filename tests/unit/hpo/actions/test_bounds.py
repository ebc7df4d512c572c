"""What bounds are measured on."""

from pathlib import Path

from hpo.actions.bounds import _config


def test_a_study_gives_the_task_as_it_trains_it(tmp_path: Path) -> None:
    study = tmp_path / "mine.yaml"
    study.write_text(
        "task: Ant\nsearch_space: sac\nn_envs: 32\nphysics: newton_mjwarp\nmax_episode_steps: 50\n"
        "env_kwargs: {actions.joint_pos.scale: 0.5}\naction_bounds: {low: -1, high: 1}\n"
    )

    config = _config(str(study), {"budget": "1s"})

    assert config.env_kwargs == {"actions.joint_pos.scale": 0.5}
    assert (config.max_episode_steps, config.n_envs, config.physics) == (50, 32, "newton_mjwarp")
    assert config.action_bounds is None  # they are what is measured

    another = _config(str(study), {"budget": "1s", "task": "Spider"})

    assert (another.env_kwargs, another.max_episode_steps, another.n_envs) == ({}, None, 32)
