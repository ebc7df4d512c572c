"""No table cuts or breaks a cell, whatever the width."""

import io

import pytest
from rich.console import Console

from hpo.terminal.console import ENDLESS
from hpo.terminal.whole_table import Column, WholeTable

CELLS = [
    ("1", "trial 17", "-1234.5", "-2000 .. -1000", "0.123", "lucky, 2 diverged"),
    ("2", "baseline:sb3-ppo", "-12345.5", "-20000 .. -10000", "-", ""),
]


def table() -> WholeTable:
    made = WholeTable(
        [
            Column("#"),
            Column("candidate", left=True),
            Column("IQM"),
            Column("interval", goes=0),
            Column("p", goes=2),
            Column("remarks", left=True, goes=1),
        ],
        title="replay of a study",
        caption="p: signed-rank",
    )
    for cells in CELLS:
        made.add_row(*cells)
    return made


def printed(made: WholeTable, width: int) -> list[str]:
    out = io.StringIO()
    Console(file=out, width=width).print(made)
    return [line.rstrip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize("width", [ENDLESS, 140, 100, 80, 60, 40, 34])
def test_every_cell_that_is_shown_is_whole(width: int) -> None:
    lines = printed(table(), width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "…" not in text
    for cells in CELLS:
        for identity in cells[:3]:
            assert identity in text


def test_columns_that_matter_least_go_first_and_are_named() -> None:
    assert [line for line in printed(table(), 100) if "too narrow" in line] == []
    assert "too narrow for: p" in printed(table(), 72)
    assert "too narrow for: p, remarks" in printed(table(), 54)
    narrow = printed(table(), 40)
    assert "too narrow for: interval, p, remarks" in narrow
    assert "replay of a study" in narrow


def test_where_nothing_more_may_go_a_row_is_a_record_of_everything() -> None:
    lines = printed(table(), 30)
    assert lines.count("#          1") == 1
    assert "candidate  baseline:sb3-ppo" in lines
    assert "remarks    lucky, 2 diverged" in lines
    assert not any("too narrow" in line for line in lines)


def test_names_neither_style_nor_steer_the_terminal() -> None:
    made = WholeTable([Column("study", left=True)])
    made.add_row("[red]a\x1b[2J")
    assert any("[red]a" in line for line in printed(made, 80))
    assert "\x1b" not in "".join(printed(made, 80))
