"""The terrain curriculum of Isaac Lab's rough tasks: which ground each environment is on, and holding that still.

A robot that ends an episode, or is reset in the middle of one, moves to a harder or an easier level by the distance
that it has walked. So whoever resets the environments for another reason than training moves the robots.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray


class TerrainCurriculum:
    """Levels and types of the ground of one vectorized environment.

    Args:
        terrain: Isaac Lab's terrain importer, with levels.
    """

    def __init__(self, terrain: Any) -> None:
        self._terrain = terrain
        generator = terrain.cfg.terrain_generator
        self.n_levels = int(terrain.max_terrain_level)
        """Levels are 0, the easiest, to `n_levels` - 1."""
        columns = _types_of_columns([part.proportion for part in generator.sub_terrains.values()], generator.num_cols)
        names = list(generator.sub_terrains)
        self._columns = [names[column] for column in columns]
        self.types = tuple(self._columns[column] for column in terrain.terrain_types.tolist())
        """What kind of ground each environment is on, for good: the name that the task's configuration gives it."""

    @property
    def levels(self) -> NDArray[np.int64]:
        """The level of each environment, shape `(num_envs,)`."""
        levels: NDArray[np.int64] = self._terrain.terrain_levels.cpu().numpy().astype(np.int64)
        return levels

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps each environment on its level while the context lasts, whatever its robot does."""
        self._terrain.update_env_origins = _move_nobody
        try:
            yield
        finally:
            del self._terrain.update_env_origins  # the class's own is there again

    @property
    def kinds(self) -> tuple[str, ...]:
        """Each kind of ground that the terrain has, once."""
        return tuple(dict.fromkeys(self._columns))

    @contextmanager
    def one_of_each_kind(self, level: int) -> Iterator[None]:
        """Puts one environment after the other on the next kind of ground, at `level`, and holds them there.

        The robots are there after the next reset. `types` says which is where.
        """
        terrain = self._terrain
        before = terrain.terrain_types.clone(), self.types
        columns = [self._columns.index(self.kinds[i % len(self.kinds)]) for i in range(len(self.types))]
        terrain.terrain_types.copy_(terrain.terrain_types.new_tensor(columns))
        self.types = tuple(self._columns[column] for column in columns)
        try:
            with self._at([level] * len(columns)):
                yield
        finally:
            terrain.terrain_types.copy_(before[0])
            self.types = before[1]

    @contextmanager
    def grid(self) -> Iterator[None]:
        """Spreads the environments of each type of ground evenly over all levels, and holds them there.

        The types keep training's proportions. The robots are there after the next reset. At the end the levels are as
        they were.
        """
        with self._at(even_levels(self.types, self.n_levels)):
            yield

    @contextmanager
    def _at(self, levels: list[int]) -> Iterator[None]:
        """Puts each environment on its level of `levels`, and holds it there."""
        terrain = self._terrain
        before = terrain.terrain_levels.clone(), terrain.env_origins.clone()
        with self.held():
            try:
                terrain.terrain_levels.copy_(terrain.terrain_levels.new_tensor(levels))
                terrain.env_origins.copy_(terrain.terrain_origins[terrain.terrain_levels, terrain.terrain_types])
                yield
            finally:
                terrain.terrain_levels.copy_(before[0])
                terrain.env_origins.copy_(before[1])


def even_levels(types: tuple[str, ...], n_levels: int) -> list[int]:
    """A level for each environment: within each type of ground each equally often, from the easiest to the hardest.

    Where a type has fewer environments than there are levels these are spread around the middle one.
    """
    numbers = {name: types.count(name) for name in types}
    counts = dict.fromkeys(numbers, 0)
    levels = []
    for name in types:
        levels.append((2 * counts[name] + 1) * n_levels // (2 * numbers[name]))
        counts[name] += 1
    return levels


def _types_of_columns(proportions: list[float], n_columns: int) -> list[int]:
    """The place of the type of ground in each column, as Isaac Lab's `TerrainGenerator` fills them."""
    ends = np.cumsum(np.array(proportions) / np.sum(proportions))
    return [int(np.argmax(column / n_columns + 0.001 < ends)) for column in range(n_columns)]


def _move_nobody(env_ids: Any, move_up: Any, move_down: Any) -> None:
    """In the place of `TerrainImporter.update_env_origins`."""
