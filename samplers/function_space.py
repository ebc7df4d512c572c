"""A search space as a function of the user's own: `sample_params(trial)` gives hyperparameters."""

import json
import sys
from typing import Annotated, Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FixedTrial
from pydantic import BaseModel, ConfigDict, Field

N_EXAMPLES = 16


class FunctionSpace(BaseModel):
    """`my_module:sample_params`, a function that takes an Optuna trial and gives the agent's hyperparameters.

    The function must be one of the trial's parameters alone: replaying a trial calls it again with the same ones. Its
    module is looked up among those already imported, never imported here: which code runs on a machine is decided on
    its command line, not by a study.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    function: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]

    @property
    def module(self) -> str:
        """The name of the module that has the function."""
        return self.function.partition(":")[0]

    @property
    def name(self) -> str:
        """How the space is called in tables."""
        return self.function

    def sample(self, trial: optuna.Trial) -> dict[str, Any]:
        """Asks `trial` for whatever the function asks."""
        self._call(trial)
        return dict(trial.params)

    def distributions(self) -> dict[str, BaseDistribution]:
        """None are known before the function is called."""
        return {}

    def hyperparameters(self, values: dict[str, Any]) -> dict[str, Any]:
        """What the function gives for the parameters `values`.

        Raises:
            ValueError: The function is not there, fails, or gives what is no plain data.
        """
        return self._call(FixedTrial(values))

    def examples(self) -> list[dict[str, Any]]:
        """Hyperparameters of some random samples.

        Raises:
            ValueError: As `hyperparameters`, or the function gives other hyperparameters for the same parameters.
        """
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        examples = []
        for _ in range(N_EXAMPLES):
            trial = study.ask()
            sampled = self._call(trial)
            if self.hyperparameters(dict(trial.params)) != sampled:
                raise ValueError(
                    f"search space {self.function} gives other hyperparameters for the same parameters: it must depend "
                    "on the trial alone, so that a trial can be replayed"
                )
            examples.append(sampled)
        return examples

    def _call(self, trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        try:
            hyperparameters = self._function()(trial)
        except Exception as error:
            raise ValueError(f"search space {self.function} failed: {type(error).__name__}: {error}") from error
        try:
            # Plain data, so that it can be stored and sent; NaN is not JSON.
            plain = json.loads(json.dumps(hyperparameters, allow_nan=False))
        except (TypeError, ValueError) as error:
            raise ValueError(f"search space {self.function} gives more than plain data: {error}") from error
        if not isinstance(plain, dict) or not plain:
            raise ValueError(f"search space {self.function} gives {plain!r}, not a dictionary of hyperparameters")
        return plain

    def _function(self) -> Any:
        module, _, name = self.function.partition(":")
        if module not in sys.modules:
            raise LookupError(f"module {module} is not imported on this machine (--import {module})")
        return getattr(sys.modules[module], name)
