"""Replays: planned, done by the workers of a sibling study, and printed."""
