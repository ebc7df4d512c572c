"""Films the winner of a study, for its report and the dashboard."""

from pathlib import Path
from tempfile import TemporaryDirectory

from optuna.storages import BaseStorage
from rich.console import Console

from hpo.actions.play_spec import environment_here
from hpo.errors import UserError
from hpo.hardware import Hardware
from hpo.reports.policy_choice import chosen_policy
from hpo.runs.policy_run import policy_run
from hpo.runs.runner import Runner
from hpo.runs.single_run import wait_for
from hpo.studies.artifacts import put_study_artifact
from hpo.studies.study import OpenStudy
from hpo.terminal.run_bar import RunBar
from objectives.policies.description import POLICY_FILE
from objectives.policies.play import PlaySpec
from replay.ranking import RankBy

FILM = "winner.mp4"
_EPISODES = 1
"""Played before the film, as few as can be: only the film is wanted."""


def film_winner(
    storage: BaseStorage,
    source: OpenStudy,
    rank_by: RankBy,
    runner: Runner,
    hardware: Hardware,
    imports: tuple[str, ...],
    console: Console,
) -> bytes:
    """The film of the replay's winner, or else of the best trial; the dashboard then shows it with the study.

    Raises:
        UserError: There is no policy to film, or its task cannot be filmed.
    """
    chosen = chosen_policy(storage, source, None, None, rank_by)
    with TemporaryDirectory(prefix="hpo-film-") as folder, RunBar(console, 1.0) as bar:
        policy, film = Path(folder) / POLICY_FILE, Path(folder) / FILM
        policy.write_bytes(chosen.content)
        run = policy_run(chosen.content, chosen.label)
        spec = PlaySpec(
            policy=str(policy),
            environment=environment_here(run, hardware, imports, _EPISODES),
            n_episodes=_EPISODES,
            seed=run.eval_seed,
            deterministic=run.deterministic,
            video=str(film),
        )
        bar.begin(chosen.label)
        wait_for(runner.play, spec, runner, bar)
        content = film.read_bytes()
    try:
        put_study_artifact(source, FILM, content)
    except OSError as error:
        raise UserError(f"the film could not be kept in {source.config.artifacts}: {error.strerror}") from error
    return content
