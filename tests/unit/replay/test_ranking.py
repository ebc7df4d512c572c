"""The ranking of candidates: order, ties, luck, and what is not comparable."""

import numpy as np
import pytest

from replay.candidates import Candidate
from replay.findings import findings
from replay.ranking import RankBy, Ranking, rank
from replay.report import ranked as paragraphs
from replay.runs import Outcome, Run, Setting, Speed
from replay.table import records

CPU = "a CPU"


def candidates(*scores: float | None) -> list[Candidate]:
    return [Candidate(f"trial {number}", {"batch_size": number}, score) for number, score in enumerate(scores)]


def outcome(name: str, seed: int, value: float, **changes: object) -> Outcome:
    fields = {
        "run": Run(name, {}, seed, Setting(), "replay"),
        "value": value,
        "diverged": False,
        "steps_per_s": 100.0,
        "gradient_steps_per_s": 10.0,
        "num_timesteps": 1000,
        "hardware": CPU,
        "hardware_shared": False,
        "learning_curve": (),
        "evaluations": (),
    }
    return Outcome(**{**fields, **changes})  # type: ignore[arg-type]


def returns(name: str, *values: float, **changes: object) -> list[Outcome]:
    return [outcome(name, seed, value, **changes) for seed, value in enumerate(values)]


def ranked(*groups: list[Outcome], scores: tuple[float | None, ...] = (None,) * 5, by: RankBy = "iqm") -> Ranking:
    return rank(candidates(*scores), [o for group in groups for o in group], Setting(), CPU, by)


def names(ranking: Ranking) -> list[str]:
    return [row.candidate.name for row in ranking.rows]


def test_each_way_to_rank_can_choose_another_leader() -> None:
    steady = returns("trial 0", 10, 10, 10, 10, 10, 10, 10, 10)
    wild = returns("trial 1", -60, 12, 12, 12, 12, 12, 12, 100)
    rising = returns("trial 2", 9.9, 9.9, 9.9, 9.9, 9.9, 9.9, 40, 40)
    assert names(ranked(steady, wild, rising, by="iqm"))[0] == "trial 1"
    assert names(ranked(steady, wild, rising, by="mean"))[0] == "trial 2"
    assert names(ranked(steady, wild, rising, by="cvar"))[0] == "trial 0"
    assert names(ranked(steady, wild, rising, by="lower-ci"))[0] == "trial 0"


def test_a_diverged_run_counts_with_its_floor_value() -> None:
    [row] = ranked([*returns("trial 0", 10, 10, 10), outcome("trial 0", 3, -50.0, diverged=True)]).rows
    assert (row.summary.n, row.summary.minimum, row.n_diverged) == (4, -50.0, 1)
    assert "trial 0: 1 of 4 runs diverged" in " ".join(
        findings(ranked([outcome("trial 0", 3, -50.0, diverged=True), *returns("trial 0", 1, 2, 3)]))
    )


def test_a_candidate_with_fewer_seeds_stands_behind() -> None:
    assert names(ranked(returns("trial 0", 100, 100), returns("trial 1", 1, 2, 3, 4))) == ["trial 1", "trial 0"]


def test_shrinkage_is_replay_mean_minus_search_score() -> None:
    [row] = ranked(returns("trial 0", 10, 12, 14, 16), scores=(20.0,)).rows
    assert row.shrinkage == pytest.approx(-7.0)


def test_a_score_above_what_one_more_run_would_give_is_lucky() -> None:
    values = (10.0, 11.0, 12.0, 13.0, 14.0)
    lucky, plausible = (ranked(returns("trial 0", *values), scores=(score,)).rows[0] for score in (17.0, 16.0))
    # 12 + 2.776 * 1.581 * sqrt(1.2) = 16.81
    assert (lucky.lucky, plausible.lucky) == (True, False)
    assert any("trial 0 was lucky" in line for line in findings(ranked(returns("trial 0", *values), scores=(17.0,))))


@pytest.mark.parametrize("changes", [{"hardware": "another CPU"}, {"hardware_shared": True}])
def test_returns_of_other_hardware_are_not_held_against_the_score(changes: dict[str, object]) -> None:
    ranking = ranked(returns("trial 0", 1, 2, 3, 4, **changes), scores=(50.0,))
    [row] = ranking.rows
    assert (row.comparable, row.shrinkage, row.lucky) == (False, None, False)
    assert "they are not compared with the search: trial 0" in " ".join(findings(ranking))


def test_five_seeds_leave_everyone_in_the_tie_set_and_say_so() -> None:
    ranking = ranked(returns("trial 0", 10, 11, 12, 13, 14), returns("trial 1", 0, 1, 2, 3, 5))
    assert len(ranking.tie_set) == 2
    text = " ".join(findings(ranking))
    assert "With 5 seeds no difference between 2 candidates can be significant" in text
    assert "Use at least 6." in text
    assert "0.062" in text
    assert "trial 1 (about 6)" in text


def test_enough_seeds_separate_what_differs() -> None:
    rng = np.random.default_rng(0)
    good, bad = rng.normal(10, 1, 12), rng.normal(0, 1, 12)
    ranking = ranked(returns("trial 0", *good), returns("trial 1", *bad))
    assert [row.candidate.name for row in ranking.tie_set] == ["trial 0"]
    assert findings(ranking)[0] == "trial 0 is separated from every other candidate."


def test_the_cheaper_of_equals_is_named() -> None:
    dear = returns("trial 0", 10, 11, 12, 13, 14, gradient_steps_per_s=500.0)
    cheap = returns("trial 1", 11, 10, 13, 12, 13, gradient_steps_per_s=50.0)
    bad = returns("trial 2", 1, 2, 1, 2, 1, gradient_steps_per_s=5.0)
    ranking = ranked(dear, cheap, bad)
    assert ranking.cheapest_of_the_best is not None
    assert ranking.cheapest_of_the_best.candidate.name == "trial 1"
    assert "50 gradient steps/s against 500" in " ".join(findings(ranking))


def test_settings_and_confirmations_do_not_mix() -> None:
    other = Run("trial 0", {}, 5, Setting({"task": "Other"}), "replay")
    confirm = Run("trial 0", {}, 6, Setting(), "confirm")
    mixed = [*returns("trial 0", 1, 2), outcome("", 0, 99.0, run=other), outcome("", 0, 99.0, run=confirm)]
    [row] = rank(candidates(None), mixed, Setting(), CPU).rows
    assert sorted(row.returns.values()) == [1, 2]


def test_a_ranking_without_runs_says_so() -> None:
    assert findings(ranked([])) == ["No run is finished yet."]


def test_a_record_has_every_statistic_the_report_names() -> None:
    [record] = records(ranked(returns("trial 0", 1, 2, 3, 4), scores=(3.0,)))
    assert record["n"] == 4
    assert record["interval_low"] <= record["iqm"] <= record["interval_high"]
    assert record["p_better"] is None


def test_the_speed_of_a_candidate_is_the_mean_of_its_runs_that_did_not_diverge() -> None:
    runs = [outcome("trial 0", 0, 1.0, speed=Speed(0.2, 0.6)), outcome("trial 0", 1, 1.0, speed=Speed(0.4, 0.8))]
    fell = outcome("trial 0", 2, 0.0, diverged=True)
    older = [outcome("trial 1", 0, 0.0, speed=Speed(0.2, 0.6)), outcome("trial 1", 1, 0.0)]
    walks, other = records(ranked([*runs, fell], older))
    assert (walks["reached_speed"], walks["commanded_speed"]) == pytest.approx((0.3, 0.7))
    # Of a run that an older version recorded nothing is known, and the others are not its mean.
    assert (other["reached_speed"], other["commanded_speed"]) == (None, None)
    report = "\n".join(paragraphs([ranked(runs)], [], "A1"))
    assert "reached m/s | commanded m/s" in report
    assert "m/s" not in "\n".join(paragraphs([ranked(returns("trial 1", 0.0))], [], "Pendulum-v1"))


def test_p_values_are_those_of_all_looks() -> None:
    outcomes = [run for k in range(2) for run in returns(f"trial {k}", *(10.0 * k + seed % 7 for seed in range(12)))]
    once, often = (rank(candidates(0.0, 0.0), outcomes, Setting(), CPU, looks=looks).rows[1] for looks in (1, 4))
    assert once.against_leader is not None
    assert often.against_leader is not None
    assert often.against_leader.p_value == pytest.approx(4 * once.against_leader.p_value)
    assert once.against_leader.p_value == pytest.approx(2 / 2**12)
