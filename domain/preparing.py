"""A worker carries out a ticket: the same steps in the server's process and on a machine elsewhere."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import msgspec

from domain.results import ENGINE, OUTPUTS, UNUSABLE
from ports.audio import AudioEngine, Prepared, Progress, Recipe
from ports.errors import Altered, EngineFailed, LinkRefused, NotFound, OutOfSpace, OutputsRefused, Unavailable, Unusable
from ports.work import Courier, Output, Report, Reporter, ReportStatus, Ticket

Trouble: TypeAlias = EngineFailed | OutOfSpace | Unavailable
"""What ails the place where an attempt was made, and not its audio."""

LOST_ON_THE_WAY = "The prepared audio did not arrive in storage"
INPUT_GONE = "The original is not in storage any more"

OUT_OF_ORDER = (OutOfSpace, Unavailable)
"""What is wrong with the place and not with the work: another worker, or the same one later, can do it."""


async def carry_out(
    ticket: Ticket,
    *,
    engine: AudioEngine,
    courier: Courier,
    reporter: Reporter,
    folder: Path,
    budget: timedelta,
    progress: Progress,
) -> Trouble | None:
    """Prepare the ticket's audio in `folder`, put the outputs where the ticket says, and report how it ended.

    Trouble of the place (no disk, no storage) gives the job back. Return it, or how the engine failed; None if all is well here,
    whatever was found of the audio. Raise AttemptOver if the server does not want the attempt any
    more. A `complete` is never followed by a `failed` unless the server said that it did not find the outputs.
    """
    try:
        source = await courier.fetch(ticket, folder)
        prepared = await engine.prepare(source, folder, ticket.recipe or Recipe(), budget, progress)
        await _send(ticket, prepared, courier)
    except Unusable as finding:
        await reporter.report(_failed(ticket, finding.sentence, code=UNUSABLE))
    except NotFound:
        await reporter.report(_failed(ticket, INPUT_GONE))
    except (LinkRefused, Altered) as loss:
        await reporter.report(_failed(ticket, str(loss), code=ENGINE, retryable=True))
    except EngineFailed as trouble:
        await reporter.report(_failed(ticket, str(trouble), code=ENGINE, retryable=True))
        return trouble
    except OUT_OF_ORDER as trouble:
        await reporter.report(given_back(ticket, trouble))
        return trouble
    else:
        await _finish(ticket, prepared, courier, reporter)
    return None


def given_back(ticket: Ticket, trouble: Trouble) -> Report:
    """Return the report that gives the job back to another worker, or to this one later."""
    return Report(job_id=ticket.job_id, attempt=ticket.attempt, status=ReportStatus.RELEASED, message=str(trouble))


async def _finish(ticket: Ticket, prepared: Prepared, courier: Courier, reporter: Reporter) -> None:
    """Report `complete`. If the server does not find the outputs, send them once more, then give up for another attempt."""
    try:
        return await reporter.report(_complete(ticket, prepared))
    except OutputsRefused:
        with suppress(*OUT_OF_ORDER):  # what is still not there is refused again
            await _send(ticket, prepared, courier)
    try:
        return await reporter.report(_complete(ticket, prepared))
    except OutputsRefused:
        return await reporter.report(_failed(ticket, LOST_ON_THE_WAY, code=OUTPUTS, retryable=True))


async def _send(ticket: Ticket, prepared: Prepared, courier: Courier) -> None:
    """Send what is owed last: once it is there, everything is."""
    await courier.send(ticket, Output.ORIGINAL_PEAKS, prepared.original_peaks)
    await courier.send(ticket, Output.PREPARED_PEAKS, prepared.prepared_peaks)
    await courier.send(ticket, Output.PREPARED, prepared.audio)


def _complete(ticket: Ticket, prepared: Prepared) -> Report:
    figures = msgspec.to_builtins(prepared.figures)
    return Report(job_id=ticket.job_id, attempt=ticket.attempt, status=ReportStatus.COMPLETE, result=figures)


def _failed(ticket: Ticket, sentence: str, *, code: str | None = None, retryable: bool = False) -> Report:
    return Report(
        job_id=ticket.job_id,
        attempt=ticket.attempt,
        status=ReportStatus.FAILED,
        error=sentence,
        result={"code": code} if code else None,
        retryable=retryable,
    )
