"""Baselines: known hyperparameters by name, in a file, an algorithm's defaults, or those that PPO has for a task."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast, get_args

import optuna
from optuna.trial import FrozenTrial

import samplers
from hpo.did_you_mean import one_of
from hpo.errors import UserError
from hpo.files.yaml_files import read_yaml
from hpo.runs.files_of_others import algorithm_in, hyperparameters_in
from hpo.runs.runner_messages import PpoKnown
from hpo.runs.written_hyperparameters import plain_hyperparameters
from hpo.studies.study_config import BASELINE_NAMES, DEFAULT_BASELINE, StudyConfig
from hpo.trials.planned_run import planned_run
from objectives.run_spec import Algorithm, PpoAlgorithm

PREFIX = "baseline:"
_PPOS: tuple[PpoAlgorithm, ...] = get_args(PpoAlgorithm)
_YAML = (".yaml", ".yml")
_QUICK_FIX = 3.0
"""3 % of [-100, 100], recipes.md sections 1 and 4: how the quick fix bounded what is unbounded, before anybody measured
bounds for each joint. In a study that has those it acts within its own."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Known hyperparameters."""

    name: str
    hyperparameters: dict[str, Any]
    changes: dict[str, Any] = field(default_factory=dict)
    """Fields of the study's definition that go with them, where the study trains something else."""
    notes: tuple[str, ...] = ()
    """What people should know of it."""

    @property
    def key(self) -> str:
        """What its trials and its candidate are called."""
        return f"{PREFIX}{self.name}"


@dataclass(frozen=True, slots=True)
class Baselines:
    """The baselines that can stand beside the trials of one study.

    Of the study they keep task, environments, budget and evaluation. One of SAC in a study of something else trains
    SAC. The quick fix brings its own bounds where a study has them for each joint. PPO trains on the task's own action
    space: its Gaussian does not know of bounds, which would only clip it.
    """

    config: StudyConfig
    ask_ppo: Callable[[PpoAlgorithm], PpoKnown]
    """How PPO is trained on the study's task; only a runner knows, since it imports the task."""

    def get(self, name: str, option: str = "--baseline") -> Baseline:
        """The baseline called `name`: one of ours, `default`, `ppo`, `sb3-ppo`, or what a YAML file holds.

        Raises:
            UserError: There is none, the file cannot be read, or PPO's settings cannot be had.
        """
        if is_file(name):
            return self._read(Path(name))
        refuse_unknown([name], option)
        if name in samplers.BASELINES:
            changes = self._changes(cast("Algorithm", samplers.baseline_algorithm(name)))
            if name == "quick-fix" and self.config.action_bounds is not None and self.config.action_bounds.joints:
                changes["action_bounds"] = {"low": -_QUICK_FIX, "high": _QUICK_FIX}
            return Baseline(name, samplers.baseline(name), changes)
        if name == DEFAULT_BASELINE:
            return Baseline(name, samplers.DEFAULTS[self.config.algorithm])
        wanted = cast("PpoAlgorithm", name)
        ppo = self.ask_ppo(wanted)
        changes = self._changes(wanted)
        if ppo.normalize != self.config.normalize:
            changes["normalize"] = ppo.normalize
        return Baseline(name, ppo.hyperparameters, changes, (ppo.source, *ppo.notes))

    def _read(self, path: Path) -> Baseline:
        content = read_yaml(path)
        try:
            hyperparameters = plain_hyperparameters(hyperparameters_in(path, content))
            json.dumps(hyperparameters, allow_nan=False, sort_keys=True)  # as they are stored
        except (TypeError, ValueError) as error:
            raise UserError(f"{path}: {error}") from error
        algorithm = algorithm_in(path, content)
        if path.stem == "ppo" and algorithm == "ppo" and self.config.algorithm in _PPOS:
            algorithm = None  # The Zoo's file for either
        return Baseline(path.stem, hyperparameters, self._changes(algorithm))

    def _changes(self, algorithm: Algorithm | None) -> dict[str, Any]:
        trained = self.config.algorithm
        if algorithm is None or algorithm == trained:
            return {}
        free = algorithm in _PPOS and trained not in _PPOS and self.config.action_bounds is not None
        return {"algorithm": algorithm, **({"action_bounds": None} if free else {})}


def described(baseline: Baseline) -> str:
    """What it is, in a line."""
    algorithm = baseline.changes.get("algorithm")
    said = [*([] if algorithm is None else [f"trains {algorithm}"]), *baseline.notes]
    if "action_bounds" in baseline.changes:
        own = baseline.changes["action_bounds"]
        said.append(
            "acts without the study's bounds" if own is None else f"acts within {own['low']:g} .. {own['high']:g}"
        )
    return f"baseline {baseline.name}" + (f": {'; '.join(said)}" if said else "")


def is_file(name: str) -> bool:
    """Whether `name` is that of a file with a baseline."""
    return name.endswith(_YAML)


def refuse_unknown(names: Iterable[str], option: str = "--baseline") -> None:
    """Raises a `UserError` if one of `names` is no baseline's and no YAML file's."""
    for name in names:
        if not is_file(name) and name not in BASELINE_NAMES:
            raise UserError(f"{option} {name}: {one_of(name, BASELINE_NAMES)}, or a file (mine.yml)")


def baseline_of(trial: optuna.Trial | FrozenTrial) -> str | None:
    """The name of the baseline that a trial of a search runs; None: it samples, or is a replay's."""
    planned = planned_run(trial)
    return None if planned is None or planned.seed is not None else planned.candidate.removeprefix(PREFIX)
