"""A search space that is the user's own function."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import optuna
import pytest
from optuna.trial import BaseTrial
from pydantic import ValidationError

from hpo.errors import UserError
from hpo.studies.search_examples import checked_examples
from samplers import FunctionSpace

COUNTER = iter(range(99))


def sample_params(trial: BaseTrial) -> dict[str, Any]:
    net = trial.suggest_categorical("net", ["small", "big"])
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-3, log=True),
        "policy_kwargs": {"net_arch": {"small": [64], "big": [256, 256]}[net]},
    }


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("my_space")
    monkeypatch.setitem(sys.modules, "my_space", module)
    return module


def test_a_function_samples_and_gives_the_same_for_the_same_parameters(module: ModuleType) -> None:
    module.sample_params = sample_params  # type: ignore[attr-defined]
    space = FunctionSpace(function="my_space:sample_params")
    trial = optuna.create_study().ask()
    values = space.sample(trial)
    assert values == trial.params
    assert space.hyperparameters(values)["learning_rate"] == values["learning_rate"]
    nets = [example["policy_kwargs"]["net_arch"] for example in space.examples()]
    assert [64] in nets
    assert [256, 256] in nets


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda _: {"f": print}, "more than plain data"),
        (lambda _: {"f": float("nan")}, "more than plain data"),
        (lambda _: [1], "not a dictionary"),
        (lambda _: {}, "not a dictionary"),
        (lambda trial: trial.nope(), "AttributeError"),
        (lambda _: {"n": next(COUNTER)}, "depend on the trial alone"),
    ],
)
def test_what_a_function_may_not_give_is_said(module: ModuleType, function: Any, message: str) -> None:
    module.sample_params = function  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match=message):
        FunctionSpace(function="my_space:sample_params").examples()


@pytest.mark.parametrize("name", ["no_colon", "os:system:x", "my module:f", "my_space:", ":f"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        FunctionSpace(function=name)


def test_a_study_cannot_bring_code_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = tmp_path / "ran"
    (tmp_path / "their_space.py").write_text(f"open({str(ran)!r}, 'w').close()\ndef f(trial): return {{'x': 1}}\n")
    monkeypatch.chdir(tmp_path)
    space = FunctionSpace(function="their_space:f")
    with pytest.raises(UserError, match="allow it with --import their_space"):
        checked_examples(space, [])
    with pytest.raises(ValueError, match="their_space is not imported"):
        space.hyperparameters({})
    assert not ran.exists()
    assert checked_examples(space, ["their_space"])[0] == {"x": 1}
    assert ran.exists()


def test_a_module_that_is_not_there_is_one_line() -> None:
    with pytest.raises(UserError, match="--import nowhere_to_be_found"):
        checked_examples(FunctionSpace(function="nowhere_to_be_found:f"), ["nowhere_to_be_found"])
