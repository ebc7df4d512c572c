"""CMA-ES that wastes no trial, whatever the number of workers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import FrozenTrial

from samplers.cmaes_history import DRAW_ATTR, Lesson, LossScale, in_order_of_completion, lessons
from samplers.unit_cube import UnitCube

SIGMA0 = 1 / 6
"""Initial standard deviation in the unit cube, Optuna's: the corners lie three standard deviations from the centre."""


class StatelessCmaEsSampler(BaseSampler):
    """CMA-ES whose distribution is a function of the study's finished trials.

    Optuna's sampler uses a trial only if it finishes before its generation is complete, and keeps its state as a
    pickle in the database. With many workers most trials come late and are never used. Here the finished trials are
    fed to the `cmaes` library in order of completion, in groups of the population size, whoever asked them and when:
    late ones, enqueued ones, pruned ones with what comparable trials came to, and those that failed, diverged or
    were refused behind all that have a value.
    Every worker computes the same distribution from the same trials, and draws with a seed made of study and trial
    number. Nothing is stored but the drawn points, as numbers.

    Integer dimensions have a margin (Hamano et al. 2022, arXiv 2205.13482), so that none of them freezes. Categorical
    ones have no order that CMA-ES could learn, and are drawn at random.

    Args:
        search_space: What is sampled; None: what all finished trials have in common, and the first ones are random.
        population_size: Trials per update; None: 4 + 3 ln(dimensions).
        sigma0: Initial standard deviation in the unit cube.
        lr_adapt: Adapt the learning rate to noise (Nomura et al. 2023, arXiv 2304.03473).
        seed: Added to the seed of each draw.
    """

    def __init__(
        self,
        search_space: dict[str, BaseDistribution] | None = None,
        population_size: int | None = None,
        sigma0: float = SIGMA0,
        lr_adapt: bool = False,
        seed: int | None = None,
    ) -> None:
        if population_size is not None and population_size < 3:  # noqa: PLR2004
            raise ValueError(f"a population of {population_size} is too small: CMA-ES needs 3 at least")
        self._search_space = search_space
        self._population_size = population_size
        self._sigma0 = sigma0
        self._lr_adapt = lr_adapt
        self._seed = seed
        self._independent = RandomSampler(seed)
        self._learner: _Learner | None = None

    @property
    def n_learned(self) -> int:
        """Finished trials that the latest draw's distribution was made of."""
        return 0 if self._learner is None else self._learner.n_learned

    def reseed_rng(self) -> None:  # noqa: D102
        self._independent.reseed_rng()

    def infer_relative_search_space(  # noqa: D102
        self,
        study: optuna.Study,
        trial: FrozenTrial,  # noqa: ARG002
    ) -> dict[str, BaseDistribution]:
        space = self._search_space
        if space is None:
            space = optuna.search_space.intersection_search_space(study.get_trials(deepcopy=False))
        return dict(UnitCube.of(space).dimensions)

    def sample_relative(  # noqa: D102
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        self._raise_error_if_multi_objective(study)
        cube = UnitCube.of(search_space)
        drawn = self._draw(study, trial, cube) if cube.dimensions else {}
        return {
            name: drawn[name] if name in drawn else self.sample_independent(study, trial, name, distribution)
            for name, distribution in search_space.items()
        }

    def sample_independent(  # noqa: D102
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        self._raise_error_if_multi_objective(study)
        return self._independent.sample_independent(study, trial, param_name, param_distribution)

    def _draw(self, study: optuna.Study, trial: FrozenTrial, cube: UnitCube) -> dict[str, float]:
        """A point of the distribution that the finished trials give, as parameters."""
        on_grid, point = self._learned(study, cube).draw(self._draw_seed(study, trial))
        study._storage.set_trial_system_attr(trial._trial_id, DRAW_ATTR, [point.tolist(), on_grid.tolist()])
        return cube.params(on_grid)

    def _learned(self, study: optuna.Study, cube: UnitCube) -> "_Learner":
        """A learner that has been fed every finished trial; the last one, if it only lacks some."""
        trials = in_order_of_completion(study.get_trials(deepcopy=False), cube)
        if self._search_space is None:
            # Optuna's intersection is that of completed trials; a pruned or failed one may have other ranges.
            trials = [trial for trial in trials if cube.covers(trial)]
        learner = self._learner
        if learner is None or not learner.begins(trials, cube):
            sign = -1.0 if study.direction == optuna.study.StudyDirection.MAXIMIZE else 1.0
            learner = _Learner(cube, self._population_size, self._sigma0, self._lr_adapt, sign)
        learner.feed(trials)
        self._learner = learner
        return learner

    def _draw_seed(self, study: optuna.Study, trial: FrozenTrial) -> int:
        words = [*study.study_name.encode(), trial.number, *([] if self._seed is None else [self._seed])]
        return int(np.random.SeedSequence(words).generate_state(1)[0])


class _Learner:
    """The distribution after some trials."""

    def __init__(self, cube: UnitCube, population_size: int | None, sigma0: float, lr_adapt: bool, sign: float) -> None:
        self._cube = cube
        self._population_size = population_size
        self._sigma0 = sigma0
        self._lr_adapt = lr_adapt
        self._scale = LossScale(sign)
        self._fed: list[int] = []
        self._waiting: list[Lesson] = []
        self._restarts = 0
        self._cma = self._start(np.full(len(cube.dimensions), 0.5))

    @property
    def n_learned(self) -> int:
        """Trials that went into an update; the others wait for their group to fill."""
        return len(self._fed) - len(self._waiting)

    def begins(self, trials: Sequence[FrozenTrial], cube: UnitCube) -> bool:
        """Whether `trials` begin with those it was fed."""
        return cube == self._cube and [trial.number for trial in trials[: len(self._fed)]] == self._fed

    def feed(self, trials: Sequence[FrozenTrial]) -> None:
        """Learns from those of `trials` that it has not been fed; they begin with those it has."""
        new = trials[len(self._fed) :]
        for trial in new:
            self._cube.refuse_others(trial)
        for lesson in lessons(new, self._cube, self._scale):
            self._waiting.append(lesson)
            if len(self._waiting) == self._cma.population_size:
                self._update()
        self._fed += [trial.number for trial in new]

    def draw(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """A point on the grid of values, and the point it was drawn as."""
        self._cma.reseed_rng(seed)
        on_grid, point = self._cma.ask()
        return on_grid, point

    def _update(self) -> None:
        last = self._scale.behind(lesson.loss for lesson in self._waiting if lesson.loss is not None)
        self._cma.tell([(lesson.point, last if lesson.loss is None else lesson.loss) for lesson in self._waiting])
        self._waiting = []
        if self._cma.should_stop():
            # Converged: further trials would repeat one point. The next start is fixed by the number of starts.
            self._restarts += 1
            self._cma = self._start(np.random.default_rng(self._restarts).uniform(size=len(self._cube.dimensions)))

    def _start(self, mean: np.ndarray) -> Any:
        """CMA-ES with margin in the unit cube."""
        # The package draws in all of scipy.stats: a second that no command but a worker's need wait for.
        from cmaes import CMA, CMAwM

        bounds = np.tile([0.0, 1.0], (len(mean), 1))
        cma = CMAwM(mean, self._sigma0, bounds, self._cube.steps, population_size=self._population_size)
        if self._lr_adapt:
            # The library offers it without margin only.
            cma._cma = CMA(mean, self._sigma0, bounds, population_size=self._population_size, lr_adapt=True)
        return cma
