"""Which run a trial asks for: one sampled from the search space, or one planned by a replay."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna

from hpo.run_config import RunConfig
from hpo.study import OpenStudy
from hpo.study_config import StudyConfig, override, validate
from hpo.trial_slots import RUN_ATTR
from objectives.run_spec import Device, EnvironmentSpec, RunSpec


@dataclass(frozen=True, slots=True)
class TrialRuns:
    """The runs of one study's trials, as one worker makes them."""

    opened: OpenStudy
    device: Device
    imports: tuple[str, ...]

    def of(self, trial: optuna.Trial) -> RunSpec:
        """The run that `trial` asks for; samples its values where it has none."""
        config = self.opened.config
        planned = trial.user_attrs.get(RUN_ATTR)
        if planned is None:
            values = config.search_space.sample(trial)
            hyperparameters = config.search_space.hyperparameters(values)
            return config.run_spec(self.environment(), hyperparameters, search_seed(self.opened.name, trial.number))
        changed = changed_config(config, planned["changes"])
        return changed.run_spec(self.environment(planned["changes"]), planned["hyperparameters"], planned["seed"])

    def environment(self, changes: dict[str, Any] | None = None) -> EnvironmentSpec:
        """The environment of the study, or with `changes` of the replay."""
        return changed_config(self.opened.config, changes or {}).environment(self.device, self.imports)


def changed_config(config: StudyConfig, changes: dict[str, Any]) -> RunConfig:
    """`config` with some of its fields replaced.

    Raises:
        UserError: A field is impossible.
    """
    if not changes:
        return config
    return validate(StudyConfig, override(config.model_dump(), changes), "replay")


def search_seed(study: str, number: int) -> int:
    """The training seed of a search's trial: fixed by study and trial number, below 2**31."""
    words = [*study.encode(), number]
    return int(np.random.SeedSequence(words).generate_state(1)[0] >> 1)
