"""Writes a trained policy in a format that runs without hpo."""

from contextlib import closing
from importlib import metadata
from pathlib import Path

import typer

from hpo.actions.policy_files import AskedPolicy, check_new_file, policy_file
from hpo.errors import UserError
from hpo.files.home import hpo_home, runner_log
from hpo.hardware import cpu
from hpo.runs.runner import RunInterruptedError, Runner, RunnerCrashedError
from hpo.terminal.console import make_console
from hpo.terminal.stop_signals import StopSignals
from objectives.errors import ConfigurationError

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
        StopSignals(drain=False) as signals,
    ):
        about = {"policy": label, "hpo": metadata.version("hpo")}
        try:
            runner.export_policy(path, out.absolute(), about, signals.stop_now)
        except ConfigurationError as error:
            raise UserError(str(error)) from error
        except RunnerCrashedError as crash:
            raise UserError(f"the export crashed: {crash.reason}; its output is in {runner.log_path}") from crash
        except RunInterruptedError:
            raise typer.Exit(signals.exit_status) from None
    make_console().print(f"{label}: policy in {out}", highlight=False, soft_wrap=True)
