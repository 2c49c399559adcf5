"""The real servers of the tests: where they come from, in which order, and that none outlives its run."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as Unreachable

from tests.integration.server.process import lean_environment, wait_for
from tests.services.own import OWN, leave
from tests.services.running import ROOT, NotServed, Served, served

NOWHERE = "unix:///nowhere/docker.sock"
ASKS = """
import sys, time
from pathlib import Path
from tests.services.running import served
print(served("redis", Path(sys.argv[1])).url, flush=True)
time.sleep(60)
"""


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(command, cwd=ROOT, env=of_another_run() | environment, capture_output=True, text=True, check=False)


def of_another_run() -> dict[str, str]:
    """Return the environment of a process that is no part of this run of the tests."""
    return {name: value for name, value in lean_environment().items() if not name.startswith("PYTEST_")}


def answers(url: str) -> bool:
    with Redis.from_url(url) as server:
        try:
            return bool(server.ping())
        except Unreachable:
            return False


def test_a_server_ends_with_its_run_even_one_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ASKS, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, env=of_another_run(), stdout=subprocess.PIPE, text=True) as asking:
        assert asking.stdout
        url = asking.stdout.readline().strip()
        assert answers(url)
        asking.send_signal(signal.SIGKILL)
    wait_for(lambda: not answers(url), "the server to end", 30)


def test_a_server_that_the_environment_names_comes_first_and_the_run_says_so(service: Callable[[str], Served]) -> None:
    url = f"{service('redis').url}?db=1"
    test = "tests/contracts/jobs/test_job_census.py"
    done = run("pytest", "-q", "-p", "no:cacheprovider", test, "-k", "redis-prefix", GREENROOM_TEST_REDIS_URL=url)
    assert done.returncode == 0, done.stdout
    assert "real servers: redis: GREENROOM_TEST_REDIS_URL" in done.stdout
    with Redis.from_url(url) as server:
        assert server.dbsize() == 0


def test_what_others_keep_on_a_shared_server_stays(service: Callable[[str], Served]) -> None:
    url = f"{service('redis').url}?db=2"
    with Redis.from_url(url) as server:
        server.mset({f"{OWN}:key": "ours", "greenroom-of-another:key": "theirs"})
        leave("redis", Served(url, "a test", shared=True))
        assert server.keys() == [b"greenroom-of-another:key"]
        server.flushdb()


@pytest.mark.parametrize(
    ("kind", "variable", "url"),
    [("redis", "GREENROOM_TEST_REDIS_URL", "redis://127.0.0.1:9"), ("s3", "GREENROOM_TEST_S3_URL", "http://127.0.0.1:9")],
)
def test_one_that_is_named_and_does_not_answer_is_a_failure_for_all_who_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, variable: str, url: str
) -> None:
    monkeypatch.setenv(variable, url)
    for _ in range(2):
        with pytest.raises(NotServed, match=f"^{variable} names no server that answers: "):
            served(kind, tmp_path)


def test_where_containers_alone_are_allowed_a_missing_engine_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("GREENROOM_TEST_SERVICES", "containers"), ("DOCKER_HOST", NOWHERE)):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("ASKED_OF_GREENROOM_TEST_S3_URL", raising=False)
    with pytest.raises(NotServed, match=r"^No s3 can be had for the tests: No Docker engine answers$"):
        served("s3", tmp_path)
    done = run("tests.services.containers", DOCKER_HOST=NOWHERE)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "No Docker engine answers\n")
