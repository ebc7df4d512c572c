"""Our agents learn on the real A1 what sbx's learn on Stable-Baselines3's loop, step by step."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.acceptance.same_steps import AT_RANDOM, SameSteps

ROOT = Path(__file__).parents[2]


@pytest.mark.takes(60)
def test_the_same_random_numbers_train_the_same_agent_on_a1(asset_root: None) -> None:
    script = [sys.executable, "-m", "tests.acceptance.same_steps"]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen = SameSteps.model_validate_json(done.stdout.splitlines()[-1])  # Isaac Lab talks, too
    # Steps before the first update are the same to the last bit: seeds, warm-up actions, simulator, what is stored.
    assert max(seen.observations[:AT_RANDOM] + seen.actions[:AT_RANDOM] + seen.rewards[:AT_RANDOM]) == 0
    # Then rounding differs, and contacts make more of it; a lost transition or update would differ by tenths.
    assert max(seen.actions) < 0.02
    assert np.median(seen.actions[AT_RANDOM:]) < 1e-3
    assert max(seen.rewards) < 1e-2
    assert seen.normalization < 1e-3
    assert min(seen.spread) > 0.2
    assert seen.n_ends_that_differ == 0
    assert seen.n_terminated > 0
    assert seen.n_timed_out > 0
