import pytest

from hpo.files.yaml_files import parse_yaml
from hpo.runs.written_hyperparameters import plain_hyperparameters
from hpo.studies.study_config import builtin_studies, load_study_config
from samplers import SearchSpace


def test_the_zoos_calls_and_classes_are_read_and_nothing_is_run() -> None:
    written = {
        "policy_kwargs": "dict(net_arch=dict(pi=[64, -1], qf=(256, 256)), activation_fn=nn.ELU, log_std_init=-3.5, "
        "optimizer_class=th.optim.AdamW, ortho_init=False, share=None)",
        "learning_rate": "lin_3e-4",
        "buffer_size": 1e6,
    }
    assert plain_hyperparameters(written) == {
        "policy_kwargs": {
            "net_arch": {"pi": [64, -1], "qf": [256, 256]}, "activation_fn": "elu", "log_std_init": -3.5,
            "optimizer_class": "adamw", "ortho_init": False, "share": None,
        },
        "learning_rate": "lin_3e-4",
        "buffer_size": 1_000_000,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"policy_kwargs": "dict(net_arch=[64] * 3)"}, "more than plain values"),
        ({"policy_kwargs": "__import__('os').system('true')"}, "more than plain values"),
        ({"policy_kwargs": "dict(**other)"}, "more than plain values"),
        ({"policy_kwargs": "dict(activation_fn=nn.Mish)"}, "nn.Mish is not known here: write one of relu, elu"),
        ({"policy_kwargs": "[256, 256]"}, "write a mapping"),
        ({"policy_kwargs": "dict(net_arch="}, "is no value"),
        ({"batch_size": 0.5}, "batch_size is 0.5: it must be a whole number"),
    ],
)
def test_what_is_not_understood_is_an_error_that_says_what_to_write(written: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plain_hyperparameters(written)


def test_pythons_tags_in_yaml_are_read_without_an_import() -> None:
    text = "{activation_fn: !!python/name:flax.linen.elu, optimizer_class: !!python/name:torch.optim.AdamW ''}"
    assert parse_yaml(text) == {"activation_fn": "elu", "optimizer_class": "adamw"}
    assert parse_yaml("net_arch: !!python/tuple [64, 64]") == {"net_arch": [64, 64]}


def test_what_is_fixed_of_the_policy_keeps_the_spaces_other_parts() -> None:
    fixed = {"policy_kwargs": "dict(net_arch=[256,256], activation_fn=nn.ReLU)"}
    changes = {"search_space.fixed": fixed, "search_space.dimensions.net_arch_complexity": None}
    space = load_study_config(builtin_studies()["quickstart"], changes).search_space
    assert isinstance(space, SearchSpace)
    assert space.fixed["policy_kwargs"] == {
        "net_arch": [256, 256], "activation_fn": "relu", "optimizer_class": "adamw", "layer_norm": True,
    }  # fmt: skip


def test_a_float_is_a_number_of_things_where_it_is_whole() -> None:
    config = load_study_config(builtin_studies()["quickstart"], {"max_steps": 5e7, "n_trials": 1e2})
    assert (config.max_steps, config.n_trials) == (50_000_000, 100)
