"""The error a user can mend by changing the run's configuration."""


class ConfigurationError(ValueError):
    """The run as configured cannot work, whatever its hyperparameters: says what is wrong and what to do."""
