from math import inf, nan

from hpo.reports.running_table import sparkline


def test_the_lowest_value_has_the_smallest_bar_and_the_highest_the_tallest() -> None:
    assert sparkline([0, 7, 3.5]) == "▁█▄"


def test_values_that_are_alike_are_flat_and_none_are_nothing() -> None:
    assert sparkline([2, 2, 2]) == "▁▁▁"
    assert sparkline([]) == sparkline([nan, inf]) == ""


def test_only_the_latest_are_shown() -> None:
    assert sparkline([100.0, *range(16)]) == sparkline(list(range(16)))
