"""Folders for results: nothing that others put there is overwritten, and no two runs write into one."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hpo.errors import UserError

RUNNER_LOG = "runner.log"
"""What a run appends to from its beginning; all else comes at its end."""
_LIST = ".written-by-hpo"
"""Names the files of a folder that are ours to write again."""


@contextmanager
def folder_of_one_run(folder: Path) -> Iterator[None]:
    """Keeps `folder`, which is made, for one run as long as the context lasts.

    Raises:
        UserError: It holds anything but what is left of a run that failed, another run is going on in it, or it
            cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_others(folder)
        log = (folder / RUNNER_LOG).open("ab")
    except OSError as error:
        raise UserError(f"--out {folder} cannot be written: {error.strerror}") from error
    with log:
        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UserError(f"a run is going on in {folder}: choose another --out") from error
        _refuse_others(folder)  # a run may have ended meanwhile
        yield


def _refuse_others(folder: Path) -> None:
    names = sorted(path.name for path in folder.iterdir() if path.name != RUNNER_LOG)
    if "result.json" in names:
        raise UserError(f"{folder} already holds a run: choose another --out")
    if names:
        listed = ", ".join([*names[:3], "..."] if len(names) > 3 else names)  # noqa: PLR2004
        raise UserError(
            f"{folder} holds files that this run did not write ({listed}): choose a new or an empty folder for --out"
        )


def new_folder(parent: Path, name: str) -> Path:
    """Makes `parent/name`, or one with a number behind it where that is taken.

    Raises:
        UserError: It cannot be made.
    """
    try:
        parent.mkdir(parents=True, exist_ok=True)
        return _first_that_is_free(parent, name)
    except OSError as error:
        raise UserError(f"{parent} cannot be written: {error.strerror}; HPO_HOME names another folder") from error


def _first_that_is_free(parent: Path, name: str) -> Path:
    folder = parent / name
    attempt = 2
    while True:
        try:
            folder.mkdir()
        except FileExistsError:
            folder = parent / f"{name}-{attempt}"
            attempt += 1
        else:
            return folder


def write_again(folder: Path, files: Mapping[str, bytes], is_own: bool) -> None:
    """Writes all of `files` or, if one is in the way that somebody else wrote, none.

    Args:
        folder: Made if it is not there.
        files: Name -> content.
        is_own: Whether nobody else writes there.

    Raises:
        UserError: A file is in the way, or the folder cannot be written.
    """
    listed = folder / _LIST
    try:
        written = set(listed.read_text().splitlines()) if listed.exists() else set()
        in_the_way = [name for name in files if (folder / name).exists() and name not in written]
        if in_the_way and not is_own:
            raise UserError(
                f"{folder} holds files that hpo did not write ({', '.join(in_the_way)}): choose another --out, or "
                "remove them"
            )
        folder.mkdir(parents=True, exist_ok=True)
        # First: what was begun is ours, however this ends.
        listed.write_text("".join(f"{name}\n" for name in sorted({*written, *files})))
        for name, content in files.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise UserError(f"cannot write to {folder}: {error.strerror}") from error
