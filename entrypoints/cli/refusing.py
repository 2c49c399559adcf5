"""How a command says no: in one sentence on standard error, with an exit code that scripts can tell from a wrong call (2)."""

from pathlib import Path
from typing import Any

import rich_click as click

from entrypoints.settings import InvalidSettings, Settings, load_settings
from entrypoints.visible import visible

FAILED = 1


class Refused(Exception):
    """A command that can't be done, said in one sentence."""


class Commands(click.RichGroup):
    """Commands that may be refused: the sentence is a line, for logs and scripts too. Click's own box breaks it up."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that is called."""
        try:
            return super().invoke(ctx)
        except Refused as refusal:
            click.echo(f"Error: {visible(str(refusal))}", err=True)
            ctx.exit(FAILED)


def chosen_settings(env_file: Path = Path(".env")) -> Settings:
    """Return the settings of the environment and the file. Raise Refused if one is unknown or malformed."""
    try:
        return load_settings(env_file=env_file)
    except InvalidSettings as error:
        raise Refused(str(error)) from error
