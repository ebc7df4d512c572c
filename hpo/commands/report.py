"""`hpo report`: what a study found, as a page of HTML, as Markdown with pictures, as JSON or as CSV."""

from pathlib import Path
from typing import Annotated

import typer

from hpo.commands import options
from hpo.errors import UserError


def report(
    study: options.Study = None,
    storage: options.Storage = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the report; default: below the data folder.")] = None,
    rank: options.Rank = "iqm",
    as_json: options.Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print the ranking as CSV.")] = False,
    beside: Annotated[
        list[str] | None,
        typer.Option("--with", metavar="STUDY", help="Draw its learning curves beside; repeat it for several."),
    ] = None,
    video: Annotated[bool, typer.Option("--video", help="Play and film the winner.")] = False,
    imports: options.Imports = None,
    device: options.Device = None,
    gpu: options.Gpu = None,
) -> None:
    """Write up a study and its replay: report.html, Markdown with pictures, and both in the dashboard.

    Examples:
      hpo report --study sac-speed

      hpo report --study sac-speed --video              # the dashboard plays it

      hpo report --study sac-speed --with ppo-speed    # curves of both

      hpo report --study sac-speed --json > sac-speed.json
    """
    from hpo.actions.report import report as do_report

    if as_json and as_csv:
        raise UserError("--json and --csv: choose one")
    if video and (as_json or as_csv):
        raise UserError("--video goes with the folder, and not with --json or --csv")
    filmed = options.where_to_run(device, gpu, imports) if video else None
    do_report(study, storage, out, rank, "json" if as_json else "csv" if as_csv else None, filmed, beside or [])
