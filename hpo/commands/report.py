"""`hpo report`: what a study found, as Markdown with pictures, as JSON or as CSV."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hpo.commands import options
from hpo.errors import UserError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hpo.reports.study_report import StudyReport


def report(
    study: options.Study = None,
    storage: options.Storage = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the report; default: below the data folder.")] = None,
    rank: options.Rank = "iqm",
    as_json: options.Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the ranking as CSV.")] = False,
) -> None:
    """Write up a study and its replay: Markdown, pictures, and both in the dashboard.

    Examples:
      hpo report --study sac-speed

      hpo report --study sac-speed --json > sac-speed.json
    """
    from hpo.console import make_console
    from hpo.database.storage import open_storage
    from hpo.home import hpo_home
    from hpo.output_folder import write_again
    from hpo.replays.replay_study import get_source
    from hpo.reports.dashboard_pictures import attach
    from hpo.reports.study_report import study_report
    from replay.report import markdown

    if as_json and as_csv:
        raise UserError("--json and --csv: choose one")
    rank_by = options.checked_rank(rank)
    home = hpo_home()
    with open_storage(storage, home) as opened_storage:
        source = get_source(opened_storage, study)
        found = study_report(opened_storage, source, rank_by)
        if as_json or as_csv:
            _print(found, as_csv)
            return
        folder = (out or home / "reports" / source.name).resolve()
        pictures = {name: _png(figure) for name, figure in found.pictures.items()}
        text = markdown(found.report, {name.replace("-", " "): f"{name}.png" for name in pictures})
        files = {"report.md": text.encode(), "ranking.csv": _csv(found.ranking_records()).encode()}
        files |= {f"{name}.png": png for name, png in pictures.items()}
        write_again(folder, files, ours=out is None)
        attach(source.study, markdown(found.report, {}), pictures)
    make_console().print(f"report in {folder / 'report.md'}, and in the dashboard", highlight=False, soft_wrap=True)


def _print(found: "StudyReport", as_csv: bool) -> None:
    if as_csv:
        sys.stdout.write(_csv(found.ranking_records()))
    else:
        print(json.dumps(found.as_json(), indent=2))


def _csv(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return ""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _png(figure: "Figure") -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=100, bbox_inches="tight")
    return content.getvalue()
