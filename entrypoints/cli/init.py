"""`greenroom init`."""

import os
from pathlib import Path

import rich_click as click

from entrypoints.cli.refusing import Refused, chosen_settings


@click.command()
@click.option("-o", "--output", default=Path(".env"), show_default=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--signing", is_flag=True, help="With a secret to sign callbacks by (Standard Webhooks).")
@click.option("--force", is_flag=True, help="Write another in the place of one that is there.")
@click.option("--show", is_flag=True, help="Print the secrets too.")
def init(output: Path, signing: bool, force: bool, show: bool) -> None:
    """Write a .env with strong secrets of its own, for your eyes only."""
    from entrypoints.commands.firstsecrets import NotWritten, new_secrets, write_secrets  # noqa: PLC0415  (only this command needs it)

    environment = chosen_settings(Path(os.devnull))  # what stands in a file that is to be replaced is no matter
    try:
        values = new_secrets(environment, signing=signing)
        write_secrets(output, values, force=force)
    except NotWritten as error:
        raise Refused(str(error)) from error
    click.echo(f"Written to {output}: {', '.join(values)}\n")
    click.echo("Next: greenroom serve, here. Workers need INTERNAL_WEBHOOK_SECRET, apps a key of GREENROOM_API_KEYS.")
    click.echo("Keep the file to yourself, and a copy of it with your back-ups.")
    for name, value in values.items() if show else ():
        click.echo(f"{name}={value}")
