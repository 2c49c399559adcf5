"""What sniffing finds, and reading numbers and chunks from bytes that may end or lie anywhere."""

import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

from msgspec import Struct


class Sniffed(Struct, frozen=True, kw_only=True):
    """A kind of audio, and what its header claims: samples a second, channels, seconds. None where it does not say."""

    content_type: str
    extension: str
    sample_rate: int | None = None
    channels: int | None = None
    duration: float | None = None


class Chunk(NamedTuple):
    """A named part of a file: its size in bytes, and those of them that are at hand."""

    size: int
    body: bytes


NO_CHUNK = Chunk(0, b"")
UNKNOWN_SIZES = frozenset({0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF})
"""What writers put where they do not know yet: all ones."""


def fields(layout: str, data: bytes, offset: int = 0) -> tuple[Any, ...] | None:
    """Unpack what stands at `offset` by a `struct` layout; None where the data ends before."""
    if offset + struct.calcsize(layout) > len(data):
        return None
    return struct.unpack_from(layout, data, offset)


def chunks(data: bytes, start: int, layout: str, *, own: int = 0, align: int = 2) -> Mapping[bytes, Chunk]:
    """Return the chunks from `start` by name, the first of each. `own` is what a header counts of itself in its size."""
    found: dict[bytes, Chunk] = {}
    while (header := fields(layout, data, start)) is not None:
        name, counted = header
        start += struct.calcsize(layout)
        size = max(counted - own, 0)
        found.setdefault(name, Chunk(size, data[start : start + size]))
        start += size + -size % align
    return found


def seconds(count: float, a_second: float | None) -> float | None:
    """Return how long `count` lasts; None where either is nothing."""
    return count / a_second if count and a_second else None
