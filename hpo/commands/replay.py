"""`hpo replay`: train the best trials again over fresh seeds, to tell good hyperparameters from lucky ones."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from hpo.commands import options
from hpo.commands.suggestions import suggested
from hpo.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from hpo.replays.replay_plan import ReplayPlan
    from hpo.replays.replaying import Replaying

EXAMPLES = """
Examples:

  hpo replay --top 5 --seeds 5                           # on any number of machines

  hpo replay --top 10 --seeds 10 --racing --confirm 10   # and a number to publish

  hpo replay --include 17 --include baseline:tuned-a1

  hpo replay --top 3 --task Isaac-Velocity-Flat-UnitreeGo2   # does it transfer?
"""


def replay(
    study: options.Study = None,
    storage: options.Storage = None,
    top: Annotated[int, typer.Option(min=0, help="How many of the best trials.")] = 5,
    seeds: Annotated[str, typer.Option(help="How many fresh seeds, or the seeds: 101,102,103.")] = "5",
    include: Annotated[
        list[str] | None,
        typer.Option(metavar="TRIAL|baseline:NAME", help="Replay it as well: a trial's number, or a baseline."),
    ] = None,
    task: Annotated[
        list[str] | None, typer.Option(help="Replay on this task instead of the search's; repeat it for several.")
    ] = None,
    action_bounds: Annotated[
        str | None, typer.Option(help="LOW,HIGH, fraction:F or FILE.yaml instead of the search's, for another robot.")
    ] = None,
    deterministic: Annotated[
        bool | None,
        typer.Option("--deterministic/--stochastic", help="Policy of the evaluation; default: as in the search."),
    ] = None,
    racing: Annotated[
        bool, typer.Option("--racing", help="Sequential halving: more seeds only for the better half.")
    ] = False,
    max_runs: Annotated[
        int | None, typer.Option(min=1, help="Run budget of --racing; default: 60 % of the full grid.")
    ] = None,
    confirm: Annotated[
        int, typer.Option(min=0, help="Untouched seeds for the winner alone: the number to publish.")
    ] = 0,
    rank: options.Rank = "iqm",
    drain: options.Drain = False,
    imports: options.Imports = None,
    device: options.Device = None,
    gpu: options.Gpu = None,
    allow_other_hardware: Annotated[
        bool, typer.Option("--allow-other-hardware", help="Replay on other hardware: marked as not comparable.")
    ] = False,
) -> None:
    """Train the best trials of a study again over fresh seeds, and rank them."""
    from hpo.console import make_display_console
    from hpo.database.storage import open_storage
    from hpo.display import ReplayDisplay, RunBar
    from hpo.hardware import SHARED_NOTE, claimed_hardware
    from hpo.home import hpo_home, runner_log
    from hpo.replays.replay_plan import ReplayOptions, plan_replay
    from hpo.replays.replay_study import (
        count_finished,
        create_replay,
        find_replay,
        finished_trials,
        get_source,
        unfinished,
    )
    from hpo.replays.replaying import Replaying
    from hpo.reports.replay_tables import plan_lines, plan_table
    from hpo.runs.runner import RunInterruptedError, Runner
    from hpo.stop_signals import StopSignals
    from hpo.studies.joining import check_runs, refuse_other_hardware
    from hpo.studies.orders import Orders
    from hpo.studies.study import while_it_is_there, with_sampler
    from hpo.trials.trial_runs import TrialRuns
    from hpo.worker import Worker

    asked = ReplayOptions(
        top=top,
        seeds=_seeds(seeds),
        include=tuple(include or ()),
        tasks=tuple(task or ()),
        action_bounds=None if action_bounds is None else options.parse_action_bounds(action_bounds),
        deterministic=deterministic,
        racing=racing,
        max_runs=max_runs,
        confirm=confirm,
        rank_by=options.checked_rank(rank),
    )
    if max_runs is not None and not racing:
        raise UserError("--max-runs is the budget of --racing; otherwise --top and --seeds say how many runs there are")
    console = make_display_console()
    home = hpo_home()
    with (
        claimed_hardware(options.checked_device(device), gpu) as hardware,
        StopSignals(drain) as signals,
        open_storage(storage, home, for_worker=True) as opened_storage,
        closing(Runner(hardware, home / "cache", runner_log(home, "replay"))) as runner,
    ):
        if hardware.shared:
            console.print(SHARED_NOTE, highlight=False)
        source = get_source(opened_storage, study)
        refuse_other_hardware(source, hardware, allow_other_hardware)
        plan = plan_replay(source, asked)
        existing = find_replay(opened_storage, source)
        todo = existing is None or any(unfinished(existing, plan.first_round()))
        console.print(plan_table(source, plan))
        done = 0 if existing is None else count_finished(existing, plan.first_round())
        for line in plan_lines(source, plan, done, hardware):
            console.print(line, highlight=False)
        of_source = TrialRuns(source, hardware.device, tuple(imports or ()))
        try:
            for setting in plan.settings if todo else ():
                check_runs(
                    runner,
                    of_source.environment(setting.changes),
                    source.config.algorithm,
                    [candidate.hyperparameters for candidate in plan.candidates],
                    signals.stop_after_trial,
                )
        except RunInterruptedError:
            raise typer.Exit(signals.exit_status) from None
        opened = with_sampler(create_replay(opened_storage, source))
        orders = Orders(signals, opened)
        with RunBar(console, opened.config.budget) as bar, while_it_is_there(opened):
            worker = Worker(
                opened,
                TrialRuns(opened, hardware.device, tuple(imports or ())),
                hardware,
                runner,
                orders,
                ReplayDisplay(bar, opened, done, plan.n_runs),
            )
            floor = min((t.score for t in finished_trials(source) if not t.diverged), default=None)
            replaying = Replaying(source, opened, worker, orders, bar.say, floor, asked.rank_by)
            stopped = _work(replaying, plan)
        _show(console, replaying, plan, storage)
        if orders.ordered_to_stop():
            console.print("stopped by hpo stop", highlight=False)
    if stopped:
        raise typer.Exit(signals.exit_status)


def _work(replaying: "Replaying", plan: "ReplayPlan") -> bool:
    """Does the runs, setting by setting; gives whether they were stopped."""
    from hpo.replays.replaying import StoppedError
    from replay.runs import plan as plan_runs

    try:
        for setting in plan.settings:
            replaying.race(plan.candidates, plan.seeds, setting, plan.rounds)
            rows = replaying.standing(setting).rows
            if rows and plan.confirm_seeds:
                replaying.finish(plan_runs([rows[0].candidate], plan.confirm_seeds, [setting], "confirm"))
    except StoppedError:
        return True
    return False


def _show(console: "Console", replaying: "Replaying", plan: "ReplayPlan", url: str | None) -> None:
    from hpo.replays.replay_study import outcomes, unfinished
    from hpo.reports.replay_tables import detail_table, ranking_table
    from replay.confirmation import confirmations
    from replay.findings import findings

    source = replaying.source
    for setting in plan.settings:
        ranking = replaying.standing(setting)
        console.print(ranking_table(ranking, f"replay of {source.name} on {setting.describe(source.config.task)}"))
        console.print(detail_table(ranking))
        for sentence in findings(ranking):
            console.print(f"- {sentence}", highlight=False)
    for confirmation in confirmations(outcomes(replaying.replay)):
        console.print(f"confirmed: {confirmation.describe(source.config.task)}", highlight=False)
    _, failed = unfinished(replaying.replay, plan.first_round())
    if failed:
        console.print(
            f"{len(failed)} runs failed or are still to do; notes in the dashboard say why, and the same command does "
            "them again", highlight=False,
        )  # fmt: skip
    report = suggested(f"hpo report --study {source.name}", url)
    export = suggested(f"hpo export --study {source.name}", url)
    console.print(
        f"{report} writes it up with pictures.\n{export} > best.yaml is what to train with.",
        highlight=False, soft_wrap=True,
    )  # fmt: skip


def _seeds(text: str) -> int | list[int]:
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        numbers = []
    if not numbers or any(number < 0 or number >= 2**31 for number in numbers):
        raise UserError(f"--seeds {text}: write how many (5), or a list of seeds below 2**31 (101,102,103)")
    if "," in text:
        if len(set(numbers)) < len(numbers):
            raise UserError(f"--seeds {text}: a seed is named twice")
        return numbers
    if numbers[0] == 0:
        raise UserError("--seeds 0: at least one seed is needed; a list with one seed is written 0,")
    return numbers[0]


replay.__doc__ = f"{replay.__doc__}\n{EXAMPLES}"
