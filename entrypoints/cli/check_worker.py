"""`greenroom check-worker`."""

import rich_click as click

from entrypoints.cli.refusing import Refused, chosen_settings

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def _web_address(_: click.Context, __: click.Parameter, url: str | None) -> str | None:
    if url is not None and not url.startswith(("http://", "https://")):
        raise click.BadParameter("must be a web address such as https://audio.example.com")
    return url


@click.command("check-worker")
@click.argument("url", metavar="[URL]", required=False, callback=_web_address)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="The port.  [default: a free one]")
@click.option("--public-url", metavar="URL", callback=_web_address, help="Where a worker elsewhere reaches that.")
@click.option("--token", metavar="TOKEN", help="The bearer of tickets to URL.  [default: GREENROOM_DISPATCH_TOKEN]")
@click.option("--lease", default=4.0, show_default=True, type=click.FloatRange(0.5, 30), help="Seconds it may be silent.")
@click.option("--timeout", default=60.0, show_default=True, type=click.FloatRange(1), help="Seconds until it must have come.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
@click.pass_context
def check_worker(
    context: click.Context,
    *,
    url: str | None,
    host: str,
    port: int,
    public_url: str | None,
    token: str | None,
    lease: float,
    timeout: float,
    as_json: bool,
) -> None:
    """Check whether a worker, in whatever language, keeps the contract of docs/worker.md.

    Give the URL that its tickets are sent to; without one, a worker is waited for that asks for work by itself. It is played a
    server, with real jobs and real audio, that answers now and then as a server in trouble does. Ends with 0 if every row was
    kept, 1 if not.
    """
    if host not in LOOPBACK and public_url is None:
        raise click.UsageError(f"--public-url must be given to listen on {host}: the worker is sent there")
    from msgspec.structs import replace  # noqa: PLC0415  (what follows takes a while to load)

    from entrypoints.commands.workercheck import NotChecked, Place, check_worker  # noqa: PLC0415  (as above)
    from entrypoints.rehearsal.plays import Pace  # noqa: PLC0415  (as above)
    from entrypoints.values import Secret  # noqa: PLC0415  (as above)

    settings = chosen_settings()
    settings = replace(settings, dispatch_token=Secret(token)) if token else settings
    place = Place(host=host, port=port, public_url=public_url)
    try:
        kept = check_worker(settings, url, place, Pace(lease=lease, comes=timeout), as_json=as_json)
    except NotChecked as error:
        raise Refused(str(error)) from error
    context.exit(0 if kept else 1)
