"""Why a run cannot be, or has no result."""


class ConfigurationError(Exception):
    """The run as configured cannot work, whatever its hyperparameters: says what is wrong and what to do.

    No `ValueError`: whoever catches those of a library would catch a user's mistake, too.
    """


class TooLargeError(Exception):
    """The run needs more memory than this machine has: a property of its hyperparameters, not a crash."""


class DivergedError(Exception):
    """Training gave NaN or infinite numbers: a property of the hyperparameters, not a crash."""


class SimulatorFaultError(DivergedError):
    """The simulator gave them, while all actions were finite.

    That is no property of the hyperparameters, unless it happens again.
    """


def refuse_non_finite(actions: bool, answers: bool) -> None:
    """Raises unless the policy's actions and what the simulator answered are said to be finite.

    Raises:
        DivergedError: The actions were not.
        SimulatorFaultError: They were, and the simulator's observations or rewards were not.
    """
    if not actions:
        raise DivergedError("the policy's actions are not finite")
    if not answers:
        raise SimulatorFaultError("the simulator returned observations or rewards that are not finite")
