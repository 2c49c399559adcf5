"""Jobs as people read them in a terminal: a table of many, the history of one in plain words."""

import json
from collections.abc import Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from entrypoints.visible import visible
from ports.jobs import Attempt, Delivery, Job, Outcome

ENDINGS = {
    Outcome.COMPLETE: "is complete",
    Outcome.FAILED: "failed",
    Outcome.RELEASED: "was given back",
    Outcome.LOST: "was lost: its worker fell silent",
    Outcome.CANCELLED: "was cancelled",
}


def jobs_table(jobs: tuple[Job, ...]) -> Table:
    """Return the table of some jobs."""
    table = Table("created", "kind", "status", "attempts", "asset")
    table.add_column("id", no_wrap=True)
    for job in jobs:
        table.add_row(_written(job.created), job.kind, _standing(job), _counted(job), _shown(job.asset_id or ""), str(job.id))
    return table


def job_sheet(job: Job) -> RenderableType:
    """Return all that a person may want to know of a job."""
    facts = Table.grid("", "", padding=(0, 2))
    for name, value in _facts(job):
        facts.add_row(name, _shown(value))
    history = Table("when", "what", title="History", title_justify="left")
    for moment, said in _history(job):
        history.add_row(_written(moment) if moment else "", _shown(said))
    return Group(facts, history)


def _facts(job: Job) -> Iterator[tuple[str, str]]:
    yield "job", str(job.id)
    yield "kind", job.kind
    yield "status", str(_standing(job))
    if job.asset_id:
        yield "asset", job.asset_id
    if job.retry_of:
        yield "tries again", str(job.retry_of)
    if job.error:
        yield "error", job.error
    if job.result is not None:
        yield "result", json.dumps(job.result, ensure_ascii=False)


def _history(job: Job) -> Iterator[tuple[datetime | None, str]]:
    yield job.created, "queued"
    for attempt in job.attempts:
        yield from _tried(attempt)
    if job.ended:
        yield job.ended, f"the job is {job.status}"
    for delivery in job.deliveries:
        yield delivery.at, _delivered(delivery)


def _tried(attempt: Attempt) -> Iterator[tuple[datetime | None, str]]:
    yield attempt.started, f"attempt {attempt.number} was started by {attempt.worker}"
    said = f": {attempt.message}" if attempt.message else ""
    if attempt.outcome:
        yield attempt.ended, f"attempt {attempt.number} {ENDINGS[attempt.outcome]}{said}"
    else:
        progress = "" if attempt.progress is None else f", {attempt.progress:.0%} done"
        yield None, f"attempt {attempt.number} goes on{progress}{said}"


def _delivered(delivery: Delivery) -> str:
    status = f" ({delivery.status})" if delivery.status else ""
    return f"the app was told{status}" if delivery.error is None else f"the app could not be told{status}: {delivery.error}"


def _counted(job: Job) -> str:
    """Return how many attempts count, of how many; those that were given back do not."""
    back = sum(attempt.outcome is Outcome.RELEASED for attempt in job.attempts)
    counted = f"{len(job.attempts) - back} of {job.max_attempts}"
    return f"{counted}, {back} given back" if back else counted


def _standing(job: Job) -> Text:
    progress = job.attempts[-1].progress if job.attempts and not job.ended else None
    return Text(job.status if progress is None else f"{job.status}, {progress:.0%}")


def _written(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"


def _shown(text: str) -> Text:
    """Return what strangers may have written: no mark-up, and no control character."""
    return Text(visible(text), overflow="fold")
