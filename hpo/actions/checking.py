"""Whether what is to be trained can be trained here, before anything is created or taken."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from hpo.actions.machine import Machine
from hpo.errors import UserError
from hpo.runs.runner import RunInterruptedError, Runner, RunnerCrashedError
from hpo.runs.runner_messages import PpoKnown
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
    for stored, examples in alike.items():
        changed = changed_config(config, json.loads(stored))
        environment = changed.environment(machine.hardware.device, imports)
        doing = f"{changed.task}: does it start and step with {changed.algorithm}?"
        with machine.console.status(doing), _asking(machine, changed.task):
            machine.runner.check(environment, changed.algorithm, tuple(examples), machine.signals.stop_after_trial)


def baselines_of(machine: Machine, config: StudyConfig, imports: tuple[str, ...]) -> Baselines:
    """The baselines that can stand beside the trials of a study; its runner is asked how PPO is trained."""

    def ask_ppo(algorithm: PpoAlgorithm) -> PpoKnown:
        environment = config.environment(machine.hardware.device, imports)
        with _asking(machine, config.task):
            return machine.runner.ppo_settings(environment, algorithm, machine.signals.stop_after_trial)

    return Baselines(config, ask_ppo)


@contextmanager
def refused_in_a_line(runner: Runner, task: str) -> Iterator[None]:
    """Says what a runner finds when it is asked about `task`, as a command does.

    Raises:
        UserError: The task, or the agent, cannot be had as configured, or the runner failed over it.
    """
    try:
        yield
    except ConfigurationError as error:
        raise UserError(str(error)) from error
    except RunnerCrashedError as crash:
        raise UserError(
            f"{task} cannot be run: {crash.reason} (the runner's whole output: {runner.log_path})"
        ) from crash


@contextmanager
def _asking(machine: Machine, task: str) -> Iterator[None]:
    try:
        with refused_in_a_line(machine.runner, task):
            yield
    except RunInterruptedError:
        raise typer.Exit(machine.signals.exit_status) from None
