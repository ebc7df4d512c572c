"""What a search will try, looked at before a study is created or a trial taken."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hpo.errors import UserError
from samplers import FunctionSpace, Space


def checked_examples(space: Space, imports: Sequence[str]) -> list[dict[str, Any]]:
    """Hyperparameters that have every name `space` knows of.

    Args:
        space: The study's search space.
        imports: Modules that the command line allows: a space that is a function runs only if its module is one.

    Raises:
        UserError: The space's function is not allowed, not there, or gives what cannot be run.
    """
    if isinstance(space, FunctionSpace):
        _import(space, imports)
    try:
        return space.examples()
    except ValueError as error:
        raise UserError(str(error)) from error


def _import(space: FunctionSpace, imports: Sequence[str]) -> None:
    if space.module not in imports:
        raise UserError(
            f"the study's search space is the function {space.function}, code that a study cannot bring along: have it "
            f"on this machine and allow it with --import {space.module}"
        )
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)  # as the runner, which is started with `python -m`, finds it
    try:
        importlib.import_module(space.module)
    except ImportError as error:
        raise UserError(f"--import {space.module}: {error}") from error
    except Exception as error:
        raise UserError(f"--import {space.module} fails: {type(error).__name__}: {error}") from error
