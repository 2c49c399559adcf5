"""`greenroom serve`."""

import rich_click as click

from entrypoints.cli.loading import end_well_when_told
from entrypoints.cli.refusing import Refused, chosen_settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port; 0 takes a free one.")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 256),
    help="How many processes answer: one for each core. Each has GREENROOM_INLINE_WORKERS of its own.",
)
def serve(host: str, port: int, workers: int) -> None:
    """Run the server, with the settings of the environment and .env."""
    end_well_when_told()
    from entrypoints.server import CannotServe, serve_until_stopped  # noqa: PLC0415  (the web framework takes a while to load)

    try:
        serve_until_stopped(chosen_settings(), host, port, workers)
    except CannotServe as error:
        raise Refused(str(error)) from error
