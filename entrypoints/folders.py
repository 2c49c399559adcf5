"""Folders, whose names are to be on the disk before anybody is told so."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Return once the disk keeps the names in the folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
