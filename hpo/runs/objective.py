"""What a study maximizes: return, terrain curriculum level, or how soon a return is reached."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from objectives.run_result import CurvePoint, RunResult

FLOOR = -1000.0
"""A return, where nothing says on which scale returns are."""


@dataclass(frozen=True, slots=True)
class Objective:
    """Turns what a run gave into a trial's value, which is maximized."""

    kind: Literal["return", "curriculum-level", "time-to-return"]
    target: float | None = None
    """The return to be reached, for `time-to-return`."""

    @property
    def label(self) -> str:
        """What a value is called in tables and plots."""
        match self.kind:
            case "return":
                return "mean return"
            case "curriculum-level":
                return "curriculum level"
            case "time-to-return":
                return f"-seconds to {self.target:g}"

    def value(self, result: RunResult, budget_s: float) -> float:
        """The value of a run that did not diverge.

        `time-to-return`: minus the seconds until the mean return of the training episodes first reached the target; a
        run that never did (censored) gets minus the whole budget, and minus what its evaluation lacks of the target.
        So each run that got there ranks before each that did not, and those rank by return.
        """
        assert result.evaluation is not None
        match self.kind:
            case "return":
                return result.evaluation.mean_return
            case "curriculum-level":
                assert result.curriculum_level is not None  # the environment was refused otherwise
                return result.curriculum_level
            case "time-to-return":
                if result.reached_s is not None:
                    return -result.reached_s
                return self._censored(result.evaluation.mean_return, budget_s)

    def report(self, point: CurvePoint) -> float | None:
        """What a pruner compares; None where the learning curve says nothing yet."""
        return point.curriculum_level if self.kind == "curriculum-level" else point.mean_return

    def seen(self, curve: Iterable[CurvePoint], budget_s: float) -> list[float]:
        """The points of a learning curve on the scale of the values."""
        reports = [report for point in curve if (report := self.report(point)) is not None]
        return [self._censored(r, budget_s) for r in reports] if self.kind == "time-to-return" else reports

    def floor_without_evidence(self, budget_s: float) -> float:
        """Of a run that gave nothing, in a study that has nothing yet: behind every run that got anywhere."""
        return FLOOR - budget_s if self.kind == "time-to-return" else FLOOR

    def _censored(self, mean_return: float, budget_s: float) -> float:
        assert self.target is not None
        return -budget_s - max(0.0, self.target - mean_return)


def parse_objective(text: str) -> Objective:
    """The objective written as `return`, `curriculum-level` or `time-to-return:15`.

    Raises:
        ValueError: It is none.
    """
    if text == "return":
        return Objective("return")
    if text == "curriculum-level":
        return Objective("curriculum-level")
    kind, _, target = text.partition(":")
    if kind == "time-to-return" and _is_finite(target):
        return Objective("time-to-return", float(target))
    raise ValueError(f"no objective {text!r}; there are return, curriculum-level and time-to-return:R, R a return")


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
