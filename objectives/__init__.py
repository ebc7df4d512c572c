"""One training run: environment, action bounds, agent, time limit and evaluation -> a result."""
