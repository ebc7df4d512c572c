"""Trains the best trials of a study again over fresh seeds, and ranks them."""

import typer

from hpo.actions.checking import baselines_of, check_trainings
from hpo.actions.film import FILM, film_winner
from hpo.actions.machine import Machine, WhereToRun, machine_of_workers
from hpo.actions.suggestions import suggested
from hpo.errors import UserError
from hpo.replays.replay_plan import ReplayOptions, ReplayPlan, plan_replay
from hpo.replays.replay_study import (
    count_finished,
    create_replay,
    find_replay,
    finished_trials,
    get_source,
    refuse_namesakes,
    remember_looks,
    remember_smoothed,
    unfinished,
)
from hpo.replays.replaying import Replaying, StoppedError
from hpo.replays.run_outcomes import outcomes
from hpo.reports.replay_tables import detail_table, plan_lines, plan_table, ranking_table
from hpo.reports.worker_display import ReplayDisplay
from hpo.studies.joining import refuse_other_hardware
from hpo.studies.orders import Orders
from hpo.studies.study import OpenStudy, attach_sampler, refuse_gone, while_it_is_there
from hpo.terminal.run_bar import RunBar
from hpo.trials.trial_runs import TrialRuns
from hpo.worker import Worker, Workplace
from replay.confirmation import confirmations
from replay.findings import findings
from replay.report import replay_page
from replay.runs import plan as plan_runs


def replay(
    study: str | None,
    url: str | None,
    wanted: ReplayOptions,
    drain: bool,
    where: WhereToRun,
    allow_other_hardware: bool,
    filmed: bool,
) -> None:
    """Plans the runs, does those that nobody has done, and shows the ranking.

    Args:
        study: The search; None: the only one there is.
        url: The storage.
        wanted: What to replay.
        drain: Whether a signal lets the running trial finish.
        where: On which device.
        allow_other_hardware: Whether it may be another one than the search's.
        filmed: Whether the winner is filmed at the end.

    Raises:
        UserError: It cannot be replayed as asked.
        typer.Exit: A signal ended it.
    """
    with machine_of_workers(url, where, drain, "replay") as machine:
        source = get_source(machine.storage, study)
        if source.config.is_comparison:
            raise UserError(
                f"study {source.name} compares its settings over seeds already: hpo report --study {source.name} shows "
                f"them, and hpo extend --study {source.name} --n-trials N adds seeds"
            )
        refuse_other_hardware(source, machine.hardware, allow_other_hardware)
        with while_it_is_there(source):
            stopped = _replay(machine, source, wanted, url, where, filmed)
    if stopped:
        raise typer.Exit(machine.signals.exit_status)


def _replay(
    machine: Machine, source: OpenStudy, wanted: ReplayOptions, url: str | None, where: WhereToRun, filmed: bool
) -> bool:
    """Plans, trains and shows; gives whether it was stopped."""
    plan = plan_replay(source, wanted, baselines_of(machine, source.config, where.imports))
    done = _announce(machine, source, plan, where)
    refuse_gone(source)  # a replay of nothing would be taken for that of the next study of this name
    opened = attach_sampler(create_replay(machine.storage, source))
    orders = Orders(machine.signals, opened)
    with RunBar(machine.console, opened.config.budget) as bar, while_it_is_there(opened):
        runs = TrialRuns(opened, machine.hardware.device, where.imports)
        display = ReplayDisplay(bar, opened, done, plan.n_runs)
        worker = Worker(Workplace(opened, runs, machine.hardware, machine.runner, orders, display))
        floor = min((t.score for t in finished_trials(source) if not t.diverged), default=None)
        replaying = Replaying(source, opened, worker, orders, bar.say, floor, wanted.rank_by)
        stopped = _work(replaying, plan)
    _show(machine, replaying, plan, url)
    if filmed and not stopped:
        film_winner(
            machine.storage, source, wanted.rank_by, machine.runner, machine.hardware, where.imports,
            machine.console,
        )  # fmt: skip
        machine.console.print(f"{FILM}: the dashboard plays it, among the study's artifacts", highlight=False)
    if orders.ordered_to_stop():
        machine.console.print("stopped by hpo stop", highlight=False)
    return stopped


def _announce(machine: Machine, source: OpenStudy, plan: ReplayPlan, where: WhereToRun) -> int:
    """Shows the plan, sees to it that it can be run, and gives how many of its runs are done."""
    existing = find_replay(machine.storage, source)
    refuse_namesakes(source, existing, plan.candidates)
    done = 0 if existing is None else count_finished(existing, plan.first_round())
    machine.console.print(plan_table(source, plan))
    for line in plan_lines(source, plan, done, machine.hardware):
        machine.console.print(line, highlight=False)
    if existing is not None and not any(unfinished(existing, plan.first_round())):
        return done
    check_trainings(
        machine,
        source.config,
        where.imports,
        [
            ({**candidate.changes, **setting.changes}, candidate.hyperparameters)
            for setting in plan.settings
            for candidate in plan.candidates
        ],
    )
    return done


def _work(replaying: Replaying, plan: ReplayPlan) -> bool:
    """Does the runs, setting by setting; gives whether they were stopped."""
    try:
        remember_smoothed(replaying.replay, plan.candidates)
        if plan.until_separated:
            remember_looks(replaying.replay, len(plan.rounds))
        for setting in plan.settings:
            do = replaying.separate if plan.until_separated else replaying.race
            do(plan.candidates, plan.seeds, setting, plan.rounds)
            rows = replaying.standing(setting).rows
            if rows and plan.confirm_seeds:
                replaying.finish(plan_runs([rows[0].candidate], plan.confirm_seeds, [setting], "confirm"))
    except StoppedError:
        return True
    return False


def _show(machine: Machine, replaying: Replaying, plan: ReplayPlan, url: str | None) -> None:
    from optuna_dashboard import save_note  # brings scikit-learn, which takes as long as all the rest of a command

    source, console = replaying.source, machine.console
    rankings = [replaying.standing(setting) for setting in plan.settings]
    for ranking in rankings:
        where = ranking.setting.describe(source.config.task)
        console.print(ranking_table(ranking, f"replay of {source.name} on {where}"))
        console.print(detail_table(ranking))
        for sentence in findings(ranking):
            console.print(f"- {sentence}", highlight=False)
    confirmed = confirmations(outcomes(replaying.replay))
    for confirmation in confirmed:
        console.print(f"confirmed: {confirmation.describe(source.config.task)}", highlight=False)
    save_note(replaying.replay.study, replay_page(source.name, rankings, confirmed, source.config.task))
    _, failed = unfinished(replaying.replay, plan.first_round())
    if failed:
        console.print(
            f"{len(failed)} runs failed or are still to do. Their notes in the dashboard say why; the same command "
            "does them again.", highlight=False,
        )  # fmt: skip
    report = suggested(f"hpo report --study {source.name}", url)
    export = suggested(f"hpo export --study {source.name}", url)
    console.print(
        f"{report} writes it up with pictures.\n{export} > best.yaml is what to train with.",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
