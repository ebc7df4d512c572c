"""Studies written by somebody who may write to the database and means no good."""

import json
import os
import pickle
import socket
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState, create_trial
from optuna_dashboard import save_note

from hpo.hardware import cpu_name
from hpo.studies.study import OpenStudy, create_study, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from hpo.trials.lost_trials import replacements
from tests.conftest import Hpo

# Heartbeats are of no use here: nothing runs.
pytestmark = pytest.mark.filterwarnings("ignore:Heartbeat of storage:UserWarning")

SPACE = {"name": "only gamma", "dimensions": {"gamma": {"kind": "float", "low": 0.975, "high": 0.995}}}
STEERING = "\x1b]0;owned\x07\x1b[2J\x9b1A\u202e[/red][link=file:///]\r"
"""Renames the window, clears it, goes up a line, turns the writing, is no markup of ours, overwrites the line."""


def write(storage: BaseStorage, name: str, fields: dict[str, Any] | None = None, hardware: str = "") -> OpenStudy:
    config = load_study_config(
        builtin_studies()["quickstart"], {"search_space": SPACE, "baselines": [], **(fields or {})}
    )
    return create_study(storage, name, this_definition(config, hardware or cpu_name()))


def add(opened: OpenStudy, user_attrs: dict[str, Any], system_attrs: dict[str, Any] | None = None) -> optuna.Trial:
    gamma = {"gamma": optuna.distributions.FloatDistribution(0.975, 0.995)}
    attributes = {"num_timesteps": 1000, **user_attrs}
    trial = create_trial(
        state=TrialState.COMPLETE, value=1.0, params={"gamma": 0.98}, distributions=gamma,
        user_attrs=attributes, system_attrs=system_attrs,
    )  # fmt: skip
    opened.study.add_trial(trial)
    return optuna.Trial(opened.study, opened.study.trials[-1]._trial_id)


class RunsCode:
    """A pickle that makes a folder when it is loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def test_pickles_in_a_study_are_loaded_only_where_the_command_line_says_so(
    hpo: Hpo, storage: BaseStorage, study_name: str, tmp_path: Path
) -> None:
    opened = write(storage, study_name, {"sampler": "optuna-cmaes", "n_trials": 2, "budget": "1s"})
    made = tmp_path / "made-by-the-pickle"
    add(opened, {}, {"cma:optimizer:0": pickle.dumps(RunsCode(made)).hex()})
    refused = hpo("worker", "--study", study_name)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "can run code here" in refused.stderr
    assert "--set sampler.name=optuna-cmaes" in refused.stderr
    assert not made.exists()
    # The danger is real: whoever says so loads it.
    hpo("worker", "--study", study_name, "--set", "sampler.name=optuna-cmaes", "--trials", "1")
    assert made.exists()


def test_what_a_study_says_of_itself_does_not_steer_the_terminal(
    hpo: Hpo, storage: BaseStorage, study_name: str
) -> None:
    opened = write(storage, study_name, {"task": f"Task{STEERING}"}, hardware=f"GPU{STEERING}")
    recorded = {"host": f"host{STEERING}", "worker_pid": 1, "hardware": f"GPU{STEERING}", "git_commit": STEERING}
    save_note(add(opened, {**recorded, "failure": STEERING}), f"a note{STEERING}")
    running = opened.study.ask()
    for key, value in recorded.items():
        running.set_user_attr(key, value)
    commands = (("status",), ("best",), ("logs", "0"), ("export",), ("worker",))
    for command in commands:
        done = hpo(*command, "--study", study_name)
        shown = done.stdout + done.stderr
        assert "Traceback" not in shown, shown
        assert not set("\x1b\x07\x9b\u202e\r") & set(shown), command
        if command[0] == "logs":
            assert "a note\\x1b]0;owned\\x07\\x1b[2J\\x9b1A\\u202e[/red]" in shown


def test_names_that_are_no_names_are_not_listed(hpo: Hpo, storage: BaseStorage) -> None:
    names = ("a\x1b[2Jb", "a\x9bb", "a\u202eb", "a\nb", "a/../../b", "..")
    definition = this_definition(load_study_config(builtin_studies()["quickstart"], {}), cpu_name())
    for name in names:
        study = optuna.create_study(study_name=name, storage=storage)
        study.set_user_attr("definition", definition.model_dump(mode="json"))
    try:
        listed = {row["study"] for row in json.loads(hpo("status", "--json").stdout)}
        refused = hpo("status", "--study", names[0])
    finally:
        for name in names:
            optuna.delete_study(study_name=name, storage=storage)
    assert not listed & set(names)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "a study cannot be called 'a\\x1b[2Jb'" in refused.stderr


def test_logs_say_where_a_file_lies_and_do_not_show_it(
    hpo: Hpo, storage: BaseStorage, study_name: str, tmp_path: Path
) -> None:
    private = tmp_path / "private"
    private.write_text("what only its owner reads")
    recorded = {"host": socket.gethostname(), "worker_pid": 1, "hardware": "CPU", "log": str(private)}
    add(write(storage, study_name), recorded)
    done = hpo("logs", "0", "--study", study_name)
    assert done.returncode == 0, done.stderr
    assert str(private) in done.stdout
    assert "what only its owner reads" not in done.stdout


def test_reading_a_study_calls_no_function_that_it_names(hpo: Hpo, storage: BaseStorage, study_name: str) -> None:
    # Of the standard library, so imported already, and it would wait for input.
    add(write(storage, study_name, {"search_space": "builtins:breakpoint"}), {})
    for command in (("best", "--json"), ("replay",)):
        done = hpo(*command, "--study", study_name)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert "does not say what it trained with" in done.stderr


def test_a_task_imports_no_module_by_its_name(hpo: Hpo, storage: BaseStorage, study_name: str) -> None:
    # Gymnasium would import what is before the colon; faulty_tasks is on this machine's path.
    write(storage, study_name, {"task": "faulty_tasks:Raise-v0"})
    done = hpo("worker", "--study", study_name)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "no Gymnasium task 'faulty_tasks:Raise-v0'" in done.stderr


@pytest.mark.parametrize(
    ("forged", "refused"),
    [
        ({"num_timesteps": [], "seed": {}, "log": 1}, {"best", "logs 0", "export", "report", "replay"}),
        ({"run": 5}, {"best", "best --json", "export", "report", "replay"}),
        ({"run": {"seed": "none"}}, {"best", "best --json", "export", "report", "replay"}),
    ],
)
def test_a_record_of_other_types_is_named(
    hpo: Hpo, storage: BaseStorage, study_name: str, forged: dict[str, Any], refused: set[str]
) -> None:
    add(write(storage, study_name), {"host": "h", "worker_pid": 1, "hardware": "CPU", **forged})
    for command in ("status", "best", "best --json", "logs 0", "export", "report", "replay"):
        done = hpo(*command.split(), "--study", study_name)
        if command not in refused:
            assert done.returncode == 0, done.stderr
            if command == "status":
                assert "1 complete" in done.stdout
                assert "that hpo did not write: " in " ".join(done.stdout.split())
            continue
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert "trial 0 " in done.stderr
        assert "that hpo did not write: " in done.stderr


def test_trials_that_replace_each_other_are_not_followed_for_ever(
    hpo: Hpo, storage: BaseStorage, study_name: str
) -> None:
    opened = write(storage, study_name)
    for replaced in (1, 0, "0", [], 2):
        add(opened, {"retry_of": replaced})
    assert replacements(opened.study) == {0: 1, 2: 4}
    for command in ("status", "trials"):
        assert hpo(command, "--study", study_name).returncode == 0


def test_a_trial_that_was_not_trained_is_not_exported(hpo: Hpo, storage: BaseStorage, study_name: str) -> None:
    add(write(storage, study_name), {"num_timesteps": None, "refused": "it needs 90 GB"})
    for command, why in (
        (("export",), "has no honest value yet: each finished trial diverged or was refused"),
        (("export", "--trial", "0"), "was not trained: it needs 90 GB"),
    ):
        done = hpo(*command, "--study", study_name)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
        assert why in done.stderr


def test_a_trial_that_is_no_point_of_its_space_is_named(hpo: Hpo, storage: BaseStorage, study_name: str) -> None:
    opened = write(storage, study_name)
    opened.study.add_trial(create_trial(state=TrialState.COMPLETE, value=1.0, user_attrs={"num_timesteps": 1}))
    done = hpo("export", "--study", study_name)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "is no point of its search space: no value for gamma" in done.stderr
