"""The clock: does it say the same as those of the others, who judge what we have signed by theirs."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx

from entrypoints.clock import utc_now
from entrypoints.doctor.findings import Finding, good, trouble, warning

NOTICED, REFUSED = 5.0, 60.0
"""Seconds: from the first on it shows, from the second on links, signatures and leases end at the wrong time."""


class Dates:
    """Hears the Date of each answer (RFC 9110, 6.6.1: whole seconds), and knows how far our clock is from whose."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._apart: dict[str, float] = {}

    def listen(self, client: httpx.AsyncClient) -> None:
        """Hear the answers that this client is given."""
        client.event_hooks = {"request": [self._asked], "response": [self._answered]}

    def examine(self) -> list[Finding]:
        """Say how our clock does beside the one that differs most, if anybody has said what time it is."""
        far = sorted(self._apart.items(), key=lambda item: item[1])[-1:]
        return [_of_clock(seconds, host) for host, seconds in far]

    async def _asked(self, request: httpx.Request) -> None:
        request.extensions["began"] = self._clock()

    async def _answered(self, answer: httpx.Response) -> None:
        said = _date(answer)
        if said is not None:
            apart = max((answer.request.extensions["began"] - said).total_seconds(), (said - self._clock()).total_seconds() + 1)
            host = answer.request.url.host
            self._apart[host] = max(apart, self._apart.get(host, apart))


def _of_clock(seconds: float, host: str) -> Finding:
    if seconds >= REFUSED:
        told = f"It differs by {seconds:.0f} s from that of {host}: signed links and signatures fail. Set both by NTP"
        return trouble("clock", told)
    if seconds >= NOTICED:
        return warning("clock", f"It differs by {seconds:.0f} s from that of {host}: set both by NTP")
    return good("clock", "It agrees with others'")


def _date(answer: httpx.Response) -> datetime | None:
    """Return when the answer was made. One that a cache has kept says nothing of now (RFC 9111, 5.1)."""
    try:
        said = parsedate_to_datetime(answer.headers["date"])
    except (KeyError, ValueError):
        return None
    return said if said.tzinfo is not None and "age" not in answer.headers else None
