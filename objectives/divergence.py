"""The end of a run whose numbers are no longer finite."""


class DivergedError(Exception):
    """Training gave NaN or infinite numbers: a property of the hyperparameters, not a crash."""
