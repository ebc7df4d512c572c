"""Checks, before long work begins, that the file for its result can be written."""

import os
from pathlib import Path

from hpo.errors import UserError


def check_new_file(option: str, path: Path, suffixes: tuple[str, ...], beside: tuple[Path, ...] = ()) -> None:
    """Raises a `UserError` unless `path`, and what is written `beside` it, can be made.

    Args:
        option: Which asks for it.
        path: The file.
        suffixes: One of these its name ends in.
        beside: Other files of the same folder.
    """
    if path.suffix.lower() not in suffixes:
        raise UserError(f"{option} {path}: give a name that ends in {' or '.join(suffixes)}")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise UserError(f"{option} {path}: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise UserError(f"{option} {path}: the folder {folder} cannot be written")
    for file in (path, *beside):
        if file.exists():
            raise UserError(f"{option} {path}: {file} exists already; choose another name, or remove it")
