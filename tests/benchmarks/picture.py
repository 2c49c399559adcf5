"""The ratios as a picture: a point for the median, a line for the spread, a mark where the goal is."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from tests.benchmarks.figures import Goal, Ratio, Section, spread
from tests.benchmarks.table import figure

REACHED, MISSED, PLAIN = "#1b7837", "#b2182b", "#4d4d4d"
_WIDTH, _LINE, _AROUND = 11.0, 0.26, 1.1


def draw(sections: Sequence[Section], path: Path) -> None:
    """Draw what was compared, a panel a way, and write it as the path's ending says."""
    mpl.use("Agg")
    compared = [section for section in sections if section.ratios]
    heights = [len(section.ratios) * _LINE + _AROUND for section in compared]
    words = "median and spread of the rounds; a stroke where the goal is: green reached, red not, grey has none"
    whole = Figure(figsize=(_WIDTH, sum(heights) or _AROUND), layout="constrained")
    panels = whole.subplots(max(len(compared), 1), 1, squeeze=False, height_ratios=heights or [1])
    for section, panel in zip(compared, panels[:, 0], strict=False):
        _panel(section, panel)
    whole.suptitle(words, fontsize=9)
    whole.savefig(path, dpi=120)


def _panel(section: Section, panel: Axes) -> None:
    panel.set_title(f"{section.way}: by the one beside it", loc="left", fontsize=10)
    panel.set_xscale("log")
    panel.axvline(1, color=PLAIN, linewidth=0.6, linestyle=":")
    for line, ratio in enumerate(section.ratios):
        _draw_ratio(panel, line, ratio)
    panel.set_yticks(
        range(len(section.ratios)), [f"{ratio.case}: {ratio.who} / {ratio.beside}" for ratio in section.ratios], fontsize=7
    )
    panel.invert_yaxis()
    panel.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    panel.xaxis.set_major_formatter(lambda value, _: figure(value))
    panel.xaxis.set_minor_formatter(NullFormatter())
    panel.tick_params(axis="x", labelsize=7)


def _draw_ratio(panel: Axes, line: int, ratio: Ratio) -> None:
    found = spread(ratio.values)
    color = PLAIN if ratio.goal is None else REACHED if ratio.goal.reached(found.median) else MISSED
    panel.plot([found.least, found.most], [line, line], color=color, linewidth=2)
    panel.plot([found.median], [line], "o", color=color, markersize=4)
    panel.annotate(figure(found.median), (found.most, line), (6, -3), textcoords="offset points", fontsize=7, color=color)
    for bound in _bounds(ratio.goal):
        panel.plot([bound], [line], "|", color="black", markersize=9)


def _bounds(goal: Goal | None) -> list[float]:
    return [] if goal is None else [bound for bound in (goal.at_least, goal.at_most) if bound is not None]
