"""Workers that start at the same moment, on several machines or in other versions, make one study or say why not."""

import json
import subprocess
import sys
from pathlib import Path

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState

from hpo.database.attributes import DEFINITION_ATTR
from hpo.database.embedded_postgres import embedded_postgres
from hpo.database.storage import open_storage
from hpo.hardware import cpu_name
from hpo.studies.study import create_study, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from tests.acceptance.conftest import QUICK, Start
from tests.acceptance.waiting import PATIENCE_S
from tests.conftest import Hpo

WORKER = """
import sys
from pathlib import Path
from hpo.hardware import cpu_name
from hpo.database.storage import open_storage
from hpo.studies.study import create_study, this_definition, attach_sampler
from hpo.studies.study_config import builtin_studies, load_study_config
from hpo.database.trial_slots import StudyCompleteError

url = sys.argv[1]
config = load_study_config(builtin_studies()["quickstart"], {"n_trials": 40, "baselines": []})
print("ready", flush=True)
sys.stdin.read()
with open_storage(url, Path(".")) as storage:
    opened = attach_sampler(create_study(storage, "together", this_definition(config, cpu_name())))
    def objective(trial):
        return sum(config.search_space.sample(trial).values())
    try:
        while True:
            opened.study.optimize(objective, n_trials=1)
    except StudyCompleteError:
        pass
"""
"""A worker's way into a study and through its trials, without the training."""


@pytest.mark.takes(30)
def test_16_workers_that_start_in_the_same_second_share_one_study(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path) as url:
        workers = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True,
            )
            for _ in range(16)
        ]  # fmt: skip
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.close()
            worker.stdin = None
        errors = [worker.communicate(timeout=PATIENCE_S)[1] for worker in workers]
        failed = [error for worker, error in zip(workers, errors, strict=True) if worker.returncode]
        assert not failed, "\n".join(failed)
        with open_storage(url, tmp_path) as storage:
            (study,) = storage.get_all_studies()
            trials = optuna.load_study(study_name=study.study_name, storage=storage).trials
            assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 40
            assert [trial.number for trial in trials] == list(range(40))


def test_two_that_create_a_study_at_once_with_other_definitions_are_told_the_difference(
    start: Start, storage: BaseStorage, study_name: str
) -> None:
    workers = [
        start("worker", *QUICK, "--study", study_name, "--n-trials", "1", "--budget", budget) for budget in ("2s", "3s")
    ]
    statuses = [worker.ended() for worker in workers]
    assert sorted(statuses) == [0, 1]
    refused = workers[statuses.index(1)].output
    assert f"study {study_name} has another definition (budget: the study has" in refused
    assert [t.state for t in optuna.load_study(study_name=study_name, storage=storage).trials] == [TrialState.COMPLETE]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optuna_major": 4}, "was created with Optuna 4, here is 5"),
        ({"config": {"invented_later": 1}}, "was defined by another version of hpo (fields config.invented_later)"),
    ],
)
def test_a_worker_of_another_version_takes_no_trial(
    hpo: Hpo, storage: BaseStorage, study_name: str, change: dict[str, object], message: str
) -> None:
    config = load_study_config(builtin_studies()["quickstart"], {})
    study = create_study(storage, study_name, this_definition(config, cpu_name())).study
    stored = dict(study.user_attrs[DEFINITION_ATTR])
    for key, value in change.items():
        stored[key] = {**stored[key], **value} if isinstance(value, dict) else value
    study.set_user_attr(DEFINITION_ATTR, stored)
    done = hpo("worker", "--study", study_name)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert study.trials == []
    # It hides no other study from those who look, and one that can be read is shown.
    listed = hpo("status", "--json")
    readable = "optuna_major" in change
    assert (listed.returncode, message in listed.stderr) == (0, not readable)
    assert (study_name in [row["study"] for row in json.loads(listed.stdout)]) is readable
    shown = hpo("status")
    assert (shown.returncode, message in " ".join(shown.stdout.split())) == (0, not readable)
