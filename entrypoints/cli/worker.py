"""`greenroom worker`."""

import os
import socket

import rich_click as click

from entrypoints.cli.loading import end_well_when_told
from entrypoints.cli.refusing import Refused
from entrypoints.settings import InvalidSettings, Settings, load_settings
from ports.jobs import JobKind

LONGEST_NAME = 100


def _name(_: click.Context, __: click.Parameter, name: str | None) -> str:
    """Return the worker's name, by default that of its machine and process."""
    name = name if name is not None else f"{socket.gethostname()}-{os.getpid()}"[-LONGEST_NAME:]
    if not name.strip() or not name.isprintable() or len(name) > LONGEST_NAME:
        raise click.BadParameter(f"must be 1 to {LONGEST_NAME} printable characters")
    return name


def _kinds(_: click.Context, __: click.Parameter, told: str) -> list[JobKind]:
    kinds = {kind.strip() for kind in told.split(",")}
    if JobKind.RENDER in kinds:
        raise click.BadParameter("what a `render` job asks for is known to a worker of your own only: docs/worker.md says how")
    if kinds != {JobKind.PREPARE}:
        raise click.BadParameter("must be prepare")
    return [JobKind.PREPARE]


@click.command()
@click.option("--server", metavar="URL", help="The server to work for.  [default: GREENROOM_SERVER_URL]")
@click.option("--concurrency", type=click.IntRange(1), help="Jobs at a time.  [default: GREENROOM_CONCURRENCY, or 1]")
@click.option("--kinds", default="prepare", show_default=True, callback=_kinds, help="Kinds of jobs to take.")
@click.option("--name", callback=_name, help="Its name in the jobs' history.  [default: the machine's, and a number]")
def worker(server: str | None, concurrency: int | None, kinds: list[JobKind], name: str) -> None:
    """Prepare audio for a server elsewhere, until SIGTERM or Ctrl-C: then its jobs are given back.

    It needs the server's INTERNAL_WEBHOOK_SECRET, and no credentials of its storage.
    """
    end_well_when_told()
    from entrypoints.work.elsewhere import CannotWork, work_until_stopped  # noqa: PLC0415  (the adapters take a while to load)

    try:
        work_until_stopped(_settings(server, concurrency), name, kinds)
    except CannotWork as error:
        raise Refused(str(error)) from error


def _settings(server: str | None, concurrency: int | None) -> Settings:
    """Return the settings, those of the options before those of the environment."""
    told = {"GREENROOM_SERVER_URL": server, "GREENROOM_CONCURRENCY": concurrency}
    try:
        return load_settings(os.environ | {name: str(value) for name, value in told.items() if value is not None})
    except InvalidSettings as error:
        raise Refused(str(error)) from error
