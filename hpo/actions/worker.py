"""Works on a study, and creates it where it does not exist yet."""

import typer

from hpo.actions.checking import baselines_of, check_trainings
from hpo.actions.machine import Machine, WhereToRun, machine_of_workers
from hpo.actions.suggestions import suggested
from hpo.replays.comparison import enqueue_comparison
from hpo.reports.replay_tables import comparison_table
from hpo.reports.trials_table import trials_table
from hpo.reports.worker_display import WorkerDisplay
from hpo.studies.extension import extend
from hpo.studies.joining import AskedStudy, create_or_join
from hpo.studies.orders import Orders
from hpo.studies.search_examples import checked_examples
from hpo.studies.searched_settings import divided
from hpo.studies.study import OpenStudy, attach_sampler, while_it_is_there
from hpo.studies.study_config import StudyConfig
from hpo.terminal.run_bar import RunBar
from hpo.trials.baselines import described, refuse_unknown
from hpo.trials.finished_trials import best_trials
from hpo.trials.search_baselines import enqueue_baselines, refuse_namesakes
from hpo.trials.trial_runs import TrialRuns
from hpo.worker import Quota, Worker, Workplace


def work(
    wanted: AskedStudy, url: str | None, quota: Quota, baselines: list[str], drain: bool, where: WhereToRun
) -> None:
    """Works until the study is complete, the quota is reached, or somebody says stop.

    Args:
        wanted: Which study.
        url: The storage.
        quota: When this worker leaves before the study is complete.
        baselines: Known hyperparameters to enqueue, by name or file.
        drain: Whether a signal lets the running trial finish.
        where: On which device.

    Raises:
        UserError: The study cannot be had, or no trial can run.
        typer.Exit: A signal ended it.
    """
    refuse_unknown(baselines)
    with machine_of_workers(url, where, drain, "worker") as machine:
        opened = attach_sampler(
            create_or_join(
                machine.storage, wanted, machine.hardware, lambda config: _check(machine, config, where, baselines)
            )
        )
        with while_it_is_there(opened):
            _work_on(machine, opened, wanted, quota, baselines, where)
            machine.console.print(_next_steps(opened, url, where.imports), highlight=False, soft_wrap=True)
    if machine.signals.exit_status:
        raise typer.Exit(machine.signals.exit_status)


def _work_on(
    machine: Machine, opened: OpenStudy, wanted: AskedStudy, quota: Quota, baselines: list[str], where: WhereToRun
) -> None:
    """Does what is left, and shows what came of it."""
    _prepare(machine, opened, wanted.overrides.get("n_trials"), baselines, where)
    orders = Orders(machine.signals, opened)
    with RunBar(machine.console, opened.config.budget) as bar:
        runs = TrialRuns(opened, machine.hardware.device, where.imports)
        display = WorkerDisplay(bar, opened)
        Worker(Workplace(opened, runs, machine.hardware, machine.runner, orders, display), quota).work()
    if orders.ordered_to_stop():
        machine.console.print("stopped by hpo stop", highlight=False)
    if opened.config.is_comparison:
        machine.console.print(comparison_table(opened))
    elif not opened.is_replay:
        machine.console.print(trials_table(opened))


def _check(machine: Machine, config: StudyConfig, where: WhereToRun, baselines: list[str]) -> None:
    """Runs the task and the agent once, before a study is created."""
    machine.console.print(f"starting the runner on {machine.hardware.name}: {config.task}", highlight=False)
    known = baselines_of(machine, config, where.imports)
    named = [known.get(name) for name in baselines]
    refuse_namesakes([*(known.get(name) for name in config.baselines if name not in baselines), *named])
    check_trainings(
        machine,
        config,
        where.imports,
        [
            *(divided(config, example)[::-1] for example in checked_examples(config.search_space, where.imports)),
            *((baseline.changes, baseline.hyperparameters) for baseline in named),
        ],
    )


def _prepare(
    machine: Machine, opened: OpenStudy, n_trials: int | None, baselines: list[str], where: WhereToRun
) -> None:
    """Gives the study what the command line adds to it: trials and baselines."""
    if n_trials is not None and n_trials != opened.n_trials:
        extend(opened, n_trials)
        machine.console.print(f"study {opened.name} has {n_trials} trials from now on", highlight=False)
    known = baselines_of(machine, opened.config, where.imports)
    for baseline in enqueue_baselines(opened, baselines, known):
        machine.console.print(f"enqueued {described(baseline)}", highlight=False)
    enqueue_comparison(opened)


def _next_steps(opened: OpenStudy, url: str | None, imports: tuple[str, ...]) -> str:
    if opened.is_replay:
        report = suggested(f"hpo report --study {opened.definition.replay_of}", url)
        return f"{report} shows where the replay stands."
    if opened.config.is_comparison:
        report = suggested(f"hpo report --study {opened.name}", url)
        return f"{report} draws the comparison."
    dashboard = f"{suggested('hpo dashboard', url)} shows curves and importances"
    if len(best_trials(opened, 2)) < 2:  # noqa: PLR2004
        return f"{dashboard}."
    replay = suggested(f"hpo replay --study {opened.name} --top 5 --seeds 10", url, list(imports))
    return f"{dashboard}; {replay} trains the best again over fresh seeds, and shows which ones were only lucky."
