"""A worker that nobody hears of, without the wait for it."""

import sqlalchemy

from hpo.database.resilient_storage import ResilientStorage


def nothing_was_heard_for_two_minutes(storage: ResilientStorage, study_name: str) -> None:
    """Makes the heartbeats of a study's running trials older; the grace period is 90 s."""
    with storage.tables.engine.begin() as connection:
        connection.execute(
            sqlalchemy.text(
                "UPDATE trial_heartbeats SET heartbeat = heartbeat - interval '2 minutes' WHERE trial_id IN "
                "(SELECT trial_id FROM trials JOIN studies USING (study_id) WHERE study_name = :name)"
            ),
            {"name": study_name},
        )
