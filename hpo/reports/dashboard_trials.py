"""Makes the dashboard draw a search's trials with true values, and call no run of a replay the best.

Both are only shown. What the dashboard writes, when it renames a study for example, are the trials as they are: the
parameters of a search are what CMA-ES needs, numbers whose neighbours are alike.
"""

from typing import Any

from optuna.storages import BaseStorage
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial
from optuna_dashboard import _app
from optuna_dashboard._inmemory_cache import InMemoryCache

from hpo.database.attributes import DEFINITION_ATTR
from hpo.errors import UserError
from hpo.reports.true_values import Shown, shown_dimensions, with_true_values
from hpo.studies.study import Definition, parse_definition

_get_trials, _serialize = _app.get_trials, _app.serialize_study_detail
_importance = _app.get_param_importance_from_trials_cache


def show_what_was_trained() -> None:
    """From now on, in this process."""
    trials = _TrueTrials()
    _app.get_trials, _app.serialize_study_detail = trials.of_study, trials.page
    _app.get_param_importance_from_trials_cache = trials.importance


class _TrueTrials:
    def __init__(self) -> None:
        self._definitions: dict[int, Definition] = {}
        """By study id; they never change."""
        self._finished: dict[int, tuple[FrozenTrial, FrozenTrial]] = {}
        """Trial id -> the storage's trial, and the same with true values: a page asks for all every few seconds."""
        self._sampled = InMemoryCache()
        """Of the dashboard, for trials with the parameters that were sampled."""

    def of_study(self, cache: Any, storage: BaseStorage, study_id: int) -> list[FrozenTrial]:
        """The study's trials with true values."""
        trials: list[FrozenTrial] = _get_trials(cache, storage, study_id)
        shown = self._dimensions(storage, study_id)
        return [self._true(trial, shown) for trial in trials]

    def importance(
        self, _: Any, storage: BaseStorage, study_id: int, objective_id: int, __: Any
    ) -> list[dict[str, Any]]:
        """The importance of each hyperparameter, of which Optuna knows the parameter that was sampled.

        None where no trial has a parameter, as in a replay: the dashboard would divide by their number.
        """
        sampled = _get_trials(self._sampled, storage, study_id)
        if not any(trial.params for trial in sampled):
            return []
        shown = self._dimensions(storage, study_id)
        found = _importance(self._sampled, storage, study_id, objective_id, sampled)
        return [{**one, "name": shown[one["name"]].name if one["name"] in shown else one["name"]} for one in found]

    def page(self, study: FrozenStudy, best_trials: list[FrozenTrial], *others: Any) -> dict[str, Any]:
        """What the page of a study is told."""
        definition = self._definition(study._study_id, study.study_name, study.user_attrs)
        if definition is not None and (definition.replay_of is not None or definition.config.is_comparison):
            # The best run is the luckiest. The study's note ranks the candidates.
            best_trials = []
        told: dict[str, Any] = _serialize(study, [self._true(t, _shown(definition)) for t in best_trials], *others)
        return told

    def _dimensions(self, storage: BaseStorage, study_id: int) -> dict[str, Shown]:
        name, attrs = storage.get_study_name_from_id(study_id), storage.get_study_user_attrs(study_id)
        return _shown(self._definition(study_id, name, attrs))

    def _definition(self, study_id: int, name: str, user_attrs: dict[str, Any]) -> Definition | None:
        """None for a study that is not hpo's, that another version made, or that is just being made."""
        if study_id not in self._definitions and DEFINITION_ATTR in user_attrs:
            try:
                self._definitions[study_id] = parse_definition(name, user_attrs[DEFINITION_ATTR])
            except UserError:
                return None
        return self._definitions.get(study_id)

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


def _shown(definition: Definition | None) -> dict[str, Shown]:
    return {} if definition is None else shown_dimensions(definition.config.search_space)
