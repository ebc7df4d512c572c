from pathlib import Path

import pytest

from hpo.errors import UserError
from hpo.runs.files_of_others import hyperparameters_in, run_fields

ZOO = {
    "Pendulum-v1": {
        "n_timesteps": 20_000.0, "n_envs": 4, "policy": "MlpPolicy", "normalize": True, "learning_rate": "lin_1e-3",
    },
    "Walker2d-v4": {"n_timesteps": 1e6, "policy": "MlpPolicy", "gamma": 0.98},
}  # fmt: skip
ISAAC_LAB = {"seed": 42, "n_timesteps": 5e7, "policy": "MlpPolicy", "n_steps": 24, "normalize_input": True}


def test_a_file_of_the_zoo_is_a_run_of_the_chosen_task() -> None:
    assert run_fields(Path("sac.yml"), ZOO, "Pendulum-v1", None) == {
        "backend": "gymnasium", "task": "Pendulum-v1", "algorithm": "sac", "n_envs": 4, "max_steps": 20_000.0,
        "normalize": True, "hyperparameters": {"policy": "MlpPolicy", "learning_rate": "lin_1e-3"},
    }  # fmt: skip
    assert hyperparameters_in(Path("x.yml"), {"T": ZOO["Walker2d-v4"]}) == {"policy": "MlpPolicy", "gamma": 0.98}


def test_a_file_of_isaac_lab_is_a_run_of_the_task_that_is_named() -> None:
    fields = run_fields(Path("sb3_ppo_cfg.yaml"), ISAAC_LAB, "Isaac-Ant-Direct", None)
    assert (fields["backend"], fields["algorithm"], fields["n_envs"]) == ("isaaclab", "sb3-ppo", 1024)
    assert fields["hyperparameters"] == {"policy": "MlpPolicy", "n_steps": 24}


def test_a_run_of_ours_stays_what_it_is_but_for_its_task() -> None:
    ours = {"task": "Pendulum-v1", "hyperparameters": {"gamma": 0.9}}
    assert run_fields(Path("best.yaml"), ours, None, None) == ours
    assert run_fields(Path("best.yaml"), ours, "Other-v0", None)["task"] == "Other-v0"


@pytest.mark.parametrize(
    ("file", "content", "task", "message"),
    [
        ("sac.yml", ZOO, None, "has 2 tasks: choose one with --task"),
        ("mine.yml", ZOO, "Pendulum-v1", "say --set algorithm=sac"),
        ("sb3_ppo_cfg.yaml", ISAAC_LAB, None, "say --task TASK"),
        ("sac.yml", {"T": {"frame_stack": 4}}, None, "hpo train has no frame_stack"),
        (
            "ppo.yml",
            {"T": {"normalize": "{'norm_obs': True, 'norm_reward': True}"}},
            None,
            "does not normalize rewards",
        ),
    ],
)
def test_what_cannot_be_taken_over_is_said(
    file: str, content: dict[str, object], task: str | None, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        run_fields(Path(file), content, task, None)
