"""One study at this moment: how it stands, what runs, what ended last, and the best."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import accumulate

import numpy as np
from optuna.trial import FrozenTrial, TrialState
from rich.console import Group
from rich.text import Text

from hpo.durations import format_duration
from hpo.errors import UserError
from hpo.reports.all_trials import trial_row
from hpo.reports.progress_line import progress_line
from hpo.reports.replay_tables import comparison_table
from hpo.reports.running_table import SPARKLINE_WIDTH, running_table, sparkline
from hpo.reports.trials_table import best_table, name_of
from hpo.studies.orders import is_paused
from hpo.studies.study import OpenStudy
from hpo.terminal.printable import printable
from hpo.terminal.whole_table import Column, WholeTable
from hpo.trials.finished_trials import describe_states, value_of
from hpo.trials.progress import StudyProgress, progress
from samplers import has_floor_value, replaced_trials

LATEST, BEST = 5, 5


def is_running(opened: OpenStudy) -> bool:
    """Whether a worker is at it."""
    return bool(opened.study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)))


def study_now(opened: OpenStudy) -> Group:
    """What one looks at while a search or a replay runs, and when one comes back to it."""
    trials = opened.study.get_trials(deepcopy=False)
    how_far = progress(opened, trials)
    shown: list[Text | WholeTable] = [
        _or_why_not(lambda: _headline(opened, how_far)),
        Text(describe_states(trials)),
        Text(),
    ]
    if any(trial.state is TrialState.RUNNING for trial in trials):
        shown.append(_or_why_not(lambda: running_table(opened, trials)))
    else:
        shown.append(Text(_nothing_runs(opened, how_far.done >= how_far.planned)))
    if opened.is_replay:
        shown.append(Text(f"its candidates beside each other: hpo report --study {opened.definition.replay_of}"))
    elif opened.config.is_comparison:
        shown.append(_or_why_not(lambda: comparison_table(opened)))
    elif how_far.done:
        shown += [_rise(trials), Text(), _or_why_not(lambda: best_table(opened, BEST))]
    if any(trial.datetime_complete for trial in trials):
        shown.append(_or_why_not(lambda: _latest_table(opened, trials)))
    return Group(*shown)


def _headline(opened: OpenStudy, how_far: StudyProgress) -> Text:
    speed = [] if how_far.trials_per_hour is None else [f"{how_far.trials_per_hour:z.1f} an hour"]
    paused = ["paused"] if is_paused(opened) else []
    parts = [*progress_line(opened, how_far).values(), *speed, *paused]
    return Text(printable(f"study {opened.name} on {opened.config.task}: {', '.join(parts)}"))


def _or_why_not(draw: Callable[[], WholeTable | Text]) -> WholeTable | Text:
    """What is drawn, or a line about the record that it cannot be read from: that hides no other part."""
    try:
        return draw()
    except UserError as error:
        return Text(printable(str(error)))


def _nothing_runs(opened: OpenStudy, complete: bool) -> str:
    if complete:
        return "no trial is running: all are done"
    if is_paused(opened):
        return f"no trial is running: hpo resume --study {opened.name}"
    command = "replay --study" if opened.is_replay else "worker --study"
    return f"no trial is running: hpo {command} {opened.definition.replay_of or opened.name}"


def _rise(trials: Sequence[FrozenTrial]) -> Text:
    """The best value so far, trial by trial: whether more trials still bring something."""
    honest = [t for t in trials if t.state is TrialState.COMPLETE and not has_floor_value(t)]
    best = list(accumulate(map(value_of, honest), max))
    if not best:
        return Text()
    shown = [best[round(place)] for place in np.linspace(0, len(best) - 1, min(len(best), SPARKLINE_WIDTH))]
    return Text(f"best so far, trial by trial: {sparkline(shown)} from {best[0]:z.2f} to {best[-1]:z.2f}")


def _latest_table(opened: OpenStudy, trials: Sequence[FrozenTrial]) -> WholeTable:
    """How the latest trials ended."""
    table = WholeTable(
        [
            Column("trial", left=True),
            Column("ended", goes=1),
            Column("how", left=True),
            Column(opened.config.objective.label),
            Column("why", left=True, goes=0),
        ],
        title="ended last",
    )
    now, replaced = datetime.now(), replaced_trials(trials)
    ended = [(trial.datetime_complete, trial) for trial in trials if trial.datetime_complete is not None]
    for moment, trial in sorted(ended, key=lambda one: one[0], reverse=True)[:LATEST]:
        row = trial_row(trial, trial.number in replaced)
        table.add_row(
            f"{trial.number} {row['of']}" if opened.ranks_candidates else name_of(trial),
            f"{format_duration((now - moment).total_seconds())} ago",
            row["state"],
            "-" if row["value"] is None else f"{row['value']:z.2f}",
            row["why"] or "-",
        )
    return table
