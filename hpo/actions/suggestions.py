"""Commands that hpo suggests, with the options that they need to work when they are pasted."""

import shlex
from collections.abc import Sequence

from hpo.variables import STORAGE, STORAGE_FILE, value_of


def suggested(command: str, storage: str | None, imports: Sequence[str] = ()) -> str:
    """`command` with the `--storage` and the `--import` that were given on the command line.

    Args:
        command: For example `hpo report --study sac-speed`.
        storage: The storage's URL, if one was given. One that the environment gives is there for the next command too;
            one on the command line has no password.
        imports: Modules; only for commands that train.
    """
    options = [part for module in imports for part in ("--import", module)]
    if storage is not None and not any(map(value_of, (STORAGE, STORAGE_FILE))):
        options += ["--storage", storage]
    return " ".join([command, *map(shlex.quote, options)])
