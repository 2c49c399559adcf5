"""Which processes a test has started that are still there, zombies included."""

import os
import subprocess


def children() -> set[int]:
    """Return the ids of this process's children, and of what they started in groups of their own."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, check=True, text=True)
    parents = {int(pid): int(parent) for pid, parent in (line.split() for line in listed.stdout.splitlines())}
    return {pid for pid, parent in parents.items() if parent == os.getpid() and _lives(pid)}


def _lives(pid: int) -> bool:
    try:
        os.getpgid(pid)
    except ProcessLookupError:
        return False
    return True
