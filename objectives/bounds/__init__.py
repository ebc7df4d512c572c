"""Measures action bounds: a PPO is trained or read, its actions are recorded, and their percentiles are the bounds."""
