"""Why a run cannot be."""


class ConfigurationError(ValueError):
    """The run as configured cannot work, whatever its hyperparameters: says what is wrong and what to do."""


class TooLargeError(Exception):
    """The run needs more memory than this machine has: a property of its hyperparameters, not a crash."""
