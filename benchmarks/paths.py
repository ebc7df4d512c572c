"""Where raw results go."""

from pathlib import Path

RESULTS = Path(__file__).with_name("results")
