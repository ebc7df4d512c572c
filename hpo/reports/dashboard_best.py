"""Has the dashboard call no run of a replay the best one: that is the luckiest, and the note ranks the candidates."""

from typing import Any

from optuna.study._frozen import FrozenStudy
from optuna_dashboard import _app

from hpo.database.attributes import DEFINITION_ATTR

_serialize = _app.serialize_study_detail


def no_best_run_of_a_replay() -> None:
    """From now on, in this process."""
    _app.serialize_study_detail = serialized


def serialized(study: FrozenStudy, best_trials: list[Any], *others: Any) -> dict[str, Any]:
    """What a page of a study is told, without a best trial if the study is a replay."""
    definition = study.user_attrs.get(DEFINITION_ATTR)
    is_replay = isinstance(definition, dict) and definition.get("replay_of") is not None
    told: dict[str, Any] = _serialize(study, [] if is_replay else best_trials, *others)
    return told
