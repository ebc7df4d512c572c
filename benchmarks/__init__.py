"""Measurements of what the README claims, as ratios from one run."""
