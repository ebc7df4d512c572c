"""A comparison: every point of a small search space over the same seeds, planned before anything runs.

A study whose sampler is `grid` is one. Its trials are runs of candidates, as those of a replay are, and are ranked as
those. Nothing was chosen by its own score, so nothing has to be trained again.
"""

from contextlib import suppress

import samplers
from hpo.database.attributes import RUN_KEY_ATTR
from hpo.database.trial_slots import AlreadyThereError, StudyCompleteError
from hpo.studies.searched_settings import divided
from hpo.studies.study import OpenStudy
from hpo.studies.study_config import StudyConfig
from hpo.trials.planned_run import PlannedRun, waiting_trial
from hpo.trials.shown_hyperparameters import flattened, short_name, short_value
from replay.candidates import Candidate
from replay.runs import Setting, plan
from replay.seeds import fresh_seeds


def enqueue_comparison(opened: OpenStudy) -> None:
    """Enqueues the runs of a comparison that it has not had yet, as many as it has trials; of a search, none.

    Seed by seed, so that all candidates have been compared on the seeds that are done.
    """
    if not opened.config.is_comparison or opened.is_replay:
        return
    points = compared(opened.config)
    candidates = [candidate for candidate, _ in points.values()]
    n_seeds = -(-opened.n_trials // len(candidates))
    runs = plan(candidates, fresh_seeds(opened.name, "replay", n_seeds, ()), [Setting()], "replay")
    had = {trial.user_attrs.get(RUN_KEY_ATTR) for trial in opened.study.get_trials(deepcopy=False)}
    distributions = opened.config.search_space.distributions()
    for run in runs[: opened.n_trials]:
        if run.key in had:
            continue
        planned = PlannedRun(
            candidate=run.candidate,
            hyperparameters=run.hyperparameters,
            seed=run.seed,
            candidate_changes=run.candidate_changes,
        )
        values = {name: int(value) for name, value in points[run.candidate][1].items()}
        with suppress(AlreadyThereError, StudyCompleteError):  # another worker was faster; baselines took a place
            opened.study.add_trial(waiting_trial(planned, run.key, values, distributions))


def compared(config: StudyConfig) -> dict[str, tuple[Candidate, dict[str, float]]]:
    """Name -> candidate, and the values that it is of the search space."""
    space = config.search_space
    assert isinstance(space, samplers.SearchSpace)  # the definition was checked
    points: dict[str, tuple[Candidate, dict[str, float]]] = {}
    for values in space.grid():
        determined = [dimension.becomes(values[name]) for name, dimension in space.dimensions.items()]
        name = ", ".join(
            f"{short_name(key)} {short_value(value)}" for one in determined for key, value in flattened(one).items()
        )
        if name in points:  # they differ in digits that are not shown
            name = f"{name} ({len(points)})"
        hyperparameters, changes = divided(config, space.hyperparameters(values))
        points[name] = Candidate(name, hyperparameters, None, changes), values
    return points
