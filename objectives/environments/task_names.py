"""Isaac Lab's task names: what a 2.x name is called in 3.0 (recipes.md section 6)."""

import re

_CONTRIBUTED = ("UnitreeA1", "UnitreeGo1", "AnymalB", "AnymalC")
"""Robots whose velocity tasks moved to the `IsaacContrib` namespace."""


def renamed_task(task: str) -> str | None:
    """The 3.0 id of a 2.x Isaac Lab id (`Isaac-Velocity-Flat-Unitree-A1-v0`), or None if `task` is not one.

    3.0 dropped the version suffix and the hyphen inside a robot's name, and moved some robots to `IsaacContrib`.
    """
    match = re.fullmatch(r"Isaac-(?P<name>.+)-v\d+", task)
    if match is None:
        return None
    name = re.sub(r"(Unitree|Anymal)-(?=\w)", r"\1", match["name"])
    prefix = "IsaacContrib" if name.removesuffix("-Play").endswith(_CONTRIBUTED) else "Isaac"
    return f"{prefix}-{name}"
