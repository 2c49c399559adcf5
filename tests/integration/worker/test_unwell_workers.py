"""A worker whose engine breaks under way rests and leaves the work to healthy ones: no upload is lost to it."""

from pathlib import Path

from tests.integration.server.process import wait_for
from tests.integration.worker.process import Worker, job_of, outcomes, running_worker, serving, upload, wait_until


def break_ffmpeg(worker: Worker) -> None:
    """Let its ffmpeg end with an error, whatever it is asked for."""
    broken = worker.folder / "broken"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    broken.replace(worker.folder / "ffmpeg")


def test_a_worker_whose_engine_breaks_costs_one_attempt_and_leaves_the_rest_to_others(tmp_path: Path) -> None:
    with serving(tmp_path) as (server, client), running_worker(tmp_path / "sick", server.url) as sick:
        break_ffmpeg(sick)
        _, first = upload(client, tmp_path)
        wait_for(lambda: outcomes(client, first) == ["failed"], "the first attempt to fail")
        others = [upload(client, tmp_path)[1] for _ in range(5)]
        with running_worker(tmp_path / "healthy", server.url):
            for job in (first, *others):
                wait_until(client, job, "complete")
        made = [attempt["worker"] for job in (first, *others) for attempt in job_of(client, job)["attempts"]]
        assert sorted(made) == ["healthy"] * 6 + ["sick"]
        assert sick.logged("this worker seems unwell") == 1
