"""Our CMA-ES sampler in plain Optuna: it learns from every trial, however many workers share the study."""

import optuna

from samplers import StatelessCmaEsSampler


def objective(trial: optuna.Trial) -> float:
    x, y = trial.suggest_float("x", -5, 5), trial.suggest_float("y", -5, 5)
    return (x - 1) ** 2 + (y + 2) ** 2


optuna.logging.set_verbosity(optuna.logging.WARNING)
study = optuna.create_study(sampler=StatelessCmaEsSampler(seed=0))
study.optimize(objective, n_trials=100, n_jobs=4)
print(f"best value {study.best_value:.4f} at {study.best_params}")
