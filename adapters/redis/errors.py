"""Redis's errors in the words of the ports."""

from redis.exceptions import ConnectionError as Broken
from redis.exceptions import RedisClusterException, RedisError, ResponseError
from redis.exceptions import TimeoutError as TimedOut

from ports.errors import OutOfSpace, Unavailable

STORE = "The store"
_OUT_OF_REACH = frozenset(
    {
        "ASK",
        "BUSY",
        "CLUSTERDOWN",
        "LOADING",
        "MASTERDOWN",
        "MISCONF",
        "MOVED",
        "NOAUTH",
        "NOPERM",
        "NOREPLICAS",
        "NOSCRIPT",
        "READONLY",
        "TRYAGAIN",
        "UNBLOCKED",
        "WRONGPASS",
    }
)


class Refused(Exception):
    """The server can't be used as it is, or as we are let in: the sentence says why, and shows nothing of the URL."""


class NotSealed(Exception):
    """The server did not say in time that its append-only file holds a change: it may, and the same change again asks again."""


def translated(error: Exception) -> Exception:
    """Return what `error` means at a port, caused by it; `error` itself where it means nothing there."""
    meaning: Exception
    if _is_full(error):
        meaning = OutOfSpace(STORE)
    elif _is_out_of_reach(error):
        meaning = Unavailable(STORE)
    else:
        return error
    meaning.__cause__ = error
    return meaning


def _is_full(error: Exception) -> bool:
    return _code(error) == "OOM" or (_code(error) == "MISCONF" and "No space left" in str(error))


def _is_out_of_reach(error: Exception) -> bool:
    if isinstance(error, ResponseError):
        return _code(error) in _OUT_OF_REACH
    return isinstance(error, Broken | TimedOut | RedisClusterException | OSError | NotSealed)


def _code(error: Exception) -> str | None:
    """Return the word that a server's refusal begins with. Of those it knows, the library has cut it off."""
    if not isinstance(error, RedisError):
        return None
    return getattr(error, "status_code", None) or str(error).partition(" ")[0]
