"""The rows of a way as a table for people: figures with their spread, ratios, goals, and whether they were reached."""

from collections.abc import Iterator

from rich.table import Table

from tests.benchmarks.figures import Goal, Ratio, Section, Series, Spread, spread


def table_of(section: Section) -> Table:
    """Lay a section out: a line a contender, and one more for each rival that it is compared with."""
    table = Table(title=section.way, title_justify="left", caption="\n".join(section.notes) or None, caption_justify="left")
    for heading in ("case", "contender", "median (least to most)", "also", "beside", "ratio (least to most)", "goal", "reached"):
        table.add_column(heading, overflow="fold")
    for series in section.series:
        for line in _lines(series, section):
            table.add_row(*line)
    return table


def _lines(series: Series, section: Section) -> Iterator[tuple[str, ...]]:
    """Yield a contender's lines; the ratios of a case that has none of it stand at the end of another."""
    own = [_compared(each) for each in section.ratios if (each.case, each.who) == (series.case, series.who)]
    begin = (series.case, series.who, f"{written(spread(series.values))} {series.unit}", _more(series))
    if series.goal is not None:
        own.insert(0, ("", "", *_judged(series.goal, series.values)))
    for number, rest in enumerate(own or [("", "", "", "")]):
        yield (*(begin if number == 0 else ("", "", "", "")), *rest)


def _compared(ratio: Ratio) -> tuple[str, ...]:
    judged = _judged(ratio.goal, ratio.values) if ratio.goal is not None else ("", "")
    return (ratio.beside, written(spread(ratio.values)), *judged)


def _judged(goal: Goal, values: tuple[float, ...]) -> tuple[str, str]:
    return str(goal), "yes" if goal.reached(spread(values).median) else "[bold]no[/bold]"


def _more(series: Series) -> str:
    return ", ".join(f"{name} {figure(spread(values).median)}" for name, values in series.more.items())


def written(found: Spread) -> str:
    """Write a spread as people read it."""
    return f"{figure(found.median)} ({figure(found.least)} to {figure(found.most)})"


def figure(value: float) -> str:
    """Write a figure with three digits that mean something, or all that stand before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
