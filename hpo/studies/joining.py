"""How a worker gets at its study: joins the one there is, or creates it once it is known to run."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optuna.storages import BaseStorage

from hpo.did_you_mean import one_of
from hpo.errors import UserError
from hpo.hardware import Hardware
from hpo.studies.study import (
    OpenStudy,
    create_study,
    find_study,
    refuse_another_optuna,
    refuse_differences,
    this_definition,
)
from hpo.studies.study_config import StudyConfig, builtin_studies, load_study_config, override, validate
from samplers import UNPICKLING_SAMPLERS


@dataclass(frozen=True, slots=True)
class AskedStudy:
    """What the user asked for."""

    name: str
    config: str | None
    """A YAML file, or the name of a built-in study; None: the built-in one of this name, or the study that is there."""
    overrides: dict[str, Any]
    """Dotted field -> value."""
    allow_other_hardware: bool


def create_or_join(
    storage: BaseStorage, wanted: AskedStudy, hardware: Hardware, check: Callable[[StudyConfig], None]
) -> OpenStudy:
    """The study, ready to be worked on.

    Args:
        storage: Where it is or will be.
        wanted: Which study.
        hardware: What this worker runs on.
        check: Raises if the definition cannot run here. Called before anything is created or any trial is taken.

    Raises:
        UserError: The definition is bad, differs from the study's, the study was begun on other hardware, or it has a
            sampler that loads pickles and was not asked for.
    """
    existing = find_study(storage, wanted.name)
    if existing is None:
        config = _new_config(wanted)
        check(config)
        return create_study(storage, wanted.name, this_definition(config, hardware.name))
    refuse_another_optuna(existing)
    if wanted.config is not None or wanted.overrides:
        refuse_differences(existing, this_definition(_config_beside(existing, wanted), existing.definition.hardware))
    refuse_other_hardware(existing, hardware, wanted.allow_other_hardware)
    _refuse_pickles(existing, wanted)
    check(existing.config)
    return existing


def refuse_other_hardware(opened: OpenStudy, hardware: Hardware, allowed: bool) -> None:
    """Raises a `UserError` if the study was begun on other hardware and that is not `allowed`."""
    if opened.definition.hardware != hardware.name and not allowed:
        raise UserError(
            f"study {opened.name} was begun on {opened.definition.hardware}, this is {hardware.name}: the same "
            "seconds buy other amounts of training, so values would not be comparable "
            "(--allow-other-hardware joins all the same)"
        )


def _refuse_pickles(existing: OpenStudy, wanted: AskedStudy) -> None:
    """Raises a `UserError` if the study has a sampler that loads pickles, and the command line does not say so too."""
    name = existing.config.sampler.name
    sampler_was_named = wanted.config is not None or any(
        field.partition(".")[0] == "sampler" for field in wanted.overrides
    )
    if name in UNPICKLING_SAMPLERS and not existing.is_replay and not sampler_was_named:
        raise UserError(
            f"study {existing.name} has the sampler {name}, which loads pickles from the study: whoever may write to "
            f"it can run code here. If you trust them all, join it with --set sampler.name={name}"
        )


def _new_config(wanted: AskedStudy) -> StudyConfig:
    builtin = builtin_studies()
    source = wanted.config or wanted.name
    if source in builtin:
        return load_study_config(builtin[source], wanted.overrides)
    if wanted.config is None:
        raise UserError(
            f"there is no study {wanted.name!r} yet, and no built-in one of that name; "
            f"{one_of(wanted.name, builtin)}: define it "
            "with --config FILE.yaml, or start from a built-in one with --config sac-speed"
        )
    return load_study_config(Path(wanted.config), wanted.overrides)


def _config_beside(existing: OpenStudy, wanted: AskedStudy) -> StudyConfig:
    """What was asked for, to hold against the stored definition; without a file, its own with the overrides."""
    if wanted.config is not None:
        return _new_config(wanted)
    return validate(StudyConfig, override(existing.config.model_dump(), wanted.overrides), f"study {wanted.name}")
