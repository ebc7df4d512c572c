"""`report.html` in a browser without a network, and the tables of its commands at every width."""

import os
import pty
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.acceptance.conftest import QUICK
from tests.acceptance.waiting import PATIENCE_S
from tests.conftest import Hpo

STUDY = "a-study-for-the-page"
CANDIDATES = ("--top", "0", "--include", "1", "--include", "baseline:default")
"""By name: after a second of training the baseline may be the best trial, and be the same candidate as `--top 1`."""


@pytest.fixture(scope="module")
def replayed(hpo: Hpo) -> str:
    """Three trials, one of them a baseline, and a replay of two of them."""
    commands = (
        ("worker", "--study", STUDY, *QUICK, "--budget", "1s", "--n-trials", "3", "--baseline", "default"),
        ("replay", "--study", STUDY, *CANDIDATES, "--seeds", "2"),
    )
    for command in commands:
        done = hpo(*command)
        assert done.returncode == 0, done.stderr
    return STUDY


@pytest.mark.takes(60)
def test_the_page_shows_everything_without_a_network_and_without_an_error(
    replayed: str, hpo: Hpo, browser: Browser, tmp_path: Path
) -> None:
    out = tmp_path / "report"
    assert hpo("report", "--study", replayed, "--out", str(out)).returncode == 0
    context = browser.new_context(offline=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("request", lambda request: errors.append(request.url) if request.url.startswith("http") else None)
    page.goto((out / "report.html").as_uri())
    page.wait_for_selector(".js-plotly-plot .main-svg")
    assert errors == []
    text = page.inner_text("body")
    for heading in (
        "Replay",
        "What it trains with",
        "Search",
        "Each hyperparameter",
        "Together",
        "Learning curves",
        "Cost",
    ):
        assert heading in text
    assert "sac's defaults" in text
    assert "tuned-a1" in text
    assert f"hpo play --study {replayed} --video winner.mp4" in text
    # Every figure has something in it.
    drawn = page.eval_on_selector_all(".js-plotly-plot", "all => all.map(one => one.data.length)")
    assert len(drawn) >= 5
    assert all(drawn)
    context.close()


@pytest.mark.takes(40)
def test_a_replay_goes_on_until_the_leader_is_separated_or_its_runs_are_used_up(replayed: str, hpo: Hpo) -> None:
    asked = ("replay", "--study", replayed, *CANDIDATES, "--until-separated")
    done = hpo(*asked, "--max-runs", "13", timeout_s=600)
    assert done.returncode == 0, done.stderr
    # The two seeds of the replay before count, and 13 runs are 6 of each.
    assert "12 runs, 4 finished, 8 to go" in done.stdout
    assert "look 1 of 1, 6 seeds: " in done.stdout
    for options, message in (
        (("--max-runs", "11"), "2 candidates need 12 runs before a difference can be significant"),
        ((), "--until-separated takes its run budget, --max-runs N"),
        (("--max-runs", "13", "--seeds", "3"), "and neither --seeds nor --seed-list"),
        (("--max-runs", "13", "--racing"), "--racing and --until-separated: choose one"),
    ):
        refused = hpo(*asked, *options)
        assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1), refused.stderr
        assert message in refused.stderr


@pytest.mark.parametrize("width", [60, 80])
def test_tables_of_a_narrow_terminal_keep_identities_and_digits(
    replayed: str, home: Path, hpo_program: str, width: int
) -> None:
    whole = {}
    for command in (("best", "--study", replayed), ("status",), ("studies",), ("status", "--study", replayed)):
        lines = on_a_terminal([hpo_program, *command], width, home)
        assert max(map(len, lines)) <= width, command
        assert not any("…" in line for line in lines), command
        whole[command] = " ".join(lines)
    assert "default" in whole["best", "--study", replayed]
    assert replayed in whole["status",]
    assert f"{replayed}-replay" in whole["studies",]


def on_a_terminal(command: list[str], width: int, home: Path) -> list[str]:
    """What a command writes on a terminal of that width, line by line."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "HPO_HOME": str(home), "COLUMNS": str(width), "TERM": "dumb", "NO_COLOR": "1"}
    environment["LINES"] = "40"  # without it rich takes a dumb terminal for one of 80 columns
    with subprocess.Popen(command, stdout=theirs, env=environment) as process:
        os.close(theirs)
        written = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # so Linux says that nobody writes any more
                break
            if not part:
                break
            written += part
        assert process.wait(PATIENCE_S) == 0
    os.close(ours)
    return [line.rstrip() for line in written.decode().replace("\r", "").splitlines()]
