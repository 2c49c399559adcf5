"""Server-sent events as text (WHATWG HTML, 9.2.6): what happened to a job, and what keeps a listener in touch."""

from uuid import UUID

import msgspec

from entrypoints.views import job_view
from ports.jobs import Job

RETRY = b"retry: 2000\n\n"
"""Milliseconds after which a listener that lost its connection comes again."""

COMMENT = b":\n\n"
"""What says that the connection is alive, and nothing else."""

SNAPSHOT = b"event: snapshot\ndata: {}\n\n"
"""What was told before is void: the live jobs follow, and then LIVE."""

_BREAKS = {character.encode(): b"\\u%04x" % ord(character) for character in "\x85\u2028\u2029"}
"""What is no end of a line in an event, nor needs to be escaped in JSON, but that many a client takes for one."""


def job_event(job: Job, number: int | None = None) -> bytes:
    """Tell how a job stands, as `GET /api/jobs/{id}` shows it. `number` is where to go on from."""
    return _event("job", msgspec.json.encode(job_view(job)), number)


def removed_event(job_id: UUID, number: int) -> bytes:
    """Tell that a job is not kept any more."""
    return _event("removed", msgspec.json.encode({"id": job_id}), number)


def live_event(number: int) -> bytes:
    """Tell that the snapshot is whole, and where to go on from."""
    return _event("live", b"{}", number)


def _event(name: str, data: bytes, number: int | None) -> bytes:
    for character, escaped in _BREAKS.items():
        data = data.replace(character, escaped)
    place = b"" if number is None else b"id: %d\n" % number
    return b"event: %b\n%bdata: %b\n\n" % (name.encode(), place, data)
