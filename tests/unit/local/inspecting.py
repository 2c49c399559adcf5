"""Looking at folders and descriptors from the outside."""

from contextlib import suppress
from pathlib import Path


def names(folder: Path) -> list[str]:
    """What is in the folder; nothing, if there is none."""
    return sorted(path.name for path in folder.glob("*"))


def open_files() -> int:
    """How many descriptors this process holds that are no sockets: those of clients long forgotten end at any time."""
    return sum(not _is_socket(target) for target in _descriptors())


def open_sockets() -> int:
    """How many sockets this process holds."""
    return sum(_is_socket(target) for target in _descriptors())


def _is_socket(target: str) -> bool:
    return target.startswith("socket:")


def _descriptors() -> list[str]:
    """What the descriptors stand for, but for those closed while they are looked at, as the one of this look is."""
    targets = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            targets.append(str(descriptor.readlink()))
    return targets
