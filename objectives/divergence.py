"""The end of a run whose numbers are no longer finite."""


class DivergedError(Exception):
    """Training gave NaN or infinite numbers: a property of the hyperparameters, not a crash."""


class SimulatorFaultError(DivergedError):
    """The simulator gave them, while all actions were finite.

    That is no property of the hyperparameters, unless it happens again.
    """
