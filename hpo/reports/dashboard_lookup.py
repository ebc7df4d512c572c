"""Makes optuna_dashboard find what belongs to a trial by its keys.

It keeps the notes of all trials with the study, and to show a study it looks through all of them for each trial, once
for its note and once for artifacts: minutes for a study of ten thousand trials.
"""

from typing import Any

from optuna_dashboard import _note, _serializer

_list_trial_artifacts = _serializer.list_trial_artifacts


def look_up_by_key() -> None:
    """From now on, in this process."""
    _note.get_note_from_system_attrs = note_of
    _serializer.list_trial_artifacts = artifacts_of


def note_of(system_attrs: dict[str, Any], trial_id: int | None) -> dict[str, Any]:
    """A trial's note with its version, or with None the study's; of a study's system attributes."""
    prefix = _note.note_str_key_prefix(trial_id)
    parts: list[str] = []
    while (key := f"{prefix}{len(parts)}") in system_attrs:
        parts.append(system_attrs[key])
    return {"version": int(system_attrs.get(_note.note_ver_key(trial_id), 0)), "body": "".join(parts)}


def artifacts_of(_: dict[str, Any], trial_system_attrs: dict[str, Any], trial: Any) -> list[dict[str, Any]]:
    """A trial's artifacts; with the study only a dashboard that has a store for them keeps any, and ours has none."""
    artifacts: list[dict[str, Any]] = _list_trial_artifacts({}, trial_system_attrs, trial)
    return artifacts
