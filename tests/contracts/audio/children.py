"""Which processes a test has started that are still there, zombies included."""

import os
import subprocess


def children() -> set[int]:
    """Return the ids of this process's children, and of what they started in groups of their own.

    Those that keep the run's real servers are none of a test's.
    """
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, check=True, text=True)
    lines = [line.split(maxsplit=2) for line in listed.stdout.splitlines() if "tests.services.keeper" not in line]
    parents = {int(pid): int(parent) for pid, parent, *_ in lines}
    return {pid for pid, parent in parents.items() if parent == os.getpid() and _lives(pid)}


def _lives(pid: int) -> bool:
    try:
        os.getpgid(pid)
    except ProcessLookupError:
        return False
    return True
