"""The data folder: can it be written, and for how long."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from entrypoints.doctor.findings import Finding, good, trouble, warning

ROOM = 2**30
"""Bytes: with less than that free, the next large upload may fill the disk."""


def examine_folder(path: Path) -> list[Finding]:
    """Say whether the data folder, or where it will be made, can be written and has room."""
    place = _nearest(path)
    if not os.access(place, os.W_OK | os.X_OK, effective_ids=True):
        return [trouble("data folder", f"GREENROOM_DATA_DIR can't be written: {place} belongs to somebody else")]
    return list(_room(place)) or [good("data folder", f"{path} can be written and has room")]


def _room(place: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(place).free
    if free < ROOM:
        yield warning(
            "data folder", f"The disk of GREENROOM_DATA_DIR has {free / 2**20:.0f} MiB left: make room, or set another folder"
        )


def _nearest(path: Path) -> Path:
    """Return the folder, or the nearest one above it that is there to be seen."""
    return next(each for each in (path, *path.absolute().parents) if os.path.isdir(each))  # noqa: PTH112 - a Path's own raises where one may not look
