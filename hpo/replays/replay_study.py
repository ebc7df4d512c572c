"""The sibling study of a replay: its trials are planned runs, each enqueued once."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from statistics import median, stdev
from typing import Any

from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from hpo.database.attributes import LOOKS_ATTR, RUN_KEY_ATTR, SMOOTHED_ATTR
from hpo.database.trial_slots import AlreadyThereError
from hpo.errors import UserError
from hpo.replays.run_outcomes import outcomes
from hpo.studies.study import (
    Definition,
    OpenStudy,
    create_study,
    find_study,
    get_study,
    list_studies,
    refuse_differences,
)
from hpo.studies.study_config import BASELINE_NAMES
from hpo.trials.baselines import PREFIX, baseline_of
from hpo.trials.floor_values import values
from hpo.trials.planned_run import PlannedRun, planned_run, waiting_trial
from hpo.trials.record import TrialRecord, read_record
from hpo.trials.trial_runs import changes_of, hyperparameters_of
from replay.candidates import Candidate, FinishedTrial, trial_name
from replay.runs import Outcome, Run, Setting
from samplers import has_floor_value

SUFFIX = "-replay"
_ENOUGH = 4
"""Scores, of which a standard deviation says something."""


def replay_name(study: str) -> str:
    """Name of the study that holds the replay of `study`."""
    return f"{study}{SUFFIX}"


def find_replay(storage: BaseStorage, source: OpenStudy) -> OpenStudy | None:
    """The replay of `source`, or None.

    Raises:
        UserError: There is one, of a study with another definition.
    """
    replay = find_study(storage, replay_name(source.name))
    if replay is not None:
        refuse_differences(replay, _definition(source))
    return replay


def create_replay(storage: BaseStorage, source: OpenStudy) -> OpenStudy:
    """The replay of `source`, created where there is none.

    Raises:
        UserError: There is one, of a study with another definition.
    """
    return find_replay(storage, source) or create_study(storage, replay_name(source.name), _definition(source))


def finished_trials(source: OpenStudy) -> list[FinishedTrial]:
    """The COMPLETE trials of the search."""
    finished = source.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    scores = values(finished)
    return [
        FinishedTrial(
            trial.number,
            trial.params,
            hyperparameters_of(source, trial),
            scores[trial.number],
            has_floor_value(trial),
            changes_of(source, trial),
            baseline_of(trial),
        )
        for trial in finished
    ]


def search_seeds(source: OpenStudy) -> set[int]:
    """Every seed that a run of the search trained with, finished or not."""
    trials = source.study.get_trials(deepcopy=False)
    return {seed for trial in trials if (seed := read_record(TrialRecord, trial).seed) is not None}


def refuse_namesakes(source: OpenStudy, replay: OpenStudy | None, candidates: Sequence[Candidate]) -> None:
    """Sees to it that a name stands for one training: all runs of a name are ranked as those of one candidate.

    Raises:
        UserError: Two of `candidates` have one name, or `replay` has runs of that name, or of a trial that `source` has
            otherwise or not at all, that train otherwise.
    """
    known = {
        trial_name(trial.number): _training_of(trial_name(trial.number), trial.hyperparameters, trial.changes)
        for trial in finished_trials(source)
    }
    planned: dict[str, str] = {}
    for candidate in candidates:
        if candidate.name in planned:
            raise UserError(f"two candidates are called {candidate.name}: give one of the files another name")
        planned[candidate.name] = _training_of(candidate.name, candidate.hyperparameters, candidate.changes)
    for trial in [] if replay is None else _live(replay):
        run = planned_run(trial)
        if run is None:
            continue
        name = run.candidate
        expected = planned.get(name) if name.startswith(PREFIX) else known.get(name, "")
        if expected is not None and _training_of(name, run.hyperparameters, run.candidate_changes) != expected:
            raise UserError(
                f"study {replay_name(source.name)} has runs of {name} with other hyperparameters: {_what_to_do(name)} "
                f"hpo delete --study {replay_name(source.name)} removes all of its runs"
            )


def _what_to_do(name: str) -> str:
    if not name.startswith(PREFIX):
        return "it replayed an earlier study of this name;"
    if name.removeprefix(PREFIX) in BASELINE_NAMES:
        return f"leave {name} out, or if it is a file, give that another name;"
    return "give the file another name;"


def _training_of(name: str, hyperparameters: dict[str, Any], changes: dict[str, Any]) -> str:
    return Run(name, hyperparameters, 0, Setting(), "replay", changes).key


def enqueue(replay: OpenStudy, runs: Iterable[Run], floor: float | None) -> None:
    """Enqueues the runs that are neither finished, running nor waiting.

    Args:
        replay: The replay's study.
        runs: What is wanted.
        floor: The worst honest value of the search: a diverged run is worth less.
    """
    there = {trial.user_attrs.get(RUN_KEY_ATTR) for trial in _live(replay)}
    for run in runs:
        if run.key in there:
            continue
        planned = PlannedRun(
            candidate=run.candidate,
            hyperparameters=run.hyperparameters,
            seed=run.seed,
            changes=run.setting.changes,
            candidate_changes=run.candidate_changes,
            purpose=run.purpose,
            floor=floor if run.setting.as_searched else None,
        )
        with suppress(AlreadyThereError):  # another machine was faster
            replay.study.add_trial(waiting_trial(planned, run.key, {}, {}))


def unfinished(replay: OpenStudy, runs: Iterable[Run]) -> tuple[list[Run], list[Run]]:
    """Of `runs`, those that wait or are being run somewhere, and those that failed and wait no more."""
    states = {trial.user_attrs.get(RUN_KEY_ATTR): trial.state for trial in _live(replay)}
    live = [run for run in runs if states.get(run.key) in (TrialState.WAITING, TrialState.RUNNING)]
    return live, [run for run in runs if run.key not in states]


def count_finished(replay: OpenStudy, runs: Iterable[Run]) -> int:
    """How many of `runs` are finished."""
    finished = {outcome.run.key for outcome in outcomes(replay)}
    return sum(run.key in finished for run in runs)


def replayed_candidates(source: OpenStudy, replay: OpenStudy | None, finished: Sequence[Outcome]) -> list[Candidate]:
    """Everything that was ever replayed, with its search score and the smoothed one by which it was chosen."""
    searched = {trial_name(trial.number): trial for trial in finished_trials(source)}
    smoothed = _smoothed_of(replay)
    runs = {outcome.run.candidate: outcome.run for outcome in finished}
    candidates = []
    for name, run in runs.items():
        trial = searched.get(name)
        score, baseline = (None, None) if trial is None else (trial.score, trial.baseline)
        candidates.append(
            Candidate(name, run.hyperparameters, score, run.candidate_changes, baseline, smoothed.get(name))
        )
    return candidates


def seconds_outside_budget(source: OpenStudy) -> float:
    """Median seconds that a finished trial took beside its training."""
    trials = source.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    records = [read_record(TrialRecord, trial) for trial in trials]
    outside_s = [(r.startup_s or 0.0) + (r.warmup_s or 0.0) + (r.evaluation_s or 0.0) for r in records]
    return median(outside_s) if outside_s else 0.0


def later_spread(source: OpenStudy) -> float | None:
    """Standard deviation of the scores in the later half of the search, when it had settled; None: too few trials.

    It holds the luck of the seeds, and what is left of the differences of the hyperparameters: more than the first.
    """
    scores = [trial.score for trial in finished_trials(source) if not trial.diverged]
    later = scores[len(scores) // 2 :]
    return stdev(later) if len(later) >= _ENOUGH else None


def looks_of(replay: OpenStudy | None) -> int:
    """How often a ranking of this replay decides, or decided, whether to go on; 1 without `--until-separated`."""
    if replay is None:
        return 1
    stored = replay.study.user_attrs.get(LOOKS_ATTR, 1)
    return stored if isinstance(stored, int) and stored > 0 else 1


def remember_looks(replay: OpenStudy, looks: int) -> None:
    """From now on p-values of `replay` are those of so many looks, or of more if it had more."""
    replay.study.set_user_attr(LOOKS_ATTR, max(looks, looks_of(replay)))


def remember_smoothed(replay: OpenStudy, candidates: Iterable[Candidate]) -> None:
    """Keeps by which smoothed scores `candidates` were chosen, beside those of earlier plans."""
    chosen = {c.name: c.smoothed_score for c in candidates if c.smoothed_score is not None}
    if chosen:
        replay.study.set_user_attr(SMOOTHED_ATTR, {**_smoothed_of(replay), **chosen})


def refuse_replay(opened: OpenStudy) -> None:
    """Raises a `UserError` if the study is a replay: its best run is its luckiest, and cannot be replayed again."""
    if opened.is_replay:
        raise UserError(
            f"study {opened.name} is a replay, whose best run is only the luckiest: "
            f"name the search, --study {opened.definition.replay_of}"
        )


def get_source(storage: BaseStorage, name: str | None) -> OpenStudy:
    """The searched study called `name`; without a name the only one there is, replays not counted.

    Raises:
        UserError: There is none, there are several, or `name` is a replay.
    """
    if name is None:
        searches = [n for n in list_studies(storage) if not _is_replay(storage, n)]
        if len(searches) == 1:
            name = searches[0]
    opened = get_study(storage, name)
    refuse_replay(opened)
    return opened


def _smoothed_of(replay: OpenStudy | None) -> dict[str, float]:
    stored = {} if replay is None else replay.study.user_attrs.get(SMOOTHED_ATTR, {})
    return {k: v for k, v in stored.items() if isinstance(v, float)} if isinstance(stored, dict) else {}


def _is_replay(storage: BaseStorage, name: str) -> bool:
    opened = find_study(storage, name)
    return opened is not None and opened.is_replay


def _definition(source: OpenStudy) -> Definition:
    return source.definition.model_copy(update={"replay_of": source.name})


def _live(replay: OpenStudy) -> list[FrozenTrial]:
    trials = replay.study.get_trials(deepcopy=False)
    return [trial for trial in trials if trial.state is not TrialState.FAIL]
