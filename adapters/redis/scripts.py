"""The Lua scripts, one a change: all that belongs to it happens together, or not at all."""

from functools import cache
from hashlib import sha1
from importlib.resources import files

from msgspec import Struct

_RECORDS = ("records",)
_PARTS = {
    "change": ("", _RECORDS),
    "remove": ("allow-oom", _RECORDS),  # how else could room be made?
    "take": ("", _RECORDS),
    "read": ("no-writes", _RECORDS),
    "list": ("no-writes", _RECORDS),
    "since": ("no-writes", ()),
    "forget": ("allow-oom", ()),
}
"""Each script's flags for the server (it refuses before anything is done, or not at all), and what stands before it."""


class Script(Struct, frozen=True):
    """A script: its text, and the digest that a server which has seen it knows it by."""

    text: bytes
    digest: str
    writes: bool


@cache
def script(name: str) -> Script:
    """Return the script in `lua/{name}.lua`, as the server is sent it."""
    flags, before = _PARTS[name]
    parts = [(files("adapters.redis") / "lua" / f"{part}.lua").read_text() for part in (*before, name)]
    text = "\n".join([f"#!lua flags={flags}" if flags else "#!lua", *parts]).encode()
    return Script(text, sha1(text, usedforsecurity=False).hexdigest(), writes=flags != "no-writes")
