"""The file of the policy that a command is about: of a study, or of a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from hpo.database.storage import open_storage
from hpo.errors import UserError
from hpo.files.home import hpo_home
from hpo.replays.replay_study import get_source
from hpo.reports.policy_choice import chosen_policy
from objectives.policies.description import POLICY_FILE
from replay.ranking import RankBy


@dataclass(frozen=True, slots=True)
class AskedPolicy:
    """Which policy is meant: the one in a folder, or one of a study."""

    folder: Path | None
    """Of `hpo train`, or a policy's file."""
    study: str | None
    trial: int | None
    """Of the search; None: see `hpo.reports.policy_choice`."""
    candidate: str | None
    """Of the replay: a trial's number, or `baseline:NAME`."""
    rank_by: RankBy


@contextmanager
def policy_file(asked: AskedPolicy, url: str | None) -> Iterator[tuple[Path, str]]:
    """The policy's file, for as long as the context lasts, and what it is of.

    Raises:
        UserError: There is no such policy.
    """
    if asked.folder is not None:
        yield _in_folder(asked, asked.folder), str(asked.folder)
        return
    if asked.trial is not None and asked.candidate is not None:
        raise UserError("--trial is of the search and --candidate of its replay: give one of them")
    with open_storage(url, hpo_home()) as storage:
        source = get_source(storage, asked.study)
        chosen = chosen_policy(storage, source, asked.trial, asked.candidate, asked.rank_by)
    with TemporaryDirectory(prefix="hpo-policy-") as folder:
        path = Path(folder) / POLICY_FILE
        path.write_bytes(chosen.content)
        yield path, f"{source.name}: {chosen.label}"


def _in_folder(asked: AskedPolicy, folder: Path) -> Path:
    if asked.study is not None or asked.trial is not None or asked.candidate is not None:
        raise UserError(f"{folder} is one policy: --study, --trial and --candidate choose among those of a study")
    path = folder / POLICY_FILE if folder.is_dir() else folder
    if not path.is_file():
        raise UserError(
            f"{folder} holds no policy: hpo train writes {POLICY_FILE} into its folder, unless the run diverged"
        )
    return path.absolute()
