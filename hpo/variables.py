"""The environment variables that hpo reads; docs/glossary.md has them as a table, with those of the compose stack."""

import os

STORAGE = "HPO_STORAGE"
"""The storage's URL; the option --storage reads it."""
STORAGE_FILE = "HPO_STORAGE_FILE"
"""A file with that URL."""
STORAGE_PASSWORD_FILE = "HPO_STORAGE_PASSWORD_FILE"  # noqa: S105  (a name, no password)
"""A file with the password that the URL leaves out."""
HOME = "HPO_HOME"
"""The data folder: embedded PostgreSQL, compiled programs, logs, runs, reports."""
HOST = "HPO_HOST"
"""What this machine is called in trials: in a container the host name is the container's."""
GIT_COMMIT = "HPO_GIT_COMMIT"
"""The commit that an image was built from: in an image there is no checkout."""


def value_of(name: str) -> str | None:
    """The variable's value; None where it is not set, or empty."""
    return os.environ.get(name) or None
