"""What the episodes of a policy gave, for people."""

from collections.abc import Iterator

from rich.markdown import Markdown

from hpo.terminal.whole_table import Column, WholeTable
from hpo.trials.terrain_table import terrain_table
from hpo.trials.velocity_line import velocity_line
from objectives.policies.play import TIGHT, Played

_MOST_EPISODES = 10
_MOST_BEYOND = 4
"""Action dimensions that are named."""


def describe_play(
    label: str, played: Played, command: tuple[float, float, float] | None = None
) -> Iterator[str | WholeTable | Markdown]:
    """Lines on the policy, the episodes, their endings, the velocity, the ground, and actions that bounds hold up.

    Args:
        label: Says whose policy it is.
        played: What it did.
        command: What all robots were told, if not what the task commands.
    """
    evaluation = played.evaluation
    yield label
    if command is not None:
        forward, sideways, turning = command
        yield (
            f"all robots were told {forward:g} m/s forward, {sideways:g} m/s sideways and {turning:g} rad/s: returns "
            "do not compare with those of the task's own commands"
        )
    yield (
        f"mean return {evaluation.mean_return:z.2f} (std {evaluation.std_return:.2f}, "
        f"IQM {evaluation.iqm_return:z.2f}) over {evaluation.n_episodes} episodes, "
        f"{evaluation.mean_episode_length:.0f} steps each on average"
    )
    yield "endings: " + ", ".join(f"{count} {name}" for name, count in evaluation.endings.items())
    if evaluation.success_rate is not None:
        yield f"success: {100 * evaluation.success_rate:.0f} %"
    if evaluation.velocity is not None:
        yield velocity_line(evaluation.velocity)
    yield _episodes(played)
    if len(played.episodes) > _MOST_EPISODES:
        yield f"the first {_MOST_EPISODES} of {len(played.episodes)} episodes; --json has all"
    if evaluation.terrain:
        yield Markdown(terrain_table(evaluation.terrain))
    yield _actions(played)


def _episodes(played: Played) -> WholeTable:
    terrain = played.evaluation.terrain
    table = WholeTable(
        [
            Column("episode"),
            Column("return"),
            Column("steps", goes=2),
            *([Column("level", goes=0)] if terrain else []),
            Column("ending", left=True, goes=1),
            *([Column("ground", left=True, goes=0)] if terrain else []),
        ]
    )
    for number, episode in enumerate(played.episodes[:_MOST_EPISODES]):
        level = (str(episode.level),) if terrain else ()
        ground = (str(episode.terrain),) if terrain else ()
        table.add_row(
            str(number), f"{episode.episode_return:z.2f}", str(episode.length), *level, episode.ending, *ground
        )
    return table


def _actions(played: Played) -> str:
    beyond = sorted((use for use in played.actions if use.beyond_bounds), key=lambda use: -use.beyond_bounds)
    if beyond:
        shares = ", ".join(f"{use.name} {100 * use.beyond_bounds:.0f} %" for use in beyond[:_MOST_BEYOND])
        return f"actions beyond the bounds, which do not limit this policy: {shares} of the steps"
    held_up = [use for use in played.actions if use.saturated >= TIGHT]
    if not held_up:
        return f"actions: at their bounds in less than {100 * TIGHT:.0f} % of the steps, each of them"
    worst = sorted(held_up, key=lambda use: -use.saturated)
    shares = ", ".join(f"{use.name} {100 * use.saturated:.0f} %" for use in worst)
    return f"actions at their bounds, which may be too tight: {shares} of the steps (--actions FILE.png draws them)"
