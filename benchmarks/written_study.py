"""A study with thousands of finished trials, written straight into the database's tables."""

import json

import optuna
import sqlalchemy
from optuna.distributions import IntDistribution, distribution_to_json

from hpo.database.resilient_storage import ResilientStorage
from samplers import named_space


def write_study(storage: ResilientStorage, name: str, n_trials: int) -> None:
    """Writes `n_trials` finished trials of the `sac` space, spread over it; storing them one by one takes minutes."""
    study = optuna.create_study(study_name=name, storage=storage, direction="maximize")
    numbers = {"study": study._study_id, "n": n_trials}
    with storage.tables.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text(
                "INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete) "
                "SELECT i, :study, 'COMPLETE', TIMESTAMP '2026-01-01' + i * INTERVAL '6 minutes', "
                "TIMESTAMP '2026-01-01' + (i + 1) * INTERVAL '6 minutes' FROM generate_series(0, :n - 1) AS i"
            ),
            numbers,
        )
        connection.execute(
            sqlalchemy.text(
                "INSERT INTO trial_values (trial_id, objective, value, value_type) "
                "SELECT trial_id, 0, 20 * sin(number), 'FINITE' FROM trials WHERE study_id = :study"
            ),
            {"study": study._study_id},
        )
        for place, (param, distribution) in enumerate(named_space("sac").distributions().items(), start=1):
            stored = json.loads(distribution_to_json(distribution))["attributes"]
            low, high = stored["low"], stored["high"]
            step = 1.0 if isinstance(distribution, IntDistribution) else 1e-12
            connection.execute(
                sqlalchemy.text(
                    "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) "
                    "SELECT trial_id, :param, :low + :step * floor((:high - :low) / :step * (number * :m % 97) / 97), "
                    ":json FROM trials WHERE study_id = :study"
                ),
                {
                    "param": param, "low": float(low), "high": float(high), "step": step, "m": place,
                    "json": distribution_to_json(distribution), "study": study._study_id,
                },
            )  # fmt: skip
