"""What a replay prints: its plan before it starts, its ranking at the end; at most 100 columns wide."""

from typing import Any

from rich import box
from rich.table import Table

from hpo.durations import format_duration
from hpo.hardware import Hardware
from hpo.replays.replay_plan import ReplayPlan
from hpo.replays.replay_study import seconds_outside_budget
from hpo.studies.study import OpenStudy
from objectives.special_values import resolved
from replay.cost import network_size
from replay.ranking import Ranking
from replay.table import records
from samplers import replay_ratio


def plan_table(source: OpenStudy, plan: ReplayPlan) -> Table:
    """The candidates."""
    table = _table(f"replay of {source.name}: candidates")
    for column in ("candidate", "search score", "replay ratio", "batch", "gradient steps", "weights"):
        table.add_column(column, justify="left" if column == "candidate" else "right")
    for candidate in plan.candidates:
        hyperparameters = candidate.hyperparameters
        table.add_row(
            candidate.name,
            _number(candidate.search_score),
            f"{replay_ratio(resolved(hyperparameters, source.config.n_envs), source.config.n_envs):.3g}",
            str(hyperparameters.get("batch_size", "-")),
            str(hyperparameters.get("gradient_steps", "-")),
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
        f"{' and '.join(tasks)}: {rounds}{confirmation}",
        f"{plan.n_runs} runs, {done} finished, {left} to go: {_hours(left * seconds)} {unit} hours at "
        f"{format_duration(seconds)} a run, shared by all who type this command",
    ]


def ranking_table(ranking: Ranking, title: str) -> Table:
    """Who leads, by how much, and how sure that is."""
    table = _table(title)
    table.add_column("#", justify="right")
    table.add_column("candidate", overflow="fold", min_width=9)
    for column in ("n", "IQM", "95 % interval", "search", "shrinkage", "P(better)", "p", "seeds"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for row in records(ranking):
        low, high = row["interval_low"], row["interval_high"]
        table.add_row(
            str(row["rank"]),
            row["candidate"],
            str(row["n"]),
            _number(row["mean"] if row["iqm"] is None else row["iqm"]),
            "-" if low is None else f"{_number(low)} .. {_number(high)}",
            _number(row["search_score"]),
            _number(row["shrinkage"]),
            _number(row["p_better"], ".2f"),
            _number(row["p_value_holm"], ".3f"),
            "-" if row["seeds_to_separate"] is None else str(row["seeds_to_separate"]),
            ", ".join(_remarks(row, ranking.setting.as_searched)),
        )
    table.caption = "P(better): paired bootstrap, than the leader; p: signed-rank, all pairs; seeds: to separate"
    return table


def detail_table(ranking: Ranking) -> Table:
    """The other statistics, and what a candidate costs."""
    table = _table("over seeds")
    table.add_column("candidate", overflow="fold")
    for column in ("mean", "median", "std", "min", "CVaR 25 %", "steps/s", "gradient steps/s"):
        table.add_column(column, justify="right")
    for row in records(ranking):
        table.add_row(
            row["candidate"],
            *(_number(row[key]) for key in ("mean", "median", "std", "min", "cvar_25")),
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


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1), caption_justify="left")


def _number(value: float | None, spec: str | None = None) -> str:
    """Four digits, unless `spec` says otherwise."""
    if value is None:
        return "-"
    digits = max(0, 2 - max(0, len(str(abs(int(value)))) - 2))
    return format(value, spec or f".{digits}f")
