"""Where the candidates of a search, or of a comparison, stand."""

from dataclasses import dataclass

from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from hpo.replays.replay_study import find_replay, looks_of, replayed_candidates
from hpo.replays.run_outcomes import outcomes
from hpo.studies.study import OpenStudy
from hpo.trials.planned_run import planned_run
from replay.ranking import RankBy, Ranking, rank
from replay.runs import Outcome, Setting


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the candidates of a search, or of a comparison, stand in its own setting."""

    replay: OpenStudy | None
    """The study that has their runs: a comparison itself. None: nothing was replayed."""
    finished: list[Outcome]
    ranking: Ranking

    @property
    def what(self) -> str:
        """What people call it."""
        return "comparison" if self.replay is not None and not self.replay.is_replay else "replay"

    def runs_of(self, candidate: str) -> list[FrozenTrial]:
        """The finished runs of a candidate that count, as trials of the replay."""
        if self.replay is None:
            return []
        return [
            trial
            for trial in self.replay.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
            if (run := planned_run(trial)) is not None
            and (run.candidate, run.purpose, run.changes) == (candidate, "replay", {})
        ]


def standing(storage: BaseStorage, source: OpenStudy, rank_by: RankBy) -> Standing:
    """Where the candidates of `source` stand.

    Raises:
        UserError: Its replay belongs to another definition.
    """
    replay = source if source.config.is_comparison else find_replay(storage, source)
    finished = [] if replay is None else outcomes(replay)
    candidates = replayed_candidates(source, replay, finished)
    hardware, looks = source.definition.hardware, looks_of(replay)
    return Standing(replay, finished, rank(candidates, finished, Setting(), hardware, rank_by, looks))
