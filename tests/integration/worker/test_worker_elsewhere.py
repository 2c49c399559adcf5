"""A worker elsewhere in its own process: the whole way, and how it takes being stopped and not being heard."""

import signal
import time
from contextlib import ExitStack
from pathlib import Path

from tests.integration.server.process import wait_for
from tests.integration.worker.process import job_of, outcomes, running_worker, serving, upload, wait_until
from tests.integration.worker.proxy import running_proxy


def test_a_worker_elsewhere_prepares_what_comes_and_holds_no_credentials(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, client), running_worker(tmp_path / "w", server.url, "--concurrency", "2") as worker:
        both = [upload(client, tmp_path) for _ in range(2)]
        wait_for(lambda: worker.logged("attempt reported") == 2, "the worker to be done")
        for asset, job in both:
            assert [(told["worker"], told["outcome"]) for told in job_of(client, job)["attempts"]] == [("w", "complete")]
            prepared = client.get(f"/api/audio/assets/{asset}/stream?variant=prepared", follow_redirects=True)
            assert len(prepared.content) > 10_000
            for variant in ("original", "prepared"):
                assert client.get(f"/api/audio/assets/{asset}/peaks?variant={variant}").json()["version"] == 2
        log = (worker.folder / "worker.log").read_text()
        wait_for(lambda: not worker.scratch() and not worker.kept(), "the worker to clean up")
    assert all(word not in log for word in ("signature", "expires", "sig="))
    assert {line["job"] for line in worker.lines() if line["event"] == "attempt reported"} == {job for _, job in both}


def test_a_worker_that_is_told_to_stop_gives_its_job_back_and_the_next_attempt_completes_it(tmp_path: Path) -> None:
    with serving(tmp_path, GREENROOM_MAX_ATTEMPTS="1") as (server, client):
        _, job = upload(client, tmp_path)
        with running_worker(tmp_path / "one", server.url, hold=True) as worker:
            wait_for(worker.is_at_work, "the worker to be at work")
            worker.process.terminate()
            assert worker.process.wait(timeout=10) == 0
            assert worker.ffmpegs() == []
            assert worker.scratch() == worker.kept() == []
        assert outcomes(client, job) == ["released"]
        with running_worker(tmp_path / "two", server.url):
            wait_until(client, job, "complete")
        assert outcomes(client, job) == ["released", "complete"]


def test_workers_with_nothing_to_do_stop_at_once(tmp_path: Path) -> None:
    with (
        serving(tmp_path) as (server, _),
        running_worker(tmp_path / "one", server.url) as one,
        running_worker(tmp_path / "two", server.url) as two,
    ):
        began = time.monotonic()
        one.process.send_signal(signal.SIGTERM)
        two.process.send_signal(signal.SIGINT)
        assert one.process.wait(timeout=10) == two.process.wait(timeout=10) == 0
        assert time.monotonic() - began < 2


def test_a_worker_whose_server_is_away_stops_all_the_same_and_its_successor_gives_the_job_back(tmp_path: Path) -> None:
    with running_proxy() as proxy:
        with serving(tmp_path, proxy) as (server, client):
            _, job = upload(client, tmp_path)
            with running_worker(tmp_path / "w", proxy.url, hold=True) as worker:
                wait_for(worker.is_at_work, "the worker to be at work")
                server.kill()
                worker.process.terminate()
                assert worker.process.wait(timeout=20) == 0
                assert len(worker.kept()) == 1
        with serving(tmp_path, proxy) as (_, client), running_worker(tmp_path / "w", proxy.url) as worker:
            wait_until(client, job, "complete")
            assert outcomes(client, job) == ["released", "complete"]
            wait_for(lambda: worker.kept() == [], "what was reported to be forgotten")


def test_a_second_signal_ends_a_worker_at_once(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, client), running_worker(tmp_path / "w", server.url, hold=True) as worker:
        upload(client, tmp_path)
        wait_for(worker.is_at_work, "the worker to be at work")
        server.process.send_signal(signal.SIGSTOP)
        worker.process.terminate()
        wait_for(lambda: worker.logged("told to stop") == 1, "the worker to hear it")
        worker.process.terminate()
        assert worker.process.wait(timeout=3) == -signal.SIGTERM
        server.process.send_signal(signal.SIGCONT)
        worker.go_on()
        wait_for(lambda: worker.ffmpegs() == [], "its ffmpeg to find nobody who hears it")


def test_a_cancelled_job_stops_its_worker_which_then_takes_the_next(tmp_path: Path) -> None:
    with (
        serving(tmp_path, GREENROOM_LEASE="2") as (server, client),
        running_worker(tmp_path / "w", server.url, hold=True) as worker,
    ):
        asset, job = upload(client, tmp_path)
        wait_for(worker.is_at_work, "the worker to be at work")
        client.delete(f"/api/audio/assets/{asset}")
        wait_for(lambda: worker.logged("attempt over") == 1, "the worker to hear of it")
        assert worker.ffmpegs() == []
        assert worker.scratch() == []
        worker.go_on()
        _, another = upload(client, tmp_path)
        wait_until(client, another, "complete")
        assert job_of(client, job)["status"] == "cancelled"


def test_a_server_that_is_busy_for_a_while_is_waited_for(tmp_path: Path) -> None:
    with running_proxy() as proxy, serving(tmp_path, proxy) as (_, client):
        proxy.busy = True
        with running_worker(tmp_path / "w", proxy.url, hold=True) as worker:
            wait_for(lambda: worker.logged("waiting for the server") == 1, "the worker to wait")
            proxy.busy = False
            _, job = upload(client, tmp_path)
            wait_for(worker.is_at_work, "the worker to be at work")
            before, proxy.busy = proxy.lost, True
            worker.go_on()
            wait_for(lambda: proxy.lost >= before + 3, "the worker to ask in vain")
            proxy.busy = False
            wait_until(client, job, "complete")
            assert outcomes(client, job) == ["complete"]
            log = (worker.folder / "worker.log").read_text()
            assert "answered 503" in log
            assert "signature" not in log


def test_a_report_waits_for_a_server_that_was_killed_and_comes_back(tmp_path: Path) -> None:
    with running_proxy() as proxy, ExitStack() as stack:
        with serving(tmp_path, proxy) as (server, client):
            _, job = upload(client, tmp_path)
            worker = stack.enter_context(running_worker(tmp_path / "w", proxy.url, hold=True))
            wait_for(worker.is_at_work, "the worker to be at work")
            proxy.loses_requests = b'"complete"'
            worker.go_on()
            wait_for(lambda: proxy.lost > 0, "the worker to be done")
            server.kill()
        proxy.loses_requests = None
        with serving(tmp_path, proxy) as (_, client):
            wait_until(client, job, "complete")
            assert outcomes(client, job) == ["complete"]
            wait_for(lambda: worker.kept() == [], "the report to be forgotten")


def test_a_report_outlives_its_worker(tmp_path: Path) -> None:
    with running_proxy() as proxy, serving(tmp_path, proxy) as (_, client):
        _, job = upload(client, tmp_path)
        proxy.loses_requests = b'"complete"'
        with running_worker(tmp_path / "w", proxy.url) as worker:
            wait_for(lambda: proxy.lost > 0, "the worker to be done")
            worker.kill()
        [kept] = worker.kept()
        assert kept.stat().st_mode & 0o777 == 0o600
        proxy.loses_requests = None
        with running_worker(tmp_path / "w", proxy.url) as worker:
            wait_until(client, job, "complete")
            wait_for(lambda: worker.logged("kept report delivered") == 1, "the worker to say so")
            assert outcomes(client, job) == ["complete"]
            assert worker.kept() == []


def test_a_report_whose_answer_was_lost_is_sent_again_and_applied_once(tmp_path: Path) -> None:
    with running_proxy() as proxy, serving(tmp_path, proxy) as (server, client):
        proxy.loses_answers = b'"complete"'
        with running_worker(tmp_path / "w", proxy.url) as worker:
            _, job = upload(client, tmp_path)
            wait_for(lambda: proxy.lost >= 2, "two answers to be lost")
            proxy.loses_answers = None
            wait_for(lambda: worker.logged("attempt reported") == 1, "an answer to be heard")
            assert outcomes(client, job) == ["complete"]
            assert server.log.read_text().count(f"callback for job {job}: complete") >= 3


def test_a_worker_that_was_never_welcome_says_why_and_fails(tmp_path: Path) -> None:
    with (
        serving(tmp_path, INTERNAL_WEBHOOK_SECRET="another") as (server, _),
        running_worker(tmp_path / "w", server.url) as worker,
    ):
        assert worker.process.wait(timeout=10) == 1
        assert "does not accept the INTERNAL_WEBHOOK_SECRET" in (worker.folder / "worker.log").read_text()


def test_a_secret_that_changes_costs_no_work_in_progress(tmp_path: Path) -> None:
    with running_proxy() as proxy, ExitStack() as stack:
        with serving(tmp_path, proxy) as (server, client):
            _, job = upload(client, tmp_path)
            worker = stack.enter_context(running_worker(tmp_path / "w", proxy.url, "--concurrency", "2", hold=True))
            wait_for(worker.is_at_work, "the worker to be at work")
            server.kill()
        with serving(tmp_path, proxy, INTERNAL_WEBHOOK_SECRET="another") as (_, client):
            wait_for(lambda: any("does not accept" in line.get("why", "") for line in worker.lines()), "the worker to hear of it")
            worker.go_on()
            wait_until(client, job, "complete")
            assert worker.process.poll() is None
