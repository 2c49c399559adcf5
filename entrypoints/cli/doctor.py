"""`greenroom doctor`."""

from pathlib import Path

import rich_click as click

from entrypoints.cli.refusing import FAILED, Refused, chosen_settings

ENV_FILE = Path(".env")


@click.command()
@click.option("--fix-cors", metavar="ORIGIN", multiple=True, help="First let pages of this origin use the bucket's links.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_context
def doctor(context: click.Context, fix_cors: tuple[str, ...], *, as_json: bool) -> None:
    """Look at every setting and service from the outside, and say what is wrong and what to do about it.

    Run it where the server runs, with its settings, while it runs. It exits with 1 if anything is in the way of users.
    """
    from entrypoints.commands.checkup import NotFixed, examined, let_in  # noqa: PLC0415  (the adapters take a while to load)

    settings = chosen_settings(ENV_FILE)
    try:
        let_in(fix_cors, settings)
    except NotFixed as error:
        raise Refused(str(error)) from error
    if not examined(settings, ENV_FILE, as_json=as_json):
        context.exit(FAILED)
