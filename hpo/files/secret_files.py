"""Secrets that lie in files, as container engines and schedulers mount them."""

import stat
from pathlib import Path

from hpo.errors import UserError


def read_secret(what: str, path: Path) -> str:
    """The content of `path` without surrounding white space.

    Args:
        what: The option or variable that names the file, for messages.
        path: The file.

    Raises:
        UserError: It cannot be read, is empty, or can be read by every user of the machine.
    """
    try:
        mode = path.stat().st_mode
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UserError(f"{what}: cannot read {path}: {reason}") from error
    if mode & stat.S_IROTH:
        raise UserError(f"{what}: every user of this machine can read {path}: chmod o-r {path}")
    if not secret:
        raise UserError(f"{what}: {path} is empty")
    return secret
