import pytest

from hpo.actions.suggestions import suggested


@pytest.fixture(autouse=True)
def no_storage_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HPO_STORAGE", "HPO_STORAGE_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_a_suggested_command_has_the_options_that_were_given() -> None:
    url = "postgresql://worker@db/hpo?sslmode=require"
    assert suggested("hpo report", None) == "hpo report"
    assert suggested("hpo replay --study s", url, ["my_tasks", "others"]) == (
        "hpo replay --study s --import my_tasks --import others --storage 'postgresql://worker@db/hpo?sslmode=require'"
    )


def test_a_storage_of_the_environment_is_there_for_the_next_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HPO_STORAGE", "postgresql://worker:secret@db/hpo")
    assert suggested("hpo report", "postgresql://worker:secret@db/hpo") == "hpo report"
