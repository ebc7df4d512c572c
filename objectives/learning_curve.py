"""The learning curve: recorded and reported while training, saved as CSV and PNG."""

import csv
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from stable_baselines3.common.callbacks import BaseCallback

from objectives.agents.factory import gradient_steps_done, latest_returns, training_signals
from objectives.environments import curriculum_level
from objectives.errors import DivergedError
from objectives.run_result import CurvePoint, RunResult, TrainingSignals
from objectives.timeout import TimeoutCallback

_SHORT_S = 0.05


class LearningCurveCallback(BaseCallback):
    """Records a point after each multiple of `every_s` seconds of training and hands it to `on_point`.

    Ends training at the first point whose mean return is `stop_at_return` or more, once as many episodes have ended as
    there are environments: the first to end are the shortest.

    Raises:
        DivergedError: From a step, when the mean return is not finite.
    """

    def __init__(
        self,
        timeout: TimeoutCallback,
        every_s: float,
        on_point: Callable[[CurvePoint], None],
        stop_at_return: float | None = None,
    ) -> None:
        super().__init__()
        self.points: list[CurvePoint] = []
        self.reached_s: float | None = None
        self._stop_at_return = stop_at_return
        self._timeout = timeout
        self._every_s = every_s
        self._on_point = on_point
        self._next_s = every_s
        self._gradient_steps = 0, 0.0
        """How many were done at the latest point, and when that was."""

    def _on_step(self) -> bool:
        elapsed_s = self._timeout.elapsed_s
        if elapsed_s >= self._next_s:
            point = self.add_point()
            if point.mean_return is None and len(latest_returns(self.model)):
                raise DivergedError("the returns of the training episodes are not finite")
            if self._reached(point):
                self.reached_s = point.elapsed_s
                return False
            # The next multiple, so that runs are compared at equal seconds; not `+= every_s`: after one long step
            # there must be no burst of points.
            self._next_s = (elapsed_s // self._every_s + 1) * self._every_s
        return True

    def _on_training_end(self) -> None:
        self.add_point()

    def _reached(self, point: CurvePoint) -> bool:
        if self._stop_at_return is None or point.mean_return is None:
            return False
        n_episodes = len(latest_returns(self.model))
        return point.mean_return >= self._stop_at_return and n_episodes >= self.training_env.num_envs

    def add_point(self) -> CurvePoint:
        """Records where training stands."""
        returns = latest_returns(self.model)
        mean_return = float(np.mean(returns)) if len(returns) else math.nan
        elapsed_s = self._timeout.elapsed_s
        point = CurvePoint(
            elapsed_s=elapsed_s,
            num_timesteps=self.num_timesteps,
            mean_return=mean_return if math.isfinite(mean_return) else None,
            curriculum_level=curriculum_level(self.training_env),
            signals=self._signals(elapsed_s),
        )
        self.points.append(point)
        self._on_point(point)
        return point

    def _signals(self, elapsed_s: float) -> TrainingSignals:
        """What training is like now, and how fast it went since the point before."""
        done, (before, since_s) = gradient_steps_done(self.model), self._gradient_steps
        self._gradient_steps = done, elapsed_s
        # The end of training may follow a point at once, and says nothing of the speed.
        speed = (done - before) / (elapsed_s - since_s) if elapsed_s - since_s > _SHORT_S else None
        memory = psutil.Process().memory_info().rss / 2**20
        return training_signals(self.model).model_copy(
            update={"gradient_steps_per_s": speed, "resident_mib": round(memory, 1)}
        )


def save_csv(points: tuple[CurvePoint, ...], path: Path) -> None:
    """Writes one row per point, with a header."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        own = [name for name in CurvePoint.model_fields if name != "signals"]
        writer.writerow([*own, *TrainingSignals.model_fields])
        for point in points:
            row = point.model_dump()
            writer.writerow([*(row[name] for name in own), *row["signals"].values()])


def save_png(result: RunResult, path: Path, title: str) -> None:
    """Draws the return over seconds, with environment steps on a second axis and evaluations as diamonds and a star.

    Where there is a terrain curriculum, its level is drawn below.
    """
    # The object interface: no global state, and no display is looked for.
    from matplotlib.figure import Figure

    points = result.learning_curve
    returns = [np.nan if point.mean_return is None else point.mean_return for point in points]
    levels = [point.curriculum_level for point in points]
    with_levels = any(level is not None for level in levels)
    figure = Figure(figsize=(8, 4.5 + 2.5 * with_levels), layout="constrained")
    panels = figure.subplots(1 + with_levels, 1, sharex=True, squeeze=False)[:, 0]
    axes = panels[0]
    axes.plot([point.elapsed_s for point in points], returns, marker="o", markersize=3, label="training episodes")
    if result.evaluations:
        label = f"evaluation while training, {result.evaluations[0].n_episodes} episodes"
        evaluated = [(point.elapsed_s, point.mean_return) for point in result.evaluations]
        axes.plot(*zip(*evaluated, strict=True), "D", markersize=6, color="tab:red", label=label)
    if result.evaluation is not None:
        label = f"evaluation, {result.evaluation.n_episodes} episodes"
        axes.plot(result.training_s, result.evaluation.mean_return, "*", markersize=12, color="tab:red", label=label)
    axes.set(ylabel="mean return", title=title, xlim=(0, 1.03 * result.training_s))
    axes.legend()
    if with_levels:
        panels[1].plot([point.elapsed_s for point in points], levels, marker="o", markersize=3, color="tab:green")
        panels[1].set_ylabel("curriculum level")
    panels[-1].set_xlabel("seconds of training")
    for panel in panels:
        panel.grid(alpha=0.3)
    steps_axis = axes.twiny()
    steps_axis.set_xlim(*(limit * result.steps_per_s for limit in axes.get_xlim()))
    steps_axis.set_xlabel(f"environment steps (at the run's mean of {result.steps_per_s:,.0f} steps/s)")
    figure.savefig(path, dpi=120)
