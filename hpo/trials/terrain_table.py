"""How a policy walked on each kind of ground, as a small table for people."""

from collections.abc import Sequence

from objectives.run_result import TerrainCell


def terrain_table(cells: Sequence[TerrainCell]) -> str:
    """Markdown: mean returns by kind of ground and level; empty where the task has no terrain curriculum."""
    if not cells:
        return ""
    levels = sorted({cell.level for cell in cells})
    returns = {(cell.terrain, cell.level): f"{cell.mean_return:z.1f}" for cell in cells}
    rows = [
        ["mean return at level", *map(str, levels)],
        ["---", *("---:" for _ in levels)],
        *(
            [terrain, *(returns.get((terrain, level), "") for level in levels)]
            for terrain in dict.fromkeys(cell.terrain for cell in cells)
        ),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
