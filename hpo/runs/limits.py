"""How long each phase of a run may take before its runner counts as hung."""

from dataclasses import dataclass

from objectives.run_result import Phase


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a phase may take, in seconds, before the runner counts as hung and is killed."""

    start_up_s: float = 1800.0
    """The first start of Isaac Lab compiles its kernels and may fetch assets."""
    warm_up_s: float = 900.0
    grace_s: float = 120.0
    """Past the budget: one environment step and one chunk of gradient steps, on a slow machine."""
    evaluation_s: float = 1800.0
    recording_s: float = 1800.0
    filming_s: float = 3600.0
    """On a CPU a picture of each step, of several robots, takes long."""

    watching_s: float = 86_400.0
    """Until somebody closes the window."""

    def of(self, phase: Phase, budget_s: float) -> float:
        """Seconds that `phase` may take."""
        match phase:
            case "start-up":
                return self.start_up_s
            case "warm-up":
                return self.warm_up_s
            case "training":
                return budget_s + self.grace_s
            case "evaluation":
                return self.evaluation_s
            case "recording":
                return self.recording_s
            case "filming":
                return self.filming_s
            case "watching":
                return self.watching_s
