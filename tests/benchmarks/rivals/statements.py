"""SQLite's own statements, those of our adapter, by sqlite3 alone and each change by itself."""

import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from itertools import cycle
from typing import cast

import msgspec

from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore, _of_both
from adapters.sqlite.records import microseconds
from entrypoints.wiring.places import SqliteFile, store_place
from ports.jobs import JobKind, JobStatus
from tests.benchmarks.population import RIVALS, new_job, own, request
from tests.benchmarks.seeding import settings_of
from tests.benchmarks.storeload import PREPARED_WITHIN, Await, Done, Task

Step = Callable[[], object]

_RECORDS = SqliteJobStore(cast(Database, None))._records
_QUEUED = _of_both({JobStatus.QUEUED}, {JobKind.RENDER})
_ALL = _of_both(tuple(JobStatus), tuple(JobKind))


def add(connection: sqlite3.Connection, _: Task) -> Step:
    """Insert new rows."""
    names = list(_RECORDS._row(new_job()))
    insert = (
        f"INSERT INTO jobs ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)}) ON CONFLICT (id) DO NOTHING"
    )
    return lambda: _alone(connection, lambda: connection.execute(insert, _RECORDS._row(new_job())))


def replace(connection: sqlite3.Connection, task: Task) -> Step:
    """Read what is kept, and write another body, status and due time over it."""
    ids = cycle([str(each) for each in own(RIVALS, task.jobs, task.process, task.processes)])
    read = "SELECT id, version, created, due, status, kind, asset_id FROM jobs WHERE id = ?"
    write = "UPDATE jobs SET version = version + 1, due = due + 1000, body = ?, status = ?, taken = NULL WHERE id = ?"
    body = msgspec.json.encode(new_job()).decode()

    def step() -> None:
        its_id = next(ids)
        status = connection.execute(read, [its_id]).fetchone()[4]
        connection.execute(write, [body, "processing" if status == "queued" else "queued", its_id])

    return lambda: _alone(connection, step)


def take_due(connection: sqlite3.Connection, _: Task) -> Step:
    """Look for the most overdue row, and move it."""
    write = "UPDATE jobs SET version = version + 1, due = ?, taken = ? WHERE id = ? RETURNING body, version, due, id"

    def step() -> None:
        now = datetime.now(UTC)
        [its_id, _] = connection.execute(*_RECORDS._overdue(_QUEUED, now)).fetchone()
        connection.execute(write, [microseconds(now), request(), its_id]).fetchall()

    return lambda: _alone(connection, step)


def page(connection: sqlite3.Connection, _: Task) -> Step:
    """Select the fifty newest rows."""
    return lambda: connection.execute(*_RECORDS._newest(_ALL, None, 51)).fetchall()


OPERATIONS: Mapping[str, Callable[[sqlite3.Connection, Task], Step]] = {
    "add": add,
    "replace": replace,
    "take_due": take_due,
    "page": page,
}


def use(task: Task, start: Await) -> Done:
    """Do it until the time is over."""
    place = store_place(settings_of(task.environment))
    assert isinstance(place, SqliteFile)
    with closing(sqlite3.connect(place.path, isolation_level=None, timeout=60)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        step = OPERATIONS[task.operation](connection, task)
        start(PREPARED_WITHIN)
        times, begun = 0, time.perf_counter()
        while time.perf_counter() < begun + task.seconds:
            step()
            times += 1
        return Done(times, time.perf_counter() - begun)


def _alone(connection: sqlite3.Connection, change: Step) -> None:
    connection.execute("BEGIN IMMEDIATE")
    change()
    connection.execute("COMMIT")
