"""Values of hyperparameters that have a meaning of their own in Stable-Baselines3, as numbers to count with."""

from typing import Any

from objectives.errors import ConfigurationError

AS_MANY_AS_COLLECTED = -1
"""`gradient_steps`: as many as the environments did steps since the last update."""
_LEAST = {
    "batch_size": 1, "buffer_size": 1, "gradient_steps": AS_MANY_AS_COLLECTED, "learning_starts": 0, "n_epochs": 1,
    "n_minibatches": 1, "n_steps": 1, "policy_delay": 1, "target_update_interval": 1, "train_freq": 1,
}  # fmt: skip


def resolved(hyperparameters: dict[str, Any], n_envs: int) -> dict[str, Any]:
    """`hyperparameters` as a run with `n_envs` environments does them: replay ratio, warm-up and memory count with it.

    - `train_freq: [4, step]` is 4. Episodes are no unit here: with many environments Stable-Baselines3 has none.
    - `gradient_steps: -1` is the number of steps that all environments took since the last update.

    Raises:
        ConfigurationError: A number is too small to have a meaning, or the unit is episodes.
    """
    plain = dict(hyperparameters)
    frequency = plain.get("train_freq")
    if isinstance(frequency, list | tuple):
        if len(frequency) != 2 or frequency[1] != "step":  # noqa: PLR2004
            raise ConfigurationError(
                f"train_freq is {list(frequency)}: give a number of steps; no episodes are counted"
            )
        plain["train_freq"] = frequency[0]
    for name, least in _LEAST.items():
        number = plain.get(name)
        if isinstance(number, int | float) and number < least:
            raise ConfigurationError(f"{name} is {number:g}; it must be {least} at least")
    if plain.get("gradient_steps") == AS_MANY_AS_COLLECTED:
        plain["gradient_steps"] = plain.get("train_freq", 1) * n_envs
    return plain
