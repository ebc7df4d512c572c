"""What a replay will do: candidates, seeds, settings and rounds, settled and checked before anything runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpo.errors import UserError
from hpo.replays.replay_study import finished_trials, search_seeds
from hpo.runs.run_config import RunConfig
from hpo.studies.study import OpenStudy
from hpo.trials.baselines import PREFIX, Baselines, described, is_file
from hpo.trials.trial_runs import changed_config
from objectives.errors import ConfigurationError
from objectives.special_values import resolved
from replay.candidates import Candidate, ChosenBy, FinishedTrial, candidate, top_trials, without_doubles
from replay.racing import Rung, n_runs, rungs
from replay.ranking import RankBy
from replay.runs import Run, Setting, plan
from replay.seeds import fresh_seeds
from replay.sequential import looks
from replay.smoothed_scores import MIN_TRIALS, smoothed_scores


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """What the user asked for."""

    top: int
    chosen_by: ChosenBy
    """What the best trials are."""
    seeds: int | list[int]
    """A number, or the seeds themselves."""
    include: tuple[str, ...]
    tasks: tuple[str, ...]
    action_bounds: dict[str, Any] | None
    deterministic: bool | None
    """None: as in the search."""
    racing: bool
    until_separated: bool
    """Look by look, within `max_runs`."""
    max_runs: int | None
    confirm: int
    rank_by: RankBy


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """What will be done."""

    candidates: tuple[Candidate, ...]
    seeds: tuple[int, ...]
    confirm_seeds: tuple[int, ...]
    settings: tuple[Setting, ...]
    rounds: tuple[Rung, ...]
    """One round with every seed, or those of a race, or the looks until the leader is separated."""
    until_separated: bool
    remarks: tuple[str, ...]
    """Where the plan is not what was asked for."""

    @property
    def n_runs(self) -> int:
        """Runs in all, those that are finished included."""
        return len(self.settings) * (n_runs(self.rounds) + len(self.confirm_seeds))

    def first_round(self) -> list[Run]:
        """The runs of every candidate; without racing, all that make the ranking."""
        return plan(self.candidates, self.seeds[: self.rounds[0].n_seeds], self.settings, "replay")


def plan_replay(source: OpenStudy, wanted: ReplayOptions, baselines: Baselines) -> ReplayPlan:
    """Settles what `wanted` comes to.

    Args:
        source: The search.
        wanted: What is asked for.
        baselines: Those that can stand beside its trials.

    Raises:
        UserError: No candidate, a seed that the search used, an unknown trial, baseline or task setting, or a run
            budget that is too small.
    """
    remarks: list[str] = []
    candidates = _candidates(source, wanted, baselines, remarks)
    rounds = _rounds(wanted, len(candidates))
    used = search_seeds(source)
    confirm_seeds = fresh_seeds(source.name, "confirm", wanted.confirm, used)
    seeds = (
        _checked_seeds(wanted.seeds, used, confirm_seeds)
        if isinstance(wanted.seeds, list)
        else fresh_seeds(source.name, "replay", rounds[-1].n_seeds, used)
    )
    return ReplayPlan(
        candidates=tuple(candidates),
        seeds=tuple(seeds),
        confirm_seeds=tuple(confirm_seeds),
        settings=tuple(_settings(source, wanted)),
        rounds=tuple(rounds),
        until_separated=wanted.until_separated,
        remarks=tuple(remarks),
    )


def _candidates(source: OpenStudy, wanted: ReplayOptions, baselines: Baselines, remarks: list[str]) -> list[Candidate]:
    trials = finished_trials(source)
    space = source.config.search_space
    smoothed = smoothed_scores(trials, space) if wanted.chosen_by == "model" and wanted.top else {}
    best = top_trials(trials, space, wanted.top, smoothed)
    if not trials and not wanted.include:
        raise UserError(f"study {source.name} has no finished trial yet: hpo worker --study {source.name}")
    if wanted.chosen_by == "model" and wanted.top and not smoothed:
        remarks.append(_why_no_model(source, len(trials)))
    if len(best) < wanted.top:
        remarks.append(
            f"--top {wanted.top}: the study has {len(best)} finished trials that differ and did not diverge; "
            "all of them are replayed"
        )
    included = [_included(source, trials, smoothed, baselines, name, remarks) for name in wanted.include]
    chosen = without_doubles([*(candidate(trial, smoothed) for trial in best), *included])
    if not chosen:
        raise UserError("nothing to replay: --top 0 and no --include, or every finished trial diverged")
    return chosen


def _why_no_model(source: OpenStudy, n_trials: int) -> str:
    why = (
        f"it has {n_trials} finished trials, and a model needs {MIN_TRIALS}"
        if n_trials < MIN_TRIALS
        else "its search space has no dimensions that are known beforehand"
    )
    return f"the best trials of {source.name} are those with the best scores: {why}"


def _included(
    source: OpenStudy,
    trials: Sequence[FinishedTrial],
    smoothed: Mapping[int, float],
    baselines: Baselines,
    name: str,
    remarks: list[str],
) -> Candidate:
    if name.startswith(PREFIX) or is_file(name):
        baseline = baselines.get(name.removeprefix(PREFIX), "--include")
        try:
            resolved(baseline.hyperparameters, source.config.n_envs)
        except ConfigurationError as error:
            raise UserError(f"--include {name}: {error}") from error
        if baseline.changes:
            remarks.append(described(baseline))
        return Candidate(baseline.key, baseline.hyperparameters, None, baseline.changes)
    matching = [trial for trial in trials if str(trial.number) == name]
    if not matching:
        raise UserError(
            f"--include {name}: study {source.name} has no finished trial of that number; "
            f"write a trial's number, {PREFIX}NAME, or a file (mine.yml)"
        )
    return candidate(matching[0], smoothed)


def _rounds(wanted: ReplayOptions, n_candidates: int) -> list[Rung]:
    listed = len(wanted.seeds) if isinstance(wanted.seeds, list) else None
    n_seeds = listed or wanted.seeds
    assert isinstance(n_seeds, int)
    if wanted.until_separated:
        assert wanted.max_runs is not None  # the command asks for it
        try:
            return looks(n_candidates, wanted.max_runs)
        except ValueError as error:
            raise UserError(f"--until-separated --max-runs {wanted.max_runs}: {error}") from error
    if not wanted.racing:
        return [Rung(n_candidates, n_seeds)]
    try:
        return rungs(n_candidates, n_seeds, wanted.max_runs, listed)
    except ValueError as error:
        raise UserError(f"--max-runs {wanted.max_runs}: {error}") from error


def _checked_seeds(seeds: list[int], used: set[int], confirm_seeds: Sequence[int]) -> list[int]:
    searched = [seed for seed in seeds if seed in used]
    if searched:
        raise UserError(
            f"--seed-list: the search trained with {', '.join(map(str, searched))}; a seed that took part in choosing "
            "the candidates favours them"
        )
    doubled = [seed for seed in confirm_seeds if seed in seeds]
    if doubled:
        raise UserError(f"--seed-list: {', '.join(map(str, doubled))} belongs to --confirm, whose seeds stay untouched")
    return seeds


def _settings(source: OpenStudy, options: ReplayOptions) -> list[Setting]:
    """One setting per task, of only those fields that differ from the search's."""
    own = source.config
    settings = []
    for task in dict.fromkeys(options.tasks or (own.task,)):
        wanted = {"task": task, "action_bounds": options.action_bounds, "deterministic": options.deterministic}
        changes = {field: value for field, value in wanted.items() if value is not None}
        changed = changed_config(own, changes)
        settings.append(Setting({field: changes[field] for field in changes if _differ(changed, own, field)}))
    return settings


def _differ(one: RunConfig, other: RunConfig, field: str) -> bool:
    return bool(getattr(one, field) != getattr(other, field))
