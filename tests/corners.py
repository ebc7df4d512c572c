"""Extreme corners of a search space."""

from samplers import SearchSpace

BATCH = "batch_size_pow"


def corners(space: SearchSpace) -> dict[str, dict[str, float]]:
    """Two corners that between them have both extremes of every dimension.

    The largest batch goes with the smallest network: with the largest one it would take minutes on two cores. It does
    in one test of `sac` all the same.
    """
    low = {name: dimension.low for name, dimension in space.dimensions.items()}
    high = {name: dimension.high for name, dimension in space.dimensions.items()}
    if BATCH not in space.dimensions:
        return {"low": low, "high": high}
    return {
        "high, small batch": {**high, BATCH: low[BATCH]},
        "low, large batch": {**low, BATCH: high[BATCH]},
    }
