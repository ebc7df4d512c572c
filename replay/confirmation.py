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
        here = self.summary
        centre = f"mean {here.mean:.2f}" if here.iqm is None else f"IQM {here.iqm:.2f}"
        between = "" if here.interval is None else f" (95 % interval {here.interval[0]:.2f} .. {here.interval[1]:.2f})"
        std = "" if here.std is None else f", std {here.std:.2f}"
        diverged = f", {self.n_diverged} diverged" if self.n_diverged else ""
        return (
            f"{self.candidate} on {self.setting.describe(task)}, {here.n} untouched seeds: "
            f"{centre}{between}, mean {here.mean:.2f}{std}, worst {here.minimum:.2f}{diverged}"
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
