"""The report: what was searched, what the replay says of it, in Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from replay.confirmation import Confirmation
from replay.findings import findings
from replay.ranking import Ranking
from replay.table import records


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says."""

    study: str
    facts: dict[str, Any]
    """Task, budget, hardware and the like."""
    task: str
    """The search's own."""
    best_trials: Sequence[dict[str, Any]]
    """The search's best, with their scores."""
    rankings: Sequence[Ranking]
    """One per setting that was replayed."""
    confirmations: Sequence[Confirmation]
    winner: Sequence[dict[str, str]] = ()
    """A row for each hyperparameter: what the winner, or the best trial, has beside others."""
    is_comparison: bool = False
    """Whether the study ran candidates over seeds itself, and searched nothing."""
    terrain: Sequence[tuple[str, str]] = ()
    """Whose walk, and how it goes on each kind of ground: a table in Markdown. None without a terrain curriculum."""


_RANKING_COLUMNS = {
    "rank": "#", "label": "candidate", "n": "n", "iqm": "IQM", "interval_low": "95 % from", "interval_high": "to",
    "mean": "mean", "median": "median", "std": "std", "min": "min", "cvar_25": "CVaR 25 %",
    "search_score": "search score", "smoothed_score": "smoothed", "shrinkage": "shrinkage", "p_better": "P(better)",
    "p_value_holm": "p (Holm)", "seeds_to_separate": "seeds to separate", "lucky": "lucky", "diverged": "diverged",
    "comparable": "comparable", "steps_per_s": "steps/s", "gradient_steps_per_s": "gradient steps/s",
}  # fmt: skip
_SPEED_COLUMNS = {"reached_speed": "reached m/s", "commanded_speed": "commanded m/s"}
"""On a task that commands velocities."""


def markdown(report: Report, pictures: dict[str, str]) -> str:
    """The report as Markdown.

    Args:
        report: What it says.
        pictures: Title -> file beside the report; empty where they are shown elsewhere.
    """
    parts = [
        f"# {report.study}",
        _table(("", ""), [(key, _cell(value)) for key, value in report.facts.items()]),
        *_found(report),
        *(["## What it trains with", _records(list(report.winner))] if report.winner else []),
        *_terrain(report),
        *[f"## {title}\n\n![{title}]({file})" for title, file in pictures.items()],
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _found(report: Report) -> list[str]:
    shown = ranked(report.rankings, report.confirmations, report.task)
    if report.is_comparison:
        return ["## Comparison", *(shown or ["No run is finished yet."])]
    return [
        "## Search",
        "A score is one run with one seed: the best of many is partly luck.",
        _records(list(report.best_trials)),
        "## Replay",
        *(shown or [f"Not replayed yet: `hpo replay --study {report.study}`."]),
    ]


def replay_page(study: str, rankings: Sequence[Ranking], confirmations: Sequence[Confirmation], task: str) -> str:
    """A row for each candidate of the replay of `study`, as Markdown for the replay's own page."""
    parts = [
        f"# The candidates of {study}",
        "What is best here is a candidate over its seeds. The trial that a page of Optuna calls the best is only the "
        "luckiest run.",
        *ranked(rankings, confirmations, task),
    ]
    return "\n\n".join(parts) + "\n"


def ranked(rankings: Sequence[Ranking], confirmations: Sequence[Confirmation], task: str) -> list[str]:
    """Paragraphs of Markdown: what each ranking shows, its table, and how to read it; none without a ranking.

    Args:
        rankings: One per setting.
        confirmations: On seeds that chose nothing.
        task: The search's own.
    """
    if not rankings:
        return []
    parts = []
    for ranking in rankings:
        has_speed = any(row.speed is not None for row in ranking.rows)
        parts += [
            f"### {ranking.setting.describe(task)}",
            "\n".join(f"- {sentence}" for sentence in findings(ranking)),
            _records(records(ranking), _RANKING_COLUMNS | (_SPEED_COLUMNS if has_speed else {})),
        ]
    if confirmations:
        parts += ["### Confirmed", "\n".join(f"- {c.describe(task)}" for c in confirmations)]
    parts.append(
        "Every candidate trained with the same seeds, none of which chose it. The interval is a 95 % bootstrap over "
        "seeds; P(better) is the paired bootstrap probability of beating the leader; p is the paired signed-rank test "
        "against it, Holm-adjusted for all pairs; shrinkage is replay mean - search score. Smoothed is the score with "
        "what a model of all trials says of it."
    )
    return parts


def _terrain(report: Report) -> list[str]:
    if not report.terrain:
        return []
    held = "Mean returns of the evaluation, which holds the curriculum still and looks at all levels equally."
    return ["## Terrain", held, *(f"### {name}\n\n{table.strip()}" for name, table in report.terrain)]


def _records(rows: list[dict[str, Any]], columns: dict[str, str] | None = None) -> str:
    if not rows:
        return ""
    shown = columns or {key: key for key in rows[0]}
    return _table(tuple(shown.values()), [tuple(_cell(row[key]) for key in shown) for row in rows])


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Any) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.4g}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 1 else f"{value:z.2f}"  # noqa: PLR2004
    return str(value).replace("|", "\\|").replace("\n", " ")
