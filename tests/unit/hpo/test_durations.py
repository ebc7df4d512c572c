import pytest

from hpo.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"), [("300", 300), ("90s", 90), ("5m", 300), ("2h", 7200), ("1.5m", 90), (45, 45)]
)
def test_durations_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5 minutes", "-3", "0", "1d", "m", "nan"])
def test_anything_else_is_refused_with_the_ways_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="90s, 5m or 2h"):
        parse_duration(text)


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0s"), (45, "45s"), (300, "5m"), (330, "5m 30s"), (7500, "2h 5m")])
def test_durations_are_written_briefly(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text
