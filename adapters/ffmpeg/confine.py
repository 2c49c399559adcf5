"""What a child process may use and see: kernel limits set before ffmpeg starts, and an environment without secrets."""

import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")

# The shell sets the limits and becomes ffmpeg by exec: same process id, no moment without limits, no code of ours between
# fork and exec in a threaded server. A limit this system doesn't know (address space on macOS), or one already tighter
# than ours, is left as it is.
CONFINED = """
ulimit -c 0 2>/dev/null || :
ulimit -t "$1" 2>/dev/null || :
ulimit -f "$2" 2>/dev/null || :
ulimit -v "$3" 2>/dev/null || :
shift 3
exec "$@"
"""


class Bounds(Struct, frozen=True, kw_only=True):
    """What one child may use: processor time in seconds, each file it writes and its address space in bytes."""

    seconds: int
    file_bytes: int
    memory_bytes: int


def confined(binary: Path, arguments: tuple[str, ...], bounds: Bounds) -> tuple[str, ...]:
    """Return the command line that runs `binary` inside `bounds`. POSIX counts file size in blocks of 512 bytes."""
    blocks, kibibytes = -(-bounds.file_bytes // 512), bounds.memory_bytes // 1024
    return ("/bin/sh", "-c", CONFINED, "sh", str(bounds.seconds), str(blocks), str(kibibytes), str(binary), *arguments)


def bare_environment() -> Mapping[str, str]:
    """Return what a child needs to find its libraries and temporary folder, and nothing else of ours."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {**kept, "LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"}
