"""How far a study is, in the parts of one line."""

from hpo.durations import format_duration
from hpo.reports.trials_table import name_of
from hpo.studies.study import OpenStudy
from hpo.trials.finished_trials import best_trials, value_of
from hpo.trials.progress import StudyProgress


def progress_line(opened: OpenStudy, how_far: StudyProgress) -> dict[str, str]:
    """How many trials are done, the best of them, and what all cost so far and will, by what it is."""
    # The best run of a candidate is only its luckiest.
    best = [] if opened.ranks_candidates else best_trials(opened, 1)
    left = how_far.seconds_left
    return {
        "done": f"{how_far.done} of {how_far.planned} {'runs' if opened.is_replay else 'trials'}",
        **({"best": f"best {value_of(best[0]):z.2f} (trial {name_of(best[0])})"} if best else {}),
        **({"spent": f"{format_duration(how_far.spent_s)} spent"} if how_far.spent_s else {}),
        **({"left": f"about {format_duration(left)} left"} if left else {}),
    }
