"""What a replay prints: its plan before it starts, its ranking at the end; at most 100 columns wide."""

from typing import Any

from hpo.durations import format_duration
from hpo.hardware import Hardware
from hpo.replays.replay_plan import ReplayPlan
from hpo.replays.replay_study import later_spread, seconds_outside_budget
from hpo.replays.standing import standing
from hpo.reports.tuned_values import differing, important_first, with_settings
from hpo.studies.study import OpenStudy
from hpo.terminal.whole_table import Column, WholeTable
from hpo.trials.shown_hyperparameters import flattened, short_name, short_value
from hpo.trials.trial_runs import changed_config
from hpo.trials.velocity_line import SPEED, speed_cell
from objectives.special_values import resolved
from replay.cost import network_size
from replay.ranking import Ranking
from replay.statistics import detectable_difference, fewest_seeds
from replay.table import records
from samplers import replay_ratio


def plan_table(source: OpenStudy, plan: ReplayPlan) -> WholeTable:
    """The candidates, with the hyperparameters in which they differ."""
    configs = [changed_config(source.config, candidate.changes) for candidate in plan.candidates]
    trained = [
        resolved(candidate.hyperparameters, config.n_envs)
        for candidate, config in zip(plan.candidates, configs, strict=True)
    ]
    tuned = important_first(source)
    # What a baseline has besides, of another algorithm perhaps, is no difference of the search.
    rows = [
        with_settings(flattened(hyperparameters), tuned or list(flattened(hyperparameters)), config)
        for hyperparameters, config in zip(trained, configs, strict=True)
    ]
    names = differing(rows, tuned)
    modelled = any(candidate.smoothed_score is not None for candidate in plan.candidates)
    table = WholeTable(
        [
            Column("candidate", left=True),
            Column("search score"),
            *([Column("smoothed", goes=7)] if modelled else []),
            *(Column(short_name(name), goes=10 + place) for place, name in enumerate(names)),
            Column("replay ratio", goes=8),
            Column("weights", goes=9),
        ],
        title=f"replay of {source.name}: candidates",
    )
    for candidate, config, hyperparameters, row in zip(plan.candidates, configs, trained, rows, strict=True):
        table.add_row(
            candidate.label,
            _number(candidate.search_score),
            *([_number(candidate.smoothed_score)] if modelled else []),
            *(short_value(row.get(name)) for name in names),
            f"{replay_ratio(hyperparameters, config.n_envs):.3g}",
            f"{network_size(hyperparameters):,}",
        )
    return table


def plan_lines(source: OpenStudy, plan: ReplayPlan, done: int, hardware: Hardware) -> list[str]:
    """What will be run, of which `done` runs are finished, and what it costs."""
    seconds = source.config.budget + seconds_outside_budget(source)
    left = plan.n_runs - done
    rounds = ", then ".join(f"{rung.n_candidates} candidates to {rung.n_seeds} seeds" for rung in plan.rounds)
    confirmation = f", then the winner on {len(plan.confirm_seeds)} untouched seeds" if plan.confirm_seeds else ""
    tasks = [setting.describe(source.config.task) for setting in plan.settings]
    unit = "GPU" if hardware.device == "cuda" else "CPU"
    return [
        *plan.remarks,
        _what_seeds_can_tell(source, plan),
        f"{' and '.join(tasks)}: {rounds}{confirmation}",
        f"{plan.n_runs} runs, {done} finished, {left} to go: {_hours(left * seconds)} {unit} hours at "
        f"{format_duration(seconds)} a run, shared by all who type this command",
    ]


def _what_seeds_can_tell(source: OpenStudy, plan: ReplayPlan) -> str:
    """What the planned runs can answer, before they cost anything."""
    if plan.until_separated:
        *some, most = [str(rung.n_seeds) for rung in plan.rounds]
        after = f"{', '.join(some)} and {most}" if some else most
        return (
            f"looks after {after} seeds at most: whoever is separated from the leader gets no more, and p-values are "
            "those of all looks"
        )
    last = plan.rounds[-1]
    seeds = "1 seed" if last.n_seeds == 1 else f"{last.n_seeds} seeds"
    if last.n_candidates == 1:
        return f"{seeds} for one candidate: how much it varies, and whether its score was luck"
    fewest = fewest_seeds(last.n_candidates)
    if last.n_seeds < fewest:
        return (
            f"WARNING: {seeds} separate nobody: with {last.n_candidates} candidates no difference is significant "
            f"below {fewest} (--seeds {fewest})"
        )
    spread = later_spread(source)
    if spread is None:
        return f"{seeds} can separate {last.n_candidates} candidates; by how much they must differ is not known yet"
    difference = detectable_difference(last.n_seeds, last.n_candidates, spread)
    assert difference is not None  # there are enough seeds
    return (
        f"{seeds} separate two of {last.n_candidates} candidates in 80 % of the cases if their returns differ by "
        f"{_number(difference)}. This assumes a std of {_number(spread)} between seeds, that of the search's later half"
    )


def ranking_table(ranking: Ranking, title: str) -> WholeTable:
    """Who leads, by how much, and how sure that is."""
    searched = any(row.candidate.search_score is not None for row in ranking.rows)
    modelled = any(row.candidate.smoothed_score is not None for row in ranking.rows)
    table = WholeTable(
        [
            Column("#"),
            Column("candidate", left=True),
            Column("n"),
            Column("IQM"),
            Column("95 % interval", goes=0),
            *([Column("search", goes=3)] if searched else []),
            *([Column("smoothed", goes=7)] if modelled else []),
            *([Column("shrinkage", goes=5)] if searched else []),
            Column("P(better)", goes=6),
            Column("p", goes=2),
            Column("seeds", goes=4),
            Column("remarks", left=True, goes=1),
        ],
        title=title,
        caption=("smoothed: the search's score with what the trials around it say. " if modelled else "")
        + "P(better): the chance that it beats the leader (paired bootstrap). p: signed-rank test against the "
        "leader, corrected for all pairs. seeds: how many it takes to separate the two.",
    )
    for row in records(ranking):
        low, high = row["interval_low"], row["interval_high"]
        table.add_row(
            str(row["rank"]),
            row["label"],
            str(row["n"]),
            _number(row["mean"] if row["iqm"] is None else row["iqm"]),
            "-" if low is None else f"{_number(low)} .. {_number(high)}",
            *([_number(row["search_score"])] if searched else []),
            *([_number(row["smoothed_score"])] if modelled else []),
            *([_number(row["shrinkage"])] if searched else []),
            _number(row["p_better"], ".2f"),
            _number(row["p_value_holm"], ".3f"),
            "-" if row["seeds_to_separate"] is None else str(row["seeds_to_separate"]),
            ", ".join(_remarks(row, ranking.setting.as_searched)),
        )
    return table


def comparison_table(opened: OpenStudy) -> WholeTable:
    """Where the candidates of a comparison stand."""
    ranking = standing(opened.storage, opened, "iqm").ranking
    return ranking_table(ranking, f"study {opened.name}: settings over seeds on {opened.config.task}")


def detail_table(ranking: Ranking) -> WholeTable:
    """The other statistics, what a candidate costs and, on a velocity task, how fast its robots go."""
    has_speed = any(row.speed is not None for row in ranking.rows)
    speed = [SPEED] if has_speed else []
    columns = (*speed, "mean", "std", "min", "median", "CVaR 25 %", "steps/s", "gradient steps/s")
    table = WholeTable(
        [Column("candidate", left=True), *(Column(name, goes=place) for place, name in enumerate(columns))],
        title="over seeds",
    )
    for row in records(ranking):
        table.add_row(
            row["label"],
            *([speed_cell(row["reached_speed"], row["commanded_speed"])] if has_speed else []),
            *(_number(row[key]) for key in ("mean", "std", "min", "median", "cvar_25")),
            _number(row["steps_per_s"], ",.0f"),
            _number(row["gradient_steps_per_s"], ",.0f"),
        )
    return table


def _hours(seconds: float) -> str:
    hours = seconds / 3600
    return format(hours, ".1f" if hours >= 1 else ".2f")


def _remarks(row: dict[str, Any], as_searched: bool) -> list[str]:
    return [
        *(["lucky"] if row["lucky"] else []),
        *([f"{row['diverged']} diverged"] if row["diverged"] else []),
        *(["not comparable"] if as_searched and not row["comparable"] else []),
    ]


def _number(value: float | None, spec: str | None = None) -> str:
    """Four digits, unless `spec` says otherwise."""
    if value is None:
        return "-"
    digits = max(0, 2 - max(0, len(str(abs(int(value)))) - 2))
    return format(value, spec or f"z.{digits}f")
