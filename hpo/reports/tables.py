"""Tables of a study's trials, at most 100 columns wide."""

from optuna.trial import FrozenTrial, TrialState
from rich.table import Table

from hpo.runs.objective import parse_objective
from hpo.studies.study import OpenStudy
from hpo.trials.recorded_trial import RecordedTrial, read_record
from samplers import REFUSED_ATTR, has_floor_value, replaced_trials

SHOWN_TRIALS = 20


def best_trials(opened: OpenStudy, top: int) -> list[FrozenTrial]:
    """The `top` trials by value, best first; none that diverged or was refused."""
    return [trial for trial in ranked_trials(opened) if not has_floor_value(trial)][:top]


def why_none_is_best(opened: OpenStudy) -> str:
    """Goes on after the study's name, where `best_trials` gives none."""
    finished = opened.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return (
        "has no honest value yet: each finished trial diverged or was refused"
        if finished
        else ("has no finished trial yet")
    )


def ranked_trials(opened: OpenStudy) -> list[FrozenTrial]:
    """The COMPLETE trials, best first; at the end those that diverged or were refused."""
    complete = opened.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return sorted(complete, key=lambda trial: (has_floor_value(trial), -_value(trial)))


def trials_table(opened: OpenStudy) -> Table:
    """The best trials, and how many there are of each state."""
    trials = opened.study.get_trials(deepcopy=False)
    return _table(opened, ranked_trials(opened)[:SHOWN_TRIALS], f"study {opened.name}: {describe_states(trials)}")


def best_table(opened: OpenStudy, top: int) -> Table:
    """The `top` trials."""
    return _table(opened, ranked_trials(opened)[:top], f"study {opened.name}: best trials on {opened.config.task}")


def describe_states(trials: list[FrozenTrial]) -> str:
    """For example `5 complete, 1 running, 2 done again`."""
    counts = count_states(trials)
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "no trials"


def count_states(trials: list[FrozenTrial]) -> dict[str, int]:
    """How many trials are in each of Optuna's states, by its name in small letters, and `done again`.

    A trial that another one replaces did not fail: it was handed back, lost, or the simulator failed.
    """
    replaced = replaced_trials(trials)
    again = sum(trial.state is TrialState.FAIL and trial.number in replaced for trial in trials)
    counts = {state.name.lower(): sum(trial.state is state for trial in trials) for state in TrialState}
    return {**counts, "fail": counts["fail"] - again, "done again": again}


def _table(opened: OpenStudy, trials: list[FrozenTrial], title: str) -> Table:
    table = Table(title=title, title_justify="left")
    objective = parse_objective(opened.config.objective)
    for column in (
        "trial",
        objective.label,
        "std" if objective.kind == "return" else "return",
        "steps",
        "steps/s",
        "replay ratio",
        "batch",
        "gradient steps",
        "network",
    ):
        table.add_column(column, justify="right")
    for trial in trials:
        table.add_row(*_row(trial, objective.kind == "return"))
    if not trials:
        table.caption = f"no finished trial yet; {opened.n_trials} are planned"
    return table


def _row(trial: FrozenTrial, of_return: bool) -> list[str]:
    record = read_record(RecordedTrial, trial)
    return [
        str(trial.number),
        _why_none(trial) or f"{_value(trial):.2f}",
        _format(record.std_return if of_return else record.mean_return, ".2f"),
        _format(record.num_timesteps, ",d"),
        _format(record.steps_per_s, ",.0f"),
        _format(record.replay_ratio, ".3g"),
        _format(record.batch_size, "d"),
        _format(record.gradient_steps, "d"),
        _network(record.net_arch),
    ]


def _why_none(trial: FrozenTrial) -> str:
    """Why the run gave no value; empty if it gave one."""
    if not has_floor_value(trial):
        return ""
    return "refused" if REFUSED_ATTR in trial.user_attrs else "diverged"


def _network(net_arch: list[int] | dict[str, list[int]] | None) -> str:
    """Layer sizes, and for actor and critic of their own the critic's (`qf`; `vf` for PPO)."""
    sizes = net_arch.get("qf", net_arch.get("vf")) if isinstance(net_arch, dict) else net_arch
    return "-" if sizes is None else "-".join(str(size) for size in sizes)


def _format(value: float | None, spec: str) -> str:
    return "-" if value is None else format(value, spec)


def _value(trial: FrozenTrial) -> float:
    assert trial.value is not None  # Optuna: a COMPLETE trial has one
    return trial.value
