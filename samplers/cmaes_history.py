"""What CMA-ES learns from: the finished trials of a study, in order of completion, each with a point and a loss."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState

from samplers.trial_marks import has_floor_value, replaced_trials
from samplers.unit_cube import UnitCube

DRAW_ATTR = "hpo:cmaes:draw"
"""System attribute: two lists of numbers, the point that was drawn and the same point on the grid of values."""

UNKNOWN_LOSS = 1e300
"""Of a trial without a value before any had one: last in its group."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One finished trial as CMA-ES sees it."""

    point: NDArray[np.float64]
    loss: float | None
    """To be minimized; None: the trial failed, diverged or was refused, which is worse than any loss."""


@dataclass
class LossScale:
    """Gives finished trials a loss on the scale of the completed ones; fed in order of completion.

    Args:
        sign: -1 to maximize a study's values, 1 to minimize them.
    """

    sign: float
    _worst: float | None = None
    _curves: list[tuple[dict[int, float], float]] = field(default_factory=list)
    """Reports of completed trials, as losses by step, and what they came to."""

    def behind(self, losses: Iterable[float]) -> float:
        """A loss that is worse than these and all of completed trials so far, by as little as can be."""
        worst = max([*losses, *([] if self._worst is None else [self._worst])], default=UNKNOWN_LOSS)
        return float(np.nextafter(worst, np.inf))

    def loss(self, trial: FrozenTrial) -> float | None:
        """The loss of `trial`; None where its run gave nothing."""
        if has_floor_value(trial):
            return None
        if trial.state is TrialState.COMPLETE:
            assert trial.value is not None  # Optuna: a COMPLETE trial has one
            loss = self.sign * trial.value
            self._worst = loss if self._worst is None else max(self._worst, loss)
            if trial.intermediate_values:
                self._curves.append((self._reports(trial), loss))
            return loss
        if trial.state is TrialState.PRUNED and trial.intermediate_values:
            return self._as_if_completed(self._reports(trial))
        return None

    def _as_if_completed(self, reports: dict[int, float]) -> float:
        """What a pruned trial might have come to: the loss of the best completed one that stood no better by then."""
        step = max(reports)
        value_here = reports[step]
        stood = [(_report_by(curve, step), final) for curve, final in self._curves]
        no_better = [(then, final) for then, final in stood if then is not None and then >= value_here]
        if no_better:
            return min(no_better)[1]
        return value_here if self._worst is None else max(value_here, self._worst)

    def _reports(self, trial: FrozenTrial) -> dict[int, float]:
        return {step: self.sign * value for step, value in trial.intermediate_values.items()}


def in_order_of_completion(trials: Sequence[FrozenTrial], cube: UnitCube) -> list[FrozenTrial]:
    """The trials that say something about their parameters, the earliest first."""
    replaced = replaced_trials(trials)
    names = cube.names
    finished = [t for t in trials if t.state.is_finished() and names <= t.params.keys()]
    counted = [t for t in finished if t.state is not TrialState.FAIL or t.number not in replaced]
    # Clocks of several machines: the number decides between equal times.
    return sorted(counted, key=lambda trial: (trial.datetime_complete, trial.number))


def lessons(trials: Sequence[FrozenTrial], cube: UnitCube, scale: LossScale) -> Iterator[Lesson]:
    """One lesson per trial."""
    for trial in trials:
        yield Lesson(_point(trial, cube), scale.loss(trial))


def _point(trial: FrozenTrial, cube: UnitCube) -> NDArray[np.float64]:
    """The drawn point; in dimensions whose value was given instead, the place that stands for it."""
    of_trial = cube.point(trial.params)
    point, on_grid = trial.system_attrs.get(DRAW_ATTR, ([], []))
    if not len(point) == len(on_grid) == len(of_trial):
        return of_trial
    params = cube.params(np.asarray(on_grid))
    as_drawn = [trial.params[name] == params[name] for name in cube.dimensions]
    return np.where(as_drawn, point, of_trial)


def _report_by(curve: dict[int, float], step: int) -> float | None:
    """The latest report at or before `step`."""
    steps = [s for s in curve if s <= step]
    return curve[max(steps)] if steps else None
