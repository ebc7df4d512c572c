"""A search space of the user's own whose module cannot be loaded."""

from pathlib import Path

import pytest

from hpo.errors import UserError
from hpo.studies.search_examples import checked_examples
from samplers import FunctionSpace


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("space_with_a_typo", "def f(trial)\n    pass\n", "--import space_with_a_typo fails: SyntaxError"),
        ("space_without_a_name", "LOW = lowest\n", "--import space_without_a_name fails: NameError: name 'lowest'"),
        ("space_without_a_module", "import no_such_module\n", "--import space_without_a_module: No module named"),
    ],
)
def test_a_module_that_fails_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: str, message: str
) -> None:
    (tmp_path / f"{name}.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError) as refused:
        checked_examples(FunctionSpace(function=f"{name}:f"), [name])
    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)
