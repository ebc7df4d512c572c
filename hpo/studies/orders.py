"""What people tell all workers of a study: stop, pause, resume. Written into the study, read by every worker."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from hpo.database.attributes import PAUSED_ATTR, STOP_ATTR
from hpo.database.resilient_storage import ResilientStorage
from hpo.studies.study import OpenStudy, refuse_gone
from hpo.terminal.stop_signals import StopSignals

ASK_EVERY_S = 5.0
"""During a trial: one small query a worker."""


def order_stop(opened: OpenStudy, now: bool) -> None:
    """Has every worker of the study finish its trial and leave; `now`: hand it back and leave."""
    opened.study.set_user_attr(STOP_ATTR, {"order": uuid.uuid4().hex, "now": now})


def order_pause(opened: OpenStudy, paused: bool) -> None:
    """Has every worker wait after its trial, those that are yet to come included; or go on."""
    opened.study.set_user_attr(PAUSED_ATTR, paused)


def is_paused(opened: OpenStudy) -> bool:
    """Whether the study is paused."""
    return bool(opened.study.user_attrs.get(PAUSED_ATTR))


class Orders:
    """Why a worker stops or waits: signals to its process, and orders to all workers of its study.

    Args:
        signals: Those to this process.
        opened: The study.
        clock: Monotonic seconds.
    """

    def __init__(self, signals: StopSignals, opened: OpenStudy, clock: Callable[[], float] = time.monotonic) -> None:
        self._signals = signals
        self._opened = opened
        self._clock = clock
        self._attributes: dict[str, Any] = opened.study.user_attrs
        self._asked_at = clock()
        self._earlier = self._attributes.get(STOP_ATTR)

    def stop_after_trial(self) -> bool:
        """Whether no new trial may start; asks the study anew.

        Raises:
            UserError: The study was deleted or renamed, which is told to people once its last trial is done.
        """
        if self._signals.stop_after_trial():
            return True
        refuse_gone(self._opened)
        return self._stop(max_age_s=0) is not None

    def stop_now(self) -> bool:
        """Whether the running trial is to be handed back."""
        stop = self._stop()
        return self._signals.stop_now() or (stop is not None and stop["now"])

    def paused(self) -> bool:
        """Whether to wait before a trial is started; by the latest answer."""
        return bool(self._latest().get(PAUSED_ATTR))

    def ordered_to_stop(self) -> bool:
        """Whether the study's people, and not a signal, said stop."""
        return self._stop() is not None

    def _stop(self, max_age_s: float = ASK_EVERY_S) -> dict[str, Any] | None:
        stop = self._latest(max_age_s).get(STOP_ATTR)
        return None if stop == self._earlier else stop

    def _latest(self, max_age_s: float = ASK_EVERY_S) -> dict[str, Any]:
        if self._clock() - self._asked_at >= max_age_s:
            storage = self._opened.study._storage
            assert isinstance(storage, ResilientStorage)
            # One attempt: whoever asks also waits for the runner and for signals. Without an answer the last one holds.
            answer = storage.ask_study_user_attrs(self._opened.study._study_id)
            self._attributes = self._attributes if answer is None else answer
            self._asked_at = self._clock()
        return self._attributes
