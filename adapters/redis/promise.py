"""What a server promises of what it keeps: read from its settings where it shows them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct

from ports.errors import OutOfSpace, Unavailable

_ASKED = ("appendonly", "appendfsync", "maxmemory-policy", "save")


class Promise(Struct, frozen=True, kw_only=True):
    """The server's settings, each None where it does not show them.

    `appends`: it keeps an append-only file; `syncs`: when that is synced to the disk; `snapshots`: it writes snapshots; `evicts`:
    it may drop keys of ours when it is full.
    """

    appends: bool | None = None
    syncs: str | None = None
    snapshots: bool | None = None
    evicts: bool | None = None

    def weak(self, *, durable: bool) -> bool:
        """Tell whether somebody should look at the server's settings."""
        syncs = durable or self.syncs != "no"
        return self.appends is not True or not syncs or self.evicts is True

    def says(self, *, durable: bool) -> str:
        """Return what is promised, in a sentence or two. `durable`: each change waits for the append-only file."""
        dropped = ". Full, it may drop what is kept: set its maxmemory-policy to noeviction" if self.evicts else ""
        return f"{self._of_a_crash(durable)}{dropped}"

    def _of_a_crash(self, durable: bool) -> str:
        if durable or (self.appends and self.syncs == "always"):
            return "A crash of Redis loses nothing that was answered"
        if self.appends is None:
            return "What a crash of Redis loses is unknown: it does not show its settings"
        if not self.appends:
            kept = "what came after the last snapshot" if self.snapshots else "everything"
            return f"A crash of Redis loses {kept}: set its appendonly to yes"
        if self.syncs == "no":
            return "A crash of its machine loses what was not written yet: set Redis's appendfsync to everysec"
        return "A crash of Redis loses a second at most" if self.syncs else "A crash of Redis loses little: it appends to a file"


async def read_promise(ask: Callable[..., Awaitable[Any]]) -> Promise:
    """Read the server's settings, by whichever command it allows."""
    for words, read in ((("CONFIG", "GET", *_ASKED), _by_config), (("INFO", "everything"), _by_info)):
        try:
            found = await ask(*words)
        except (Unavailable, OutOfSpace):
            continue
        except Exception:  # noqa: BLE001, S112 - managed servers refuse these in words of their own, and nothing depends on them
            continue
        if promise := read(found):
            return promise
    return Promise()


def _by_config(found: list[bytes]) -> Promise | None:
    names = [each.decode() for each in found]
    known = dict(zip(names[::2], names[1::2], strict=True))
    if "appendonly" not in known:
        return None
    return Promise(
        appends=known["appendonly"] == "yes",
        syncs=known.get("appendfsync"),
        snapshots=bool(known.get("save")),
        evicts=_evicts(known, "maxmemory-policy"),
    )


def _by_info(found: bytes) -> Promise | None:
    lines = [line.partition(":") for line in found.decode(errors="replace").splitlines()]
    known = {name: value for name, _, value in lines}
    if "aof_enabled" not in known:
        return None
    return Promise(appends=known["aof_enabled"] == "1", evicts=_evicts(known, "maxmemory_policy"))


def _evicts(known: Mapping[str, str], name: str) -> bool | None:
    # The volatile ones drop keys that expire: ours do not.
    return known[name].startswith("allkeys") if name in known else None
