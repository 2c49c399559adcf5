"""The tables, as the migrations that make them."""

import sqlite3

from sqlite_utils import Database, Migrations

from adapters.sqlite.transactions import begin
from ports.assets import folded

FOLDED_AT_ONCE = 1_000


class NewerSchema(Exception):
    """The file has been used by a newer Greenroom, whose tables this one does not know."""

    def __init__(self, unknown: str) -> None:
        super().__init__(
            f"The database was changed by a newer version of Greenroom ({unknown!r} is not known here): upgrade this one"
        )
        self.unknown = unknown


def jobs_and_assets(database: Database) -> None:
    """Make the first two tables. Times are microseconds since 1970, UTC; bodies are JSON; `taken` is a request's id."""
    record = {"id": str, "version": int, "created": int, "due": int, "taken": str, "body": str}
    jobs = database.table("jobs").create({**record, "status": str, "kind": str, "asset_id": str}, pk="id", strict=True)
    jobs.create_index(["status", "kind", "due", "id"], "jobs_due")
    jobs.create_index(["status", "kind", "created", "id"], "jobs_created")
    jobs.create_index(["asset_id", "kind", "created", "id"], "jobs_of_asset")
    assets = database.table("assets").create({**record, "deleted": int}, pk="id", strict=True)
    assets.create_index(["due", "id"], "assets_due")
    assets.create_index(["deleted", "created", "id"], "assets_created")
    for table in "jobs", "assets":
        database.execute(f"CREATE UNIQUE INDEX {table}_taken ON {table} (taken) WHERE taken IS NOT NULL")


def asset_names(database: Database) -> None:
    """Keep the names of assets as they are searched for."""
    assets = database.table("assets")
    assets.add_column("folded", str, not_null_default="")
    assets.create_index(["deleted", "folded", "created", "id"], "assets_named")


def job_changes(database: Database) -> None:
    """Give each change of a job a number, by whomever it is made, a process of an older version too. None is given twice."""
    database.execute(
        "CREATE TABLE changes (number INTEGER PRIMARY KEY AUTOINCREMENT, job_id TEXT NOT NULL, made INTEGER NOT NULL) STRICT"
    )
    now = "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)"
    for name, event, row in ("added", "INSERT", "NEW"), ("changed", "UPDATE OF body", "NEW"), ("removed", "DELETE", "OLD"):
        database.execute(
            f"CREATE TRIGGER job_{name} AFTER {event} ON jobs "  # noqa: S608  (words of our own)
            f"BEGIN INSERT INTO changes (job_id, made) VALUES ({row}.id, {now}); END"
        )


def assets_by_date(database: Database) -> None:
    """Let those who search among many assets see the names while they go through them by date."""
    database.table("assets").create_index(["deleted", "created", "id", "folded"], "assets_by_date")
    database.execute("DROP INDEX assets_created")


def direct_uploads(database: Database) -> None:
    """Keep what clients send straight to storage."""
    record = {"id": str, "version": int, "created": int, "due": int, "taken": str, "body": str}
    uploads = database.table("uploads").create(record, pk="id", strict=True)
    uploads.create_index(["due", "id"], "uploads_due")
    database.execute("CREATE UNIQUE INDEX uploads_taken ON uploads (taken) WHERE taken IS NOT NULL")


_STEPS = (jobs_and_assets, asset_names, job_changes, assets_by_date, direct_uploads)
_NAMES = frozenset(step.__name__ for step in _STEPS)
_MIGRATIONS = Migrations("greenroom")
for _step in _STEPS:
    _MIGRATIONS()(_step)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to date; several processes may do so at once. Raise NewerSchema if they are ahead of us."""
    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    if not _applied(database) >= _NAMES:
        _apply(connection, database)
    if unknown := _applied(database) - _NAMES:
        raise NewerSchema(min(unknown))
    _fold_names(connection)


def _fold_names(connection: sqlite3.Connection) -> None:
    """Let those assets be found by name that were there before the column, or that a process of an older version has added.

    A few in each transaction: a million take a while, and nobody is to wait so long to write.
    """
    more = bool(_unfolded(connection, 1))
    while more:
        begin(connection)
        values = [(folded(name), asset_id) for asset_id, name in _unfolded(connection, FOLDED_AT_ONCE)]
        connection.executemany("UPDATE assets SET folded = ? WHERE id = ?", values)
        connection.execute("COMMIT")
        more = len(values) == FOLDED_AT_ONCE


def _unfolded(connection: sqlite3.Connection, limit: int) -> list[tuple[str, str]]:
    unknown = "SELECT id, body ->> '$.name' FROM assets WHERE deleted IN (0, 1) AND folded = '' LIMIT ?"
    return connection.execute(unknown, [limit]).fetchall()


def _applied(database: Database) -> frozenset[str]:
    return frozenset(migration.name for migration in _MIGRATIONS.applied(database))


def _apply(connection: sqlite3.Connection, database: Database) -> None:
    # By themselves, migrations begin with a reading transaction, which can not wait for another process's writing one.
    begin(connection)
    try:
        _MIGRATIONS.apply(database)
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
