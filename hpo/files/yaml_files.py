"""YAML as people write it: `1e-3` is a number."""

import re
import sys
from pathlib import Path
from typing import Any

import yaml

from hpo.errors import UserError
from hpo.runs.written_hyperparameters import known_class

STDIN = Path("-")


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, with YAML 1.2's floats: in 1.1 `1e-3` is a string, for want of a dot."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?\d[\d_]*(\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)


def _as_list(loader: _Loader, node: yaml.Node) -> list[Any]:
    assert isinstance(node, yaml.SequenceNode)
    return list(loader.construct_sequence(node, deep=True))


_Loader.add_constructor("tag:yaml.org,2002:python/tuple", _as_list)

_CLASS = re.compile(r"!!python/name:([\w.]+)(\s*''|\s*\"\")?")
"""As PyYAML writes a class. Read before YAML is: inside of `{...}` PyYAML reads no tag without a space after it."""


def parse_yaml(text: str) -> Any:
    """The value that `text` stands for.

    Raises:
        yaml.YAMLError: `text` is not YAML, or names a class that is not known here; none is imported.
    """
    try:
        named = _CLASS.sub(lambda found: str(known_class(found[1])), text)
        return yaml.load(named, Loader=_Loader)  # noqa: S506  (a SafeLoader)
    except ValueError as error:  # PyYAML's own for a date that the calendar does not have
        raise yaml.YAMLError(str(error)) from error


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file, or for the path `-` in what comes through a pipe.

    Raises:
        UserError: There is no such file, or no mapping in it.
    """
    try:
        content = parse_yaml(sys.stdin.read() if path == STDIN else path.read_text())
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise UserError(f"{path} must hold a mapping of fields to values")
    return content


def to_yaml(fields: dict[str, Any]) -> str:
    """`fields` in their order, lists of numbers on one line."""
    return yaml.dump(fields, Dumper=_Dumper, sort_keys=False, width=100)


class _Dumper(yaml.SafeDumper):
    """Lists inline, mappings in block style."""


_Dumper.add_representer(
    list, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=True)
)
