"""What a replay refuses: one line, a non-zero exit, and nothing left behind."""

import datetime
from pathlib import Path

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState, create_trial

from hpo.hardware import cpu_name
from hpo.replays.replay_study import create_replay
from hpo.studies.study import OpenStudy, create_study, list_studies, this_definition
from hpo.studies.study_config import builtin_studies, load_study_config
from hpo.trials.planned_run import PlannedRun, waiting_trial
from replay.seeds import fresh_seeds
from tests.acceptance.conftest import QUICK
from tests.conftest import Hpo


@pytest.fixture
def study(storage: BaseStorage, study_name: str) -> OpenStudy:
    """A study with two finished trials and a diverged one, written by hand."""
    opened = written_study(storage, study_name)
    for number, value in enumerate((-200.0, -300.0, -1600.0)):
        opened.study.add_trial(
            create_trial(
                state=TrialState.COMPLETE,
                value=value,
                params={"gamma": 0.98 + number / 1000},
                distributions={"gamma": optuna.distributions.FloatDistribution(0.975, 0.995)},
                user_attrs={"seed": 100 + number, "diverged": number == 2, "num_timesteps": 1000},
            )
        )
    return opened


def written_study(storage: BaseStorage, name: str, **overrides: object) -> OpenStudy:
    space = {
        "name": "only gamma",
        "dimensions": {"gamma": {"kind": "float", "low": 0.975, "high": 0.995, "hyperparameter": "gamma"}},
    }
    config = load_study_config(
        builtin_studies()["quickstart"], {"search_space": space, "budget": "1s", "baselines": [], **overrides}
    )
    return create_study(storage, name, this_definition(config, cpu_name()))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--seed-list", "5,101"), "--seed-list: the search trained with 101"),
        (("--seeds", "2", "--seed-list", "5,6"), "--seeds and --seed-list: choose one"),
        (("--seed-list", "five"), "--seed-list five: write seeds below 2**31"),
        (("--seed-list", "7,7"), "--seed-list 7,7: a seed is named twice"),
        (("--seeds", "0"), "'--seeds': Input should be greater than or equal to 1"),
        (("--seed-list", f"{2**31},"), "below 2**31"),
        (("--include", "9"), "--include 9: study"),
        (("--include", "baseline:best"), "--include best: there are tuned-a1"),
        (("--top", "0"), "nothing to replay"),
        (("--rank", "median"), "'--rank': 'median' is not one of 'iqm', 'mean', 'lower-ci', 'cvar'"),
        (("--max-runs", "4"), "--max-runs is the budget of --racing"),
        (("--racing", "--max-runs", "3"), "--max-runs 3: a race of 2 candidates starts with 4 runs"),
        (("--task", "Pendulum-v9"), "Pendulum-v9"),
        (("--action-bounds", "1,-1"), "low 1 is not below high -1"),
        (("--device", "cuda"), "no NVIDIA GPU"),
    ],
)
def test_a_mistake_is_one_line(
    study: OpenStudy, storage: BaseStorage, hpo: Hpo, arguments: tuple[str, ...], message: str
) -> None:
    done = hpo("replay", "--study", study.name, *arguments)
    assert done.returncode == 1, done.stdout
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert f"{study.name}-replay" not in list_studies(storage)


def test_two_candidates_of_one_name_are_not_ranked_as_one(
    study: OpenStudy, storage: BaseStorage, hpo: Hpo, tmp_path: Path
) -> None:
    files = [tmp_path / folder / "mine.yml" for folder in "ab"]
    for number, file in enumerate(files):
        file.parent.mkdir()
        file.write_text(f"gamma: 0.9{number}\n")
    include = [word for file in files for word in ("--include", str(file))]
    for command in (
        ("replay", "--study", study.name, "--top", "0", *include),
        ("worker", "--study", f"{study.name}-new", *QUICK, *(w.replace("include", "baseline") for w in include)),
    ):
        done = hpo(*command)
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
        assert "are called" in done.stderr
        assert "mine: give one of the files another name" in done.stderr
    assert not {f"{study.name}-replay", f"{study.name}-new"} & set(list_studies(storage))


def test_runs_of_an_earlier_content_of_a_file_are_not_ranked_with_those_of_its_new_one(
    study: OpenStudy, hpo: Hpo, tmp_path: Path
) -> None:
    file = tmp_path / "mine.yml"
    file.write_text("gamma: 0.9\n")
    command = ("replay", "--study", study.name, "--top", "0", "--seeds", "2", "--include", str(file))
    assert hpo(*command).returncode == 0
    file.write_text("gamma: 0.99\n")
    done = hpo(*command)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert f"study {study.name}-replay has runs of baseline:mine with other hyperparameters" in done.stderr


def test_the_replay_of_an_earlier_study_of_the_name_is_not_gone_on_with(
    study: OpenStudy, storage: BaseStorage, hpo: Hpo, tmp_path: Path
) -> None:
    file = tmp_path / "other.yml"
    file.write_text("gamma: 0.9\n")
    orphan = create_replay(storage, study)
    trial = PlannedRun(candidate="trial 17", hyperparameters={"gamma": 0.98}, seed=1)
    orphan.study.add_trial(waiting_trial(trial, "key", {}, {}))
    done = hpo("replay", "--study", study.name, "--top", "0", "--include", str(file))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "runs of trial 17 with other hyperparameters: it replayed an earlier study of this name" in done.stderr
    assert [t.state for t in orphan.study.trials] == [TrialState.WAITING]


def test_a_file_with_what_cannot_be_stored_is_refused(study: OpenStudy, hpo: Hpo, tmp_path: Path) -> None:
    file = tmp_path / "dated.yml"
    file.write_text("gamma: 2024-01-01\n")
    done = hpo("replay", "--study", study.name, "--top", "0", "--include", str(file))
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert f"{file}: Object of type date" in done.stderr


def test_a_study_that_does_not_exist_is_named(study: OpenStudy, hpo: Hpo) -> None:
    for command in ("replay", "report", "export"):
        done = hpo(command, "--study", "nowhere")
        assert done.returncode == 1
        assert "no study 'nowhere'; the storage has" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_study_without_a_finished_trial_has_nothing_to_replay(
    storage: BaseStorage, study_name: str, hpo: Hpo
) -> None:
    written_study(storage, study_name)
    for command in ("replay", "export"):
        done = hpo(command, "--study", study_name)
        assert done.returncode == 1
        assert "has no finished trial yet" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_confirmation_seed_cannot_choose_the_winner(study: OpenStudy, hpo: Hpo) -> None:
    [reserved] = fresh_seeds(study.name, "confirm", 1, {100, 101, 102})
    done = hpo("replay", "--study", study.name, "--seed-list", f"{reserved},", "--confirm", "1")
    assert done.returncode == 1
    assert f"--seed-list: {reserved} belongs to --confirm" in done.stderr


def test_the_replay_of_a_study_that_was_defined_anew_is_refused(
    study: OpenStudy, storage: BaseStorage, study_name: str, hpo: Hpo
) -> None:
    old = study.definition.model_copy(update={"replay_of": study_name})
    changed = old.model_copy(update={"config": old.config.model_copy(update={"budget": 7.0})})
    create_study(storage, f"{study_name}-replay", changed)
    for command in ("replay", "report", "export"):
        done = hpo(command, "--study", study_name)
        assert done.returncode == 1
        assert "budget: the study has 7.0, asked for 1.0" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_fewer_finished_trials_than_asked_for_are_all_replayed(study: OpenStudy, hpo: Hpo) -> None:
    done = hpo("replay", "--study", study.name, "--top", "9", "--seeds", "1")
    assert done.returncode == 0, done.stderr
    assert "--top 9: the study has 2 finished trials that differ and did not diverge" in " ".join(done.stdout.split())
    assert "2 runs, 0 finished, 2 to go" in done.stdout


def test_two_studies_need_a_name(study: OpenStudy, storage: BaseStorage, hpo: Hpo) -> None:
    other = f"other-{datetime.datetime.now(datetime.UTC).timestamp()}"
    written_study(storage, other)
    done = hpo("replay")
    assert done.returncode == 1
    assert "name a study with --study" in done.stderr
