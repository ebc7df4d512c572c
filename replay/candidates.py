"""What is replayed: the best finished trials of a search, without near duplicates, and what was included by name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from samplers import Space, UnitCube

ChosenBy = Literal["model", "score"]
"""Candidates are the best trials by their smoothed scores (`replay.smoothed_scores`), or by the scores themselves."""
SAME_WITHIN = 0.01
"""Two trials that differ by no more than one percent of any dimension's range are one candidate: replaying both would
spend the seeds twice on what a search by CMA-ES has long contracted to one place."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hyperparameters to be replayed."""

    name: str
    """`trial 17`, or `baseline:tuned-a1`."""
    hyperparameters: dict[str, Any]
    search_score: float | None
    """The value of its one run in the search; None for what was not searched."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Fields of the study's definition that go with the hyperparameters, for what the search does not train: the
    `algorithm` of a PPO beside SAC."""
    baseline: str | None = None
    """Of a trial that ran one: the baseline's name."""
    smoothed_score: float | None = None
    """What the trials around it say of its score too; None where no model was made, and for what was not searched."""

    @property
    def label(self) -> str:
        """What people read: `trial 0 (tuned-a1)` of a trial that ran a baseline, else the name."""
        return self.name if self.baseline is None else f"{self.name} ({self.baseline})"

    def same_training(self, other: "Candidate") -> bool:
        """Whether it would do what `other` does."""
        return (self.hyperparameters, self.changes) == (other.hyperparameters, other.changes)


@dataclass(frozen=True, slots=True)
class FinishedTrial:
    """A finished trial of the search."""

    number: int
    values: dict[str, float]
    """Sampled values, before they become hyperparameters; none for a baseline that is no point of the space."""
    hyperparameters: dict[str, Any]
    score: float
    diverged: bool
    changes: dict[str, Any] = field(default_factory=dict)
    """As of `Candidate`."""
    baseline: str | None = None
    """As of `Candidate`."""


def trial_name(number: int) -> str:
    """The candidate name of trial `number`."""
    return f"trial {number}"


def top_trials(
    trials: Iterable[FinishedTrial], space: Space, top: int, smoothed: Mapping[int, float]
) -> list[FinishedTrial]:
    """The `top` best trials, of near duplicates only the best; fewer if there are not so many.

    Diverged trials are no candidates: their value is a floor, not a return.

    Args:
        trials: The finished ones.
        space: What was searched.
        top: How many.
        smoothed: Trial number -> smoothed score, which counts instead of the score where there is one.
    """

    def worth(trial: FinishedTrial) -> float:
        return smoothed.get(trial.number, trial.score)

    chosen: list[FinishedTrial] = []
    for trial in sorted((t for t in trials if not t.diverged), key=lambda t: (-worth(t), t.number)):
        if len(chosen) == top:
            break
        if not any(_same(space, trial, other) for other in chosen):
            chosen.append(trial)
    return chosen


def candidate(trial: FinishedTrial, smoothed: Mapping[int, float]) -> Candidate:
    """`trial` as a candidate, with its smoothed score if it has one."""
    return Candidate(
        trial_name(trial.number), trial.hyperparameters, trial.score, trial.changes, trial.baseline,
        smoothed.get(trial.number),
    )  # fmt: skip


def without_doubles(candidates: Sequence[Candidate]) -> list[Candidate]:
    """`candidates` without those whose hyperparameters an earlier one has exactly."""
    chosen: list[Candidate] = []
    for candidate in candidates:
        if not any(candidate.same_training(other) for other in chosen):
            chosen.append(candidate)
    return chosen


def _same(space: Space, one: FinishedTrial, other: FinishedTrial) -> bool:
    cube = UnitCube.of(space.distributions())
    if not cube.dimensions or not one.values or not other.values:
        return candidate(one, {}).same_training(candidate(other, {}))
    return bool((abs(cube.point(one.values) - cube.point(other.values)) <= SAME_WITHIN).all())
