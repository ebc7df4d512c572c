"""Whom a replay takes for the best: those whom a model of all trials says to be good, or whoever scored most."""

import json

import optuna
import pytest
from optuna.storages import BaseStorage
from optuna.trial import TrialState, create_trial

from replay.smoothed_scores import MIN_TRIALS
from tests.acceptance.test_replay_bad_input import written_study
from tests.conftest import Hpo

LUCKY = 23


@pytest.mark.takes(40)
def test_the_best_are_those_of_a_model_and_both_values_are_shown(
    hpo: Hpo, storage: BaseStorage, study_name: str
) -> None:
    # Returns rise with gamma, and the trial with the lowest one was lucky.
    opened = written_study(storage, study_name)
    n_trials = LUCKY + 1
    assert n_trials > MIN_TRIALS
    for number in range(n_trials):
        gamma = 0.975 + 0.02 * (n_trials - 1 - number) / n_trials
        value = -200.0 if number == LUCKY else -1000 + 3e4 * (gamma - 0.975)
        opened.study.add_trial(
            create_trial(
                state=TrialState.COMPLETE, value=value, params={"gamma": gamma},
                distributions={"gamma": optuna.distributions.FloatDistribution(0.975, 0.995)},
                user_attrs={"seed": 100 + number, "diverged": False, "num_timesteps": 1000},
            )
        )  # fmt: skip

    by_score = hpo("replay", "--study", study_name, "--top", "1", "--seeds", "1", "--candidates", "score")
    assert by_score.returncode == 0, by_score.stderr
    assert f"trial {LUCKY}" in by_score.stdout
    assert "smoothed" not in by_score.stdout

    by_model = hpo("replay", "--study", study_name, "--top", "1", "--seeds", "1")
    assert by_model.returncode == 0, by_model.stderr
    plan, _, _ = by_model.stdout.partition("runs, 0 finished")
    assert "smoothed" in plan
    assert "trial 0" in plan
    assert f"trial {LUCKY}" not in plan

    ranking = json.loads(hpo("report", "--study", study_name, "--json").stdout)["ranking"]
    scores = {row["candidate"]: (row["search_score"], row["smoothed_score"]) for row in ranking}
    assert scores[f"trial {LUCKY}"] == (-200.0, None)
    score, smoothed = scores["trial 0"]
    assert smoothed == pytest.approx(score, abs=100)
