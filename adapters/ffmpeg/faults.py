"""What it means when a child process ends badly."""

import signal

from ports.errors import EngineFailed, OutOfSpace, Unusable

NOT_RUN = {126, 127}
"""What the shell answers where a program can't be run, or isn't there."""


class Complaints:
    """Hears a child's messages and remembers what decides how its failure is understood."""

    def __init__(self) -> None:
        self.count = 0
        self._full = self._too_large = self._not_written = False

    def hear(self, line: str) -> None:
        """Take a line of an ffmpeg that prints errors only."""
        self.count += 1
        self._full = self._full or "No space left on device" in line or "Disk quota exceeded" in line
        self._too_large = self._too_large or "File too large" in line
        self._not_written = self._not_written or "Slave muxer" in line or "Error writing" in line or "Error closing" in line

    def judge(self, code: int) -> None:
        """Raise what the exit `code` means, with what was heard: ffmpeg 5 exits with 0 although it could not write.

        Raise OutOfSpace if the disk is full, Unusable if the output outgrew its limit, else EngineFailed unless all went well.
        """
        if code == 0 and not self._not_written:
            return
        if self._full:
            raise OutOfSpace("The disk that prepared audio is written to")
        if self._too_large or code == -signal.SIGXFSZ:
            raise Unusable("The prepared audio would be larger than is allowed.")
        check_alive(code)
        raise EngineFailed(f"The audio engine gave up (code {code})")


def check_alive(code: int) -> None:
    """Raise EngineFailed if exit `code` says that a child never ran, or was ended by a signal."""
    if code in NOT_RUN:
        raise EngineFailed("The audio engine could not be started")
    if code == -signal.SIGXCPU:
        raise EngineFailed("The audio engine used up its processor time")
    if code < 0:
        raise EngineFailed(f"The audio engine was ended by signal {-code}")
