import pytest

from objectives.errors import ConfigurationError
from objectives.special_values import resolved
from samplers import replay_ratio


def test_minus_one_gradient_step_is_as_many_as_the_environments_did_steps() -> None:
    plain = resolved({"gradient_steps": -1, "train_freq": 8, "gamma": 0.9}, n_envs=1024)
    assert plain == {"gradient_steps": 8192, "train_freq": 8, "gamma": 0.9}
    assert replay_ratio(plain, 1024) == 1
    assert resolved({"gradient_steps": -1}, n_envs=4) == {"gradient_steps": 4}


def test_a_frequency_with_its_unit_is_a_number() -> None:
    assert resolved({"train_freq": [4, "step"]}, n_envs=2) == {"train_freq": 4}


def test_what_is_no_special_value_stays() -> None:
    plain = {"gradient_steps": 0, "sde_sample_freq": -1, "ent_coef": "auto_0.1", "target_entropy": "auto", "n_steps": 1}
    assert resolved(plain, n_envs=2) == plain


@pytest.mark.parametrize(
    ("hyperparameters", "message"),
    [
        ({"train_freq": [1, "episode"]}, "give a number of steps"),
        ({"train_freq": 0}, "train_freq is 0; it must be 1 at least"),
        ({"gradient_steps": -2}, "gradient_steps is -2; it must be -1 at least"),
        ({"policy_delay": 0}, "policy_delay is 0"),
        ({"batch_size": 0}, "batch_size is 0"),
    ],
)
def test_a_number_without_a_meaning_is_refused(hyperparameters: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        resolved(hyperparameters, n_envs=2)
