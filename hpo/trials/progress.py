"""How far a study is."""

from collections.abc import Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial, TrialState

from hpo.studies.study import OpenStudy


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """Trials, and their speed so far."""

    done: int
    planned: int
    trials_per_hour: float | None
    """None until a trial has finished."""
    spent_s: float
    """Of all trials that ended, start-up, warm-up and evaluation included: of so many workers, so many at a time."""

    @property
    def seconds_left(self) -> float | None:
        """At the speed so far; None without one."""
        if not self.trials_per_hour:
            return None
        return 3600 * max(0, self.planned - self.done) / self.trials_per_hour


def progress(opened: OpenStudy, trials: Sequence[FrozenTrial]) -> StudyProgress:
    """How far `trials` are on the way to what is planned."""
    ended = [t for t in trials if t.state in (TrialState.COMPLETE, TrialState.PRUNED)]
    spent = [t.duration.total_seconds() for t in trials if t.duration is not None]
    times = [(t.datetime_start, t.datetime_complete) for t in ended if t.datetime_start and t.datetime_complete]
    hours = (max(end for _, end in times) - min(start for start, _ in times)).total_seconds() / 3600 if times else 0
    # A replay has as many as were enqueued; one that failed was enqueued again.
    enqueued = sum(t.state is not TrialState.FAIL for t in trials)
    return StudyProgress(
        done=len(ended),
        planned=opened.n_trials if not opened.is_replay else enqueued,
        trials_per_hour=len(ended) / hours if hours else None,
        spent_s=sum(spent),
    )
