"""`report.html`: one page that needs no network, for whoever decides what to train with."""

import html
from collections.abc import Sequence
from statistics import median
from typing import Any

import plotly.graph_objects as go
from optuna.trial import TrialState

from hpo.durations import format_duration
from hpo.replays.run_outcomes import search_outcome
from hpo.replays.standing import Standing
from hpo.reports import page_figures
from hpo.reports.replay_tables import detail_table, ranking_table
from hpo.reports.trials_table import best_table
from hpo.reports.tuned_values import differing, importances, important_first, tuned_values
from hpo.studies.study import OpenStudy
from hpo.terminal.whole_table import WholeTable
from hpo.trials.finished_trials import best_trials
from replay.findings import findings
from replay.report import Report
from replay.runs import ranked_runs

_SHOWN = 5
"""Candidates, or trials, whose curves are drawn."""
_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2em auto; padding: 0 1em; color: #1c2733; }
h1, h2 { line-height: 1.2; } h2 { margin-top: 2em; border-bottom: 1px solid #ccd3da; padding-bottom: .2em; }
table { border-collapse: collapse; margin: 1em 0; display: block; overflow-x: auto; }
th, td { padding: .25em .8em; text-align: right; white-space: nowrap; border-bottom: 1px solid #e3e8ed; }
th { background: #f3f6f8; } td.left, th.left { text-align: left; }
caption { caption-side: bottom; text-align: left; color: #5b6874; font-size: .85em; }
pre { background: #f3f6f8; padding: 1em; overflow-x: auto; } p.note { color: #5b6874; font-size: .9em; }
"""


def report_page(source: OpenStudy, stands: Standing, report: Report) -> str:
    """The page.

    Args:
        source: The search.
        stands: Its replay.
        report: What the Markdown says.
    """
    label = source.config.objective.label
    parts = [
        f"<h1>{_text(source.name)}</h1>",
        _facts(report.facts),
        *_ranking(source, stands, label),
        "<h2>What it trains with</h2>" if report.winner else "",
        _records(report.winner),
        *([] if source.config.is_comparison else _search(source, label)),
    ]
    parts += [*_curves(source, stands), *_cost(source, stands), *_next_steps(source, stands)]
    body = "\n".join(part for part in parts if part)
    title = _text(f"{source.name}: {source.config.task}")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style>{_plotly()}</head><body>{body}</body></html>"
    )


def _search(source: OpenStudy, label: str) -> list[str]:
    finished = best_trials(source, source.n_trials)
    tried = [(trial, tuned_values(source, trial)) for trial in finished]
    names = differing([values for _, values in tried], important_first(source)) if tried else []
    parts = [
        "<h2>Search</h2>",
        "<p>A score is one run with one seed: the best of many is partly luck.</p>",
        _table(best_table(source, 10)),
    ]
    weights = importances(source)
    if weights:
        parts += ["<h3>What mattered</h3>", _drawn(page_figures.importance(weights))]
    if len(tried) > 1 and names:
        parts += [
            "<h3>Each hyperparameter</h3>",
            _drawn(page_figures.slices(tried, names, label)),
            *_together(page_figures.parallel_coordinates(tried, names, label)),
            "<h3>Return and speed</h3>",
            _drawn(page_figures.speed(tried, label)),
        ]
    return parts


def _together(figure: go.Figure | None) -> list[str]:
    if figure is None:
        return []
    return [
        "<h3>Together</h3>",
        '<p class="note">Drag along an axis to choose a part of it.</p>',
        _drawn(figure),
    ]


def _facts(facts: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><th class=left>{_text(name)}</th><td class=left>{_text(fact)}</td></tr>" for name, fact in facts.items()
    )
    return f"<table>{rows}</table>"


def _ranking(source: OpenStudy, stands: Standing, label: str) -> list[str]:
    ranked = stands.ranking
    if not ranked.rows:
        if source.config.is_comparison:
            return ["<h2>Comparison</h2>", "<p>No run is finished yet.</p>"]
        return ["<h2>Replay</h2>", "<p>Not replayed yet: the best trial may only be the luckiest.</p>"]
    runs = ranked_runs(stands.finished, ranked.setting)
    return [
        f"<h2>{'Comparison' if source.config.is_comparison else 'Replay'}</h2>",
        f"<ul>{''.join(f'<li>{_text(sentence)}</li>' for sentence in findings(ranked))}</ul>",
        _drawn(page_figures.ranking(ranked, runs, label)),
        _table(ranking_table(ranked, ranked.setting.describe(source.config.task))),
        _table(detail_table(ranked)),
    ]


def _curves(source: OpenStudy, stands: Standing) -> list[str]:
    if stands.ranking.rows:
        counted = ranked_runs(stands.finished, stands.ranking.setting)
        groups = {row.candidate.label: counted[row.candidate.name] for row in stands.ranking.rows[:_SHOWN]}
        note = f"The best {len(groups)} candidates, a line for each run." if len(groups) > 1 else "A line for each run."
    else:
        trials = best_trials(source, _SHOWN)
        groups = {f"trial {trial.number}": [search_outcome(source, trial)] for trial in trials}
        note = f"The best {len(groups)} trials."
    every = [run for runs in groups.values() for run in runs]
    if not any(run.evaluations or any(point[2] is not None for point in run.learning_curve) for run in every):
        return []
    return [
        "<h2>Learning curves</h2>",
        f'<p class="note">{note} Lines are training episodes, diamonds evaluations, the '
        "last at the end of training.</p>",
        _drawn(page_figures.curves(groups)),
    ]


def _cost(source: OpenStudy, stands: Standing) -> list[str]:
    rows = []
    own = "comparison" if source.config.is_comparison else "search"
    for what, opened in ((own, source), ("replay", stands.replay)):
        if opened is None or (what == "replay") != opened.is_replay:
            continue
        ended = [trial for trial in opened.study.get_trials(deepcopy=False) if trial.duration is not None]
        seconds = [trial.duration.total_seconds() for trial in ended if trial.duration is not None]
        if seconds:
            complete = sum(trial.state is TrialState.COMPLETE for trial in ended)
            rows.append(
                {
                    "": what,
                    "runs": str(len(ended)),
                    "with a result": str(complete),
                    "time of all runs": format_duration(sum(seconds)),
                    "a run": format_duration(median(seconds)),
                }
            )
    return ["<h2>Cost</h2>", _records(rows)] if rows else []


def _next_steps(source: OpenStudy, stands: Standing) -> list[str]:
    study = f"--study {source.name}"
    commands = [
        *([] if stands.ranking.rows or source.config.is_comparison else [f"hpo replay {study} --top 5 --seeds 10"]),
        f"hpo play {study} --video winner.mp4",
        f"hpo export {study} > best.yaml",
        "hpo train --config best.yaml --seed 3",
    ]
    return ["<h2>Go on</h2>", f"<pre>{_text(chr(10).join(commands))}</pre>"]


def _records(rows: Sequence[dict[str, str]]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th{_side(place)}>{_text(name)}</th>" for place, name in enumerate(rows[0]))
    return f"<table><tr>{head}</tr>{''.join(_row(list(row.values()), [0]) for row in rows)}</table>"


def _table(table: WholeTable) -> str:
    left = [place for place, column in enumerate(table.columns) if column.left]
    head = "".join(f"<th{' class=left' if column.left else ''}>{_text(column.name)}</th>" for column in table.columns)
    caption = f"<caption>{_text(table.caption)}</caption>" if table.caption else ""
    return f"<table>{caption}<tr>{head}</tr>{''.join(_row(row, left) for row in table.rows)}</table>"


def _row(cells: Sequence[str], left: Sequence[int]) -> str:
    return "<tr>" + "".join(
        f"<td{' class=left' if place in left else ''}>{_text(cell)}</td>" for place, cell in enumerate(cells)
    ) + "</tr>"  # fmt: skip


def _side(place: int) -> str:
    return " class=left" if place == 0 else ""


def _drawn(figure: go.Figure) -> str:
    figure.update_layout(template="plotly_white", font={"size": 13}, margin={"t": 50, "b": 60})
    drawn: str = figure.to_html(full_html=False, include_plotlyjs=False, config={"displaylogo": False})
    return drawn


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return f"<script>{get_plotlyjs()}</script>"


def _text(value: Any) -> str:
    return html.escape(str(value))
