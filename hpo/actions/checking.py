"""Whether what is to be trained can be trained here, before anything is created or taken."""

import json
from collections.abc import Iterable
from typing import Any

import typer

from hpo.actions.machine import Machine
from hpo.errors import UserError
from hpo.runs.runner import RunInterruptedError, RunnerCrashedError
from hpo.runs.runner_messages import PpoKnown
from hpo.studies.joining import check_runs
from hpo.studies.study_config import StudyConfig
from hpo.trials.baselines import Baselines
from hpo.trials.trial_runs import changed_config
from objectives.errors import ConfigurationError
from objectives.run_spec import PpoAlgorithm


def check_trainings(
    machine: Machine,
    config: StudyConfig,
    imports: tuple[str, ...],
    trainings: Iterable[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    """Makes environment and agent once for all trainings that differ in hyperparameters only, and steps.

    Args:
        machine: Has the runner that makes them.
        config: The study's definition.
        imports: Modules whose tasks register themselves.
        trainings: What changes of the definition, and the hyperparameters.

    Raises:
        UserError: One cannot be trained here.
        typer.Exit: A signal came.
    """
    alike: dict[str, list[dict[str, Any]]] = {}
    for changes, hyperparameters in trainings:
        alike.setdefault(json.dumps(changes, sort_keys=True), []).append(hyperparameters)
    try:
        for stored, examples in alike.items():
            changed = changed_config(config, json.loads(stored))
            environment = changed.environment(machine.hardware.device, imports)
            with machine.console.status(f"{changed.task}: does it start and step with {changed.algorithm}?"):
                check_runs(machine.runner, environment, changed.algorithm, examples, machine.signals.stop_after_trial)
    except RunInterruptedError:
        raise typer.Exit(machine.signals.exit_status) from None


def baselines_of(machine: Machine, config: StudyConfig, imports: tuple[str, ...]) -> Baselines:
    """The baselines that can stand beside the trials of a study; its runner is asked how PPO is trained."""

    def ask_ppo(algorithm: PpoAlgorithm) -> PpoKnown:
        environment = config.environment(machine.hardware.device, imports)
        try:
            return machine.runner.ppo_settings(environment, algorithm, machine.signals.stop_after_trial)
        except ConfigurationError as error:
            raise UserError(str(error)) from error
        except RunnerCrashedError as crash:
            raise UserError(
                f"{config.task}: {crash.reason} (the runner's whole output: {machine.runner.log_path})"
            ) from crash
        except RunInterruptedError:
            raise typer.Exit(machine.signals.exit_status) from None

    return Baselines(config, ask_ppo)
