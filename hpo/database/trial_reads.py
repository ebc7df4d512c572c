"""Reading the trials of a study: what Optuna reads, without an object for each stored parameter, attribute and report.

A trial has about ninety of them, and through Optuna's models takes 5 ms, six times as long: of a study of thousands
that is what a worker waits for before its first trial, and whoever types a command that shows something.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from itertools import batched
from typing import Any

import sqlalchemy
from optuna.artifacts._upload import ARTIFACTS_ATTR_PREFIX
from optuna.distributions import BaseDistribution, json_to_distribution
from optuna.storages._rdb import models
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.orm import Session

from samplers import DIVERGED_ATTR, REFUSED_ATTR

AT_ONCE = 500
"""Trials whose parameters, attributes and reports are asked for by their ids: for the few that are new since the last
time, the database must not look through those of the whole study."""

_value = models.TrialValueModel.stored_repr_to_value
_report = models.TrialIntermediateValueModel.stored_repr_to_intermediate_value
_distribution: Callable[[str], BaseDistribution] = lru_cache(maxsize=1024)(json_to_distribution)
"""All trials of a study have the same few."""


def read_trials(
    session: Session, study_id: int, states: Iterable[TrialState] | None, ids: Collection[int], ids_above: int
) -> list[FrozenTrial]:
    """Some of a study's trials, in the order in which they were created.

    Args:
        session: The transaction.
        study_id: The study.
        states: Those in one of these states; None: in any.
        ids: Those with one of these ids, and
        ids_above: those with a higher id.
    """
    trials = models.TrialModel.__table__.c
    wanted = [trials.study_id == study_id, sqlalchemy.or_(trials.trial_id > ids_above, trials.trial_id.in_(ids))]
    if states is not None:
        wanted.append(trials.state.in_(tuple(states)))
    own = [trials[name] for name in ("trial_id", "number", "state", "datetime_start", "datetime_complete")]
    own_rows = session.execute(sqlalchemy.select(*own).where(*wanted).order_by(trials.trial_id)).all()
    return [trial for batch in batched(own_rows, AT_ONCE) for trial in _whole(session, batch)]


def ids_with_floor_values(session: Session, study_id: int) -> set[int]:
    """Trials whose values are not fixed by their runs, and change when others finish (`hpo.trials.floor_values`)."""
    trials, attrs = models.TrialModel.__table__.c, models.TrialUserAttributeModel.__table__.c
    marked = sqlalchemy.or_(
        sqlalchemy.and_(attrs.key == DIVERGED_ATTR, attrs.value_json == "true"), attrs.key == REFUSED_ATTR
    )
    complete = (trials.study_id == study_id, trials.state == TrialState.COMPLETE, attrs.trial_id == trials.trial_id)
    return set(session.scalars(sqlalchemy.select(trials.trial_id).where(*complete, marked)))


def read_artifacts(session: Session, study_id: int) -> dict[int, dict[str, str]]:
    """Trial id -> file name -> artifact id; of those with one name the last."""
    trials, attrs = models.TrialModel.__table__.c, models.TrialSystemAttributeModel.__table__.c
    rows = (
        sqlalchemy.select(attrs.trial_id, attrs.value_json)
        .where(
            trials.study_id == study_id,
            attrs.trial_id == trials.trial_id,
            attrs.key.startswith(ARTIFACTS_ATTR_PREFIX, autoescape=True),
        )
        .order_by(attrs.trial_system_attribute_id)
    )
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for trial_id, stored in session.execute(rows):
        artifact = json.loads(json.loads(stored))  # a text that is JSON, as JSON; null once the dashboard removed it
        if artifact is not None:
            found[trial_id][artifact["filename"]] = artifact["artifact_id"]
    return dict(found)


def _whole(session: Session, own_rows: Collection[Any]) -> Iterator[FrozenTrial]:
    """Trials of which `own_rows` has id, number, state, start and end."""
    ids = [trial_id for trial_id, *_ in own_rows]

    def of_trials(model: type[models.BaseModel], *names: str) -> dict[int, list[tuple[Any, ...]]]:
        """The rows that belong to each trial, in the order in which they were written."""
        table = model.__table__
        columns = [table.c[name] for name in ("trial_id", *names)]
        rows = sqlalchemy.select(*columns).where(table.c.trial_id.in_(ids)).order_by(*table.primary_key)
        by_trial: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for trial_id, *row in session.execute(rows):
            by_trial[trial_id].append(tuple(row))
        return by_trial

    params = of_trials(models.TrialParamModel, "param_name", "param_value", "distribution_json")
    values = of_trials(models.TrialValueModel, "objective", "value", "value_type")
    reports = of_trials(models.TrialIntermediateValueModel, "step", "intermediate_value", "intermediate_value_type")
    user_attrs = of_trials(models.TrialUserAttributeModel, "key", "value_json")
    system_attrs = of_trials(models.TrialSystemAttributeModel, "key", "value_json")
    for trial_id, number, state, started, completed in own_rows:
        yield FrozenTrial(
            number=number,
            state=state,
            value=None,
            values=[_value(stored, kind) for _, stored, kind in sorted(values[trial_id])] or None,
            datetime_start=started,
            datetime_complete=completed,
            params={name: _distribution(kind).to_external_repr(stored) for name, stored, kind in params[trial_id]},
            distributions={name: _distribution(kind) for name, _, kind in params[trial_id]},
            user_attrs={key: json.loads(stored) for key, stored in user_attrs[trial_id]},
            system_attrs={key: json.loads(stored) for key, stored in system_attrs[trial_id]},
            intermediate_values={step: _report(stored, kind) for step, stored, kind in reports[trial_id]},
            trial_id=trial_id,
        )
