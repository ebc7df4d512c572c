"""How candidates are called."""

from replay.candidates import FinishedTrial, candidate


def test_a_trial_that_ran_a_baseline_says_so_and_keeps_its_name() -> None:
    ran = candidate(FinishedTrial(0, {}, {"gamma": 0.9}, 1.0, diverged=False, baseline="tuned-a1"), {})
    sampled = candidate(FinishedTrial(3, {}, {"gamma": 0.9}, 1.0, diverged=False), {})
    assert (ran.name, ran.label) == ("trial 0", "trial 0 (tuned-a1)")
    assert (sampled.name, sampled.label) == ("trial 3", "trial 3")
