"""The number to publish: the winner's returns on seeds that had no part in choosing it."""

from collections.abc import Iterable
from dataclasses import dataclass

from replay.runs import Outcome, Setting
from replay.statistics import Summary, summarize


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A candidate's returns on its confirmation seeds."""

    candidate: str
    setting: Setting
    summary: Summary
    n_diverged: int

    def describe(self, task: str) -> str:
        """One line; `task` is the search's own."""
        summary = self.summary
        centre = f"mean {summary.mean:z.2f}" if summary.iqm is None else f"IQM {summary.iqm:z.2f}"
        between = (
            ""
            if summary.interval is None
            else f" (95 % interval {summary.interval[0]:z.2f} .. {summary.interval[1]:z.2f})"
        )
        std = "" if summary.std is None else f", std {summary.std:z.2f}"
        diverged = f", {self.n_diverged} diverged" if self.n_diverged else ""
        return (
            f"{self.candidate} on {self.setting.describe(task)}, {summary.n} untouched seeds: "
            f"{centre}{between}, mean {summary.mean:z.2f}{std}, worst {summary.minimum:z.2f}{diverged}"
        )


def confirmations(outcomes: Iterable[Outcome]) -> list[Confirmation]:
    """Every candidate that was ever confirmed, in the order of its first run."""
    groups: list[tuple[str, Setting, list[Outcome]]] = []
    for outcome in outcomes:
        run = outcome.run
        if run.purpose != "confirm":
            continue
        for name, setting, members in groups:
            if (name, setting) == (run.candidate, run.setting):
                members.append(outcome)
                break
        else:
            groups.append((run.candidate, run.setting, [outcome]))
    return [
        Confirmation(name, setting, summarize([o.value for o in members]), sum(o.diverged for o in members))
        for name, setting, members in groups
    ]
