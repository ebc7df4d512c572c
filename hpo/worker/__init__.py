"""The supervisor's loop: a trial, a run, a result."""

from hpo.worker.attempt import Workplace
from hpo.worker.worker import Quota, Worker

__all__ = ["Quota", "Worker", "Workplace"]
