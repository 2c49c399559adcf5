"""Numbers that a process counts up, in a file that outlives it: all the files of a folder together are the truth.

A process has its file to itself, by a lock that ends with it, whatever ends it. The file of one that is gone goes to the next
that starts, which goes on counting from there: a total never falls while any process lives, and files do not pile up.
"""

import fcntl
import os
import secrets
import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Self, TypeAlias

import msgspec
from msgspec import Struct

Series: TypeAlias = tuple[str, ...]
"""The name of what is counted, then its labels."""

RECORD = 256
"""Bytes of one number in the file: the number itself, then its series as JSON, filled up with spaces."""

_NUMBER = struct.Struct("<d")
_FILES = "*.counts"


class _Entry(Struct, eq=False):
    place: int
    name: bytes
    number: float = 0.0


class Ledger:
    """The numbers of this process, counted by one thread and written by others, in an open file of the folder."""

    def __init__(self, descriptor: int, folder: Path) -> None:
        self._descriptor = descriptor
        self.folder = folder
        records = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        self._entries = {series: _Entry(place, _name(series), number) for place, series, number in _read(records)}
        self._end = -(-len(records) // RECORD) * RECORD
        self._unwritten = set[_Entry]()
        self._noting, self._writing = Lock(), Lock()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Take a file in the folder, which is made where there is none. If no process lives there, all numbers begin anew."""
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            return cls(_taken(folder), folder)

    def add(self, series: Series, amount: float = 1) -> None:
        """Count up, without waiting for the disk."""
        entry = self._entries.get(series) or self._entered(series)
        with self._noting:
            entry.number += amount
            self._unwritten.add(entry)

    def write(self) -> None:
        """Bring the file up to date. What the disk has no room for is written the next time that there is."""
        with self._writing:
            with self._noting:
                unwritten, self._unwritten = self._unwritten, set[_Entry]()
            for entry in unwritten:
                self._write(entry)

    def close(self) -> None:
        """Leave the file to the next process. What is counted from here on is lost."""
        self.write()
        with self._writing:
            os.close(self._descriptor)
            self._descriptor = -1

    def _write(self, entry: _Entry) -> None:
        try:
            os.pwrite(self._descriptor, _NUMBER.pack(entry.number) + entry.name, entry.place)
        except OSError:
            with self._noting:
                self._unwritten.add(entry)

    def _entered(self, series: Series) -> _Entry:
        entry = self._entries[series] = _Entry(self._end, _name(series))
        self._end += RECORD
        return entry


def totals(folder: Path) -> Mapping[Series, float]:
    """Return what all processes have counted, with those that have ended since the first of the living ones began."""
    counted: dict[Series, float] = defaultdict(float)
    for path in folder.glob(_FILES):
        with suppress(FileNotFoundError):
            for _, series, number in _read(path.read_bytes()):
                counted[series] += number
    return counted


def _name(series: Series) -> bytes:
    """Return the series as it stands in the file. Raise ValueError if it does not fit there."""
    name = msgspec.json.encode(series).ljust(RECORD - _NUMBER.size)
    if len(name) > RECORD - _NUMBER.size:
        raise ValueError(f"{series} is too long to be counted")
    return name


def _read(records: bytes) -> Iterator[tuple[int, Series, float]]:
    """Yield the place, the series and the number of each record that is whole."""
    for place in range(0, len(records) - RECORD + 1, RECORD):
        with suppress(msgspec.MsgspecError):
            series = msgspec.json.decode(records[place + _NUMBER.size : place + RECORD], type=Series)
            yield place, series, _NUMBER.unpack_from(records, place)[0]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process take a file meanwhile."""
    with (folder / "lock").open("wb") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def _taken(folder: Path) -> int:
    """Return the descriptor of a locked file: one whose process is gone, or a new one."""
    kept = {os.open(path, os.O_RDWR): path for path in folder.glob(_FILES)}
    free = [descriptor for descriptor in kept if _locked(descriptor)]
    taken = free[0] if free and len(free) < len(kept) else _new(folder)
    if len(free) == len(kept):
        for path in kept.values():
            path.unlink()
    for descriptor in kept.keys() - {taken}:
        os.close(descriptor)
    return taken


def _new(folder: Path) -> int:
    path = folder / _FILES.replace("*", secrets.token_hex(8))
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _locked(descriptor: int) -> bool:
    """Lock the file for as long as it is open. Return False if another process has it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
