"""The dashboard as a person opens it: in a browser."""

import json
import socket
import urllib.request

import optuna
import pytest
from optuna.storages import BaseStorage
from playwright.sync_api import Browser, expect

from tests.acceptance.conftest import QUICK, Start
from tests.acceptance.waiting import wait_for_line, wait_until
from tests.conftest import Hpo
from tests.postgresql_server import free_port


def test_the_dashboard_shows_a_trials_value_hyperparameters_and_note(
    browser: Browser, hpo: Hpo, start: Start, storage: BaseStorage
) -> None:
    assert hpo("worker", "--study", "shown", *QUICK, "--budget", "5s", "--n-trials", "2").returncode == 0
    study = optuna.load_study(study_name="shown", storage=storage)
    port = free_port()
    dashboard = start("dashboard", "--port", str(port))
    wait_for_line(dashboard, f"http://127.0.0.1:{port}/")
    wait_until(lambda: answers(port))

    page = browser.new_page(viewport={"width": 1400, "height": 1600})
    page.goto(f"http://127.0.0.1:{port}/")
    page.get_by_text("shown").first.click()
    best = page.get_by_role("heading", name=f"Best Trial (number={study.best_trial.number})")
    expect(best).to_be_visible()
    expect(page.locator("body")).to_contain_text(str(study.best_value))
    # Learning curves over seconds, and importance.
    expect(page.get_by_role("heading", name="Intermediate values")).to_be_visible()
    expect(page.locator("body")).to_contain_text("Hyperparameter Importance")
    expect(page.locator("body")).to_contain_text(f"batch_size: {study.best_trial.user_attrs['batch_size']},")
    # True values, by the hyperparameters' own names.
    with urllib.request.urlopen(
        urllib.request.Request(
            f"http://127.0.0.1:{port}/api/studies/{study._study_id}", headers={"Accept-Encoding": "identity"}
        )
    ) as answer:
        told = json.load(answer)
    names = {"gamma", "learning_rate", "ent_coef", "batch_size", "net_arch", "train_freq", "gradient_steps",
             "policy_delay", "tau"}  # fmt: skip
    assert {parameter["name"] for parameter in told["union_search_space"]} == names
    for trial in told["trials"]:
        shown = {parameter["name"]: parameter["param_external_value"] for parameter in trial["params"]}
        assert shown["batch_size"] == str(study.trials[trial["number"]].user_attrs["batch_size"])
        assert shown["net_arch"] == "-".join(map(str, study.trials[trial["number"]].user_attrs["net_arch"]))
    page.goto(f"http://127.0.0.1:{port}/dashboard/studies/{study._study_id}/trials?numbers=0")
    content = page.locator("body")
    expect(content).to_contain_text(str(study.trials[0].value)[:8])
    for shown in ("batch_size", "replay_ratio", "training_s", "hardware", "net_arch: [", "versions", "git_commit"):
        expect(content).to_contain_text(shown)
    page.close()

    # A rename is a copy, and a copy has the search's own parameters.
    sampled = [trial.params for trial in study.trials]
    assert all("batch_size_pow" in params for params in sampled)
    body = json.dumps({"study_name": "shown-under-another-name"}).encode()
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    rename = f"http://127.0.0.1:{port}/api/studies/{study._study_id}/rename"
    urllib.request.urlopen(urllib.request.Request(rename, body, headers, method="POST")).close()
    renamed = optuna.load_study(study_name="shown-under-another-name", storage=storage)
    assert [trial.params for trial in renamed.trials] == sampled


def test_the_dashboard_shows_the_reports_pictures_and_ranking(
    browser: Browser, hpo: Hpo, start: Start, storage: BaseStorage
) -> None:
    assert hpo("worker", "--study", "reported", *QUICK, "--budget", "3s", "--n-trials", "2").returncode == 0
    assert hpo("replay", "--study", "reported", "--top", "2", "--seeds", "2").returncode == 0
    done = hpo("report", "--study", "reported")
    assert done.returncode == 0, done.stderr
    port = free_port()
    start("dashboard", "--port", str(port))
    wait_until(lambda: answers(port))
    study = optuna.load_study(study_name="reported", storage=storage)
    url = f"http://127.0.0.1:{port}/dashboard/studies/{study._study_id}"

    page = browser.new_page(viewport={"width": 1400, "height": 4000})
    page.goto(url)
    for name in ("optimization-history", "parallel-coordinates", "replay-ranking", "learning-curves"):
        # An image that was not decoded has no size.
        picture = page.locator(f"[id='user-defined-plot:{name}'] image")
        expect(picture).to_be_visible()
        assert picture.bounding_box()["width"] > 100  # type: ignore[index]
    page.goto(f"{url}/note")
    expect(page.locator("body")).to_contain_text("P(better)")
    expect(page.locator("body")).to_contain_text("leads. Not separated from it")

    # Its runs have no parameters, and the page of the replay fails over nothing.
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    replay = optuna.load_study(study_name="reported-replay", storage=storage)
    with page.expect_response("**/param_importances") as importances:
        page.goto(f"http://127.0.0.1:{port}/dashboard/studies/{replay._study_id}")
    assert importances.value.json() == {"param_importances": [[]]}
    expect(page.locator("[id='user-defined-plot:replay-ranking'] image")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Best Trial (")
    page.goto(f"http://127.0.0.1:{port}/dashboard/studies/{replay._study_id}/note")
    expect(page.locator("body")).to_contain_text("The candidates of reported")
    expect(page.locator("body")).to_contain_text("P(better)")
    page.goto(f"http://127.0.0.1:{port}/dashboard/studies/{replay._study_id}/trials?numbers=0")
    run = replay.trials[0].user_attrs["run"]
    expect(page.locator("body")).to_contain_text(f"{run['candidate']}, seed {run['seed']}")
    assert failed == []
    page.close()


def test_the_dashboard_listens_on_this_machine_only_and_leaves_cleanly(start: Start, hpo: Hpo) -> None:
    port = free_port()
    dashboard = start("dashboard", "--port", str(port))
    wait_until(lambda: answers(port))
    other = socket.gethostbyname(socket.gethostname())
    if not other.startswith("127."):
        with pytest.raises(OSError), socket.create_connection((other, port), timeout=5):  # noqa: PT011
            pass
    taken = hpo("dashboard", "--port", str(port))
    nowhere = hpo("dashboard", "--host", "no-such-host.invalid", "--port", str(port))
    for refused, reason in ((taken, "Address already in use"), (nowhere, "there is no such host")):
        assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
        assert f"{reason}; choose another --host or --port" in refused.stderr
    dashboard.terminate()
    assert dashboard.ended() == 0


def test_a_connection_that_nobody_uses_delays_neither_others_nor_the_end(start: Start) -> None:
    port = free_port()
    dashboard = start("dashboard", "--port", str(port))
    wait_until(lambda: answers(port))
    with socket.create_connection(("127.0.0.1", port)), socket.socket() as unread:
        assert answers(port)
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # the page's program has six megabytes
        unread.connect(("127.0.0.1", port))
        unread.sendall(b"GET /static/bundle.js HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert unread.recv(7) == b"HTTP/1."
        dashboard.terminate()
        assert dashboard.ended() == 0


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/dashboard/", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False
