"""Tables of a study's trials, at most 100 columns wide."""

from typing import Any

from optuna.trial import FrozenTrial
from rich.table import Table

from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import describe_states, ranked_trials, value_of
from hpo.trials.record import TrialRecord, read_record
from hpo.trials.trial_runs import resolved_hyperparameters
from objectives.objective import Return
from samplers import REFUSED_ATTR, has_floor_value

SHOWN_TRIALS = 20


def trials_table(opened: OpenStudy) -> Table:
    """The best trials, and how many there are of each state."""
    trials = opened.study.get_trials(deepcopy=False)
    return _table(opened, ranked_trials(opened)[:SHOWN_TRIALS], f"study {opened.name}: {describe_states(trials)}")


def best_table(opened: OpenStudy, top: int) -> Table:
    """The `top` trials."""
    return _table(opened, ranked_trials(opened)[:top], f"study {opened.name}: best trials on {opened.config.task}")


def _table(opened: OpenStudy, trials: list[FrozenTrial], title: str) -> Table:
    table = Table(title=title, title_justify="left")
    objective = opened.config.objective
    for column in (
        "trial",
        objective.label,
        "std" if objective == Return() else "return",
        "steps",
        "steps/s",
        "replay ratio",
        "batch",
        "gradient steps",
        "network",
    ):
        table.add_column(column, justify="right")
    for trial in trials:
        table.add_row(*_row(opened, trial, objective == Return()))
    if not trials:
        table.caption = f"no finished trial yet; {opened.n_trials} are planned"
    return table


def _row(opened: OpenStudy, trial: FrozenTrial, of_return: bool) -> list[str]:
    record = read_record(TrialRecord, trial)
    hyperparameters = resolved_hyperparameters(opened, trial)
    return [
        str(trial.number),
        _why_none(trial) or f"{value_of(trial):.2f}",
        _format(record.std_return if of_return else record.mean_return, ".2f"),
        _format(record.num_timesteps, ",d"),
        _format(record.steps_per_s, ",.0f"),
        _format(record.replay_ratio, ".3g"),
        str(hyperparameters.get("batch_size", "-")),
        str(hyperparameters.get("gradient_steps", "-")),
        _network_of(hyperparameters),
    ]


def _why_none(trial: FrozenTrial) -> str:
    """Why the run gave no value; empty if it gave one."""
    if not has_floor_value(trial):
        return ""
    return "refused" if REFUSED_ATTR in trial.user_attrs else "diverged"


def _network_of(hyperparameters: dict[str, Any]) -> str:
    """Layer sizes, for example `256-128`; for actor and critic of their own the critic's (`qf`; `vf` for PPO)."""
    policy_kwargs = hyperparameters.get("policy_kwargs")
    sizes = policy_kwargs.get("net_arch") if isinstance(policy_kwargs, dict) else None
    if isinstance(sizes, dict):
        sizes = sizes.get("qf", sizes.get("vf"))
    return "-".join(map(str, sizes)) if isinstance(sizes, list | tuple) else "-"


def _format(value: float | None, spec: str) -> str:
    return "-" if value is None else format(value, spec)
