"""What a command loads before it does anything: who types `hpo status` waits for it."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("action", ["looking", "steering", "replay", "train", "worker"])
def test_a_command_begins_without_what_is_slow_to_load(action: str) -> None:
    slow = ("sklearn", "scipy.stats", "matplotlib", "pandas", "torch", "jax")
    script = f"import sys; import hpo.actions.{action}; print([name for name in {slow} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
