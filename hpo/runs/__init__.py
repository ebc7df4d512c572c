"""One training run, seen from outside: its settings, the runner that does it, and what it ran on."""
