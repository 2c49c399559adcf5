"""`greenroom jobs`: list, show, cancel, retry."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import UUID

import rich_click as click

from entrypoints.cli.refusing import Refused, chosen_settings
from ports.jobs import JobKind, JobStatus

F = TypeVar("F", bound=Callable[..., Any])


def _as_json(command: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print what the API would answer.")(command)


@click.group()
def jobs() -> None:
    """List, read, cancel and retry jobs, directly in the store: servers may run meanwhile or not."""


@jobs.command("list")
@click.option("--status", type=click.Choice([str(item) for item in JobStatus]), help="Only jobs that are this.")
@click.option("--kind", type=click.Choice([str(item) for item in JobKind]), help="Only jobs of this kind.")
@click.option("--asset", "asset_id", help="Only jobs of this asset.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200), help="How many, at most.")
@click.option("--cursor", help="Where to go on: the `next` of the page before.")
@_as_json
def list_(*, status: str | None, kind: str | None, asset_id: str | None, limit: int, cursor: str | None, as_json: bool) -> None:
    """List jobs, newest first."""
    from entrypoints.commands import desk, showing  # noqa: PLC0415  (the store takes a while to load)

    with _refusing():
        page = desk.list_jobs(
            chosen_settings(),
            status=JobStatus(status) if status else None,
            kind=JobKind(kind) if kind else None,
            asset_id=asset_id,
            limit=limit,
            cursor=cursor,
        )
    showing.show_page(page, as_json=as_json)


@jobs.command()
@click.argument("job_id", metavar="ID", type=click.UUID)
@_as_json
def show(job_id: UUID, as_json: bool) -> None:
    """Show one job, with the history of its attempts and of telling the app."""
    from entrypoints.commands import desk, showing  # noqa: PLC0415  (as above)

    with _refusing():
        job = desk.read_job(chosen_settings(), job_id)
    showing.show_job(job, as_json=as_json)


@jobs.command()
@click.argument("job_id", metavar="ID", type=click.UUID)
@_as_json
def cancel(job_id: UUID, as_json: bool) -> None:
    """Cancel a job: one that waits will not start, and who works on one learns it from the answer to the next report."""
    from entrypoints.commands import desk, showing  # noqa: PLC0415  (as above)

    with _refusing():
        job = desk.cancel(chosen_settings(), job_id)
    showing.show_done(job, f"Cancelled job {job.id}", as_json=as_json)


@jobs.command()
@click.argument("job_id", metavar="ID", type=click.UUID)
@_as_json
def retry(job_id: UUID, as_json: bool) -> None:
    """Try a failed or cancelled job again, as a new job."""
    from entrypoints.commands import desk, showing  # noqa: PLC0415  (as above)

    with _refusing():
        job = desk.retry(chosen_settings(), job_id)
    showing.show_done(job, f"Queued job {job.id}, which tries {job.retry_of} again", as_json=as_json)


@contextmanager
def _refusing() -> Iterator[None]:
    from entrypoints.commands.desk import NotDone  # noqa: PLC0415  (as above)

    try:
        yield
    except NotDone as error:
        raise Refused(str(error)) from error
