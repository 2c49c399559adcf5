"""Workers that fall silent for longer than their lease: their jobs are finished all the same, and each ends once."""

import json
import signal
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

from tests.integration.server.process import Server, wait_for
from tests.integration.worker.process import job_of, outcomes, running_worker, serving, upload, wait_until
from tests.integration.worker.proxy import running_proxy


def test_what_workers_leave_that_are_killed_or_suspended_is_finished_by_another_and_nothing_of_theirs_is_served(
    tmp_path: Path,
) -> None:
    with ExitStack() as stack:
        proxy = stack.enter_context(running_proxy())
        server, client = stack.enter_context(serving(tmp_path, proxy, GREENROOM_LEASE="2"))
        killed = stack.enter_context(running_worker(tmp_path / "killed", proxy.url, hold=True))
        _, left = upload(client, tmp_path)
        wait_for(killed.is_at_work, "the first worker to be at work")
        proxy.loses_requests = b'"complete","attempt":1'
        suspended = stack.enter_context(running_worker(tmp_path / "suspended", proxy.url))
        asset, slept_on = upload(client, tmp_path)
        wait_for(lambda: proxy.lost > 0, "the second worker to have sent what it made, but not to be heard")

        killed.kill()
        suspended.process.send_signal(signal.SIGSTOP)
        proxy.loses_requests = None
        stack.enter_context(running_worker(tmp_path / "heir", proxy.url))
        for job in (left, slept_on):
            wait_until(client, job, "complete")
            assert outcomes(client, job) == ["lost", "complete"]
            assert job_of(client, job)["attempts"][1]["worker"] == "heir"

        suspended.process.send_signal(signal.SIGCONT)
        wait_for(lambda: suspended.logged("attempt over") == 1, "the second worker to hear that it is over")
        wait_for(lambda: not suspended.kept() and not suspended.scratch(), "it to drop what it had")
        assert outcomes(client, slept_on) == ["lost", "complete"]
        shown = client.get(f"/api/audio/assets/{asset}/stream?variant=prepared").headers["location"]
        assert f"prepared-{slept_on}-2.mp3" in shown
        assert f"prepared-{slept_on}-1.mp3" in retired(server, asset)


def test_a_worker_that_is_cut_off_for_longer_than_its_lease_drops_the_attempt_and_works_on(tmp_path: Path) -> None:
    with running_proxy() as proxy, serving(tmp_path, proxy, GREENROOM_LEASE="1") as (_, client):
        _, job = upload(client, tmp_path)
        with running_worker(tmp_path / "w", proxy.url, hold=True) as worker:
            wait_for(worker.is_at_work, "the worker to be at work")
            proxy.dark = True
            wait_until(client, job, "queued")
            proxy.dark = False
            wait_for(lambda: worker.logged("attempt over") == 1, "the worker to hear of it")
            worker.go_on()
            wait_until(client, job, "complete")
            assert outcomes(client, job) == ["lost", "complete"]


def retired(server: Server, asset: str) -> set[str]:
    """Return the names of the objects that the asset's record marks to go."""
    with closing(sqlite3.connect(server.data / "greenroom.db")) as database:
        [(body,)] = database.execute("SELECT body FROM assets WHERE id = ?", (asset,))
    return {item["key"].rpartition("/")[2] for item in json.loads(body)["retired"]}
