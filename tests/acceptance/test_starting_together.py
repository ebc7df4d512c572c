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

WORKERS = """
import multiprocessing
import sys
from pathlib import Path
from hpo.hardware import cpu_name
from hpo.database.storage import open_storage
from hpo.studies.study import create_study, this_definition, attach_sampler
from hpo.studies.study_config import builtin_studies, load_study_config
from hpo.database.trial_slots import StudyCompleteError

config = load_study_config(builtin_studies()["quickstart"], {"n_trials": 40, "baselines": []})

def objective(trial):
    return sum(config.search_space.sample(trial).values())

def work(together):
    together.wait()
    with open_storage(sys.argv[1], Path(".")) as storage:
        opened = attach_sampler(create_study(storage, "together", this_definition(config, cpu_name())))
        try:
            while True:
                opened.study.optimize(objective, n_trials=1)
        except StudyCompleteError:
            pass

forks = multiprocessing.get_context("fork")
together = forks.Barrier(16)
workers = [forks.Process(target=work, args=(together,)) for _ in range(16)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
print([worker.exitcode for worker in workers])
"""
"""Workers' ways into a study and through its trials, without the training. What they import is loaded once for all."""


@pytest.mark.takes(30)
def test_16_workers_that_start_in_the_same_second_share_one_study(tmp_path: Path) -> None:
    with embedded_postgres(tmp_path) as url:
        done = subprocess.run(
            [sys.executable, "-c", WORKERS, url], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        assert done.stdout == f"{[0] * 16}\n", done.stderr
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
