"""How a policy walked on each kind of ground, as a small table for people."""

from collections.abc import Mapping, Sequence

from objectives.run_result import TerrainCell


def terrain_table(cells: Sequence[TerrainCell]) -> str:
    """Markdown: by kind of ground and level the mean return, and how many episodes lasted to the time limit.

    Empty where the task has no terrain curriculum.
    """
    if not cells:
        return ""
    returns = {_place(cell): f"{cell.mean_return:z.1f}" for cell in cells}
    lasted = {_place(cell): f"{100 * cell.timeout_rate:.0f}" for cell in cells}
    return f"{_table('mean return at level', returns)}\n{_table('% of episodes to the time limit', lasted)}"


def _place(cell: TerrainCell) -> tuple[str, int]:
    return cell.terrain, cell.level


def _table(title: str, numbers: Mapping[tuple[str, int], str]) -> str:
    levels = sorted({level for _, level in numbers})
    rows = [
        [title, *map(str, levels)],
        ["---", *("---:" for _ in levels)],
        *(
            [terrain, *(numbers.get((terrain, level), "") for level in levels)]
            for terrain in dict.fromkeys(terrain for terrain, _ in numbers)
        ),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
