"""Functions to search, on the unit cube or on the SAC space; every optimum is 0, and more is better."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, FloatDistribution

from samplers import named_space
from samplers.unit_cube import UnitCube

Floats = NDArray[np.float64]
DIMENSIONS = 9


@dataclass(frozen=True, slots=True)
class SearchFunction:
    """What is searched."""

    name: str
    space: dict[str, BaseDistribution]
    value: Callable[[Floats], float]
    """Of a point of the unit cube."""
    noise: float = 0.0
    """Standard deviation of what a trial sees beside the true value."""

    def true_value(self, trial: optuna.Trial) -> float:
        """The value of what `trial` samples."""
        for name, distribution in self.space.items():
            trial._suggest(name, distribution)
        return self.value(UnitCube.of(self.space).point(trial.params))


def search(
    study: optuna.Study, function: SearchFunction, noise: float, workers: int, n_trials: int, rng: np.random.Generator
) -> Iterator[tuple[optuna.Trial, float, float]]:
    """Trials as they finish, with true value and score; as many are asked at once as there are workers."""
    asked = 0
    while asked < n_trials:
        running = [study.ask() for _ in range(min(workers, n_trials - asked))]
        asked += len(running)
        values = [function.true_value(trial) for trial in running]
        for place in rng.permutation(len(running)):
            score = values[place] + noise * rng.normal()
            study.tell(running[place], score)
            yield running[place], values[place], score


def functions(seed: int) -> list[SearchFunction]:
    """One instance of each; the seed moves the optima and turns the axes."""
    rng = np.random.default_rng(seed)
    optimum = rng.uniform(0.2, 0.8, DIMENSIONS)
    rotation, _ = np.linalg.qr(rng.normal(size=(DIMENSIONS, DIMENSIONS)))
    cube: dict[str, BaseDistribution] = {f"x{i}": FloatDistribution(0, 1) for i in range(DIMENSIONS)}
    scales = 100 ** (np.arange(DIMENSIONS) / (DIMENSIONS - 1) / 2)

    def turned(x: Floats) -> Floats:
        return np.asarray(rotation @ (x - optimum))

    def ellipsoid(x: Floats) -> float:
        return -float(np.sum((scales * turned(x)) ** 2))

    def rosenbrock(x: Floats) -> float:
        z = 2 * turned(x) + 1
        return -float(np.sum(100 * (z[:-1] ** 2 - z[1:]) ** 2 + (z[:-1] - 1) ** 2)) / 100

    def rastrigin(x: Floats) -> float:
        z = 4 * turned(x)
        return -float(np.sum(z**2 + 3 * (1 - np.cos(2 * np.pi * z)))) / 10

    return [
        SearchFunction("sphere", cube, lambda x: -float(np.sum((x - optimum) ** 2))),
        SearchFunction("ellipsoid", cube, ellipsoid),
        SearchFunction("rosenbrock", cube, rosenbrock),
        SearchFunction("rastrigin", cube, rastrigin),
        sac_shaped(rng),
    ]


def sac_shaped(rng: np.random.Generator) -> SearchFunction:
    """The mixed space of SAC, with what is known of it: some dimensions matter more, pairs trade off, runs are noisy.

    Learning rate and batch size, gradient steps and policy delay, gamma and tau: with one of them wrong, the other had
    better be wrong as well.
    """
    space = named_space("sac").distributions()
    cube = UnitCube.of(space)
    place = {name: index for index, name in enumerate(cube.dimensions)}
    optimum = rng.uniform(0.25, 0.75, len(place))
    weights = rng.permutation(np.geomspace(0.15, 0.9, len(place)))
    pairs = [("learning_rate", "batch_size_pow"), ("gradient_steps_pow", "policy_delay_pow"), ("gamma", "tau")]
    # The best that the grid of integers allows is 0.
    for name, step in zip(place, cube.steps, strict=True):
        if step:
            optimum[place[name]] = round(optimum[place[name]] / step) * step

    def value(x: Floats) -> float:
        apart = x - optimum
        loss = float(np.sum(weights * apart**2))
        for one, other in pairs:
            loss += 0.5 * float(apart[place[one]] - apart[place[other]]) ** 2
        return -loss

    return SearchFunction("SAC-shaped, noisy", space, value, noise=0.1)
