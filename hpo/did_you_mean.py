"""What somebody who misspelt a name may have meant."""

import difflib
from collections.abc import Iterable


def one_of(name: str, known: Iterable[str]) -> str:
    """For example `did you mean gamma? There are gamma, tau`; goes on after what was given."""
    names = list(known)
    return f"{meant(name, names)}there are {', '.join(names) or 'none'}"


def meant(name: str, known: Iterable[str]) -> str:
    """`did you mean gamma? `, or nothing where no name is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}? " if near else ""
