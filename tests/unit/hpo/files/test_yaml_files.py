import pytest
import yaml

from hpo.files.yaml_files import parse_yaml, to_yaml


def test_exponents_need_no_dot() -> None:
    assert parse_yaml("[1e-3, 2E5, -1e+2, 3.5e-4]") == [1e-3, 2e5, -100.0, 3.5e-4]


def test_a_date_that_the_calendar_does_not_have_is_no_yaml() -> None:
    with pytest.raises(yaml.YAMLError, match="day"):
        parse_yaml("2024-02-30")


def test_what_is_written_is_read_again_the_same() -> None:
    fields = {
        "learning_rate": 1e-5,
        "net_arch": [512, 256],
        "nested": {"ent_coef": "auto_0.01", "on": True, "none": None},
    }
    assert parse_yaml(to_yaml(fields)) == fields
    assert "net_arch: [512, 256]" in to_yaml(fields)
