"""A user's mistake is one line that says what is wrong and what to do, and leaves nothing behind."""

import json
import os
from pathlib import Path

import pytest

from tests.acceptance.conftest import QUICK
from tests.conftest import Hpo

PASSWORD = "hunter2"  # noqa: S105  (it must not be seen again)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("worker", "--study", "nope"), "no built-in one of that name; there are a1-rough, "),
        (("worker", "--study", "x", "--config", "missing.yaml"), "cannot read missing.yaml"),
        (("worker", "--study", "x", *QUICK, "--budget", "soon"), "budget: 'soon' is not a duration"),
        (("worker", "--study", "x", *QUICK, "--duration", "soon"), "--duration: 'soon' is not a duration"),
        (("worker", "--study", "x", *QUICK, "--n-envs", "0"), "n_envs"),
        (("worker", "--study", "x", *QUICK, "--set", "bugdet=5m"), "bugdet is not a field"),
        (("worker", "--study", "x", *QUICK, "--set", "bugdet"), "write field=value"),
        (("worker", "--study", "x", *QUICK, "--action-bounds", "wide"), "write LOW,HIGH, fraction:F or FILE.yaml"),
        (("worker", "--study", "x", *QUICK, "--action-bounds=2,-2"), "low 2 is not below high -2"),
        (("worker", "--study", "x", *QUICK, "--set", "sampler=magic"), "no sampler 'magic'"),
        (
            ("worker", "--study", "x", "--config", "quickstart", "--set", "search_space=magic"),
            "no search space 'magic'",
        ),
        (("worker", "--study", "x", *QUICK, "--task", "Nope-v3"), "no Gymnasium task 'Nope-v3'"),
        (("worker", "--study", "x", *QUICK, "--task", "CartPole-v1"), "need a continuous one (Box)"),
        (("worker", "--study", "x", *QUICK, "--import", "no_such_module"), "--import no_such_module"),
        (("worker", "--study", "x", *QUICK, "--device", "tpu"), "'tpu' is not one of 'cpu', 'cuda'"),
        (("worker", "--study", "x", *QUICK, "--device", "cpu", "--gpu", "0"), "--gpu with --device cpu"),
        (
            ("worker", "--study", "x", *QUICK, "--storage", f"postgresql://u:{PASSWORD}@127.0.0.1:1/x"),
            "shows it to every",
        ),
        (("status", "--storage", f"postgresql://u:a/{PASSWORD}@127.0.0.1:1/x"), "shows it to every"),
        (("status", "--storage", f"postgresql://u@h/x?sslpassword={PASSWORD}"), "shows it to every"),
        (("status", "--study", "nope"), "no study 'nope'"),
        (("best", "--study", "nope"), "no study 'nope'"),
        (("train", "--config", "missing.yaml"), "cannot read missing.yaml"),
        (("train", "--config", "missing.yaml", "--seed", f"{2**31}"), "less than or equal to 2147483647"),
        (("play", "somewhere", "--seed", f"{2**31}"), "less than or equal to 2147483647"),
        (("play", "somewhere", "--video", "x.mp4", "--video-seconds", "inf"), "--video-seconds inf: write a number"),
        (("worker", "--study", "x", *QUICK, "--set", "wandb=2024-02-30"), "the value is not valid YAML"),
        (("dashboard", "--storage", "mysql://u@h/x"), "neither PostgreSQL nor SQLite"),
        (("worker", "--study", "../x", *QUICK), "a study cannot be called '../x'"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, tuple) else "",
)
def test_a_mistake_is_one_line_and_a_non_zero_exit(hpo: Hpo, arguments: tuple[str, ...], message: str) -> None:
    done = hpo(*arguments)
    assert done.returncode == 1
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert PASSWORD not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (f"postgresql://u:{PASSWORD}@127.0.0.1:1/x", "cannot be used"),
        (f"postgresql://u@127.0.0.1:1/x?password={PASSWORD}", "cannot be used"),
        (f"mysql://u:{PASSWORD}@h/x", "neither PostgreSQL nor SQLite"),
    ],
)
def test_an_error_text_has_no_password(hpo: Hpo, url: str, message: str) -> None:
    done = hpo("status", env={"HPO_STORAGE": url})
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)
    assert message in done.stderr
    assert PASSWORD not in done.stdout + done.stderr


def test_a_mistake_creates_no_study(hpo: Hpo) -> None:
    hpo("worker", "--study", "never-created", *QUICK, "--task", "Nope-v3")
    assert "never-created" not in {row["study"] for row in json.loads(hpo("status", "--json").stdout)}


def test_a_hyperparameter_that_does_not_exist_is_named(hpo: Hpo, tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text("{task: Pendulum-v1, backend: gymnasium, n_envs: 1, hyperparameters: {learning_rat: 1e-3}}")
    done = hpo("train", "--config", str(file), "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "no hyperparameter learning_rat" in done.stderr


def test_a_run_that_cannot_fit_into_memory_is_refused(hpo: Hpo, tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text("{task: Pendulum-v1, backend: gymnasium, n_envs: 1, hyperparameters: {batch_size: 4294967296}}")
    done = hpo("train", "--config", str(file), "--out", str(tmp_path / "out"))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "GiB are free (batch_size 4,294,967,296)" in done.stderr


def test_a_folder_with_the_users_own_files_is_left_alone(hpo: Hpo, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    text = "{task: Pendulum-v1, backend: gymnasium, n_envs: 1, hyperparameters: {}}"
    file.write_text(text)
    done = hpo("train", "--config", str(file), "--out", str(tmp_path))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "holds files that this run did not write (config.yaml)" in done.stderr
    assert file.read_text() == text
    assert list(tmp_path.iterdir()) == [file]


def test_a_name_that_is_too_long_for_a_study_is_refused(hpo: Hpo) -> None:
    done = hpo("worker", "--study", "s" * 600, "--config", "quickstart")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "a study's name has 500 letters at most" in done.stderr


def test_a_data_folder_that_cannot_be_made_is_named(hpo: Hpo) -> None:
    done = hpo("status", env={"HPO_HOME": "/proc/nowhere"})
    assert done.returncode == 1
    assert "set HPO_HOME to another" in done.stderr


def test_help_answers_without_loading_what_it_does_not_need(hpo: Hpo) -> None:
    done = hpo("worker", "--help", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0
    assert "hpo worker --study sac-speed" in done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not loaded & {"optuna", "jax", "torch", "numpy", "sqlalchemy"}
    assert os.environ["HPO_HOME"]
