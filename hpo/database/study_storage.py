"""Where studies lie: Optuna's tables, with a cap on a study's trials, and no trial left behind or created twice."""

from collections.abc import Container, Mapping, Sequence
from typing import Any, cast

import optuna
import psycopg2.extensions
import sqlalchemy
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.storages._rdb.storage import _create_scoped_session
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.orm import Session

from hpo.database.trial_reads import ids_with_floor_values, read_artifacts, read_trials
from hpo.database.trial_slots import refuse_twin, refuse_when_full, retry_trial
from hpo.database.trial_writes import hide_artifact, write_note, write_user_attrs, write_values

FROZEN_AFTER_S = 20
"""Seconds after which the server ends a transaction whose client asks nothing more. A suspended process or a frozen
machine holds its locks, while TCP finds nothing wrong with it; others wait for them 60 s at a time
(`hpo.database.silent_connections`). Ours ask the next thing after milliseconds, and repeat what was ended."""


class StudyStorage(RDBStorage):
    """Optuna's storage with a cap on a study's trials, and no trial left behind or created twice.

    Whether a trial is alive is decided by the database's clock alone, so that those of the hosts need not agree: a
    trial has its first heartbeat from the moment it is RUNNING, not only from when its worker's thread sends one.

    Args:
        url: As of `RDBStorage`.
        settle_s: For so long after the database's start nobody is taken for dead: while it was away, all workers of a
            fleet were silent, and the first to come back would take up the trials of all others.
        options: As of `RDBStorage`.
    """

    def __init__(self, url: str, settle_s: float, **options: Any) -> None:
        super().__init__(url, heartbeat_stale_trial_callback=_retry_lost, **options)
        self._settle_s = settle_s
        if self.engine.dialect.name == "postgresql":
            sqlalchemy.event.listen(self.engine, "connect", _prepare_session)
            self.engine.dispose()

    def _get_prepared_new_trial(
        self, study_id: int, template_trial: FrozenTrial | None, session: Session
    ) -> models.TrialModel:
        # Optuna has locked the study's row: nobody else creates a trial until this transaction ends.
        if template_trial is None:
            refuse_when_full(session, study_id)
        else:
            refuse_twin(session, study_id, template_trial.user_attrs)
        trial = super()._get_prepared_new_trial(study_id, template_trial, session)
        if template_trial is None or template_trial.state is TrialState.RUNNING:
            session.add(models.TrialHeartbeatModel(trial_id=trial.trial_id))
        return trial

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """As of `RDBStorage`; a trial that is claimed has a heartbeat from then on."""
        if state is TrialState.RUNNING:
            self.record_heartbeat(trial_id)
        return super().set_trial_state_values(trial_id, state, values)

    def _get_trials(
        self,
        study_id: int,
        states: Container[TrialState] | None,
        included_trial_ids: set[int],
        trial_id_greater_than: int,
    ) -> list[FrozenTrial]:
        with _create_scoped_session(self.scoped_session) as session:
            models.StudyModel.find_or_raise_by_id(study_id, session)
            wanted_states = None if states is None else [state for state in TrialState if state in states]
            # Optuna keeps finished trials in its cache and would never see that their values changed.
            changing = ids_with_floor_values(session, study_id)
            return read_trials(session, study_id, wanted_states, included_trial_ids | changing, trial_id_greater_than)

    def set_trial_user_attrs(self, trial_id: int, attributes: dict[str, Any]) -> None:
        """Sets all of them or, if the database refuses or is away, none.

        Raises:
            UpdateFinishedTrialError: The trial is finished.
        """
        with _create_scoped_session(self.scoped_session) as session:
            trial = models.TrialModel.find_or_raise_by_id(trial_id, session)
            self.check_trial_is_updatable(trial_id, cast("TrialState", trial.state))
            write_user_attrs(session, trial_id, attributes)

    def set_trial_values(self, values: Mapping[int, float]) -> None:
        """Trial id -> the value that a COMPLETE trial is to have instead of the one it has."""
        with _create_scoped_session(self.scoped_session) as session:
            write_values(session, values)

    def set_trial_note(self, trial_id: int, body: str) -> None:
        """Puts `body` in the place of the note that the dashboard shows at a trial, finished or not."""
        with _create_scoped_session(self.scoped_session) as session:
            trial = models.TrialModel.find_or_raise_by_id(trial_id, session)
            write_note(session, int(trial.study_id), trial_id, body)

    def refuse_to_delete(self) -> None:
        """Raises what `delete_study` raises for a role that may not; deletes nothing."""
        with _create_scoped_session(self.scoped_session) as session:
            session.execute(sqlalchemy.delete(models.StudyModel).where(sqlalchemy.false()))

    def trial_artifacts(self, study_id: int) -> dict[int, dict[str, str]]:
        """Trial id -> file name -> artifact id, of all trials of a study, as they are now."""
        with _create_scoped_session(self.scoped_session) as session:
            return read_artifacts(session, study_id)

    def hide_artifact(self, artifact_id: str) -> None:
        """Takes an artifact off the list of those of its study, or of its trial, finished or not."""
        with _create_scoped_session(self.scoped_session) as session:
            hide_artifact(session, artifact_id)

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        return [] if self._settle_s and self._up_for_s() < self._settle_s else super()._get_stale_trial_ids(study_id)

    def _up_for_s(self) -> float:
        """Seconds since PostgreSQL was started."""
        up = sqlalchemy.text("SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())")
        with self.engine.connect() as connection:
            return float(connection.execute(up).scalar_one())


def _prepare_session(connection: psycopg2.extensions.connection, _: object) -> None:
    with connection.cursor() as cursor:
        # Optuna stores heartbeats in the session's time zone: on the night that summer time begins, a whole fleet
        # would look silent for an hour.
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.execute("SET idle_in_transaction_session_timeout = %s", (f"{FROZEN_AFTER_S}s",))
    connection.commit()


def _retry_lost(study: optuna.Study, trial: FrozenTrial) -> None:
    retry_trial(study, trial, lost=True)
