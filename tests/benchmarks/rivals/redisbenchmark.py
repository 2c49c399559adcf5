"""redis-benchmark, a compiled generator, with the very scripts and arguments of our adapter."""

import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from redis import Redis

from adapters.redis.assets import RedisAssetStore
from adapters.redis.jobs import RedisJobStore
from adapters.redis.scripts import script
from adapters.redis.times import written
from ports.jobs import JobKind, JobStatus
from tests.benchmarks.figures import CannotMeasure
from tests.benchmarks.needs import program
from tests.benchmarks.population import OURS, RIVALS, changed, job, job_id
from tests.benchmarks.seeding import BEGINNING, Command, commands_of

ANY = "__rand_int__"
"""What redis-benchmark fills with a number of twelve digits, another one each time."""

_NEW = UUID("ffffffff-0000-0000-0000-000000000000")
_SCRIPTS = ("change", "take", "list")
_BEHIND_NAME = 7
_LARGEST = 2**31 - 1
"""The largest range of numbers that redis-benchmark understands; of a larger one it makes none, and sends the same each time."""

_WROTE = 0.9
"""The part of its requests that must have changed something, where that is what they are for."""


def rate_of(url: str, operation: str, jobs: int, requests: int, connections: int) -> float:
    """Return how often a second the operation's script was carried out. Raise CannotMeasure if it was not."""
    with Redis.from_url(url) as server:
        for name in _SCRIPTS:
            server.script_load(script(name).text)
        server.config_resetstat()
    numbers = jobs // 2 if operation == "replace" else _LARGEST
    command = [program("redis-benchmark"), "-s", url.removeprefix("unix://"), "-n", str(requests), "-c", str(connections)]
    command += ["-r", str(numbers), "--csv", *(_text(word) for word in _WORDS[operation]())]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    if told.returncode:
        raise CannotMeasure(f"redis-benchmark failed to {operation}: {told.stdout[-300:]} {told.stderr[-300:]}")
    if operation != "page" and _written_records(url) < _WROTE * requests:
        raise CannotMeasure(f"redis-benchmark asked to {operation}, and next to nothing was changed")
    # The name of the test, the whole command, comes first, quotes and all: the figures are counted from the end.
    return float(told.stdout.strip().rsplit('","', _BEHIND_NAME)[1])


def _written_records(url: str) -> int:
    with Redis.from_url(url) as server:
        return int(server.info("commandstats").get("cmdstat_hset", {}).get("calls", 0))


def _add() -> Sequence[object]:
    # Each number is another one. Marks must lead to a job that is there, or no page could be read: to the first one, all of them.
    new, first = job(_NEW, BEGINNING), job_id(OURS, 0)
    date = f"{written(BEGINNING)} "
    words = [_any_number(word) for word in _only(lambda jobs, _: jobs.add(new))]
    return [word.replace(f"{date}{_any_number(_NEW)}", f"2025-{ANY} {first}") for word in words]


def _replace() -> Sequence[object]:
    # A version that is written over itself stays: the next time it is there to be written over again.
    before = job(job_id(RIVALS, 0), BEGINNING)
    words = [_any_number(word) for word in _only(lambda jobs, _: jobs.replace(changed(before)))]
    version = int(_text(words[2])) + 5
    words[version] = str(before.version)
    return words


def _take_due() -> Sequence[object]:
    now = datetime.now(UTC)
    return _only(lambda jobs, _: jobs.take_due({JobStatus.QUEUED}, {JobKind.RENDER}, now, now, ANY))


def _page() -> Sequence[object]:
    return _only(lambda jobs, _: jobs.page())


_WORDS: Mapping[str, Callable[[], Sequence[object]]] = {
    "add": _add,
    "replace": _replace,
    "take_due": _take_due,
    "page": _page,
}


def _only(use: Callable[[RedisJobStore, RedisAssetStore], Awaitable[object]]) -> Command:
    [command] = commands_of(use)
    return command


def _any_number(word: object) -> str:
    return _text(word).replace("-000000000000", f"-{ANY}")


def _text(word: object) -> str:
    return word.decode() if isinstance(word, bytes) else str(word)
