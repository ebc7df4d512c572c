"""Which run a trial asks for: one sampled from the search space, or one planned by a replay."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial

from hpo.database.attributes import HYPERPARAMETERS_ATTR, SIMULATOR_FAULT_ATTR
from hpo.errors import UserError
from hpo.runs.run_config import RunConfig
from hpo.studies.searched_settings import divided
from hpo.studies.study import OpenStudy
from hpo.studies.study_config import StudyConfig, override, validate
from hpo.trials.planned_run import planned_run
from objectives.errors import ConfigurationError
from objectives.run_spec import Device, RunSpec
from objectives.special_values import resolved
from samplers import FunctionSpace


@dataclass(frozen=True, slots=True)
class TrialRuns:
    """The runs of one study's trials, as one worker makes them."""

    opened: OpenStudy
    device: Device
    imports: tuple[str, ...]

    def of(self, trial: optuna.Trial) -> RunSpec:
        """The run that `trial` asks for; samples its values where it has none.

        Raises:
            ConfigurationError: The search space gives no hyperparameters, or a setting that cannot be.
        """
        config = self.opened.config
        own_seed = search_seed(self.opened.name, trial.number)
        planned = planned_run(trial)
        name = f"{self.opened.name}/trial-{trial.number}"
        if planned is None:
            hyperparameters, changes = divided(config, self._sampled(trial))
            try:
                sampled = changed_config(config, changes, "search space")
            except UserError as error:
                raise ConfigurationError(str(error)) from error
            return sampled.run_spec(sampled.environment(self.device, self.imports), hyperparameters, own_seed, name)
        changed = changed_config(config, planned.all_changes)
        seed = own_seed if planned.seed is None else planned.seed
        if SIMULATOR_FAULT_ATTR in trial.user_attrs:
            seed = other_seed(seed)
        environment = changed.environment(self.device, self.imports)
        return changed.run_spec(environment, planned.hyperparameters, seed, name)

    def _sampled(self, trial: optuna.Trial) -> dict[str, Any]:
        space = self.opened.config.search_space
        try:
            hyperparameters = space.hyperparameters(space.sample(trial))
        except ValueError as error:
            raise ConfigurationError(str(error)) from error
        if isinstance(space, FunctionSpace):
            # The function may be another one by the time of a replay, or not be there at all.
            trial.set_user_attr(HYPERPARAMETERS_ATTR, hyperparameters)
        return hyperparameters


def hyperparameters_of(opened: OpenStudy, trial: FrozenTrial) -> dict[str, Any]:
    """What a finished trial of a search trained with.

    Raises:
        UserError: The trial does not say, or has values that its study does not have.
    """
    planned = planned_run(trial)
    return divided(opened.config, _determined(opened, trial))[0] if planned is None else planned.hyperparameters


def changes_of(opened: OpenStudy, trial: FrozenTrial) -> dict[str, Any]:
    """In what a finished trial of a search differs from its study's definition.

    Raises:
        UserError: As of `hyperparameters_of`.
    """
    planned = planned_run(trial)
    return divided(opened.config, _determined(opened, trial))[1] if planned is None else planned.all_changes


def _determined(opened: OpenStudy, trial: FrozenTrial) -> dict[str, Any]:
    """What the search space made of a trial's values: hyperparameters and settings."""
    recorded = trial.user_attrs.get(HYPERPARAMETERS_ATTR)
    if recorded is not None:
        return dict(recorded)
    space = opened.config.search_space
    if isinstance(space, FunctionSpace):
        # Workers record it. Which function runs here is not for the study to say.
        raise UserError(f"trial {trial.number} of study {opened.name} does not say what it trained with")
    try:
        return space.hyperparameters(trial.params)
    except ValueError as error:
        raise UserError(
            f"trial {trial.number} of study {opened.name} is no point of its search space: {error}"
        ) from error


def config_of(opened: OpenStudy, trial: FrozenTrial) -> RunConfig:
    """What a finished trial of a search was trained under: the study's definition, with what its run changed of it."""
    return changed_config(opened.config, changes_of(opened, trial))


def resolved_hyperparameters(opened: OpenStudy, trial: FrozenTrial) -> dict[str, Any]:
    """`hyperparameters_of`, with what special values came to: `gradient_steps: -1` is a number of steps.

    Raises:
        UserError: As there.
    """
    hyperparameters = hyperparameters_of(opened, trial)
    try:
        return resolved(hyperparameters, config_of(opened, trial).n_envs)
    except ConfigurationError as error:
        raise UserError(f"trial {trial.number} of study {opened.name}: {error}") from error


def changed_config(config: StudyConfig, changes: dict[str, Any], where: str = "replay") -> RunConfig:
    """`config` with some of its fields replaced; `where` says in an error who changes them.

    Raises:
        UserError: A field is impossible.
    """
    if not changes:
        return config
    shared = config.model_dump(include=set(RunConfig.model_fields))
    return validate(RunConfig, override(shared, changes), where)


def search_seed(study: str, number: int) -> int:
    """The training seed of a search's trial: fixed by study and trial number, below 2**31."""
    return _seed([*study.encode(), number])


def other_seed(seed: int) -> int:
    """The seed of a run that is done once more, since with `seed` the simulator failed."""
    return _seed([seed, 1])


def _seed(words: list[int]) -> int:
    return int(np.random.SeedSequence(words).generate_state(1)[0] >> 1)
