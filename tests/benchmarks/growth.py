"""Growth: what one callback and one redirect cost among a million jobs and assets, beside what they cost among a thousand."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from typing import TypeAlias

from tests.benchmarks.callback import reporting
from tests.benchmarks.figures import Goal, Ratio, Sample, Section, Series, ratio
from tests.benchmarks.population import population
from tests.benchmarks.redirect import redirecting
from tests.benchmarks.rounds import Bench, contest
from tests.benchmarks.seeding import asset_id, assets, seed
from tests.benchmarks.servers import Serving, greenroom, valkey

NEEDS = ("wrk",)
COSTS = Goal(at_most=1.3)
ASKED_FOR = 1_000
"""So many assets are asked for in turns, from all over the store: their links are at hand, the records have to be looked up."""

Asking: TypeAlias = Callable[[], Sample]


def run(bench: Bench) -> Section:
    """Fill each store with little and with much, and load the servers that are on it in turns."""
    series: list[Series] = []
    ratios: list[Ratio] = []
    for store in ("SQLite", "Redis"):
        with ExitStack() as stack:
            servers = {count: _filled(bench, stack, store, count) for count in bench.sizes.scales}
            for what, way in (("callback", _callbacks), ("redirect", _redirects)):
                turns = {_among(count): _costs(way(bench, serving, count)) for count, serving in servers.items()}
                found = contest(bench, f"{store}, {what}", "µs each", turns)
                few, many = found.values()
                series += (few, many)
                ratios.append(ratio(many, few, COSTS))
    return Section(way="growth", series=tuple(series), ratios=tuple(ratios))


def _among(count: int) -> str:
    return f"among {count:,}"


def _filled(bench: Bench, stack: ExitStack, store: str, count: int) -> Serving:
    """Run a Greenroom on a store with so many jobs and as many assets."""
    folder = bench.inside(f"growth-{store}-{count}")
    bench.say(f"{store}: putting {count} jobs and assets there")
    environment: Mapping[str, str] = {}
    if store == "Redis":
        environment = {"GREENROOM_DATABASE_URL": stack.enter_context(valkey(bench.inside(f"growth-valkey-{count}")))}
    seed({"GREENROOM_DATA_DIR": str(folder / "data"), **environment}, population(count), assets(count))
    return stack.enter_context(greenroom(folder, environment))


def _callbacks(bench: Bench, serving: Serving, _: int) -> Asking:
    return partial(reporting(bench, serving), max(bench.sizes.redirect_connections))


def _redirects(bench: Bench, serving: Serving, count: int) -> Asking:
    ids = [asset_id(number) for number in range(0, count, max(1, count // ASKED_FOR))]
    return partial(redirecting(serving, ids).in_turns, max(bench.sizes.redirect_connections), bench.sizes.seconds)


def _costs(asking: Asking) -> Asking:
    """Say how long one takes instead of how many there are in a second."""

    def turn() -> Sample:
        sample = asking()
        return Sample(10**6 / sample.value, sample.more)

    return turn
