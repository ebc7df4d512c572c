"""`hpo replay`: train the best trials again over fresh seeds, to tell good hyperparameters from lucky ones."""

from typing import Annotated, Literal

import typer

from hpo.commands import options
from hpo.errors import UserError

EXAMPLES = """
Examples:

  hpo replay --top 2 --seeds 8                       # which one is better?

  hpo replay --top 10 --seeds 10 --racing --confirm 10   # for a publication

  hpo replay --top 3 --until-separated --max-runs 60 # as many as it takes

  hpo replay --include 17 --include baseline:tuned-a1

  hpo replay --top 3 --task Isaac-Velocity-Flat-UnitreeGo2  # another robot
"""


SEEDS = 10
"""Where neither a number nor a list is given: enough to separate two of five candidates."""


def replay(
    study: options.Study = None,
    storage: options.Storage = None,
    top: Annotated[int, typer.Option(min=0, help="How many of the best trials.")] = 5,
    candidates: Annotated[
        Literal["model", "score"],
        typer.Option(help="The best by which score: smoothed by a model of all trials, or of one run alone."),
    ] = "model",
    seeds: Annotated[int | None, typer.Option(min=1, help="How many fresh seeds; default: 10.")] = None,
    seed_list: Annotated[str | None, typer.Option(help="These seeds instead: 101,102,103.")] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(metavar="TRIAL|baseline:NAME", help="Replay it as well: a trial's number, or a baseline."),
    ] = None,
    task: Annotated[
        list[str] | None, typer.Option(help="Replay on this task instead of the search's; repeat it for several.")
    ] = None,
    action_bounds: Annotated[
        str | None, typer.Option(help="Action bounds for another robot: LOW,HIGH, fraction:F or FILE.yaml.")
    ] = None,
    deterministic: Annotated[
        bool | None,
        typer.Option("--deterministic/--stochastic", help="Policy of the evaluation; default: as in the search."),
    ] = None,
    racing: Annotated[
        bool, typer.Option("--racing", help="Sequential halving: more seeds only for the better half.")
    ] = False,
    until_separated: Annotated[
        bool, typer.Option("--until-separated", help="More seeds in rounds until the leader stands alone.")
    ] = False,
    max_runs: Annotated[
        int | None,
        typer.Option(min=1, help="Most runs of --until-separated or --racing; racing: 60 % by default."),
    ] = None,
    confirm: Annotated[
        int, typer.Option(min=0, help="Train the winner on so many new seeds: the result to publish.")
    ] = 0,
    video: Annotated[bool, typer.Option("--video", help="Film the winner at the end, for the dashboard.")] = False,
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
    from hpo.actions.replay import replay as do_replay
    from hpo.replays.replay_plan import ReplayOptions

    if seeds is not None and seed_list is not None:
        raise UserError("--seeds and --seed-list: choose one; the list says how many there are")
    if racing and until_separated:
        raise UserError("--racing and --until-separated: choose one")
    if until_separated and (max_runs is None or seeds is not None or seed_list is not None):
        raise UserError("--until-separated takes its run budget, --max-runs N, and neither --seeds nor --seed-list")
    if max_runs is not None and not racing and not until_separated:
        raise UserError(
            "--max-runs is the budget of --racing and --until-separated; otherwise --top and --seeds say how many runs "
            "there are"
        )
    wanted = ReplayOptions(
        top=top,
        chosen_by=candidates,
        seeds=(seeds or SEEDS) if seed_list is None else _seeds(seed_list),
        include=tuple(include or ()),
        tasks=tuple(task or ()),
        action_bounds=None if action_bounds is None else options.parse_action_bounds(action_bounds),
        deterministic=deterministic,
        racing=racing,
        until_separated=until_separated,
        max_runs=max_runs,
        confirm=confirm,
        rank_by=rank,
    )
    where = options.where_to_run(device, gpu, imports)
    do_replay(study, storage, wanted, drain, where, allow_other_hardware, video)


def _seeds(text: str) -> list[int]:
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        numbers = []
    if not numbers or any(number < 0 or number >= 2**31 for number in numbers):
        raise UserError(f"--seed-list {text}: write seeds below 2**31 with commas between them (101,102,103)")
    if len(set(numbers)) < len(numbers):
        raise UserError(f"--seed-list {text}: a seed is named twice")
    return numbers


replay.__doc__ = f"{replay.__doc__}\n{EXAMPLES}"
