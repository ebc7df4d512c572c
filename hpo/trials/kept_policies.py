"""Which trained policies a study keeps: those of its best trials, and of every run of a replay or a comparison."""

import optuna
from optuna.artifacts.exceptions import ArtifactNotFound
from optuna.trial import FrozenTrial, TrialState

from hpo.errors import UserError
from hpo.studies.artifacts import add_trial_artifact, remove_artifact
from hpo.studies.study import OpenStudy
from samplers import has_floor_value

_SUFFIX = "policy.npz"


def keep_policy(opened: OpenStudy, trial: optuna.Trial, value: float, content: bytes) -> bool:
    """Keeps the policy of a trial that is about to be finished, if it is one of the best; gives whether it is.

    Of a search, policies of trials that are among the best no longer are removed.

    Args:
        opened: The trial's study.
        trial: The trial, still running.
        value: What it will be told as.
        content: The policy's file.

    Raises:
        Exception: The store's own: whoever calls says that the policy is lost, and goes on.
    """
    places = opened.config.keep_policies
    if not places:
        return False
    if opened.ranks_candidates:
        add_trial_artifact(opened, trial, f"{opened.name}-trial-{trial.number}-{_SUFFIX}", content)
        return True
    kept = kept_policies(opened)
    finished = {t._trial_id: t for t in opened.study.get_trials(deepcopy=False) if t.state.is_finished()}
    honest = {
        trial_id: other.value
        for trial_id, other in finished.items()
        if other.state is TrialState.COMPLETE and other.value is not None and not has_floor_value(other)
    }
    better = sum(other >= value for other in honest.values())
    if better >= places:
        return False
    add_trial_artifact(opened, trial, f"{opened.name}-trial-{trial.number}-{_SUFFIX}", content)
    best = sorted(honest, key=lambda trial_id: -honest[trial_id])[: places - 1]
    for trial_id, artifact_id in kept.items():
        if trial_id in finished and trial_id not in best:
            remove_artifact(opened, artifact_id)
    return True


def kept_policies(opened: OpenStudy) -> dict[int, str]:
    """Trial id -> artifact id, of the trials whose policies are kept."""
    artifacts = opened.storage.trial_artifacts(opened.study._study_id)
    return {
        trial_id: artifact_id
        for trial_id, of_trial in artifacts.items()
        for name, artifact_id in of_trial.items()
        if name.endswith(_SUFFIX)
    }


def read_policy(opened: OpenStudy, trial: FrozenTrial) -> bytes:
    """The file of a trial's policy.

    Raises:
        UserError: None is kept, or its store does not give it.
    """
    artifact_id = kept_policies(opened).get(trial._trial_id)
    if artifact_id is None:
        raise UserError(f"no policy of trial {trial.number} of study {opened.name} is kept: {_why(opened)}")
    try:
        with opened.artifacts.open_reader(artifact_id) as content:
            return content.read()
    except (ArtifactNotFound, OSError) as error:
        where = opened.config.artifacts or "the study's database"
        raise UserError(
            f"the policy of trial {trial.number} of study {opened.name} is not in {where} any more ({error})"
        ) from error


def _why(opened: OpenStudy) -> str:
    if not opened.config.keep_policies:
        return "the study keeps none (keep_policies: 0)"
    if opened.ranks_candidates:
        return "its run gave none, or an older version of hpo did it"
    return f"a study keeps those of its best {opened.config.keep_policies} trials; a replay keeps all"
