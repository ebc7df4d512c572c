"""Creating a study with its definition, and joining one with the same definition."""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.artifacts._protocol import ArtifactStore
from optuna.storages import BaseStorage
from pydantic import BaseModel, ConfigDict, ValidationError

import samplers
from hpo.database.artifact_stores import artifact_store
from hpo.database.attributes import DEFINITION_ATTR, N_TRIALS_ATTR
from hpo.database.resilient_storage import ResilientStorage
from hpo.did_you_mean import meant
from hpo.errors import UserError
from hpo.faults import place_of
from hpo.studies.study_config import StudyConfig

LONGEST_NAME = 500
"""Letters of a study's name: Optuna's table takes 512, and a study's replay has a longer name."""
DEFINITION_WAIT_S = 10.0
"""How long a worker waits for another that has created the study and not yet written its definition."""


class Definition(BaseModel):
    """What a study stores of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    config: StudyConfig
    optuna_major: int
    replay_of: str | None = None
    """Name of the study whose candidates this one replays; None for a search."""
    hardware: str
    """GPU model, or CPU model and cores: wall-clock budgets mean the same only on the same hardware."""


@dataclass(frozen=True, slots=True)
class OpenStudy:
    """A study and its definition."""

    study: optuna.Study
    definition: Definition

    @property
    def name(self) -> str:
        """The study's name."""
        return self.study.study_name

    @property
    def storage(self) -> ResilientStorage:
        """Where the study lies."""
        storage = self.study._storage
        assert isinstance(storage, ResilientStorage)
        return storage

    @property
    def artifacts(self) -> ArtifactStore:
        """Where its artifacts lie.

        Raises:
            UserError: This machine does not reach them.
        """
        return artifact_store(self.storage, self.config.artifacts)

    @property
    def config(self) -> StudyConfig:
        """What the study trains and searches."""
        return self.definition.config

    @property
    def is_replay(self) -> bool:
        """Whether it trains candidates of a search again, and samples nothing."""
        return self.definition.replay_of is not None

    @property
    def ranks_candidates(self) -> bool:
        """Whether its trials are planned runs of candidates: of a replay, or of a comparison (`sampler: grid`).

        The best of them is only the luckiest run; what counts is a candidate over its seeds.
        """
        return self.is_replay or self.config.is_comparison

    @property
    def n_trials(self) -> int:
        """How many trials a search is to have: the number in force, which may have been changed since its creation."""
        in_force = self.study.user_attrs.get(N_TRIALS_ATTR)
        return in_force if isinstance(in_force, int) and in_force > 0 else self.config.n_trials


def this_definition(config: StudyConfig, hardware: str) -> Definition:
    """`config` as this installation of Optuna runs it on `hardware`."""
    return Definition(config=config, optuna_major=_optuna_major(), hardware=hardware)


def check_name(name: str) -> None:
    """Raises a `UserError` if a study cannot be called `name`."""
    if not _can_be_called(name):
        raise UserError(
            f"a study cannot be called {name!r}: a name has no slash, backslash or character that does not print, "
            "and does not begin with a dot"
        )
    if len(name) > LONGEST_NAME:
        raise UserError(f"a study's name has {LONGEST_NAME} letters at most; {name[:20]}... has {len(name)}")


def find_study(storage: BaseStorage, name: str) -> OpenStudy | None:
    """The study called `name`, or None.

    Raises:
        UserError: It is no name for a study; or there is one, but this tool did not create it, or this version cannot
            read its definition.
    """
    check_name(name)
    deadline = time.monotonic() + DEFINITION_WAIT_S
    while True:
        try:
            study = optuna.load_study(study_name=name, storage=storage)
        except KeyError:
            return None
        stored = study.user_attrs.get(DEFINITION_ATTR)
        if stored is not None:
            return OpenStudy(study, parse_definition(name, stored))
        if time.monotonic() > deadline:
            raise UserError(f"study {name} has no definition: hpo did not create it; choose another name")
        time.sleep(0.5)


def get_study(storage: BaseStorage, name: str | None) -> OpenStudy:
    """The study called `name`; without a name the only one there is.

    Raises:
        UserError: There is no such study, or there are several and none was named.
    """
    names = list_studies(storage)
    if name is None:
        if len(names) != 1:
            raise UserError(f"name a study with --study: the storage has {', '.join(names) or 'none'}")
        name = names[0]
    opened = find_study(storage, name)
    if opened is None:
        raise UserError(f"no study {name!r}; {meant(name, names)}the storage has {', '.join(names) or 'none'}")
    return opened


def list_studies(storage: BaseStorage) -> list[str]:
    """Names of the studies that this tool created."""
    defined = [s.study_name for s in storage.get_all_studies() if DEFINITION_ATTR in s.user_attrs]
    return [name for name in defined if _can_be_called(name)]


def _can_be_called(name: str) -> bool:
    """Names become names of folders and are printed, and whoever writes to the database writes names."""
    return name != "" and name.isprintable() and not name.startswith(".") and not set(name) & set("/\\")


def create_study(storage: BaseStorage, name: str, definition: Definition) -> OpenStudy:
    """Creates the study, or joins the one that another worker created meanwhile.

    Raises:
        UserError: Another worker created it with another definition.
    """
    try:
        study = optuna.create_study(study_name=name, storage=storage, direction="maximize")
    except optuna.exceptions.DuplicatedStudyError:
        existing = find_study(storage, name)
        if existing is None:
            raise UserError(f"study {name} was deleted while it was being joined; start again") from None
        refuse_differences(existing, definition)
        return existing
    # A replay runs what is enqueued, and samples nothing.
    n_trials = definition.config.n_trials if definition.replay_of is None else 0
    study.set_user_attr(N_TRIALS_ATTR, n_trials)
    with warnings.catch_warnings():
        # Marked experimental since Optuna 3.2.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.set_metric_names([definition.config.objective.label])
    # Last, in one write: a study with a definition is complete.
    study.set_user_attr(DEFINITION_ATTR, definition.model_dump(mode="json"))
    return OpenStudy(study, definition)


def refuse_gone(opened: OpenStudy) -> None:
    """Raises a `UserError` if the study was deleted or renamed; one of a database that is away was not."""
    try:
        name = opened.storage.ask_study_name(opened.study._study_id)
    except KeyError:
        name = ""
    if name is not None and name != opened.name:
        raise UserError(f"study {opened.name} was deleted or renamed: nothing more is done for it")


@contextmanager
def while_it_is_there(opened: OpenStudy) -> Iterator[None]:
    """Says in one line what the errors mean that come of a study that is there no more.

    Raises:
        UserError: The study was deleted or renamed.
    """
    try:
        yield
    except UserError:
        raise
    except Exception:
        refuse_gone(opened)
        raise


def refuse_differences(opened: OpenStudy, wanted: Definition) -> None:
    """Raises a `UserError` that lists every field in which the stored definition and `wanted` differ.

    All but the number of trials: with more of them, or fewer, trials are as comparable as before.
    """
    number = {"config": {"n_trials"}}
    lines = differences(
        opened.definition.model_dump(mode="json", exclude=number), wanted.model_dump(mode="json", exclude=number)
    )
    if lines:
        raise UserError(
            f"study {opened.name} has another definition ({'; '.join(lines)}): join it with --study {opened.name} "
            "alone, or give your definition another name"
        )


def differences(stored: dict[str, Any], wanted: dict[str, Any], prefix: str = "") -> list[str]:
    """One line for each leaf in which two nested mappings differ."""
    lines = []
    for key in dict.fromkeys([*stored, *wanted]):
        value, wanted_value = stored.get(key), wanted.get(key)
        name = f"{prefix}{key}".removeprefix("config.")
        if isinstance(value, dict) and isinstance(wanted_value, dict):
            lines += differences(value, wanted_value, f"{name}.")
        elif value != wanted_value:
            lines.append(f"{name}: the study has {value!r}, asked for {wanted_value!r}")
    return lines


def attach_sampler(opened: OpenStudy) -> OpenStudy:
    """The study with the sampler and pruner of its definition, ready to be optimized.

    Raises:
        UserError: The sampler cannot be had on this machine, or the study is of another major version of Optuna.
    """
    refuse_another_optuna(opened)
    if opened.is_replay:
        # Nothing is sampled, and every run counts in full.
        opened.study.sampler, opened.study.pruner = samplers.create_sampler("random"), samplers.create_pruner("none")
        return opened
    sampler, pruner = opened.config.sampler, opened.config.pruner
    space = opened.config.search_space.distributions() or None  # a function's are known once it was called
    try:
        opened.study.sampler = samplers.create_sampler(sampler.name, search_space=space, **(sampler.model_extra or {}))
    except ValueError as error:
        raise UserError(f"study {opened.name}: {error}") from error
    opened.study.pruner = samplers.create_pruner(pruner.name, **(pruner.model_extra or {}))
    return opened


def parse_definition(name: str, stored: Any) -> Definition:
    """What a study called `name` keeps as its definition.

    Raises:
        UserError: Another version wrote it.
    """
    try:
        definition = Definition.model_validate(stored)
    except ValidationError as error:
        fields = ", ".join(map(place_of, error.errors()))
        raise UserError(
            f"study {name} was defined by another version of hpo (fields {fields}): use that one"
        ) from error
    return definition


def refuse_another_optuna(opened: OpenStudy) -> None:
    """Raises a `UserError` if the study was created with another major version of Optuna: it is read, not worked on."""
    if opened.definition.optuna_major != _optuna_major():
        raise UserError(
            f"study {opened.name} was created with Optuna {opened.definition.optuna_major}, here is "
            f"{optuna.__version__}: samplers may differ, so work on it with the same major version; reading it is fine"
        )


def _optuna_major() -> int:
    return int(optuna.__version__.partition(".")[0])
