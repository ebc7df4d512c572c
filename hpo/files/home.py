"""The user's data folder: embedded database, caches, logs, runs."""

import os
import socket
from pathlib import Path

import platformdirs

from hpo.errors import UserError
from hpo.variables import HOME, value_of


def hpo_home() -> Path:
    """`HPO_HOME`, or the platform's folder for user data.

    Raises:
        UserError: It cannot be found, created or written.
    """
    try:
        home = Path(value_of(HOME) or platformdirs.user_data_dir("hpo")).expanduser().absolute()
    except RuntimeError as error:
        raise UserError(
            "there is no data folder, since this user has no home folder: set HPO_HOME to one that you may write"
        ) from error
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"the data folder {home} cannot be created ({error.strerror}): set HPO_HOME to another"
        ) from error
    if not os.access(home, os.W_OK | os.X_OK):
        raise UserError(f"the data folder {home} cannot be written: set HPO_HOME to another")
    return home


def runner_log(home: Path, command: str) -> Path:
    """Where the runner of this process writes; machines and containers that share a data folder share process ids."""
    return home / "logs" / f"{command}-{socket.gethostname()}-{os.getpid()}.log"
