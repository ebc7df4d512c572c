"""Writes a trained policy in a format that runs without hpo."""

from contextlib import closing
from importlib import metadata
from pathlib import Path

from hpo.actions.policy_files import AskedPolicy, policy_file
from hpo.files.home import hpo_home, runner_log
from hpo.files.new_file import check_new_file
from hpo.hardware import cpu
from hpo.runs.runner import Runner
from hpo.runs.single_run import mistakes_in_one_line
from hpo.terminal.console import make_console

_FORMATS = (".onnx", ".pt")


def export_policy(asked: AskedPolicy, url: str | None, out: Path) -> None:
    """Writes the policy to `out`.

    Raises:
        UserError: There is no such policy, or it cannot be written so.
        typer.Exit: A signal ended it.
    """
    check_new_file("--policy", out, _FORMATS)
    home = hpo_home()
    with (
        policy_file(asked, url) as (path, label),
        # On the CPU, however busy: nothing is measured.
        closing(Runner(cpu(), home / "cache", runner_log(home, "export"))) as runner,
        mistakes_in_one_line(runner) as signals,
    ):
        about = {"policy": label, "hpo": metadata.version("hpo")}
        runner.export_policy(path, out.absolute(), about, signals.stop_now)
    make_console().print(f"{label}: policy in {out}", highlight=False, soft_wrap=True)
