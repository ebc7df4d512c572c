"""Which candidates a replay had better get: the best by score, or the best by a model of all trials.

Usage: python -m benchmarks.candidates                  (synthetic searches, about three minutes on two cores)
       python -m benchmarks.candidates replay pendulum  (a recorded search, replayed for real, about 15 minutes)

A synthetic search has 100 trials, each the true value of what was sampled and noise. Its best five or ten by each rule
are replayed with ten seeds, and the best mean wins. The regret is how far the winner's true value lies below the best
possible one, in standard deviations of the noise; the replay's own luck is averaged over 50 replays. Both rules get the
same search, so their difference is one of pairs.
"""

import json
import os
import subprocess
import sys
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.trial import TrialState, create_trial
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.paths import RESULTS
from benchmarks.recorded_curves import recordings
from benchmarks.search_functions import DIMENSIONS, SearchFunction, functions, search
from hpo.database.storage import open_storage
from hpo.studies.study import Definition, create_study
from replay.candidates import FinishedTrial, top_trials
from replay.smoothed_scores import smoothed_scores
from samplers import SearchSpace, UnitCube, create_sampler, named_space

Floats = NDArray[np.float64]
N_TRIALS, TOPS, SEEDS, REPLAYS = 100, (5, 10), 10, 50
SAC_SHAPED = "SAC-shaped, noisy"
CLIFF = "SAC-shaped, half learns nothing"
HALF = 0.7
"""About half of all points of the SAC-shaped function lie further below its best."""
CUBE = SearchSpace.model_validate(
    {"name": "cube", "dimensions": {f"x{i}": {"kind": "float", "low": 0, "high": 1} for i in range(DIMENSIONS)}}
)
CELLS = [
    *((SAC_SHAPED, sampler, workers, 60) for sampler in ("cmaes", "tpe") for workers in (1, 8, 32)),
    (SAC_SHAPED, "random", 8, 60),
    *((CLIFF, sampler, 8, 60) for sampler in ("cmaes", "tpe")),
    *(
        (name, sampler, 8, 30)
        for name in ("sphere", "ellipsoid", "rosenbrock", "rastrigin")
        for sampler in ("cmaes", "tpe")
    ),
]
"""Function, sampler, workers, searches."""
REPLAY_TOP, REPLAY_SEEDS = 5, 5


def main() -> None:
    rows = []
    with ProcessPoolExecutor() as pool:
        for name, sampler, workers, searches in track(CELLS, "searching"):
            jobs = [(name, sampler, workers, seed) for seed in range(searches)]
            regrets = np.array(list(pool.map(regrets_of, jobs)))
            for place, top in enumerate(TOPS):
                by_score, by_model = regrets[:, place].T
                difference = by_model - by_score
                rows.append({
                    "function": name, "sampler": sampler, "workers": workers, "searches": searches, "top": top,
                    "score": float(np.median(by_score)), "model": float(np.median(by_model)),
                    "difference": float(difference.mean()),
                    "interval": 1.96 * float(difference.std(ddof=1) / np.sqrt(searches)),
                })  # fmt: skip
    (RESULTS / "candidates.json").write_text(json.dumps(rows, indent=2) + "\n")
    table = Table(title=f"regret after a replay with {SEEDS} seeds, in sd of the noise: medians; difference: mean")
    for column in ("function", "sampler", "workers", "top", "score", "model", "difference"):
        table.add_column(column, justify="left" if column in ("function", "sampler") else "right")
    for row in rows:
        numbers = (f"{row['score']:.2f}", f"{row['model']:.2f}", f"{row['difference']:+.2f} ± {row['interval']:.2f}")
        table.add_row(row["function"], row["sampler"], str(row["workers"]), str(row["top"]), *numbers)
    Console(width=100).print(table)


def regrets_of(job: tuple[str, str, int, int]) -> list[list[float]]:
    """Of one search: for each of `TOPS` by score and by model."""
    name, sampler, workers, seed = job
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    function, noise = noisy(name, seed)
    space = named_space("sac") if name in (SAC_SHAPED, CLIFF) else CUBE
    trials, truth = searched(function, noise, sampler, workers, seed)

    def regret(by_model: dict[int, float], top: int) -> float:
        rng = np.random.default_rng(seed + 1)
        true = truth[[trial.number for trial in top_trials(trials, space, top, by_model)]]
        seen = true + noise / np.sqrt(SEEDS) * rng.normal(size=(REPLAYS, len(true)))
        return float(np.mean(-true[seen.argmax(axis=1)])) / noise

    by_model = smoothed_scores(trials, space)
    return [[regret({}, top), regret(by_model, top)] for top in TOPS]


def noisy(name: str, seed: int) -> tuple[SearchFunction, float]:
    """A function, and noise that is to its values as that of the SAC-shaped one is to its own."""
    there = {function.name: function for function in functions(seed)}
    sac = there[SAC_SHAPED]
    if name == CLIFF:
        return SearchFunction(
            name, sac.space, lambda x: value if (value := sac.value(x)) > -HALF else 200 * value
        ), sac.noise
    function = there[name]
    rng = np.random.default_rng(seed)
    spread, sac_spread = (
        float(np.median([f.value(x) for x in rng.uniform(size=(200, len(UnitCube.of(f.space).dimensions)))]))
        for f in (function, sac)
    )
    return function, sac.noise * spread / sac_spread


def searched(
    function: SearchFunction, noise: float, sampler: str, workers: int, seed: int
) -> tuple[list[FinishedTrial], Floats]:
    """The trials of a search, and the true value of each number."""
    settings: dict[str, Any] = {"population_size": 10} if sampler == "cmaes" else {}
    study = optuna.create_study(
        study_name=f"seed {seed}",
        direction="maximize",
        sampler=create_sampler(sampler, function.space, seed=seed, **settings),
    )
    trials, truth = [], np.empty(N_TRIALS)
    for trial, value, score in search(study, function, noise, workers, N_TRIALS, np.random.default_rng(seed)):
        trials.append(FinishedTrial(trial.number, trial.params, {}, score, diverged=False))
        truth[trial.number] = value
    return trials, truth


def replay_recorded(name: str) -> None:
    """Replays a recorded search's best by score and by model, on this machine, which must do nothing else."""
    recording = recordings()[name]
    definition = Definition.model_validate(recording.definition)
    distributions = definition.config.search_space.distributions()
    with TemporaryDirectory(prefix="hpo-candidates-") as home:
        with open_storage(None, Path(home)) as storage:
            opened = create_study(storage, name, definition)
            for trial in recording.trials:
                opened.study.add_trial(
                    create_trial(
                        state=TrialState.COMPLETE, value=trial.value, params=trial.params, distributions=distributions,
                        user_attrs={"seed": trial.number, "diverged": False},
                    )
                )  # fmt: skip
        hpo = [sys.executable, "-m", "hpo.cli"]
        environment = {**os.environ, "HPO_HOME": home}
        asked = ["--study", name, "--top", str(REPLAY_TOP), "--seeds", str(REPLAY_SEEDS), "--allow-other-hardware"]
        started_at = time.monotonic()
        for rule in ("score", "model"):
            subprocess.run([*hpo, "replay", *asked, "--candidates", rule], env=environment, check=True)
        report = subprocess.run(
            [*hpo, "report", "--study", name, "--json"], env=environment, check=True, capture_output=True, text=True
        )
    content = json.loads(report.stdout)
    path = RESULTS / f"candidates_{name}.json"
    kept = {"seconds": round(time.monotonic() - started_at), "ranking": content["ranking"], "runs": content["runs"]}
    path.write_text(json.dumps(kept, indent=2) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["replay"]:
        replay_recorded(sys.argv[2])
    else:
        main()
