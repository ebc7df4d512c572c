"""Writes up a study and its replay."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import Any, Literal

from matplotlib.figure import Figure

from hpo.actions.film import FILM, film_winner
from hpo.actions.machine import WhereToRun, machine_of_one_run
from hpo.database.storage import open_storage
from hpo.files.home import hpo_home, runner_log
from hpo.files.output_folder import write_again
from hpo.replays.replay_study import get_source
from hpo.reports.dashboard_pictures import attach
from hpo.reports.report_page import report_page
from hpo.reports.study_report import StudyReport, study_report
from hpo.studies.study import while_it_is_there
from hpo.terminal.console import make_console, make_display_console
from replay.ranking import RankBy
from replay.report import markdown, replay_page

OF_REPLAY = ("replay-ranking", "learning-curves", "search-against-replay")
"""How the names of pictures begin that are of the replay alone."""


def report(
    study: str | None,
    url: str | None,
    out: Path | None,
    rank_by: RankBy,
    printed_as: Literal["json", "csv"] | None,
    filmed: WhereToRun | None,
    beside: list[str],
) -> None:
    """Writes a folder and the dashboard's artifacts, or prints.

    Args:
        study: The search; None: the only one there is.
        url: The storage.
        out: Folder for the report; None: one below the data folder.
        rank_by: What decides a ranking.
        printed_as: JSON or CSV on standard output, and nothing is written; None: the folder.
        beside: Other searches, whose learning curves are drawn beside this one's.
        filmed: On which device the winner is played and filmed; None: it is not.

    Raises:
        UserError: There is no such study, or the folder is somebody else's.
    """
    home = hpo_home()
    with open_storage(url, home) as storage:
        source = get_source(storage, study)
        with while_it_is_there(source):
            others = [get_source(storage, name) for name in beside]
            written = study_report(storage, source, rank_by, others)
            if printed_as is not None:
                _print(written, printed_as == "csv")
                return
            folder = (out or home / "reports" / source.name).resolve()
            pictures = {name: _png(figure) for name, figure in written.pictures.items()}
            text = markdown(written.report, {name.replace("-", " "): f"{name}.png" for name in pictures})
            page = report_page(source, written.stands, written.report)
            files = {
                "report.html": page.encode(),
                "report.md": text.encode(),
                "ranking.csv": _csv(written.ranking_records()).encode(),
            }
            files |= {f"{name}.png": png for name, png in pictures.items()}
            if filmed is not None:
                with machine_of_one_run(filmed, runner_log(home, "film")) as (hardware, runner):
                    files[FILM] = film_winner(
                        storage, source, rank_by, runner, hardware, filmed.imports, make_display_console()
                    )
            write_again(folder, files, is_own=out is None)
            attach(source.study, markdown(written.report, {}), pictures)
            if written.stands.replay is not None and written.stands.replay.is_replay:
                shown = written.report
                note = replay_page(source.name, shown.rankings, shown.confirmations, shown.task)
                of_replay = {name: png for name, png in pictures.items() if name.startswith(OF_REPLAY)}
                attach(written.stands.replay.study, note, of_replay)
    make_console().print(
        f"report in {folder / 'report.html'} and report.md, and in the dashboard", highlight=False, soft_wrap=True
    )


def _print(report: StudyReport, as_csv: bool) -> None:
    if as_csv:
        sys.stdout.write(_csv(report.ranking_records()))
    else:
        print(json.dumps(report.as_json(), indent=2))


def _csv(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _png(figure: Figure) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=100, bbox_inches="tight")
    return content.getvalue()
