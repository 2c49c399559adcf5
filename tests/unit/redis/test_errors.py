"""Redis's errors in the words of the ports."""

from typing import Any

import pytest
from redis._parsers.base import BaseParser
from redis.exceptions import ConnectionError as Broken
from redis.exceptions import RedisClusterException, ResponseError
from redis.exceptions import TimeoutError as TimedOut

from adapters.redis.errors import NotSealed, translated
from ports.errors import OutOfSpace, Unavailable

ANSWERS = [
    ("LOADING Valkey is loading the dataset in memory", Unavailable),
    ("READONLY You can't write against a read only replica.", Unavailable),
    ("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", Unavailable),
    ("CLUSTERDOWN The cluster is down", Unavailable),
    ("TRYAGAIN Multiple keys request during rehashing of slot", Unavailable),
    ("UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)", Unavailable),
    ("MOVED 3999 127.0.0.1:6381", Unavailable),
    ("ASK 3999 127.0.0.1:6381", Unavailable),
    ("BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", Unavailable),
    ("NOREPLICAS Not enough good replicas to write.", Unavailable),
    ("NOSCRIPT No matching script.", Unavailable),
    ("NOAUTH Authentication required.", Unavailable),
    ("WRONGPASS invalid username-password pair or user is disabled.", Unavailable),
    ("NOPERM User x has no permissions to run the 'evalsha' command", Unavailable),
    ("ERR max number of clients reached", Unavailable),
    ("MISCONF Valkey is configured to save RDB snapshots, but it's currently unable to persist to disk.", Unavailable),
    ("MISCONF Errors writing to the AOF file: No space left on device", OutOfSpace),
    ("OOM command not allowed when used memory > 'maxmemory'.", OutOfSpace),
    ("ERR value is not an integer or out of range", ResponseError),
    ("WRONGTYPE Operation against a key holding the wrong kind of value", ResponseError),
]


@pytest.mark.parametrize(("answer", "meaning"), ANSWERS, ids=lambda each: str(each).split(maxsplit=1)[0])
def test_what_a_server_answers(answer: str, meaning: type[Exception]) -> None:
    parse: Any = BaseParser.parse_error
    error = parse(answer)
    found = translated(error)
    assert type(found) is meaning
    assert meaning is ResponseError or found.__cause__ is error


@pytest.mark.parametrize(
    "error", [Broken("reset"), TimedOut("slow"), OSError(5, "I/O"), RedisClusterException("no node"), NotSealed()], ids=repr
)
def test_a_server_out_of_reach(error: Exception) -> None:
    assert isinstance(translated(error), Unavailable)


def test_what_is_nobody_elses_fault_stays_loud() -> None:
    error = KeyError("x")
    assert translated(error) is error
