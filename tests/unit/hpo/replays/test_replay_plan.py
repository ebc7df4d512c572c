"""Which candidates, seeds and rounds a replay has."""

import pytest

import samplers
from replay.candidates import Candidate, FinishedTrial, candidate, top_trials, without_doubles
from replay.racing import Rung, n_runs, rungs
from replay.runs import Run, Setting, plan
from replay.seeds import fresh_seeds

SPACE = samplers.named_space("sac")
MIDDLE = {
    name: round((d.low + d.high) / 2) if d.kind == "int" else (d.low + d.high) / 2
    for name, d in SPACE.dimensions.items()
}


def trial(number: int, score: float, diverged: bool = False, **values: float) -> FinishedTrial:
    sampled = {**MIDDLE, **values}
    return FinishedTrial(number, sampled, SPACE.hyperparameters(sampled), score, diverged)


def test_the_best_trials_come_first_and_ties_go_to_the_earlier() -> None:
    trials = [trial(0, 1.0, gamma=0.976), trial(1, 3.0, gamma=0.98), trial(2, 3.0, gamma=0.99)]
    assert [t.number for t in top_trials(trials, SPACE, 2, {})] == [1, 2]


def test_a_smoothed_score_counts_instead_of_the_score() -> None:
    trials = [trial(0, 1.0, gamma=0.976), trial(1, 3.0, gamma=0.98), trial(2, 2.0, gamma=0.99)]
    chosen = top_trials(trials, SPACE, 2, {0: 2.5, 1: 0.5})
    assert [t.number for t in chosen] == [0, 2]
    assert candidate(chosen[0], {0: 2.5}).smoothed_score == 2.5


def test_of_near_duplicates_only_the_best_is_a_candidate() -> None:
    trials = [trial(0, 1.0, gamma=0.98), trial(1, 2.0, gamma=0.9801), trial(2, 0.0, gamma=0.99)]
    assert [t.number for t in top_trials(trials, SPACE, 3, {})] == [1, 2]


def test_another_value_of_an_integer_dimension_is_another_candidate() -> None:
    trials = [trial(0, 1.0, gradient_steps_pow=5), trial(1, 2.0, gradient_steps_pow=6)]
    assert len(top_trials(trials, SPACE, 2, {})) == 2


def test_a_diverged_trial_is_no_candidate() -> None:
    assert top_trials([trial(0, 5.0, diverged=True)], SPACE, 1, {}) == []


def test_more_seeds_keep_the_ones_there_were() -> None:
    assert fresh_seeds("s", "replay", 10, set())[:4] == fresh_seeds("s", "replay", 4, set())


def test_a_seed_of_the_search_is_never_fresh() -> None:
    taken = set(fresh_seeds("s", "replay", 3, set()))
    assert not taken & set(fresh_seeds("s", "replay", 5, taken))
    assert len(set(fresh_seeds("s", "replay", 5, taken))) == 5


def test_confirmation_shares_no_seed_with_the_replay() -> None:
    replay, confirm = (set(fresh_seeds("s", purpose, 200, set())) for purpose in ("replay", "confirm"))
    assert not replay & confirm


def test_two_studies_have_other_seeds() -> None:
    assert not set(fresh_seeds("a", "replay", 50, set())) & set(fresh_seeds("b", "replay", 50, set()))


def test_every_candidate_has_every_seed_and_seeds_come_one_after_the_other() -> None:
    chosen = [candidate(trial(number, 0.0, gamma=0.976 + number / 1000), {}) for number in range(2)]
    runs = plan(chosen, [7, 8], [Setting()], "replay")
    assert [(run.candidate, run.seed) for run in runs] == [
        ("trial 0", 7),
        ("trial 1", 7),
        ("trial 0", 8),
        ("trial 1", 8),
    ]
    assert len({run.key for run in runs}) == 4


def test_a_run_is_the_same_whoever_plans_it_and_another_in_another_setting() -> None:
    def run(setting: Setting, hyperparameters: dict[str, float]) -> str:
        return Run("trial 1", hyperparameters, 7, setting, "replay").key

    assert run(Setting(), {"a": 1, "b": 2}) == run(Setting(), {"b": 2, "a": 1})
    assert run(Setting(), {"a": 1}) != run(Setting({"task": "Other"}), {"a": 1})
    assert run(Setting(), {"a": 1, "b": 2}) == "5fb8dc16f677a3330cb9", "a replay that older versions began goes on"


def test_the_same_hyperparameters_of_another_algorithm_are_another_candidate() -> None:
    sac, ppo = (Candidate("mine", {"gamma": 0.9}, None, changes) for changes in ({}, {"algorithm": "ppo"}))
    assert without_doubles([sac, ppo, sac]) == [sac, ppo]
    assert len({run.key for run in plan([sac, ppo], [7], [Setting()], "replay")}) == 2


def test_a_race_halves_the_candidates_and_keeps_to_its_budget() -> None:
    rounds = rungs(16, 10)
    assert rounds == [Rung(16, 2), Rung(8, 5), Rung(4, 8), Rung(2, 22)]
    assert n_runs(rounds) == 32 + 24 + 12 + 28 == 0.6 * 16 * 10
    for n_candidates in range(2, 30):
        for n_seeds in range(4, 20):
            assert n_runs(rungs(n_candidates, n_seeds)) <= 0.6 * n_candidates * n_seeds


def test_a_race_with_a_small_budget_ends_early_and_with_none_is_refused() -> None:
    assert rungs(8, 10, max_runs=20) == [Rung(8, 2), Rung(4, 3)]
    assert rungs(8, 10, max_runs=16) == [Rung(8, 2)]
    with pytest.raises(ValueError, match="starts with 16 runs, the budget is 15"):
        rungs(8, 10, max_runs=15)


def test_a_race_asks_for_no_more_seeds_than_there_are() -> None:
    assert rungs(16, 10, most_seeds=10)[-1] == Rung(2, 10)
    assert rungs(4, 1, most_seeds=1) == [Rung(4, 1)]


def test_one_candidate_has_nobody_to_race_against() -> None:
    assert rungs(1, 7) == [Rung(1, 7)]
