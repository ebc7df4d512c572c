"""Studies that go on, are listed, copied and deleted."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState, create_trial
from optuna_dashboard import get_note, save_note

from hpo.database.resilient_storage import ResilientStorage
from hpo.database.storage import open_storage
from hpo.hardware import cpu_name
from hpo.studies.study import OpenStudy, create_study, get_study, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from hpo.trials.planned_run import PlannedRun
from tests.conftest import Hpo

SPACE: dict[str, Any] = {
    "name": "two",
    "dimensions": {
        "gamma": {"kind": "float", "low": 0.975, "high": 0.995},
        "batch": {"kind": "int", "low": 4, "high": 6, "transform": "power-of-two", "hyperparameter": "batch_size"},
    },
    "fixed": {"learning_starts": 10, "buffer_size": 1000},
}
pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")


def add(opened: OpenStudy, state: TrialState, value: float | None = None, **user_attrs: Any) -> None:
    opened.study.add_trial(
        create_trial(
            state=state, value=value, params={"gamma": 0.98, "batch": 5}, user_attrs=user_attrs,
            distributions=opened.config.search_space.distributions(),
        )
    )  # fmt: skip


@pytest.fixture
def written(storage: ResilientStorage, study_name: str) -> OpenStudy:
    """Two slots: a trial that was handed back, the one in its place, and one that diverged."""
    changes = {"baselines": [], "search_space": SPACE, "n_trials": 2, "budget": "1s", "n_eval_episodes": 2, "n_envs": 2}
    config = load_study_config(builtin_studies()["quickstart"], changes)
    opened = create_study(storage, study_name, this_definition(config, cpu_name()))
    add(opened, TrialState.FAIL)
    add(opened, TrialState.COMPLETE, -150.0, retry_of=0)
    add(opened, TrialState.COMPLETE, -1000.0, diverged=True, diverged_reason="the policy's actions are not finite")
    save_note(optuna.Trial(opened.study, opened.study.trials[1]._trial_id), "a note")
    return opened


def test_a_finished_study_goes_on(hpo: Hpo, written: OpenStudy) -> None:
    worker = ("worker", "--study", written.name)
    assert "trial 3" not in hpo(*worker).stdout  # it has all of its trials
    done = hpo(*worker, "--n-trials", "3")
    assert done.returncode == 0, done.stderr
    assert f"study {written.name} has 3 trials from now on" in done.stdout
    states = [trial.state for trial in written.study.get_trials(deepcopy=False)]
    assert states == [TrialState.FAIL, *[TrialState.COMPLETE] * 3]

    assert (
        f"{written.name}: 5 trials, of which 3 were begun"
        in hpo("extend", "--study", written.name, "--n-trials", "5").stdout
    )
    (row,) = json.loads(hpo("status", "--study", written.name, "--json").stdout)
    assert row["n_trials"] == 5
    refused = hpo("extend", "--study", written.name, "--n-trials", "2")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "has begun 3 trials already" in refused.stderr


def test_studies_are_listed_with_their_best_honest_value(hpo: Hpo, written: OpenStudy) -> None:
    rows = {row["study"]: row for row in json.loads(hpo("studies", "--json").stdout)}
    row = rows[written.name]
    assert (row["kind"], row["state"], row["best_value"], row["done"], row["n_trials"]) == (
        "search", "complete", -150.0, 2, 2,
    )  # fmt: skip
    shown = hpo("studies").stdout
    (line,) = [line for line in shown.splitlines() if line.split()[:1] == [written.name]]
    assert line.split()[1:3] == ["search", "complete"]


def test_all_trials_are_listed_with_what_was_tuned(hpo: Hpo, written: OpenStudy) -> None:
    rows = list(csv.DictReader(io.StringIO(hpo("trials", "--study", written.name, "--csv").stdout)))
    assert [(row["trial"], row["state"], row["value"]) for row in rows] == [
        ("0", "done again", ""), ("1", "complete", "-150.0"), ("2", "diverged", ""),
    ]  # fmt: skip
    assert {(row["gamma"], row["batch_size"]) for row in rows} == {("0.98", "32")}
    assert json.loads(hpo("trials", "--study", written.name, "--json").stdout)[2]["value"] is None
    shown = hpo("trials", "--study", written.name).stdout
    assert "trial 2: diverged, the policy's actions are not finite\n  gamma=0.98 batch_size=32\n" in shown


def test_a_study_moves_to_another_storage_with_its_replay(hpo: Hpo, written: OpenStudy, tmp_path: Path) -> None:
    storage = written.study._storage
    definition = written.definition.model_copy(update={"replay_of": written.name})
    replay = create_study(storage, f"{written.name}-replay", definition)
    run = PlannedRun(candidate="trial 1", hyperparameters={"gamma": 0.98}, seed=7)
    replay.study.add_trial(create_trial(value=-140.0, user_attrs={"run": run.model_dump(mode="json")}))

    url = f"sqlite:///{tmp_path}/there.db"
    done = hpo("copy", written.name, "moved", "--to-storage", url)
    assert done.returncode == 0, done.stderr
    with open_storage(url, tmp_path) as there:
        moved, moved_replay = get_study(there, "moved"), get_study(there, "moved-replay")
        assert moved.definition == written.definition
        assert moved_replay.definition.replay_of == "moved"
        assert moved.n_trials == 2
        for copied, source in ((moved, written), (moved_replay, replay)):
            ours, theirs = (
                [(t.number, t.state, t.value, t.params, t.user_attrs) for t in s.study.trials] for s in (copied, source)
            )
            assert ours == theirs
        assert get_note(optuna.Trial(moved.study, moved.study.trials[1]._trial_id)) == "a note"
    assert "there is a study moved already" in hpo("copy", written.name, "moved", "--to-storage", url).stderr


def test_a_definition_is_copied_without_its_trials(hpo: Hpo, storage: ResilientStorage, written: OpenStudy) -> None:
    assert hpo("copy", written.name, f"{written.name} again", "--without-trials").returncode == 0
    again = get_study(storage, f"{written.name} again")
    assert (again.definition, again.study.trials) == (written.definition, [])
    typed = hpo("copy", written.name, "x", "--to-storage", "postgresql://me:secret@db/hpo")
    assert (typed.returncode, "shows it to every user" in typed.stderr) == (1, True)


def test_a_study_is_deleted_where_one_says_so(hpo: Hpo, storage: ResilientStorage, written: OpenStudy) -> None:
    delete = ("delete", "--study", written.name)
    assert "say --yes" in hpo(*delete).stderr
    written.study.set_user_attr("n_trials", 3)
    running = written.study.ask()
    assert "are running: hpo stop" in hpo(*delete, "--yes").stderr
    written.study.tell(running, state=TrialState.FAIL)
    done = hpo(*delete, "--yes")
    assert done.stdout == f"deleted {written.name} (4 trials)\n"
    assert written.name not in [study.study_name for study in storage.get_all_studies()]
