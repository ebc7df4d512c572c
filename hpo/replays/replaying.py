"""Doing a replay's runs: enqueue, work, and wait for the runs of other machines."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hpo.replays.replay_study import enqueue, looks_of, replayed_candidates, unfinished
from hpo.replays.run_outcomes import outcomes
from hpo.studies.orders import Orders
from hpo.studies.study import OpenStudy
from hpo.worker import Worker
from replay.candidates import Candidate
from replay.racing import Rung, survivors
from replay.ranking import RankBy, Ranking, rank
from replay.runs import Run, Setting, plan

WAIT_S = 2.0
"""Between looks at what other machines run."""


class StoppedError(Exception):
    """A signal or an order stopped the replay; its finished runs are kept."""


@dataclass
class Replaying:
    """One process's part in a replay; any number of them may work on it."""

    source: OpenStudy
    replay: OpenStudy
    worker: Worker
    orders: Orders
    say: Callable[[str], None]
    floor: float | None
    """The worst honest value of the search."""
    rank_by: RankBy

    def finish(self, runs: Sequence[Run]) -> None:
        """Returns when every one of `runs` is finished or has failed, here or elsewhere.

        Raises:
            StoppedError: A signal or an order came.
        """
        enqueue(self.replay, runs, self.floor)
        waited = False
        while True:
            self.worker.work()
            if self.orders.stop_after_trial():
                raise StoppedError
            live, _ = unfinished(self.replay, runs)
            if not live:
                return
            if not waited:
                self.say(f"waiting for {len(live)} runs of other workers; a dead one's are taken up in two minutes")
                waited = True
            time.sleep(WAIT_S)

    def race(
        self, candidates: Sequence[Candidate], seeds: Sequence[int], setting: Setting, rounds: Sequence[Rung]
    ) -> None:
        """Sequential halving: each round's best go on to the next.

        Raises:
            StoppedError: A signal or an order came.
        """
        alive = list(candidates)
        for rung in rounds:
            if len(alive) > rung.n_candidates:
                alive = survivors(self.ranking(alive, setting), rung)
                self.say(f"racing on: {', '.join(candidate.name for candidate in alive)}")
            self.finish(plan(alive, seeds[: rung.n_seeds], [setting], "replay"))

    def separate(
        self, candidates: Sequence[Candidate], seeds: Sequence[int], setting: Setting, rounds: Sequence[Rung]
    ) -> None:
        """More seeds for those that cannot be told from the leader, look by look, until it stands alone.

        Raises:
            StoppedError: A signal or an order came.
        """
        alive = list(candidates)
        for number, rung in enumerate(rounds, start=1):
            self.finish(plan(alive, seeds[: rung.n_seeds], [setting], "replay"))
            alive = [row.candidate for row in self.ranking(candidates, setting).tie_set]
            tied = ", ".join(candidate.name for candidate in alive[1:])
            how = f"not separated from it: {tied}" if tied else "separated from all others"
            leader = alive[0].name if alive else "nobody"
            self.say(f"look {number} of {len(rounds)}, {rung.n_seeds} seeds: {leader} leads, {how}")
            if len(alive) < 2:  # noqa: PLR2004  (the leader)
                return

    def ranking(self, candidates: Sequence[Candidate], setting: Setting) -> Ranking:
        """Where `candidates` stand."""
        finished = outcomes(self.replay)
        hardware, looks = self.source.definition.hardware, looks_of(self.replay)
        return rank(candidates, finished, setting, hardware, self.rank_by, looks)

    def standing(self, setting: Setting) -> Ranking:
        """Where everything stands that was ever replayed in `setting`, by this command or another."""
        return self.ranking(replayed_candidates(self.source, self.replay, outcomes(self.replay)), setting)
