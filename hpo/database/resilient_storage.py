"""A storage that outlives its database's bad moments."""

import logging
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import sqlalchemy.exc
import tenacity
from optuna.distributions import BaseDistribution
from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.storages._heartbeat import BaseHeartbeat
from optuna.study import Study, StudyDirection
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial, TrialState

from hpo.database.sqlstates import passes
from hpo.database.study_storage import StudyStorage
from hpo.errors import UserError

RETRY_FOR_S = 300.0
"""A restart takes seconds, a failover minutes; a worker that waits longer only burns its GPU."""
LONGEST_PAUSE_S = 10.0

_NO_CONNECTION_LEFT = ("too many c", "remaining connection slots", "no more connections allowed")
"""too many clients, or too many connections for a role or database; reserved slots; PgBouncer's limit."""

_log = logging.getLogger(__name__)


class ResilientStorage(BaseStorage, BaseHeartbeat):
    """Repeats what fails for a reason that goes away: the database is unreachable, restarting, read-only, full...

    Reading and the writes of attributes, parameters and heartbeats may be repeated freely: they set a value. Three
    writes need care, since a connection can break after the database has committed:

    - A result (`set_trial_state_values` to a finished state) that was written finds the trial finished when it is
      repeated. That is success if state and values are ours.
    - A replacement that was enqueued is found when enqueueing is repeated, and not enqueued twice
      (`hpo.database.trial_slots`).
    - A claimed or newly created trial may stay RUNNING without an owner. Its first heartbeat remains its only one, so
      that it is stale after the grace period (`hpo.database.storage`).

    Args:
        inner: The storage that does the work; one that sends heartbeats.
        retry_for_s: Seconds after which an operation gives up.
        revive: Called before each repetition, to bring back a database that is ours to start.
    """

    def __init__(
        self, inner: BaseStorage, retry_for_s: float = RETRY_FOR_S, revive: Callable[[], None] | None = None
    ) -> None:
        assert isinstance(inner, BaseHeartbeat)
        self.inner = inner
        self._retry_for_s = retry_for_s
        self._revive = revive

    @property
    def tables(self) -> StudyStorage:
        """The database itself, below Optuna's cache of finished trials."""
        tables = getattr(self.inner, "_backend", self.inner)
        assert isinstance(tables, StudyStorage)
        return tables

    def revive_no_more(self) -> None:
        """From now on: a thread that still reads must not start a server again that its last user has stopped."""
        self._revive = None

    def repeat[**P, T](self, operation: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What `operation`, which may be done any number of times, gives once the database answers."""
        for attempt in self._attempts():
            with attempt:
                result = operation(*args, **kwargs)
        _say_recovered(attempt.retry_state)
        return result

    def _attempts(self) -> tenacity.Retrying:
        return attempts(self._retry_for_s, database_is_away, self._before_repeating)

    def _before_repeating(self, state: tenacity.RetryCallState) -> None:
        say_retrying(state)
        self._reconnect()
        revive = self._revive
        if revive is None:
            return
        try:
            revive()
        except UserError as error:
            # Perhaps next time: after a kill, PostgreSQL waits for its orphaned processes.
            _log.warning("%s", error)

    def _reconnect(self) -> None:
        """Leaves the connections that there are: after a failover they lead to the old server, or stay read-only."""
        tables = getattr(self.inner, "_backend", self.inner)
        if isinstance(tables, StudyStorage):
            tables.engine.dispose()

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """Changes the state; True if this call did it."""
        for attempt in self._attempts():
            with attempt:
                try:
                    changed = self.inner.set_trial_state_values(trial_id, state, values)
                except UpdateFinishedTrialError:
                    # Only an attempt that broke off may have been ours; else somebody else finished the trial.
                    if attempt.retry_state.attempt_number == 1 or not self._holds(trial_id, state, values):
                        raise
                    changed = True
        _say_recovered(attempt.retry_state)
        return changed

    def _holds(self, trial_id: int, state: TrialState, values: Sequence[float] | None) -> bool:
        stored = self.inner.get_trial(trial_id)
        return stored.state is state and stored.values == (None if values is None else list(values))

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:  # noqa: D102
        return self.repeat(self.inner.create_new_trial, study_id, template_trial)

    def create_new_study(self, directions: Sequence[StudyDirection], study_name: str | None = None) -> int:  # noqa: D102
        return self.repeat(self.inner.create_new_study, directions, study_name)

    def delete_study(self, study_id: int) -> None:  # noqa: D102
        self.repeat(self.inner.delete_study, study_id)

    def set_study_user_attr(self, study_id: int, key: str, value: Any) -> None:  # noqa: D102
        self.repeat(self.inner.set_study_user_attr, study_id, key, value)

    def set_study_system_attr(self, study_id: int, key: str, value: Any) -> None:  # noqa: D102
        self.repeat(self.inner.set_study_system_attr, study_id, key, value)

    def get_study_id_from_name(self, study_name: str) -> int:  # noqa: D102
        return self.repeat(self.inner.get_study_id_from_name, study_name)

    def get_study_name_from_id(self, study_id: int) -> str:  # noqa: D102
        return self.repeat(self.inner.get_study_name_from_id, study_id)

    def get_study_directions(self, study_id: int) -> list[StudyDirection]:  # noqa: D102
        return self.repeat(self.inner.get_study_directions, study_id)

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:  # noqa: D102
        return self.repeat(self.inner.get_study_user_attrs, study_id)

    def ask_study_user_attrs(self, study_id: int) -> dict[str, Any] | None:
        """The study's user attributes by a single attempt; None while the database is away.

        Raises:
            KeyError: There is no such study.
        """
        return _ask(self.inner.get_study_user_attrs, study_id)

    def ask_study_name(self, study_id: int) -> str | None:
        """What the study is called now, as `ask_study_user_attrs`; Optuna's cache knows what it was called."""
        return _ask(self.tables.get_study_name_from_id, study_id)

    def get_study_system_attrs(self, study_id: int) -> dict[str, Any]:  # noqa: D102
        return self.repeat(self.inner.get_study_system_attrs, study_id)

    def get_all_studies(self) -> list[FrozenStudy]:  # noqa: D102
        return self.repeat(self.inner.get_all_studies)

    def set_trial_param(  # noqa: D102
        self, trial_id: int, param_name: str, param_value_internal: float, distribution: BaseDistribution
    ) -> None:
        self.repeat(self.inner.set_trial_param, trial_id, param_name, param_value_internal, distribution)

    def get_trial_id_from_study_id_trial_number(self, study_id: int, trial_number: int) -> int:  # noqa: D102
        return self.repeat(self.inner.get_trial_id_from_study_id_trial_number, study_id, trial_number)

    def get_trial_number_from_id(self, trial_id: int) -> int:  # noqa: D102
        return self.repeat(self.inner.get_trial_number_from_id, trial_id)

    def get_trial_param(self, trial_id: int, param_name: str) -> float:  # noqa: D102
        return self.repeat(self.inner.get_trial_param, trial_id, param_name)

    def set_trial_intermediate_value(self, trial_id: int, step: int, intermediate_value: float) -> None:  # noqa: D102
        self.repeat(self.inner.set_trial_intermediate_value, trial_id, step, intermediate_value)

    def set_trial_user_attr(self, trial_id: int, key: str, value: Any) -> None:  # noqa: D102
        self.repeat(self.inner.set_trial_user_attr, trial_id, key, value)

    def set_trial_user_attrs(self, trial_id: int, attributes: dict[str, Any]) -> None:
        """Sets all of them in one transaction.

        Raises:
            UpdateFinishedTrialError: The trial is finished.
        """
        self.repeat(self.tables.set_trial_user_attrs, trial_id, attributes)

    def set_trial_values(self, values: Mapping[int, float]) -> None:
        """Trial id -> the value that a COMPLETE trial is to have instead of the one it has."""
        self.repeat(self.tables.set_trial_values, values)

    def set_trial_note(self, trial_id: int, body: str) -> None:
        """Puts `body`, which is Markdown, in the place of the note that the dashboard shows at a trial."""
        self.repeat(self.tables.set_trial_note, trial_id, body)

    def refuse_to_delete(self) -> None:
        """Raises what `delete_study` raises for a role that may not; deletes nothing."""
        self.repeat(self.tables.refuse_to_delete)

    def trial_artifacts(self, study_id: int) -> dict[int, dict[str, str]]:
        """Trial id -> file name -> artifact id, of all trials of a study, as they are now."""
        return self.repeat(self.tables.trial_artifacts, study_id)

    def hide_artifact(self, artifact_id: str) -> None:
        """Takes an artifact off the list of those of its study, or of its trial, finished or not."""
        self.repeat(self.tables.hide_artifact, artifact_id)

    def set_trial_system_attr(self, trial_id: int, key: str, value: Any) -> None:  # noqa: D102
        self.repeat(self.inner.set_trial_system_attr, trial_id, key, value)

    def get_trial(self, trial_id: int) -> FrozenTrial:  # noqa: D102
        return self.repeat(self.inner.get_trial, trial_id)

    def get_all_trials(  # noqa: D102
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        return self.repeat(self.inner.get_all_trials, study_id, deepcopy=deepcopy, states=states)

    def get_best_trial(self, study_id: int) -> FrozenTrial:  # noqa: D102
        return self.repeat(self.inner.get_best_trial, study_id)

    def remove_session(self) -> None:  # noqa: D102
        self.inner.remove_session()

    def record_heartbeat(self, trial_id: int) -> None:
        """Makes a single attempt: the next heartbeat is due soon, and an error would end all that follow."""
        try:
            self.inner.record_heartbeat(trial_id)
        except (StorageInternalError, sqlalchemy.exc.SQLAlchemyError) as error:
            # Whoever asks the database for something meanwhile tells people, or gives up.
            _log.info("no heartbeat: %s", reason(error))
            self._reconnect()

    def _get_stale_trial_ids(self, study_id: int) -> list[int]:
        return self.repeat(self.inner._get_stale_trial_ids, study_id)

    def get_heartbeat_interval(self) -> int | None:  # noqa: D102
        return self.inner.get_heartbeat_interval()

    def get_heartbeat_stale_trial_callback(self) -> Callable[[Study, FrozenTrial], None] | None:  # noqa: D102
        return self.inner.get_heartbeat_stale_trial_callback()


def _ask[T](operation: Callable[[int], T], study_id: int) -> T | None:
    try:
        return operation(study_id)
    except Exception as error:
        if database_is_away(error):
            return None
        raise


def attempts(
    retry_for_s: float, passes: Callable[[BaseException], bool], before: Callable[[tenacity.RetryCallState], None]
) -> tenacity.Retrying:
    """Attempts with growing pauses, as long as they fail for a reason that `passes`."""
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(passes),
        wait=tenacity.wait_random_exponential(multiplier=0.2, max=LONGEST_PAUSE_S),
        stop=tenacity.stop_after_delay(retry_for_s),
        before_sleep=before,
        reraise=True,
    )


def no_connection_left(error: BaseException) -> bool:
    """Whether `error` says that the server, the role, or the pooler in front of it has all the connections it takes.

    A refused connection carries no error code in psycopg2, only the server's words.
    """
    return database_is_away(error) and any(words in reason(error) for words in _NO_CONNECTION_LEFT)


def database_is_away(error: BaseException) -> bool:
    """Whether `error` says that the database cannot be reached or asked for now, rather than that it refuses."""
    cause = _cause(error)
    code = sqlstate(error)
    if code is not None:
        return passes(code)
    # Without a code the server never answered, or SQLAlchemy noticed before it was asked.
    if isinstance(cause, sqlalchemy.exc.OperationalError | sqlalchemy.exc.InterfaceError):
        return True
    if isinstance(cause, sqlalchemy.exc.PendingRollbackError):
        # A statement on a session whose connection broke at the one before.
        return True
    return isinstance(cause, sqlalchemy.exc.DBAPIError) and cause.connection_invalidated


def sqlstate(error: BaseException) -> str | None:
    """The code that PostgreSQL gave `error`; None: it gave none, or `error` is of something else."""
    code = getattr(getattr(_cause(error), "orig", None), "pgcode", None)
    return code if isinstance(code, str) else None


def reason(error: BaseException) -> str:
    """What the database, or its driver, said, in one line."""
    cause = _cause(error)
    return " ".join(str(getattr(cause, "orig", cause)).split())


def _cause(error: BaseException) -> BaseException | None:
    return error.__cause__ if isinstance(error, StorageInternalError) else error


def say_retrying(state: tenacity.RetryCallState) -> None:
    """Tells, once, what is being waited for."""
    if state.attempt_number == 1:
        assert state.outcome is not None
        error = state.outcome.exception()
        assert error is not None
        _log.warning("the database does not answer (%s): trying again", reason(error))


def _say_recovered(state: tenacity.RetryCallState) -> None:
    if state.attempt_number > 1:
        _log.warning("the database answers again")
