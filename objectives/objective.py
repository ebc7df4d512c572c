"""What a study maximizes: return, terrain curriculum level, or how soon a return is reached."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from objectives.run_result import CurvePoint, RunResult

FLOOR = -1000.0
"""A return, where nothing says on which scale returns are."""


class Objective(ABC):
    """Turns what a run gave into a trial's value, which is maximized. `str` gives it as people write it."""

    target: float | None = None
    """Mean return of training episodes at which a run ends; None: it uses its whole budget."""
    needs_curriculum = False
    """Whether the task must have a terrain curriculum."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What a value is called in tables and plots."""

    @abstractmethod
    def value(self, result: RunResult, budget_s: float) -> float:
        """The value of a run that did not diverge."""

    def report(self, point: CurvePoint) -> float | None:
        """What a pruner compares; None where the learning curve says nothing yet."""
        return point.mean_return

    def seen(self, curve: Iterable[CurvePoint], budget_s: float) -> list[float]:  # noqa: ARG002
        """The points of a learning curve on the scale of the values."""
        return [report for point in curve if (report := self.report(point)) is not None]

    def floor_without_evidence(self, budget_s: float) -> float:  # noqa: ARG002
        """Of a run that gave nothing, in a study that has nothing yet: behind every run that got anywhere."""
        return FLOOR


@dataclass(frozen=True)
class Return(Objective):
    """The mean return of the evaluation."""

    label = "mean return"

    def __str__(self) -> str:
        return "return"

    def value(self, result: RunResult, budget_s: float) -> float:  # noqa: ARG002
        """The mean return."""
        assert result.evaluation is not None
        return result.evaluation.mean_return


@dataclass(frozen=True)
class CurriculumLevel(Objective):
    """The mean terrain level of the environments at the end of training."""

    label = "curriculum level"
    needs_curriculum = True

    def __str__(self) -> str:
        return "curriculum-level"

    def value(self, result: RunResult, budget_s: float) -> float:  # noqa: ARG002
        """The level."""
        assert result.curriculum_level is not None  # the environment was refused otherwise
        return result.curriculum_level

    def report(self, point: CurvePoint) -> float | None:
        """The level so far."""
        return point.curriculum_level


@dataclass(frozen=True)
class TimeToReturn(Objective):
    """Minus the seconds of training until the mean return of the training episodes first reached `target`."""

    target: float = field()

    @property
    def label(self) -> str:
        """With the target."""
        return f"-seconds to {self.target:g}"

    def __str__(self) -> str:
        return f"time-to-return:{self.target:.15g}"

    def value(self, result: RunResult, budget_s: float) -> float:
        """A run that never reached the target (censored) gets minus the whole budget and what its evaluation lacks.

        So each run that got there ranks before each that did not, and those rank by return.
        """
        assert result.evaluation is not None
        if result.reached_s is not None:
            return -result.reached_s
        return self._censored(result.evaluation.mean_return, budget_s)

    def seen(self, curve: Iterable[CurvePoint], budget_s: float) -> list[float]:
        """The points as those of runs that never get there."""
        return [self._censored(report, budget_s) for report in super().seen(curve, budget_s)]

    def floor_without_evidence(self, budget_s: float) -> float:
        """Behind every run that never got there, too."""
        return FLOOR - budget_s

    def _censored(self, mean_return: float, budget_s: float) -> float:
        return -budget_s - max(0.0, self.target - mean_return)


def parse_objective(text: Any) -> Objective:
    """The objective written as `return`, `curriculum-level` or `time-to-return:15`.

    Raises:
        ValueError: It is none.
    """
    if isinstance(text, Objective):
        return text
    for objective in (Return(), CurriculumLevel()):
        if text == str(objective):
            return objective
    kind, _, target = str(text).partition(":")
    if kind == "time-to-return" and _is_finite(target):
        return TimeToReturn(float(target))
    raise ValueError(f"no objective {text!r}; there are return, curriculum-level and time-to-return:R, R a return")


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
