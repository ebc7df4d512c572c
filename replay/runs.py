"""The runs of a replay: what identifies one, and what came of it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from replay.candidates import Candidate
from replay.seeds import Purpose


@dataclass(frozen=True, slots=True)
class Setting:
    """Where candidates are replayed: as the search ran, or with some of its settings changed."""

    changes: dict[str, Any] = field(default_factory=dict)
    """Fields of the study's definition -> the replay's values: `task`, `action_bounds`, `deterministic`."""

    @property
    def as_searched(self) -> bool:
        """Whether returns compare with the search's scores."""
        return not self.changes

    def describe(self, task: str) -> str:
        """For example `Isaac-Velocity-Flat-UnitreeGo2, stochastic policy`; `task` is the search's own."""
        others = [f"{key} {json.dumps(value)}" for key, value in self.changes.items() if key not in _DESCRIBED]
        policy = ["stochastic policy"] if not self.changes.get("deterministic", True) else []
        return ", ".join([str(self.changes.get("task", task)), *policy, *others])


_DESCRIBED = ("task", "deterministic")


@dataclass(frozen=True, slots=True)
class Run:
    """One training of one candidate with one seed."""

    candidate: str
    hyperparameters: dict[str, Any]
    seed: int
    setting: Setting
    purpose: Purpose
    candidate_changes: dict[str, Any] = field(default_factory=dict)
    """`Candidate.changes`."""

    @property
    def key(self) -> str:
        """Identifies the run: whoever plans it again, for whatever purpose, plans the same one."""
        own = [self.candidate_changes] if self.candidate_changes else []  # as older versions planned it without
        content = [self.candidate, self.hyperparameters, self.seed, self.setting.changes, *own]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]


class Speed(NamedTuple):
    """How fast robots go that are told to go, m/s: means over evaluation episodes."""

    reached: float
    """In the commanded direction."""
    commanded: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished run gave."""

    run: Run
    value: float
    """Mean return over the evaluation episodes: one sample, however many episodes. A diverged run's floor."""
    diverged: bool
    steps_per_s: float
    gradient_steps_per_s: float
    num_timesteps: int
    hardware: str
    hardware_shared: bool
    learning_curve: tuple[tuple[float, int, float | None, float | None], ...]
    """Seconds of training, environment steps, mean return of the latest training episodes, curriculum level."""
    evaluations: tuple[tuple[float, int, float], ...]
    """While training and at its end: seconds of training, environment steps, mean return."""
    speed: Speed | None = None
    """On a task that commands velocities; None of others, and of a diverged run."""


def plan(
    candidates: Sequence[Candidate], seeds: Sequence[int], settings: Sequence[Setting], purpose: Purpose
) -> list[Run]:
    """Every candidate with every seed in every setting.

    Seed by seed: a replay that is stopped early has compared all candidates on the seeds it finished.
    """
    return [
        Run(candidate.name, candidate.hyperparameters, seed, setting, purpose, candidate.changes)
        for setting in settings
        for seed in seeds
        for candidate in candidates
    ]


def ranked_runs(outcomes: Iterable[Outcome], setting: Setting) -> dict[str, list[Outcome]]:
    """Candidate -> its outcomes in `setting`; those that confirm are left out, since they have no part in a ranking."""
    counted: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.run.setting == setting and outcome.run.purpose == "replay":
            counted.setdefault(outcome.run.candidate, []).append(outcome)
    return counted
