"""Cut a stream of bytes into lines, however long the writer makes them."""

from collections.abc import Callable

LONGEST = 4096
"""Bytes of a line that are kept: a file's own metadata can make ffmpeg print megabytes without an end of line."""


class Lines:
    """Tells `hears` each line of what it is fed, cut to LONGEST bytes; the last one needs its line end too."""

    def __init__(self, hears: Callable[[str], None]) -> None:
        self._hears = hears
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the stream."""
        *whole, rest = (self._rest + chunk).split(b"\n")
        self._rest = rest[:LONGEST]
        for line in whole:
            self._hears(line[:LONGEST].decode(errors="replace").rstrip())
