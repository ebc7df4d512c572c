"""The arithmetic of the benchmark of pruners, and the recorded curves that it ships."""

import itertools
import math

import pytest

from benchmarks.pruning_simulation import kept, regret, saved_time, saved_training, search
from benchmarks.recorded_curves import RecordedTrial, Recording, Report, recordings
from samplers import create_pruner

NONE = create_pruner("none")


def trial(number: int, value: float, level: float, seconds: int = 10) -> RecordedTrial:
    """Reports `level` each second, is prepared in 2 s and evaluated in 3 s."""
    reports = tuple(Report(step=s, elapsed_s=s + 0.25, mean_return=level) for s in range(1, seconds))
    return RecordedTrial(
        number=number, params={}, value=value, reports=reports, preparation_s=2, training_s=seconds, evaluation_s=3,
        steps_per_s=1, hardware_shared=False,
    )  # fmt: skip


GOOD = [trial(n, value=10 + n, level=5) for n in range(4)]
HOPELESS = trial(4, value=-1, level=-1)
LATE = trial(5, value=99, level=-1)


@pytest.fixture(params=["cartpole", "pendulum"])
def recording(request: pytest.FixtureRequest) -> Recording:
    return recordings()[request.param]


def test_recorded_curves_are_those_of_whole_unpruned_studies(recording: Recording) -> None:
    config = recording.definition["config"]
    assert config["pruner"] == {"name": "none"}
    assert config["sampler"] == {"name": "random"}
    assert [t.number for t in recording.trials] == list(range(config["n_trials"]))
    assert len({tuple(t.params.values()) for t in recording.trials}) == len(recording.trials)


def test_recorded_reports_are_what_a_worker_would_have_made(recording: Recording) -> None:
    every_s = recording.definition["config"]["report_every"]
    for recorded in recording.trials:
        assert recorded.training_s >= recording.budget_s
        for before, after in itertools.pairwise(recorded.reports):
            assert before.step < after.step
            assert before.elapsed_s < after.elapsed_s
        for report in recorded.reports:
            assert report.step % every_s == 0
            assert report.step <= report.elapsed_s < report.step + every_s
            assert math.isfinite(report.mean_return)
        # In so few seconds a trial may not see the end of one episode.
        if recorded.reports:
            assert recorded.reports[-1].elapsed_s == pytest.approx(recorded.training_s, abs=every_s)
    assert sum(bool(recorded.reports) for recorded in recording.trials) > 0.9 * len(recording.trials)


def test_recordings_say_where_they_come_from(recording: Recording) -> None:
    assert len(recording.git_commit) == 40
    assert {"hpo", "optuna", "sbx-rl", "jax", "python"} <= recording.versions.keys()
    assert recording.definition["hardware"]
    assert recording.cores_busy_elsewhere >= 0


@pytest.mark.parametrize("workers", [1, 8])
def test_without_a_pruner_nothing_is_saved_and_nothing_lost(recording: Recording, workers: int) -> None:
    ended = search(recording.trials, NONE, workers)
    assert len(ended) == len(recording.trials)
    assert saved_training(ended) == 0
    assert saved_time(ended) == 0
    assert regret(ended, recording.trials) == 0
    assert kept(ended, 5) == 1


def test_a_hopeless_trial_costs_its_preparation_and_its_grace_period() -> None:
    ended = search([*GOOD, HOPELESS], create_pruner("median", n_startup_trials=4, n_warmup_steps=6))
    assert [e.trial.number for e in ended if e.pruned] == [HOPELESS.number]
    assert ended[-1].training_s == 6.25
    assert ended[-1].busy_s == 8.25
    assert saved_training(ended) == pytest.approx(3.75 / 50)
    # The evaluation is saved as well.
    assert saved_time(ended) == pytest.approx((3.75 + 3) / 75)
    assert regret(ended, [*GOOD, HOPELESS]) == 0


def test_pruning_a_late_bloomer_is_regretted() -> None:
    trials = [*GOOD, LATE]
    ended = search(trials, create_pruner("median", n_startup_trials=4))
    assert regret(ended, trials) == 99 - 13
    assert kept(ended, 1) == 0
    assert kept(ended, 2) == 0.5


def test_workers_share_the_trials() -> None:
    # Each takes 15 s.
    assert [e.at_s for e in search(GOOD, NONE, workers=1)] == [15, 30, 45, 60]
    assert [e.at_s for e in search(GOOD, NONE, workers=3)] == [15, 15, 15, 30]


def test_a_worker_takes_the_next_trial_when_its_own_is_pruned() -> None:
    others = [trial(n, value=0, level=6) for n in (6, 7, 8, 9)]
    ended = search([*GOOD, HOPELESS, *others], create_pruner("median", n_startup_trials=4), workers=4)
    # The first four take 15 s; the worker of the hopeless one is free 2 + 1.25 s later, and the last trial takes 15 s.
    assert [(e.trial.number, e.at_s) for e in ended[4:]] == [(4, 18.25), (6, 30), (7, 30), (8, 30), (9, 33.25)]


def test_pruners_learn_a_value_when_its_evaluation_ends() -> None:
    short = trial(6, value=0, level=5, seconds=3)
    ended = search([GOOD[0], short, HOPELESS], create_pruner("median", n_startup_trials=2), workers=2)
    # The hopeless one follows the short one at 8 s and is prepared at 10 s; the good one has its value at 15 s.
    assert [(e.trial.number, e.at_s) for e in ended] == [(6, 8), (0, 15), (4, 15.25)]
