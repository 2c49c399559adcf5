"""The job stores: what each does a second, few jobs and many in them, beside the bare statements and scripts."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from itertools import product
from pathlib import Path

from msgspec import Struct
from redis import Redis

from entrypoints.wiring.places import SqliteFile, store_place
from tests.benchmarks import usestores
from tests.benchmarks.figures import Goal, Ratio, Sample, Section, Series, ratio
from tests.benchmarks.population import population
from tests.benchmarks.rivals import redisbenchmark, statements
from tests.benchmarks.rounds import Bench, contest
from tests.benchmarks.seeding import seed, settings_of
from tests.benchmarks.servers import valkey
from tests.benchmarks.storeload import Task, Use, rate_of

NEEDS = ("redis-benchmark",)
OPERATIONS = ("add", "replace", "take_due", "page")
AT_ONCE = 64
"""How much is asked for at a time, by all processes together, and how many connections redis-benchmark has."""

FEW = 10_000
"""So few jobs are put there anew before each turn; among more, what a turn adds is lost."""

BESIDE_SCRIPT = Goal(at_least=0.5)
STATEMENTS, SCRIPTS = "bare statements", "redis-benchmark"


class Case(Struct, frozen=True):
    """An operation, among so many jobs, by so many processes."""

    operation: str
    jobs: int
    processes: int


class Store(Struct, frozen=True):
    """A store under test: its settings, what empties it, and how fast the rival is in a case."""

    name: str
    environment: Mapping[str, str]
    empty: Callable[[], None]
    rival: str
    rivals_rate: Callable[[Bench, Case], float]
    goal: Goal | None = None


def run(bench: Bench) -> Section:
    """Do every operation in each store, with each number of jobs and processes."""
    series: list[Series] = []
    ratios: list[Ratio] = []
    for jobs, opened in product(bench.sizes.jobs, (_sqlite, _redis)):
        with opened(bench, jobs) as store:
            bench.say(f"{store.name}: putting {jobs} jobs there")
            _fill(store, jobs)
            for operation, processes in product(OPERATIONS, bench.sizes.processes):
                found = _compared(bench, store, Case(operation, jobs, processes))
                series += found.values()
                ratios.append(ratio(found[store.name], found[store.rival], store.goal))
    return Section(
        way="stores", series=tuple(series), ratios=tuple(ratios), notes=(f"{AT_ONCE} at a time, all processes together",)
    )


def _compared(bench: Bench, store: Store, case: Case) -> dict[str, Series]:
    def turn(rate: Callable[[], float]) -> Sample:
        if case.jobs <= FEW:
            _fill(store, case.jobs)
        return Sample(rate())

    ours = partial(turn, partial(_rate, usestores.use, bench, store.environment, case))
    rivals = partial(turn, partial(store.rivals_rate, bench, case))
    name = f"{store.name}, {case.operation}, {case.jobs:,} jobs, {case.processes} processes"
    return contest(bench, name, "a second", {store.name: ours, store.rival: rivals})


def _fill(store: Store, jobs: int) -> None:
    store.empty()
    seed(store.environment, population(jobs))


def _rate(use: Use, bench: Bench, environment: Mapping[str, str], case: Case) -> float:
    tasks = [
        Task(
            operation=case.operation,
            seconds=bench.sizes.store_seconds,
            at_once=max(1, AT_ONCE // case.processes),
            jobs=case.jobs,
            process=number,
            processes=case.processes,
            environment=environment,
        )
        for number in range(case.processes)
    ]
    return rate_of(use, tasks)


@contextmanager
def _sqlite(bench: Bench, jobs: int) -> Iterator[Store]:
    environment = {"GREENROOM_DATA_DIR": str(bench.inside(f"sqlite-{jobs}"))}
    place = store_place(settings_of(environment))
    assert isinstance(place, SqliteFile)

    def rivals_rate(bench: Bench, case: Case) -> float:
        return _rate(statements.use, bench, environment, case)

    yield Store("SQLite", environment, partial(_empty_file, place.path), STATEMENTS, rivals_rate)


def _empty_file(path: Path) -> None:
    if path.exists():
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("DELETE FROM jobs")
            connection.execute("DELETE FROM changes")


@contextmanager
def _redis(bench: Bench, jobs: int) -> Iterator[Store]:
    with valkey(bench.inside(f"valkey-{jobs}")) as url:
        environment = {"GREENROOM_DATABASE_URL": url}

        def rivals_rate(bench: Bench, case: Case) -> float:
            requests = int(bench.sizes.store_requests_a_second * bench.sizes.store_seconds)
            return redisbenchmark.rate_of(url, case.operation, case.jobs, requests, AT_ONCE)

        yield Store("Redis", environment, partial(_empty_server, url), SCRIPTS, rivals_rate, BESIDE_SCRIPT)


def _empty_server(url: str) -> None:
    with Redis.from_url(url, socket_timeout=300) as server:
        server.flushall()
