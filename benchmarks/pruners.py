"""What pruning saves and what it loses, on learning curves recorded from real studies (about 15 minutes).

Each recorded study is searched again in many random orders, with 1 and with 8 workers in simulated seconds; Optuna's
own pruners decide at each recorded report. `saved` is the share of the seconds of training (in brackets of all seconds,
with preparation and evaluation) that a search of all trials does not spend; `regret` is how far the best trial that is
left stays behind the best recorded one, as a return (in brackets in interquartile ranges of the recorded values). Where
the time is the same, every pruner gets the seconds in which an unpruned search does `SHARE` of the trials, and those
that prune try more.
"""

import json
import statistics
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import optuna
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy import stats

from benchmarks.paths import RESULTS
from benchmarks.pruning_simulation import busy_s, kept, regret, saved_time, saved_training, search
from benchmarks.recorded_curves import RecordedTrial, Recording, recordings
from samplers import create_pruner

SEEDS = 200
WILCOXON_SEEDS = 20
"""Its exact tests take seconds an order."""
WORKERS = (1, 8)
SHARE = 0.4
"""Of the recorded trials: what is left is what a pruned search can try in the time it saved."""
TOP = 5
"""What `hpo replay --top 5` would train again."""
MEDIANS = ("saved_training", "saved_time", "timed_trials")
MOMENTS = (0.2, 0.4, 0.6, 0.8, 1.0)


def options(recording: Recording) -> dict[str, tuple[str, dict[str, Any]]]:
    """Label -> name and options.

    The number is the percentile, reduction factor or p-value, the percentage the grace period as a share of the budget.
    """
    early, late, latest = (round(share * recording.budget_s) for share in (0.2, 0.4, 0.6))
    rungs = {"min_resource": early, "max_resource": round(recording.budget_s)}
    return {
        "none": ("none", {}),
        "median, 20%": ("median", {"n_warmup_steps": early}),
        "median, 40%": ("median", {"n_warmup_steps": late}),
        "median, 60%": ("median", {"n_warmup_steps": latest}),
        "percentile 75, 40%": ("percentile", {"percentile": 75, "n_warmup_steps": late}),
        "percentile 25, 40%": ("percentile", {"percentile": 25, "n_warmup_steps": late}),
        "asha 2, 20%": ("asha", {"min_resource": early, "reduction_factor": 2}),
        "asha 2, 40%": ("asha", {"min_resource": late, "reduction_factor": 2}),
        "asha 4, 20%": ("asha", {"min_resource": early, "reduction_factor": 4}),
        "hyperband 2, 20%": ("hyperband", {**rungs, "reduction_factor": 2}),
        # Its grace period counts reports.
        "wilcoxon .1, 20%": ("wilcoxon", {"n_startup_steps": round(early / recording.report_every_s)}),
        "wilcoxon .001, 40%": (
            "wilcoxon",
            {"p_threshold": 0.001, "n_startup_steps": round(late / recording.report_every_s)},
        ),
    }


def main() -> None:
    recorded = recordings()
    cells = [
        (name, workers, label)
        for name, recording in recorded.items()
        for workers in WORKERS
        for label in options(recording)
    ]
    rows = []
    with ProcessPoolExecutor() as pool:
        for name, workers, label in track(cells, "searching"):
            seeds = WILCOXON_SEEDS if options(recorded[name])[label][0] == "wilcoxon" else SEEDS
            runs = list(pool.map(partial(one_order, recorded[name], label, workers), range(seeds), chunksize=5))
            rows.append({"task": name, "workers": workers, "pruner": label, "seeds": seeds, **summary(runs)})
    result = {
        "share": SHARE,
        "recordings": {name: facts(recording) for name, recording in recorded.items()},
        "options": {name: options(recording) for name, recording in recorded.items()},
        "cells": rows,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "pruners.json").write_text(json.dumps(result, indent=2) + "\n")
    show(result)


def one_order(recording: Recording, label: str, workers: int, seed: int) -> dict[str, float]:
    """One random order of a recording's trials, searched to the end and to the deadline."""
    warnings.simplefilter("ignore")  # Optuna: experimental; Wilcoxon: a step that the best trial has not reported
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    trials = recording.trials
    order = [trials[place] for place in np.random.default_rng(seed).permutation(len(trials))]
    name, kwargs = options(recording)[label]
    whole = search(order, create_pruner(name, **kwargs), workers, seed)
    deadline_s = SHARE * sum(map(busy_s, trials)) / workers
    timed = [trial for trial in whole if trial.at_s <= deadline_s]
    return {
        "saved_training": saved_training(whole),
        "saved_time": saved_time(whole),
        "regret": regret(whole, trials),
        "best_pruned": 1 - kept(whole, 1),
        "top_kept": kept(whole, TOP),
        "timed_trials": len(timed),
        "timed_regret": regret(timed, trials),
    }


def summary(runs: list[dict[str, float]]) -> dict[str, float]:
    """Medians of what is saved; means of what is lost, which a median would hide: most orders lose nothing."""
    columns = {key: [run[key] for run in runs] for key in runs[0]}
    return {key: statistics.median(c) if key in MEDIANS else statistics.fmean(c) for key, c in columns.items()}


def facts(recording: Recording) -> dict[str, Any]:
    """What the pruners have to go by, and what the recording was made on."""
    low, high = np.percentile([trial.value for trial in recording.trials], (25, 75))
    return {
        "task": recording.task,
        "budget_s": recording.budget_s,
        "trials": len(recording.trials),
        "hardware": recording.definition["hardware"],
        "cores_busy_elsewhere": recording.cores_busy_elsewhere,
        "hardware_shared": any(trial.hardware_shared for trial in recording.trials),
        "best": max(trial.value for trial in recording.trials),
        "interquartile_range": high - low,
        "fixed_share": 1 - sum(t.training_s for t in recording.trials) / sum(map(busy_s, recording.trials)),
        "foresight": [foresight(recording.trials, share, recording.budget_s) for share in MOMENTS],
    }


def foresight(trials: tuple[RecordedTrial, ...], share: float, budget_s: float) -> dict[str, float | None]:
    """How the latest reports after `share` of the budget rank the trials, against their values in the end."""
    reports = [[r.mean_return for r in trial.reports if r.step <= share * budget_s] for trial in trials]
    pairs = [(seen[-1], trial.value) for seen, trial in zip(reports, trials, strict=True) if seen]
    rho = float(stats.spearmanr(*zip(*pairs, strict=True)).statistic) if len(pairs) > TOP else None
    return {"share": share, "reported": len(pairs) / len(trials), "spearman": rho}


def show(result: dict[str, Any]) -> None:
    console = Console(width=100)
    for name, about in result["recordings"].items():
        console.print(
            f"{about['task']}: {about['trials']} trials of {about['budget_s']:.0f} s; best {about['best']:.2f}, "
            f"interquartile range {about['interquartile_range']:.2f}\n"
            f"preparation and evaluation {about['fixed_share']:.0%} of the time; "
            f"{about['cores_busy_elsewhere']:.1f} cores busy with other work",
            highlight=False,
        )
        console.print(foresight_table(about["foresight"]))
        for workers in WORKERS:
            cells = [row for row in result["cells"] if (row["task"], row["workers"]) == (name, workers)]
            title = f"{name}, {workers} worker{'s' if workers > 1 else ''}"
            console.print(table(title, cells, about["interquartile_range"]))


def foresight_table(moments: list[dict[str, float | None]]) -> Table:
    shown = Table("after", *(f"{moment['share']:.0%}" for moment in moments), title_justify="left")
    shown.add_row("trials that have reported", *(f"{moment['reported']:.0%}" for moment in moments))
    rhos = [moment["spearman"] for moment in moments]
    shown.add_row("rank correlation of report and value", *("-" if rho is None else f"{rho:.2f}" for rho in rhos))
    return shown


def table(title: str, cells: list[dict[str, Any]], unit: float) -> Table:
    shown = Table(title=title, title_justify="left")
    shown.add_column("pruner")
    for column in ("saved", "regret", "best\npruned", f"top {TOP}\nkept", "same time:\ntrials", "same time:\nregret"):
        shown.add_column(column, justify="right")
    for row in cells:
        shown.add_row(
            row["pruner"],
            f"{row['saved_training']:.0%} ({row['saved_time']:.0%})",
            f"{row['regret']:.2f} ({row['regret'] / unit:.2f})",
            *(f"{row[key]:.0%}" for key in ("best_pruned", "top_kept")),
            f"{row['timed_trials']:.0f}",
            f"{row['timed_regret']:.2f} ({row['timed_regret'] / unit:.2f})",
        )
    return shown


if __name__ == "__main__":
    main()
