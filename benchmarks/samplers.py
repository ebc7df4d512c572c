"""Which sampler finds most in 100 trials, with 1 to 32 parallel workers, and what asking costs (about 30 minutes).

All trials take equally long, as a wall-clock budget makes them: as many are asked at once as there are workers, and
they finish in random order. Each cell is the median over seeds, which move the optimum and turn the axes; every sampler
gets the same. `best` is the best true value among the trials, `selected` the true value of the trial with the best
noisy score, which is what a user gets; 0 is perfect.
"""

import json
import statistics
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks import search_functions
from benchmarks.paths import RESULTS
from benchmarks.search_functions import functions
from benchmarks.written_study import write_study
from hpo.database.storage import open_storage
from samplers import create_sampler, named_space
from samplers.cmaes_sampler import StatelessCmaEsSampler

N_TRIALS = 100
WORKERS = (1, 8, 16, 32)
SEEDS = 20
POPULATION = 10
SAMPLERS: dict[str, dict[str, Any]] = {
    "cmaes": {"population_size": POPULATION},
    "optuna-cmaes": {"population_size": POPULATION, "with_margin": True},
    "tpe": {},
    "gp": {},
    "random": {},
}
GP_WORKERS = 8
"""It takes 0.3 s a trial: it is measured on the function that is most like the real thing, and with so many workers."""
LATENCY_TRIALS = 5000


def main() -> None:
    # The function, then samplers, so that a glance at the bar tells where it is.
    names = [function.name for function in functions(0)]
    cells = [
        (index, workers, sampler)
        for index, name in enumerate(names)
        for workers in WORKERS
        for sampler in SAMPLERS
        if sampler != "gp" or (functions(0)[index].noise and workers == GP_WORKERS)
    ]
    rows = []
    with ProcessPoolExecutor() as pool:
        for index, workers, sampler in track(cells, "searching"):
            jobs = [(index, workers, sampler, seed) for seed in range(SEEDS)]
            found = list(pool.map(search, jobs))
            rows.append(
                {
                    "function": names[index],
                    "workers": workers,
                    "sampler": sampler,
                    "best": statistics.median(run["best"] for run in found),
                    "selected": statistics.median(run["selected"] for run in found),
                    "used": statistics.fmean(run["used"] for run in found),
                }
            )
    result = {"n_trials": N_TRIALS, "seeds": SEEDS, "population": POPULATION, "cells": rows, "latency": latency()}
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "samplers.json").write_text(json.dumps(result, indent=2) + "\n")
    show(result)


def search(job: tuple[int, int, str, int]) -> dict[str, float]:
    """One search."""
    index, workers, name, seed = job
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    function = functions(seed)[index]
    rng = np.random.default_rng(seed)
    sampler = create_sampler(name, function.space, seed=seed, **SAMPLERS[name])
    study = optuna.create_study(study_name=f"seed {seed}", direction="maximize", sampler=sampler)
    best, selected, best_score = -np.inf, -np.inf, -np.inf
    for _, value, score in search_functions.search(study, function, function.noise, workers, N_TRIALS, rng):
        best = max(best, value)
        if score > best_score:
            best_score, selected = score, value
    return {"best": best, "selected": selected, "used": used(study, sampler, function.space)}


def used(study: optuna.Study, sampler: optuna.samplers.BaseSampler, space: dict[str, BaseDistribution]) -> float:
    """Share of the trials, those of an unfinished generation left out, that the model has learnt from."""
    full = len(study.trials) // POPULATION * POPULATION
    if isinstance(sampler, StatelessCmaEsSampler):
        study.ask(space)
        return sampler.n_learned / full
    generations = [
        next((value for key, value in trial.system_attrs.items() if key.endswith("generation")), None)
        for trial in study.trials
    ]
    if not any(generation is not None for generation in generations):
        return 1.0  # it has no generations
    # Optuna learns from the first ten that finish of each generation that a later one followed.
    last = max(generation for generation in generations if generation is not None)
    return last * POPULATION / full


def latency() -> dict[str, float]:
    """Seconds that asking takes in a study of `LATENCY_TRIALS` trials on PostgreSQL, apart from the database."""
    space = named_space("sac").distributions()
    seconds: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as home, open_storage(None, Path(home)) as storage, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write_study(storage, "long", LATENCY_TRIALS)
        for name in ("random", "cmaes", "tpe"):
            sampler = create_sampler(name, space, **SAMPLERS[name])
            study = optuna.load_study(study_name="long", storage=storage, sampler=sampler)
            laps = []
            for _ in range(12):
                started_at = time.monotonic()
                trial = study.ask(space)
                laps.append(time.monotonic() - started_at)
                # Each ask reads all unfinished trials: they must not pile up.
                study.tell(trial, 0.0)
            # The first loads the study.
            seconds[name] = statistics.median(laps[1:])
            seconds[f"{name}, first"] = laps[0]
    return seconds


def show(result: dict[str, Any]) -> None:
    console = Console(width=100)
    for function in dict.fromkeys(row["function"] for row in result["cells"]):
        table = Table(title=f"{function}: best / selected / share of trials used", title_justify="left")
        for column in ("workers", *SAMPLERS):
            table.add_column(column, justify="right")
        for workers in WORKERS:
            cells = {
                row["sampler"]: f"{row['best']:.3f} / {row['selected']:.3f} / {row['used']:.0%}"
                for row in result["cells"]
                if (row["function"], row["workers"]) == (function, workers)
            }
            table.add_row(str(workers), *(cells.get(sampler, "-") for sampler in SAMPLERS))
        console.print(table)
    for name, seconds in result["latency"].items():
        console.print(f"ask at {LATENCY_TRIALS} trials, {name}: {1000 * seconds:.0f} ms")


if __name__ == "__main__":
    main()
