"""Measured bounds as a file, a picture and a table."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpo.durations import format_duration
from hpo.errors import UserError
from hpo.hardware import Hardware
from hpo.runs.provenance import git_commit, host, versions
from hpo.studies.bounds_file import write_bounds
from hpo.terminal.whole_table import Column, WholeTable
from objectives.bounds.measured_bounds import MeasuredBounds, load_actions, measured_bounds
from objectives.bounds.picture import save_picture
from objectives.bounds.recording import Recording, RecordSpec
from objectives.run_result import Evaluation
from objectives.run_spec import ActionBounds


@dataclass(frozen=True, slots=True)
class BoundsReport:
    """What was measured, and where it lies."""

    recording: Recording
    bounds: MeasuredBounds
    task: str
    percentile: float
    file: Path
    picture: Path
    noise_share: NDArray[np.float64]
    """Of the variance of the recorded actions, what the policy's exploration makes up, shape `(action_dim,)`; NaN where
    that is not known."""


MOSTLY = 0.5
"""Of the variance."""


def check_percentile(percentile: float) -> None:
    """Raises a `UserError` unless a percentile and its counterpart can be the bounds."""
    if not 0 <= percentile < 50:  # noqa: PLR2004  (the median is its own counterpart)
        raise UserError(f"--percentile {percentile:g}: the bounds are it and 100 minus it, so from 0 to below 50")


def write_report(
    out: Path, recording: Recording, spec: RecordSpec, percentile: float, hardware: Hardware
) -> BoundsReport:
    """Measures the bounds, and writes them to `out` with a picture beside it.

    Raises:
        ConfigurationError: The task's own space leaves a dimension no choice.
        UserError: The files cannot be written.
    """
    actions, space_low, space_high = load_actions(Path(recording.actions_path))
    names = recording.action_names
    bounds = measured_bounds(actions, percentile, space_low, space_high, names)
    task = spec.environment.task
    report = BoundsReport(
        recording, bounds, task, percentile, out, out.with_suffix(".png"), _noise_share(recording, actions)
    )
    title = (
        f"{task}: {recording.steps:,} recorded actions of {recording.policy}, "
        f"mean return {recording.evaluation.mean_return:.4g}"
    )
    try:
        unfinished = out.with_name(f".{out.stem}.{os.getpid()}.png")
        save_picture(unfinished, actions, bounds, space_low, space_high, title, names)
        unfinished.replace(report.picture)
        # Last, so that where this file is everything is.
        write_bounds(
            out,
            _header(report),
            _action_bounds(report),
            _provenance(report, spec, hardware),
        )
    except OSError as error:
        raise UserError(f"cannot write {out}: {error.strerror}; the actions are in {recording.actions_path}") from error
    return report


def _action_bounds(report: BoundsReport) -> ActionBounds:
    low, high = report.bounds.low.tolist(), report.bounds.high.tolist()
    names = report.recording.action_names
    if names is None:
        return ActionBounds(low=low, high=high)
    return ActionBounds(joints=dict(zip(names, zip(low, high, strict=True), strict=True)))


def describe(report: BoundsReport) -> list[WholeTable | str]:
    """What to show: the table, what the PPO reached, what to beware of, and where everything is."""
    recording, bounds = report.recording, report.bounds
    policy = recording.policy[:1].upper() + recording.policy[1:]
    training = recording.training
    trained = (
        f", trained for {format_duration(training.training_s)} and {training.num_timesteps:,} steps" if training else ""
    )
    lines = [
        f"{policy}{trained}: mean return {_mean(recording.evaluation)}, untrained {_mean(recording.untrained)}.",
        *[f"{note[:1].upper()}{note[1:]}." for note in recording.notes],
    ]
    if not recording.learned():
        lines.append(
            "WARNING: this PPO is not clearly better than an untrained one, so its actions say little about the task: "
            "give it more --budget, or a trained one with --from."
        )
    noisy = report.noise_share > MOSTLY
    if noisy.any():
        lines.append(
            f"{_listed(report, noisy)}: most of it is the PPO's exploration, not what the task needs; a longer "
            "--budget lets that settle, --deterministic leaves it out."
        )
    if bounds.widened.any():
        lines.append(f"{_listed(report, bounds.widened)}: the policy hardly moves there; its bounds were widened.")
    lines += [
        f"Bounds in {report.file}, picture in {report.picture}, recorded actions in "
        f"{Path(recording.actions_path).parent}.",
        f"A study takes them as `action_bounds: {report.file.name}`, or with --action-bounds {report.file}.",
    ]
    return [_table(report), *lines]


def _listed(report: BoundsReport, which: NDArray[np.bool_]) -> str:
    """The dimensions for which `which`, shape `(action_dim,)`, is true: `RL_hip_joint, RR_hip_joint`, or by number."""
    chosen, names = np.flatnonzero(which), report.recording.action_names
    if names is None:
        return f"Dimension {', '.join(map(str, chosen))}"
    return ", ".join(names[dimension] for dimension in chosen)


def _table(report: BoundsReport) -> WholeTable:
    bounds = report.bounds
    names = report.recording.action_names
    numbers = map(str, range(len(bounds.low)))
    table = WholeTable(
        [
            Column("dimension", left=names is not None),
            Column("low"),
            Column("high"),
            Column("width", goes=3),
            Column("share of the space", goes=2),
            Column("actions outside", goes=0),
            Column("exploration", goes=1),
        ],
        title=f"{report.task}: percentiles {report.percentile:g} and {100 - report.percentile:g} of "
        f"{report.recording.steps:,} actions",
    )
    for dimension, (label, low, high) in enumerate(zip(names or numbers, bounds.low, bounds.high, strict=True)):
        share = bounds.share[dimension]
        table.add_row(
            label,
            f"{low:g}",
            f"{high:g}",
            f"{high - low:.3g}",
            "unbounded" if np.isnan(share) else f"{100 * share:.3g} %",
            f"{100 * bounds.clipped[dimension]:z.2f} %",
            "-" if np.isnan(report.noise_share[dimension]) else f"{100 * report.noise_share[dimension]:.0f} %",
        )
    return table


def _noise_share(recording: Recording, actions: NDArray[np.float32]) -> NDArray[np.float64]:
    if recording.noise_std is None:
        return np.full(actions.shape[1], np.nan)
    # Actions that are clipped to the space vary less than the policy's own.
    return np.minimum(np.square(recording.noise_std) / np.maximum(actions.var(axis=0, dtype=np.float64), 1e-12), 1.0)


def _header(report: BoundsReport) -> list[str]:
    return [
        f"Action bounds of {report.task}, for each action dimension, measured by hpo bounds:",
        f"percentiles {report.percentile:g} and {100 - report.percentile:g} of {report.recording.steps:,} actions of "
        f"{report.recording.policy}.",
        f"A study takes them as `action_bounds: {report.file.name}`.",
        *(
            ["WARNING: that PPO was not clearly better than an untrained one."]
            if not report.recording.learned()
            else []
        ),
    ]


def _provenance(report: BoundsReport, spec: RecordSpec, hardware: Hardware) -> dict[str, Any]:
    recording, environment = report.recording, spec.environment
    training = recording.training
    return {
        "task": environment.task,
        "backend": environment.backend,
        **({} if environment.physics is None else {"physics": environment.physics}),
        "n_envs": environment.n_envs,
        **({"env_kwargs": environment.env_kwargs} if environment.env_kwargs else {}),
        **({} if environment.max_episode_steps is None else {"max_episode_steps": environment.max_episode_steps}),
        "percentile": report.percentile,
        "recorded_steps": recording.steps,
        "recorded_actions": "means" if spec.deterministic else "samples",
        **(
            {} if recording.noise_std is None else {"exploration_std": _exploration_std(recording, recording.noise_std)}
        ),
        "policy": recording.policy,
        **({"notes": list(recording.notes)} if recording.notes else {}),
        "mean_return": recording.evaluation.mean_return,
        "untrained_mean_return": recording.untrained.mean_return,
        "better_than_untrained": recording.learned(),
        "n_episodes": recording.evaluation.n_episodes,
        "widened_dimensions": [
            dimension if recording.action_names is None else recording.action_names[dimension]
            for dimension in np.flatnonzero(report.bounds.widened).tolist()
        ],
        "eval_seed": spec.eval_seed,
        **(
            {}
            if training is None
            else {
                "seed": spec.seed,
                "training_s": training.training_s,
                "num_timesteps": training.num_timesteps,
                "hyperparameters": recording.hyperparameters,
            }
        ),
        "hardware": hardware.name,
        "host": host(),
        "git_commit": git_commit(),
        "versions": versions(),
    }


def _exploration_std(recording: Recording, noise_std: tuple[float, ...]) -> list[float] | dict[str, float]:
    rounded = [round(std, 4) for std in noise_std]
    return rounded if recording.action_names is None else dict(zip(recording.action_names, rounded, strict=True))


def _mean(evaluation: Evaluation) -> str:
    return f"{evaluation.mean_return:z.2f} (std {evaluation.std_return:z.2f}, {evaluation.n_episodes} episodes)"
