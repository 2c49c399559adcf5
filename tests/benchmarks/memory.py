"""How much memory a process and all its children hold, and how much they compute, by what Linux says of each."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

MB = 10**6
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = 1 / os.sysconf("SC_CLK_TCK")


class Peak:
    """The most that was held while somebody looked, in bytes."""

    def __init__(self) -> None:
        self.bytes = 0


def held(process: int) -> int:
    """Return how many bytes a process and its children hold, what they share counted each time."""
    return sum(_resident(each) for each in _family(process))


def computed(process: int) -> float:
    """Return how many seconds of processors a process and its children have used."""
    return sum(_computed(each) for each in _family(process))


@contextmanager
def watched(process: int, every: float = 0.05) -> Iterator[Peak]:
    """Look at a process and its children now and then, from a thread, until the block ends."""
    peak, over = Peak(), Event()

    def look() -> None:
        while True:
            peak.bytes = max(peak.bytes, held(process))
            if over.wait(every):
                return

    thread = Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def _family(process: int) -> Iterator[int]:
    yield process
    # What ends between two looks has no children and holds nothing.
    with suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _resident(process: int) -> int:
    with suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * _PAGE
    return 0


def _computed(process: int) -> float:
    with suppress(OSError):
        # The name in brackets may have blanks: what follows it is counted.
        figures = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(figures[11]) + int(figures[12])) * _TICK
    return 0.0
