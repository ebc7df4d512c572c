"""`hpo worker`: work on a study, creating it when it does not exist yet."""

from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from hpo.commands import options
from hpo.commands.suggestions import suggested

if TYPE_CHECKING:
    from rich.console import Console

    from hpo.studies.study import OpenStudy
    from hpo.studies.study_config import StudyConfig

EXAMPLES = """
Examples:

  hpo worker --study sac-speed                        # create or join the built-in study

  hpo worker --study sac-speed --trials 5             # leave after 5 trials

  hpo worker --study mine --config mine.yaml          # a study of your own

  hpo worker --study cartpole --config quickstart --backend isaaclab --task Isaac-Cartpole-Direct --action-bounds=-1,1
"""


def worker(
    study: Annotated[str, typer.Option(help="Study name: a built-in one (sac-speed, quickstart), or one of your own.")],
    storage: options.Storage = None,
    config: Annotated[
        str | None, typer.Option(help="Definition: a YAML file, or the name of a built-in study to start from.")
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Leave after this worker has finished so many.")] = None,
    duration: Annotated[str | None, typer.Option(help="Start no trial after this time (90s, 5m, 2h).")] = None,
    drain: options.Drain = False,
    baseline: Annotated[
        list[str] | None, typer.Option(help="Enqueue known hyperparameters, tuned-a1 or FILE.yml, unless they were.")
    ] = None,
    imports: options.Imports = None,
    device: options.Device = None,
    gpu: options.Gpu = None,
    allow_other_hardware: Annotated[
        bool, typer.Option("--allow-other-hardware", help="Join a study that was begun on other hardware.")
    ] = False,
    backend: Annotated[
        str | None, typer.Option(help="At creation: isaaclab or gymnasium.", rich_help_panel="Definition")
    ] = None,
    task: Annotated[
        str | None, typer.Option(help="At creation: registered task id.", rich_help_panel="Definition")
    ] = None,
    physics: Annotated[
        str | None, typer.Option(help="At creation: Isaac Lab physics preset.", rich_help_panel="Definition")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="At creation: training time of a trial.", rich_help_panel="Definition")
    ] = None,
    max_steps: Annotated[
        float | None, typer.Option(help="At creation: environment steps at most.", rich_help_panel="Definition")
    ] = None,
    n_envs: Annotated[
        int | None, typer.Option(help="At creation: parallel environments.", rich_help_panel="Definition")
    ] = None,
    n_eval_episodes: Annotated[
        int | None, typer.Option(help="At creation: evaluation episodes.", rich_help_panel="Definition")
    ] = None,
    n_trials: Annotated[
        int | None, typer.Option(help="At any time: trials of the whole study.", rich_help_panel="Definition")
    ] = None,
    action_bounds: Annotated[
        str | None, typer.Option(help="At creation: LOW,HIGH, fraction:F or FILE.yaml.", rich_help_panel="Definition")
    ] = None,
    search_space: Annotated[
        str | None,
        typer.Option(
            help="At creation: sac, sac-rough, tqc, crossq, td3, ppo, or MODULE:FUNCTION.", rich_help_panel="Definition"
        ),
    ] = None,
    sampler: Annotated[
        str | None,
        typer.Option(help="At creation: cmaes, tpe, gp, random, ...", rich_help_panel="Definition"),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="At creation: any field, for example sampler.population_size=20.",
            rich_help_panel="Definition",
        ),
    ] = None,
) -> None:
    """Work on a study: train and evaluate one set of hyperparameters after another."""
    named = {
        "backend": backend, "task": task, "physics": physics, "budget": budget, "max_steps": max_steps,
        "n_envs": n_envs,
        "n_eval_episodes": n_eval_episodes, "n_trials": n_trials, "search_space": search_space, "sampler": sampler,
    }  # fmt: skip
    overrides = {
        **{field: value for field, value in named.items() if value is not None},
        **({} if action_bounds is None else {"action_bounds": options.parse_action_bounds(action_bounds)}),
        **options.parse_settings(settings or []),
    }

    from hpo.console import make_display_console
    from hpo.database.storage import open_storage
    from hpo.display import RunBar, WorkerDisplay
    from hpo.hardware import SHARED_NOTE, claimed_hardware
    from hpo.home import hpo_home, runner_log
    from hpo.reports.trials_table import trials_table
    from hpo.runs.runner import RunInterruptedError, Runner
    from hpo.stop_signals import StopSignals
    from hpo.studies.joining import AskedStudy, check_runs, create_or_join
    from hpo.studies.orders import Orders
    from hpo.studies.search_examples import checked_examples
    from hpo.studies.study import while_it_is_there, with_sampler
    from hpo.trials.search_baselines import named_or_read, refuse_unknown
    from hpo.trials.trial_runs import TrialRuns
    from hpo.worker import Quota, Worker

    refuse_unknown(baseline or [])
    asked = AskedStudy(study, config, overrides, allow_other_hardware)
    quota = Quota(trials, options.duration_s("--duration", duration))
    console = make_display_console()
    home = hpo_home()
    with (
        claimed_hardware(options.checked_device(device), gpu) as hardware,
        StopSignals(drain) as signals,
        open_storage(storage, home, for_worker=True) as opened_storage,
        closing(Runner(hardware, home / "cache", runner_log(home, "worker"))) as runner,
    ):

        def check(config: "StudyConfig") -> None:
            console.print(f"starting the runner on {hardware.name}: {config.task}", highlight=False)
            examples = checked_examples(config.search_space, imports or [])
            examples += [named_or_read(name)[1] for name in baseline or []]
            try:
                check_runs(
                    runner,
                    config.environment(hardware.device, tuple(imports or ())),
                    config.algorithm,
                    examples,
                    signals.stop_after_trial,
                )
            except RunInterruptedError:
                raise typer.Exit(signals.exit_status) from None

        if hardware.shared:
            console.print(SHARED_NOTE, highlight=False)
        opened = with_sampler(create_or_join(opened_storage, asked, hardware, check))
        _prepare(console, opened, n_trials, baseline or [])
        runs = TrialRuns(opened, hardware.device, tuple(imports or ()))
        orders = Orders(signals, opened)
        with RunBar(console, opened.config.budget) as bar, while_it_is_there(opened):
            display = WorkerDisplay(bar, opened.config.objective)
            Worker(opened, runs, hardware, runner, orders, display, quota).work()
        if orders.ordered_to_stop():
            console.print("stopped by hpo stop", highlight=False)
        if opened.definition.replay_of is None:
            console.print(trials_table(opened))
        console.print(_next_steps(opened, storage, imports or []), highlight=False, soft_wrap=True)
    if signals.exit_status:
        raise typer.Exit(signals.exit_status)


def _prepare(console: "Console", opened: "OpenStudy", n_trials: int | None, baselines: list[str]) -> None:
    """Gives the study what the command line adds to it: trials and baselines."""
    from hpo.studies.extension import extend
    from hpo.trials.search_baselines import enqueue_baselines

    if n_trials is not None and n_trials != opened.n_trials:
        extend(opened, n_trials)
        console.print(f"study {opened.name} has {n_trials} trials from now on", highlight=False)
    for name in enqueue_baselines(opened, baselines):
        console.print(f"enqueued baseline {name}", highlight=False)


def _next_steps(opened: "OpenStudy", url: str | None, imports: list[str]) -> str:
    from hpo.trials.finished_trials import best_trials

    if opened.definition.replay_of is not None:
        report = suggested(f"hpo report --study {opened.definition.replay_of}", url)
        return f"{report} shows where the replay stands."
    dashboard = f"{suggested('hpo dashboard', url)} shows curves and importances"
    if len(best_trials(opened, 2)) < 2:  # noqa: PLR2004
        return f"{dashboard}."
    replay = suggested(f"hpo replay --study {opened.name} --top 5 --seeds 5", url, imports)
    return f"{dashboard}; {replay} trains the best again over fresh seeds and tells good ones from lucky ones."


worker.__doc__ = f"{worker.__doc__}\n{EXAMPLES}"
