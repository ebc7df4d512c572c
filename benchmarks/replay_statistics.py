"""Whether a replay's statistics hold on synthetic studies with known true values (about 13 minutes)."""

import json
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.paths import RESULTS
from benchmarks.replay_simulation import NOISES, Searches, coverage, false_separations, lucky_false_alarms, normal
from replay.statistics import iqm, mean

STUDIES = 4000
RANKINGS = 1000
"""Each needs a bootstrap per candidate."""


def main() -> None:
    result = {
        "coverage": [
            {"statistic": name, "noise": noise, "n": n, "coverage": coverage(NOISES[noise], n, statistic, STUDIES // 2)}
            for name, statistic in (("IQM", iqm), ("mean", mean))
            for noise in NOISES
            for n in track((4, 5, 10, 20), f"coverage of the {name}, {noise} noise")
        ],
        "lucky_false_alarms": [
            {"noise": noise, "n": n, "rate": lucky_false_alarms(NOISES[noise], n, 20 * STUDIES)}
            for noise in NOISES
            for n in track((5, 10), f"lucky flag, {noise} noise")
        ],
        "false_separations": [
            {"candidates": k, "n": n, "rate": false_separations(normal, k, n, RANKINGS)}
            for k, n in track(((5, 5), (5, 10), (5, 20), (10, 20)), "tie set")
        ],
        "regret": [regret(noise) for noise in track(NOISES, "regret")],
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "replay_statistics.json").write_text(json.dumps(result, indent=2) + "\n")
    console = Console(width=100)
    for name in ("coverage", "lucky_false_alarms", "false_separations"):
        console.print(table(name.replace("_", " "), result[name]))
    for row in result["regret"]:
        console.print(
            f"{row['noise']} noise: the winner of a single-seed search is {row['single_seed']:.2f} sd below the best "
            f"and looks {row['optimism']:.2f} sd too good"
        )
        console.print(table("regret relative to it", row["replays"]))


def regret(noise: str) -> dict[str, Any]:
    searches = Searches(NOISES[noise], 2 * STUDIES)
    single = searches.single_seed()
    replays = []
    for top, seeds in ((5, 5), (10, 5), (5, 10), (10, 10), (16, 10), (20, 10)):
        raced, share = searches.race(top, seeds)
        replays.append(
            {
                "top": top, "seeds": seeds, "grid": searches.grid(top, seeds) / single, "race": raced / single,
                "share_of_runs": share,
            }
        )  # fmt: skip
    return {"noise": noise, "single_seed": single, "optimism": searches.optimism(), "replays": replays}


def table(title: str, rows: list[dict[str, Any]]) -> Table:
    shown = Table(title=title, title_justify="left")
    for column in rows[0]:
        shown.add_column(column.replace("_", " "), justify="right")
    for row in rows:
        shown.add_row(*(f"{value:.3f}" if isinstance(value, float) else str(value) for value in row.values()))
    return shown


if __name__ == "__main__":
    main()
