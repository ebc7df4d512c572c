"""Has the dashboard draw a search's trials with true values by the hyperparameters' own names."""

from collections.abc import Container
from typing import Any

from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from hpo.database.attributes import DEFINITION_ATTR
from hpo.errors import UserError
from hpo.reports.true_values import Shown, shown_dimensions, with_true_values
from hpo.studies.study import parse_definition
from samplers import SearchSpace


def draw_true_values(storage: BaseStorage) -> None:
    """From now on `storage` gives trials so, and only reads: no sampler and no worker may use it.

    A search's own parameters stay what CMA-ES needs, numbers whose neighbours are alike.
    """
    # On the instance: the dashboard, Optuna's plots and importances all ask here.
    true_values = _TrueValues(storage)
    storage.get_all_trials = true_values.get_all_trials  # type: ignore[method-assign]
    storage.get_best_trial = true_values.get_best_trial  # type: ignore[method-assign]


class _TrueValues:
    def __init__(self, storage: BaseStorage) -> None:
        self._storage = storage
        self._get_all_trials, self._get_best_trial = storage.get_all_trials, storage.get_best_trial
        self._shown: dict[int, dict[str, Shown]] = {}
        self._finished: dict[int, tuple[FrozenTrial, FrozenTrial]] = {}
        """Trial id -> the storage's trial, and the same with true values: a page asks for all every few seconds."""

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """Optuna's, with true values."""
        trials = self._get_all_trials(study_id, deepcopy, states)
        shown = self._dimensions(study_id)
        return [self._true(trial, shown) for trial in trials]

    def get_best_trial(self, study_id: int) -> FrozenTrial:
        """Optuna's, with true values."""
        return self._true(self._get_best_trial(study_id), self._dimensions(study_id))

    def _dimensions(self, study_id: int) -> dict[str, Shown]:
        """Of a study that hpo made, in this version; of others none."""
        if study_id not in self._shown:
            stored: Any = self._storage.get_study_user_attrs(study_id).get(DEFINITION_ATTR)
            if stored is None:  # somebody else's, or one that is just being made
                return {}
            self._shown[study_id] = self._read(study_id, stored)
        return self._shown[study_id]

    def _read(self, study_id: int, stored: Any) -> dict[str, Shown]:
        try:
            space = parse_definition(self._storage.get_study_name_from_id(study_id), stored).config.search_space
        except UserError:
            return {}
        return shown_dimensions(space) if isinstance(space, SearchSpace) else {}

    def _true(self, trial: FrozenTrial, shown: dict[str, Shown]) -> FrozenTrial:
        if not trial.params or not shown:
            return trial
        known = self._finished.get(trial._trial_id)
        if known is not None and known[0] is trial:
            return known[1]
        true = with_true_values(trial, shown)
        if trial.state.is_finished():
            self._finished[trial._trial_id] = trial, true
        return true
