"""Tell how far the work is, as one number that only rises, while several passes are at work one after the other."""

from ports.audio import Progress

STEP = 0.005
"""The smallest rise worth telling."""


class Steps:
    """Turns the seconds that pass in each step into a share of the whole."""

    def __init__(self, tell: Progress) -> None:
        self._tell = tell
        self._phrase = ""
        self._from = self._to = self._told = 0.0
        self._seconds: float | None = None

    def begin(self, phrase: str, until: float, seconds: float | None) -> None:
        """Begin a step that ends at the share `until` and handles `seconds` of audio, None where nobody knows how many."""
        self._phrase, self._seconds = phrase, seconds
        self._from, self._to = self._to, until
        self._say(self._from)

    def heard(self, seconds: float) -> None:
        """Take how many seconds of audio the step has handled."""
        if self._seconds:
            share = self._from + (self._to - self._from) * min(1.0, seconds / self._seconds)
            if share >= self._told + STEP:
                self._say(share)

    def end(self, phrase: str) -> None:
        """Say that all is done."""
        self._phrase = phrase
        self._say(1.0)

    def _say(self, share: float) -> None:
        self._told = max(self._told, share)
        self._tell(self._told, self._phrase)
