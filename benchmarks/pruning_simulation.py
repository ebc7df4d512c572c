"""Searches with recorded trials: workers report, prune and finish in simulated seconds, Optuna's pruners decide.

A trial takes its recorded preparation, training and evaluation; a pruned one ends with the report that pruned it.
"""

import heapq
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import optuna
from optuna.pruners import BasePruner
from optuna.trial import TrialState

from benchmarks.recorded_curves import RecordedTrial


@dataclass(frozen=True, slots=True)
class Ended:
    """A trial that was pruned or ran to its end."""

    trial: RecordedTrial
    pruned: bool
    training_s: float
    """Seconds of training it got."""
    busy_s: float
    """Seconds it kept its worker busy."""
    asked_s: float
    """Seconds into the search when it began."""

    @property
    def at_s(self) -> float:
        """Seconds into the search when it ended."""
        return self.asked_s + self.busy_s


def search(trials: Iterable[RecordedTrial], pruner: BasePruner, workers: int = 1, seed: int = 0) -> list[Ended]:
    """All trials, in order of their ends.

    Args:
        trials: In the order in which they are asked.
        pruner: Decides at each report.
        workers: Trials that run at once; each worker takes the next trial when its own ends.
        seed: Names the study: Hyperband draws a trial's bracket from the name.
    """
    study = optuna.create_study(study_name=f"seed {seed}", direction="maximize", pruner=pruner)
    waiting = iter(trials)
    ended: list[Ended] = []
    agenda = [(0.0, worker, _work(study, waiting, ended)) for worker in range(workers)]
    while agenda:
        _, worker, work = heapq.heappop(agenda)
        if (next_s := next(work, None)) is not None:
            heapq.heappush(agenda, (next_s, worker, work))
    return ended


def _work(study: optuna.Study, waiting: Iterator[RecordedTrial], ended: list[Ended]) -> Iterator[float]:
    """One worker; gives when it acts next, in seconds since the start of the search."""
    free_s = 0.0
    for recorded in waiting:
        trial = study.ask()
        started_s = free_s + recorded.preparation_s
        for report in recorded.reports:
            yield started_s + report.elapsed_s
            trial.report(report.mean_return, report.step)
            if trial.should_prune():
                study.tell(trial, state=TrialState.PRUNED)
                end = Ended(recorded, True, report.elapsed_s, recorded.preparation_s + report.elapsed_s, free_s)
                break
        else:
            yield free_s + busy_s(recorded)
            study.tell(trial, recorded.value)
            end = Ended(recorded, False, recorded.training_s, busy_s(recorded), free_s)
        ended.append(end)
        free_s = end.at_s


def busy_s(trial: RecordedTrial) -> float:
    """Seconds that an unpruned trial keeps its worker busy."""
    return trial.preparation_s + trial.training_s + trial.evaluation_s


def saved_training(ended: Sequence[Ended]) -> float:
    """Share of the seconds of training that pruning saved."""
    return 1 - math.fsum(e.training_s for e in ended) / math.fsum(e.trial.training_s for e in ended)


def saved_time(ended: Sequence[Ended]) -> float:
    """Share of the workers' seconds that pruning saved."""
    return 1 - math.fsum(e.busy_s for e in ended) / math.fsum(busy_s(e.trial) for e in ended)


def regret(ended: Sequence[Ended], trials: Sequence[RecordedTrial]) -> float:
    """How far the best unpruned trial stays behind the best of `trials`."""
    return max(trial.value for trial in trials) - max(e.trial.value for e in ended if not e.pruned)


def kept(ended: Sequence[Ended], top: int) -> float:
    """Share of the best `top` of these trials that were not pruned."""
    best = sorted(ended, key=lambda e: e.trial.value, reverse=True)[:top]
    return sum(not e.pruned for e in best) / top
