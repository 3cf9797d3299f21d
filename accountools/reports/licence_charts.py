"""The audit's two charts, drawn by matplotlib (without pyplot and its global state).

They can be read in black and white: each state has its own hatching and icon, and every count is written as a number.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any, cast

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from accountools.reports.audit_history import MonthCounts
from accountools.reports.audit_table import STATES, AuditTable
from accountools.reports.audit_texts import COVERAGE_TITLE, EXPIRY_TITLE, ONE_BY_ONE, WORDS, ExpiringLicence, expiring_licences, year_after
from accountools.reports.drawing import drawing
from accountools.reports.icons import COLOURS, ICONS
from accountools.texts import Language, Texts, choose_language

WIDTH = 6.3  # inches
_INK, _QUIET, _LINE = "#1c2733", "#55616f", "#c3cad2"
_FILLS = {"ready": (COLOURS["ready"], ""), "attention": ("#f6e2bd", "////"), "blocked": ("#f4c7c3", "xxxx"), "missing": ("#ffffff", "")}
_LONGEST = 25  # characters of a name beside its line
_YEAR, _LATE = 12, 300  # months; days after which a date is written to the left of its marker
Panel = Any  # a Figure or a SubFigure


def coverage_figure(history: Sequence[MonthCounts], language: Language | None = None) -> Figure:
    """How many were ready, needed attention, were blocked and missing at the end of each month, and are today."""
    with drawing():
        figure = Figure(figsize=(WIDTH, _COVERAGE))
        _draw_coverage(figure, history, Texts(choose_language(language)), _COVERAGE)
    return figure


def expiry_figure(audit: AuditTable, language: Language | None = None) -> Figure:
    """The licences that expire in the next twelve months: each on a time line, or the number for each month when there are many."""
    height = _expiry_height(audit)
    with drawing():
        figure = Figure(figsize=(WIDTH, height))
        _draw_expiry(figure, audit, Texts(choose_language(language)), height)
    return figure


def both_figures(audit: AuditTable, history: Sequence[MonthCounts], language: Language | None = None) -> Figure:
    """The two charts in one figure, one above the other."""
    texts, height = Texts(choose_language(language)), _expiry_height(audit)
    with drawing():
        figure = Figure(figsize=(WIDTH, _COVERAGE + height))
        above, beneath = cast("Any", figure.subfigures(2, 1, height_ratios=(_COVERAGE, height)))
        _draw_coverage(above, history, texts, _COVERAGE)
        _draw_expiry(beneath, audit, texts, height)
    return figure


_COVERAGE = 3.7  # inches, as are the margins
_LEFT, _RIGHT, _TOP, _TABLE, _ROW = 1.5, 0.15, 0.45, 1.35, 0.2


def _axes(panel: Panel, title: str, height: float, bottom: float, left: float = _LEFT) -> Any:
    axes = panel.add_axes((left / WIDTH, bottom / height, (WIDTH - left - _RIGHT) / WIDTH, (height - _TOP - bottom) / height))
    panel.text(0.1 / WIDTH, 1 - 0.12 / height, title, va="top", weight="bold", size=11, color=_INK)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_QUIET)
    axes.tick_params(length=0, colors=_INK)
    axes.set_axisbelow(True)
    return axes


def _month(day: date, _: Texts, *, first: bool) -> str:
    from babel.dates import format_date

    name = format_date(day, "LLL", locale=_.language)
    return f"{name}\n{day.year}" if day.month == 1 or (first and day.month < _YEAR) else name


def _draw_coverage(panel: Panel, history: Sequence[MonthCounts], _: Texts, height: float) -> None:
    axes = _axes(panel, _(COVERAGE_TITLE), height, _TABLE)
    places, beneath = range(len(history)), [0] * len(history)
    for state in STATES:
        counts, (fill, hatch) = [one.counts[state] for one in history], _FILLS[state]
        axes.bar(places, counts, 0.72, bottom=beneath, color=fill, hatch=hatch, edgecolor=COLOURS[state], linewidth=0.8)
        beneath = [low + count for low, count in zip(beneath, counts, strict=True)]
    labels = [_month(one.on, _, first=place == 0) for place, one in enumerate(history[:-1])]
    axes.set_xticks(places, [*labels, _("now")])
    axes.set_xlim(-0.6, max(len(history), 4) - 0.4)
    axes.set_ylim(0, max(*beneath, 1) * 1.04)
    axes.yaxis.set_visible(False)
    axes.grid(axis="y", color=_LINE, linewidth=0.5)
    for line, state in enumerate(STATES):
        _draw_number_row(axes, history, state, _(WORDS[state]), -(0.5 + line * _ROW) / (height - _TOP - _TABLE))


def _draw_number_row(axes: Any, history: Sequence[MonthCounts], state: str, word: str, down: float) -> None:
    """The numbers of one state beneath its bars, preceded by its sample and name: the legend of the chart."""
    across, (fill, hatch) = WIDTH - _LEFT - _RIGHT, _FILLS[state]
    box, tall = -(_LEFT - 0.1) / across, 0.13 / (_COVERAGE - _TOP - _TABLE)
    sample = Rectangle((box, down - tall / 2), 0.2 / across, tall, facecolor=fill, hatch=hatch, edgecolor=COLOURS[state], linewidth=0.8)
    axes.add_patch(sample)
    sample.set(transform=axes.transAxes, clip_on=False)
    style = {"va": "center_baseline", "size": 8.5, "color": COLOURS[state]}
    axes.text(box + 0.26 / across, down, f"{ICONS[state]} {word}", transform=axes.transAxes, **style)
    for place, one in enumerate(history):
        axes.text(place, down, f"{one.counts[state]}", transform=axes.get_xaxis_transform(), ha="center", **style | {"color": _INK})


def _expiry_height(audit: AuditTable) -> float:
    count = len(expiring_licences(audit))
    return 3.0 if count > ONE_BY_ONE else 1.15 + 0.22 * max(count, 2)


def _draw_expiry(panel: Panel, audit: AuditTable, _: Texts, height: float) -> None:
    due = expiring_licences(audit)
    many = len(due) > ONE_BY_ONE
    axes = _axes(panel, _(EXPIRY_TITLE), height, 0.6, left=_RIGHT if many else 2.45)
    (_draw_by_month if many else _draw_one_by_one)(axes, due, audit.on, _)
    for right, state, word in ((0.85, "attention", _("▲ within 60 days")), (0.15, "ready", _("● later"))):
        panel.text(1 - right / WIDTH, 1 - 0.14 / height, word, va="top", ha="right", size=8.5, color=COLOURS[state])


def _month_starts(first: date) -> list[date]:
    """The first days of the twelve months after that of `first`."""
    starts = [first.replace(day=1)]
    while len(starts) <= _YEAR:
        starts.append((starts[-1] + timedelta(days=32)).replace(day=1))
    return starts[1:]


def _draw_one_by_one(axes: Any, due: Sequence[ExpiringLicence], first: date, _: Texts) -> None:
    starts, begin = _month_starts(first), first.toordinal()
    axes.set_xticks([one.toordinal() for one in starts], [_month(one, _, first=place == 0) for place, one in enumerate(starts)])
    axes.set_xlim(begin - 1, year_after(first).toordinal() + 24)
    axes.tick_params(axis="x", length=3, color=_QUIET)
    axes.grid(axis="x", color=_LINE, linewidth=0.5)
    for line, one in enumerate(due):
        state, end, late = "attention" if one.soon else "ready", one.until.toordinal(), one.until.toordinal() > begin + _LATE
        axes.plot((begin, end), (line, line), color=COLOURS[state], linewidth=1.2, linestyle=":" if one.soon else "-")
        axes.plot(end, line, "^" if one.soon else "o", color=COLOURS[state], markersize=6)
        aside = {"xytext": (-7, 4), "ha": "right", "va": "bottom"} if late else {"xytext": (7, 0), "ha": "left", "va": "center"}
        axes.annotate(_.day(one.until), (end, line), textcoords="offset points", size=8, color=_INK, **aside)
    axes.set_yticks(range(len(due)), [f"{_short_name(one.client)} · {one.licence}" for one in due])
    axes.tick_params(axis="y", labelsize=8)
    axes.set_ylim(max(len(due), 2) - 0.4, -0.8)
    if not due:
        axes.text(0.5, 0.5, _("None"), transform=axes.transAxes, ha="center", color=_QUIET)


def _short_name(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1].rstrip()}…"


def _draw_by_month(axes: Any, due: Sequence[ExpiringLicence], first: date, _: Texts) -> None:
    """A bar for each month, group within 60 days hatched beneath the others; its number on top."""
    months = [first, *_month_starts(first)]
    by_month = {key: list(group) for key, group in groupby(due, key=lambda one: (one.until.year, one.until.month))}
    for place, month in enumerate(months):
        group = by_month.get((month.year, month.month), [])
        soon = sum(1 for one in group if one.soon)
        for count, beneath, state in ((soon, 0, "attention"), (len(group) - soon, soon, "ready")):
            fill, hatch = _FILLS[state]
            axes.bar(place, count, 0.8, bottom=beneath, color=fill, hatch=hatch, edgecolor=COLOURS[state], linewidth=0.8)
        axes.text(place, len(group), f"{len(group)}", ha="center", va="bottom", color=_INK)
    axes.set_xticks(range(len(months)), [_month(one, _, first=place == 0) for place, one in enumerate(months)])
    axes.set_ylim(0, max((len(group) for group in by_month.values()), default=1) * 1.15)
    axes.yaxis.set_visible(False)
