"""Plays a policy that was kept."""

import json
import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hpo.actions.machine import WhereToRun, machine_of_one_run
from hpo.actions.play_spec import environment_here
from hpo.actions.policy_files import AskedPolicy, policy_file
from hpo.errors import UserError
from hpo.files.home import hpo_home, runner_log
from hpo.files.new_file import check_new_file
from hpo.reports.play_report import describe_play
from hpo.runs.policy_run import policy_run
from hpo.runs.single_run import wait_for
from hpo.terminal.console import make_console, make_display_console, make_side_console
from hpo.terminal.run_bar import RunBar
from objectives.policies.play import PlaySpec

_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


@dataclass(frozen=True, slots=True)
class WhatToKeep:
    """What to do with it."""

    episodes: int
    seed: int | None
    """Of the environments; None: that of the evaluation of the run that made the policy."""
    video: Path | None
    video_s: float
    actions: Path | None
    viewer: bool
    """Whether it acts in a window first."""
    command: tuple[float, float, float] | None
    """Velocities forward, sideways [m/s] and turning [rad/s]; None: what the task commands."""


def play(asked: AskedPolicy, url: str | None, keep: WhatToKeep, where: WhereToRun, as_json: bool) -> None:
    """Plays episodes, prints what they gave, and writes what was asked for.

    Raises:
        UserError: There is no such policy, it cannot be played here, or a file cannot be written.
    """
    if keep.video is not None:
        check_new_file("--video", keep.video, (".mp4",))
    if keep.actions is not None:
        check_new_file("--actions", keep.actions, (".png",))
    if keep.viewer and not any(os.environ.get(name) for name in _DISPLAYS):
        raise UserError(
            "--viewer needs a display, and neither DISPLAY nor WAYLAND_DISPLAY names one: --video needs none"
        )
    console = make_side_console() if as_json else make_display_console()
    with ExitStack() as stack:
        path, label = stack.enter_context(policy_file(asked, url))
        run = policy_run(path.read_bytes(), label)
        made = Path(stack.enter_context(TemporaryDirectory(prefix="hpo-play-")))
        hardware, runner = stack.enter_context(machine_of_one_run(where, runner_log(hpo_home(), "play")))
        if keep.viewer and run.environment.backend != "isaaclab":
            raise UserError(f"--viewer is for Isaac Lab's tasks, and {run.environment.task} is none: --video films it")
        if keep.command is not None and run.environment.backend != "isaaclab":
            raise UserError(f"--command is for Isaac Lab's velocity tasks, and {run.environment.task} is none")
        environment = environment_here(run, hardware, where.imports, keep.episodes, keep.command)
        bar = stack.enter_context(RunBar(console, 1.0))
        bar.begin(f"{environment.task}, {keep.episodes} episodes")
        spec = PlaySpec(
            policy=str(path),
            environment=environment,
            n_episodes=keep.episodes,
            seed=run.eval_seed if keep.seed is None else keep.seed,
            deterministic=run.deterministic,
            video=None if keep.video is None else str(made / "film.mp4"),
            video_s=keep.video_s,
            watched=keep.viewer,
            actions_picture=None if keep.actions is None else str(made / "actions.png"),
        )
        played = wait_for(runner.play, spec, runner, bar)
        # Only what is whole.
        for written, wanted in ((spec.video, keep.video), (spec.actions_picture, keep.actions)):
            if written is not None and wanted is not None:
                _put(Path(written), wanted)
    if as_json:
        print(json.dumps({"policy": label, "command": keep.command, **played.model_dump(mode="json")}, indent=2))
        return
    out = make_console()
    for part in describe_play(label, played, keep.command):
        out.print(part, highlight=False, soft_wrap=isinstance(part, str))
    for what, file in (("film", keep.video), ("actions", keep.actions)):
        if file is not None:
            out.print(f"{what} in {file}", highlight=False, soft_wrap=True)


def _put(written: Path, wanted: Path) -> None:
    try:
        shutil.copyfile(written, wanted)
    except OSError as error:
        wanted.unlink(missing_ok=True)
        raise UserError(f"{wanted} cannot be written: {error.strerror}") from error
