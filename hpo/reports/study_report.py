"""Gathering a study's report: its definition, its best trials, its replay and the pictures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from optuna.storages import BaseStorage

from hpo.durations import format_duration
from hpo.replays.comparison import compared
from hpo.replays.replay_study import looks_of, replayed_candidates
from hpo.replays.standing import Standing, standing
from hpo.reports.actions_report import actions_of_policies
from hpo.reports.run_curves import studies_compared, training_signals
from hpo.reports.terrain_report import terrain_tables
from hpo.reports.tuned_values import differing, important_first, tuned_values
from hpo.reports.winner_report import winner_beside_defaults
from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import best_trials, describe_states, ranked_trials
from hpo.trials.planned_run import planned_run
from hpo.trials.record import TrialRecord, read_record
from hpo.trials.shown_hyperparameters import short_name
from hpo.trials.velocity_line import reached_of_commanded
from replay.confirmation import confirmations
from replay.ranking import RankBy, Ranking, rank
from replay.report import Report
from replay.runs import Outcome, Setting
from replay.table import records
from samplers import SearchSpace

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BEST_TRIALS = 10


@dataclass(frozen=True, slots=True)
class StudyReport:
    """A report, its pictures by name, the outcomes it rests on, and where the candidates stand."""

    report: Report
    pictures: "dict[str, Figure]"
    outcomes: list[Outcome]
    stands: Standing

    def ranking_records(self) -> list[dict[str, Any]]:
        """Every candidate in every setting."""
        return [
            {"setting": ranking.setting.describe(self.report.task), **row}
            for ranking in self.report.rankings
            for row in records(ranking)
        ]

    def as_json(self) -> dict[str, Any]:
        """The report and every replayed run."""
        return {
            "study": self.report.study,
            "facts": self.report.facts,
            "best_trials": list(self.report.best_trials),
            "winner": list(self.report.winner),
            "ranking": self.ranking_records(),
            "confirmed": [
                {"candidate": c.candidate, "setting": c.setting.describe(self.report.task), **asdict(c.summary)}
                for c in self.report.confirmations
            ],
            "runs": [
                {
                    "candidate": o.run.candidate,
                    "setting": o.run.setting.describe(self.report.task),
                    "seed": o.run.seed,
                    "purpose": o.run.purpose,
                    "value": o.value,
                    "diverged": o.diverged,
                    "hardware": o.hardware,
                }
                for o in self.outcomes
            ],
        }


def study_report(
    storage: BaseStorage, source: OpenStudy, rank_by: RankBy = "iqm", beside: Sequence[OpenStudy] = ()
) -> StudyReport:
    """The report of `source` as it stands.

    Args:
        storage: Of the studies.
        source: The search.
        rank_by: What decides a ranking.
        beside: Other searches, whose learning curves are drawn beside those of `source`.

    Raises:
        UserError: Its replay belongs to another definition.
    """
    stands = standing(storage, source, rank_by)
    replay, finished = stands.replay, stands.finished
    rankings = _rankings(source, replay, finished, rank_by)
    report = Report(
        study=source.name,
        facts=_facts(source),
        task=source.config.task,
        best_trials=_best(source),
        rankings=rankings,
        confirmations=confirmations(finished),
        winner=winner_beside_defaults(source, stands),
        is_comparison=source.config.is_comparison,
        terrain=terrain_tables(source, replay, rankings),
    )
    drawn = _pictures(source, rankings, finished)
    signals = training_signals(source, stands)
    if signals is not None:
        drawn["training-signals"] = signals
    actions = actions_of_policies(source, stands)
    if actions is not None:
        drawn["actions"] = actions
    if beside:
        drawn["studies-compared"] = studies_compared(storage, [source, *beside], rank_by)
    return StudyReport(report, drawn, finished, stands)


def _best(source: OpenStudy) -> list[dict[str, Any]]:
    """The best trials with what distinguishes them, the most important hyperparameters first."""
    trials = best_trials(source, BEST_TRIALS)
    tuned = [tuned_values(source, trial) for trial in trials]
    names = differing(tuned, important_first(source))
    planned = ((trial.number, planned_run(trial)) for trial in trials)
    baselines = {number: run.candidate for number, run in planned if run is not None}
    rows = []
    records = [read_record(TrialRecord, trial) for trial in trials]
    has_speed = any(record.velocity is not None for record in records)
    for trial, values, record in zip(trials, tuned, records, strict=True):
        reached, commanded = reached_of_commanded(record.velocity)
        rows.append(
            {
                "trial": trial.number,
                **({} if not baselines else {"baseline": baselines.get(trial.number)}),
                "value": trial.value,
                "mean_return": record.mean_return,
                "std_return": record.std_return,
                "iqm_return": record.iqm_return,
                **({"reached_speed": reached, "commanded_speed": commanded} if has_speed else {}),
                "num_timesteps": record.num_timesteps,
                "steps_per_s": record.steps_per_s,
                "replay_ratio": record.replay_ratio,
                **{short_name(name): values.get(name) for name in names},
            }
        )
    return rows


def _facts(source: OpenStudy) -> dict[str, Any]:
    config = source.config
    trials = source.study.get_trials(deepcopy=False)
    return {
        "task": config.task,
        "algorithm": config.algorithm,
        "objective": str(config.objective),
        "budget": f"{format_duration(config.budget)} of training",
        "environments": _environments(source),
        "evaluation": f"{config.n_eval_episodes} episodes, {'deterministic' if config.deterministic else 'stochastic'}",
        "hardware": source.definition.hardware,
        "sampler": config.sampler.name,
        "trials": describe_states(trials),
    }


def _environments(source: OpenStudy) -> int | str:
    """How many, or between what the search looks for their number."""
    space = source.config.search_space
    for dimension in space.dimensions.values() if isinstance(space, SearchSpace) else ():
        if "n_envs" in dimension.determines():
            least, most = (dimension.becomes(value)["n_envs"] for value in (dimension.low, dimension.high))
            return f"{least} to {most}, searched"
    return source.config.n_envs


def _rankings(source: OpenStudy, replay: OpenStudy | None, finished: list[Outcome], rank_by: RankBy) -> list[Ranking]:
    """One ranking per setting, the search's own first."""
    settings: list[Setting] = []
    for outcome in finished:
        if outcome.run.purpose == "replay" and outcome.run.setting not in settings:
            settings.append(outcome.run.setting)
    settings.sort(key=lambda setting: not setting.as_searched)
    candidates = replayed_candidates(source, replay, finished)
    hardware, looks = source.definition.hardware, looks_of(replay)
    return [rank(candidates, finished, setting, hardware, rank_by, looks) for setting in settings]


def _pictures(source: OpenStudy, rankings: list[Ranking], finished: list[Outcome]) -> "dict[str, Figure]":
    from hpo.reports import search_pictures
    from replay import pictures

    label = source.config.objective.label
    drawn = {}
    if best_trials(source, 1) and not source.config.is_comparison:
        drawn["optimization-history"] = search_pictures.optimization_history(source.study, label)
        if any(trial.params for trial in ranked_trials(source)):  # else there are but baselines
            drawn["parallel-coordinates"] = search_pictures.parallel_coordinates(source, label)
    for number, ranking in enumerate(rankings):
        title = ranking.setting.describe(source.config.task)
        suffix = "" if ranking.setting.as_searched else f"-{number + 1}"
        if source.config.is_comparison:
            drawn["comparison"] = pictures.replay_ranking(ranking, title, label, list(compared(source.config)))
        else:
            drawn[f"replay-ranking{suffix}"] = pictures.replay_ranking(ranking, title, label)
        drawn[f"learning-curves{suffix}"] = pictures.learning_curves(ranking, finished, title)
        if ranking.setting.as_searched and not source.config.is_comparison:
            drawn["search-against-replay"] = pictures.search_against_replay(ranking, title)
    return drawn
