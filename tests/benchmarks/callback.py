"""The callback: reports of `complete`, each of another job that owes nothing, until the answer is durable."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from uuid import UUID

from tests.benchmarks.figures import Goal, Ratio, Sample, Section, Series, ratio
from tests.benchmarks.rounds import Bench, contest
from tests.benchmarks.seeding import completed, seed, waiting_jobs
from tests.benchmarks.servers import SECRET, Serving, greenroom, rival, valkey
from tests.benchmarks.stocks import Stock

NEEDS = ("wrk",)
BARE = "bare handler"
ORDINARY = "FastAPI + sqlite3"
SQLITE = "SQLite"
GOALS: Mapping[tuple[str, int], Goal] = {(SQLITE, 64): Goal(at_least=0.5)}
"""By contender and connections: how it should do beside the bare handler."""

TABLE = """CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, status TEXT NOT NULL DEFAULT 'queued', result TEXT, error TEXT, created TEXT NOT NULL, ended TEXT)"""
"""What the ordinary endpoint keeps its jobs in."""

Reporting = Callable[[int], Sample]
"""Reports by so many connections for a while."""


def run(bench: Bench) -> Section:
    """Report to ours on each store, to the bare handler and to the ordinary endpoint, by some numbers of connections."""
    series: list[Series] = []
    ratios: list[Ratio] = []
    with ExitStack() as stack:
        contenders = _contenders(bench, stack)
        for connections in bench.sizes.callback_connections:
            turns = {name: partial(report, connections) for name, report in contenders.items()}
            found = contest(bench, f"{connections} connections", "callbacks/s", turns)
            series += found.values()
            ratios += _ratios(found, connections)
    return Section(way="callback", series=tuple(series), ratios=tuple(ratios))


def _ratios(found: Mapping[str, Series], connections: int) -> list[Ratio]:
    ours = [name for name in found if name not in {BARE, ORDINARY}]
    beside_bare = [ratio(found[name], found[BARE], GOALS.get((name, connections))) for name in ours]
    return [*beside_bare, ratio(found[SQLITE], found[ORDINARY])]


def _contenders(bench: Bench, stack: ExitStack) -> dict[str, Reporting]:
    everysec = stack.enter_context(valkey(bench.inside("valkey")))
    always = stack.enter_context(valkey(bench.inside("valkey-always"), "always"))
    durable = {"GREENROOM_REDIS_DURABLE": "1"}
    stores: Mapping[str, Mapping[str, str]] = {
        SQLITE: {},
        "Redis": {"GREENROOM_DATABASE_URL": everysec},
        "Redis, durable, everysec": {"GREENROOM_DATABASE_URL": everysec, "GREENROOM_REDIS_PREFIX": "durable:"} | durable,
        "Redis, durable, always": {"GREENROOM_DATABASE_URL": always} | durable,
    }
    ours = {name: _to_ours(bench, stack, name, environment) for name, environment in stores.items()}
    return {**ours, BARE: _to_bare(bench, stack), ORDINARY: _to_ordinary(bench, stack)}


def _to_ours(bench: Bench, stack: ExitStack, name: str, environment: Mapping[str, str]) -> Reporting:
    return reporting(bench, stack.enter_context(greenroom(bench.inside(f"callback {name}"), environment)))


def reporting(bench: Bench, serving: Serving) -> Reporting:
    """Return what reports to a Greenroom."""

    def keep(ids: Sequence[UUID]) -> None:
        seed(serving.environment, waiting_jobs(ids))

    return _reporting(bench, serving.url, Stock(serving.folder / "jobs", keep, lambda: completed(serving.environment)))


def _reporting(bench: Bench, url: str, stock: Stock) -> Reporting:
    seconds = bench.sizes.seconds
    enough = int(bench.sizes.reports_a_second * seconds)
    return lambda connections: stock.report(url, connections, seconds, enough)


def _to_bare(bench: Bench, stack: ExitStack) -> Reporting:
    """Report to the handler that keeps nothing: what wrk counts is all there is to count."""
    folder = bench.inside("callback bare")
    serving = stack.enter_context(rival(folder, "bare"))
    stock = Stock(folder / "jobs", lambda _: None, lambda: stock.acknowledged)
    return _reporting(bench, serving.url, stock)


def _to_ordinary(bench: Bench, stack: ExitStack) -> Reporting:
    folder = bench.inside("callback ordinary")
    path = folder / "jobs.db"
    _keep_ordinarily(path, [])
    serving = stack.enter_context(rival(folder, "ordinary_callback", {"BENCH_DATABASE": str(path), "BENCH_SECRET": SECRET}))
    return _reporting(bench, serving.url, Stock(folder / "jobs", partial(_keep_ordinarily, path), partial(_complete_there, path)))


def _keep_ordinarily(path: Path, ids: Sequence[UUID]) -> None:
    with closing(sqlite3.connect(path, timeout=60)) as connection, connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(TABLE)
        connection.executemany("INSERT INTO jobs (id, created) VALUES (?, '2026-01-01')", [(str(each),) for each in ids])


def _complete_there(path: Path) -> int:
    with closing(sqlite3.connect(path, timeout=60)) as connection:
        return int(connection.execute("SELECT count(*) FROM jobs WHERE status = 'complete'").fetchone()[0])
