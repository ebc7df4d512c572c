"""Records the learning curves that `pruners.py` replays, by real studies through `hpo worker` (about an hour).

Usage: python -m benchmarks.record_curves [NAME...]

Each definition in `curves/` gives a recording beside it. Nothing is pruned, and the sampler is random: the trials can
then be replayed in any order. Run it on a machine that does nothing else, or the recording says by how much it did.
"""

import datetime
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import psutil
from optuna.trial import FrozenTrial, TrialState

from benchmarks.cartpole import prepare
from benchmarks.recorded_curves import CURVES, RecordedTrial, Recording, Report
from hpo.database.storage import open_storage
from hpo.files.home import hpo_home
from hpo.studies.study import get_study
from hpo.trials.record import FinishedRecord, StoredPoint, read_record


def main() -> None:
    prepare(Path(gettempdir()) / "hpo-benchmarks")
    for name in sys.argv[1:] or sorted(path.stem for path in CURVES.glob("*.yaml")):
        (CURVES / f"{name}.json").write_text(to_json(record(name)))


def record(name: str) -> Recording:
    """Runs the study that `curves/NAME.yaml` defines."""
    now = datetime.datetime.now(datetime.UTC)
    study = f"curves-{name}-{now:%Y%m%d-%H%M%S}"
    command = [sys.executable, "-m", "hpo.cli", "worker", "--study", study, "--config", str(CURVES / f"{name}.yaml")]
    with elsewhere() as busy:
        subprocess.run([*command, "--device", "cpu"], check=True)
    with open_storage(None, hpo_home()) as storage:
        opened = get_study(storage, study)
        trials = opened.study.get_trials(states=(TrialState.COMPLETE,))
    first = read_record(FinishedRecord, trials[0])
    return Recording(
        definition=opened.definition.model_dump(mode="json"),
        git_commit=first.git_commit or "unknown",
        versions=first.versions or {},
        recorded_on=f"{now:%Y-%m-%d}",
        cores_busy_elsewhere=busy[0],
        trials=tuple(recorded(trial) for trial in trials),
    )


@contextmanager
def elsewhere() -> Iterator[list[float]]:
    """Fills in, at its end, how many cores were busy on average with anything but this process's children."""
    result: list[float] = []
    started_at, theirs = time.monotonic(), _machine_cpu_s() - _children_cpu_s()
    yield result
    result.append((_machine_cpu_s() - _children_cpu_s() - theirs) / (time.monotonic() - started_at))


def recorded(trial: FrozenTrial) -> RecordedTrial:
    """What the recording keeps of a trial."""
    record = read_record(FinishedRecord, trial)
    assert trial.value is not None  # Optuna: a COMPLETE trial has one
    return RecordedTrial(
        number=trial.number,
        params=trial.params,
        value=trial.value,
        reports=tuple(
            Report(step=step, elapsed_s=_elapsed_s(record.learning_curve, step), mean_return=value)
            for step, value in sorted(trial.intermediate_values.items())
        ),
        preparation_s=record.startup_s + record.warmup_s,
        training_s=record.training_s,
        evaluation_s=record.evaluation_s,
        steps_per_s=record.steps_per_s,
        hardware_shared=record.hardware_shared,
    )


def to_json(recording: Recording) -> str:
    """One line per trial; numbers to six digits."""
    fields = recording.model_dump(mode="json", exclude={"trials"})
    trials = [json.dumps(_rounded(trial.model_dump(mode="json"))) for trial in recording.trials]
    head = json.dumps(_rounded(fields), indent=1).removesuffix("\n}")
    return f'{head},\n "trials": [\n  {",\n  ".join(trials)}\n ]\n}}\n'


def _machine_cpu_s() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.system)


def _children_cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _elapsed_s(curve: Sequence[StoredPoint], step: int) -> float:
    # The first point of this interval that had a return; elapsed seconds are kept to two digits.
    return float(max(step, next(at for at, _, mean, *_ in curve if mean is not None and at >= step - 0.005)))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list | tuple) else value


if __name__ == "__main__":
    main()
