"""A process of the first version, which knows the first tables only: it goes on writing, as that did, until its input ends."""

import json
import sqlite3
import sys
import threading
from uuid import uuid4

NOW = 1_795_351_000_000_000
ADD_JOB = """INSERT INTO jobs (id, version, created, due, body, status, kind, asset_id)
    VALUES (:id, 0, :now, :now, :body, 'queued', 'render', NULL) ON CONFLICT (id) DO NOTHING"""
TAKE = "UPDATE jobs SET version = version + 1, due = :now, taken = :request WHERE id = :id RETURNING body, version, due, id"
FINISH = "UPDATE jobs SET version = 2, body = :body, status = 'complete', taken = NULL WHERE id = :id"
ADD_ASSET = """INSERT INTO assets (id, version, created, due, body, deleted) VALUES (:id, 0, :now, NULL, :body, 0)
    ON CONFLICT (id) DO NOTHING"""


def body(job_id: str, **facts: object) -> str:
    """Return a job's JSON with the fields that there were."""
    first = {"id": job_id, "kind": "render", "created": "2026-11-22T12:36:40Z", "due": "2026-11-22T12:36:40Z", "assetId": None}
    return json.dumps(first | {"version": 0, "status": "queued", "maxAttempts": 3, "attempts": [], "settled": False} | facts)


def change(connection: sqlite3.Connection, statement: str, **values: object) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(statement, values | {"now": NOW}).fetchall()
    connection.execute("COMMIT")


def wait_for_the_end(ended: threading.Event) -> None:
    sys.stdin.read()
    ended.set()


def main(path: str) -> None:
    connection = sqlite3.connect(path, timeout=5, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    ended = threading.Event()
    threading.Thread(target=wait_for_the_end, args=[ended], daemon=True).start()
    while not ended.is_set():
        job, asset = str(uuid4()), str(uuid4())
        named = json.dumps({"id": asset, "name": f"Old {asset}", "created": "2026-11-22T12:36:40Z"})
        change(connection, ADD_JOB, id=job, body=body(job))
        change(connection, ADD_ASSET, id=asset, body=named)
        change(connection, TAKE, id=job, request=str(uuid4()))
        change(connection, FINISH, id=job, body=body(job, version=2, status="complete"))
        sys.stdout.write(f"ack {job} {asset}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
