"""Ground by ground and level by level."""

from hpo.trials.terrain_table import terrain_table
from objectives.run_result import TerrainCell


def test_a_robot_that_stands_is_told_from_one_that_falls() -> None:
    cells = [
        TerrainCell(terrain=terrain, level=level, n_episodes=2, mean_return=mean, timeout_rate=rate)
        for terrain, level, mean, rate in (("boxes", 0, 4.2, 1.0), ("boxes", 3, -0.04, 0.5), ("stairs", 3, 1.0, 0.0))
    ]

    assert terrain_table(cells).splitlines() == [
        "| mean return at level | 0 | 3 |",
        "| --- | ---: | ---: |",
        "| boxes | 4.2 | 0.0 |",
        "| stairs |  | 1.0 |",
        "",
        "| % of episodes to the time limit | 0 | 3 |",
        "| --- | ---: | ---: |",
        "| boxes | 100 | 50 |",
        "| stairs |  | 0 |",
    ]
    assert terrain_table([]) == ""
