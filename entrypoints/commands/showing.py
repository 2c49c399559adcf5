"""What `greenroom jobs` prints: the API's own JSON for scripts, tables and sentences for people."""

from typing import Any

import msgspec
from rich.console import Console

from entrypoints.commands.jobtables import job_sheet, jobs_table
from entrypoints.views import JobPage, job_view, listing
from ports.jobs import Job
from ports.paging import Page


def show_page(page: Page[Job], *, as_json: bool) -> None:
    """Print some jobs, and where there are more."""
    listed = listing(JobPage, page, job_view)
    if as_json:
        _print_json(listed)
        return
    _console().print(jobs_table(page.items) if page.items else "There are no such jobs")
    if listed.next:
        _console().print(f"There are more: --cursor {listed.next}", markup=False, highlight=False, soft_wrap=True)


def show_job(job: Job, *, as_json: bool) -> None:
    """Print one job."""
    if as_json:
        _print_json(job_view(job))
    else:
        _console().print(job_sheet(job))


def show_done(job: Job, sentence: str, *, as_json: bool) -> None:
    """Print what was done to a job."""
    if as_json:
        _print_json(job_view(job))
    else:
        _console().print(sentence, highlight=False, soft_wrap=True)


def _print_json(shown: Any) -> None:
    _console().out(msgspec.json.encode(shown).decode(), highlight=False)


def _console() -> Console:
    """Return the standard output; away from a terminal it is as wide as it needs to be."""
    console = Console()
    return console if console.is_terminal else Console(width=200)
