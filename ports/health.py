"""Being ready: each adapter that can be out of order says so itself."""

from typing import Protocol


class Check(Protocol):
    """One thing that must work before traffic should come."""

    @property
    def name(self) -> str:
        """Say what is checked, in a word: it stands in the answer of /readyz."""
        ...

    async def check(self) -> None:
        """Return if it works. Raise Unavailable or OutOfSpace if not."""
        ...
