"""How a command says no: in one sentence on standard error, with an exit code that scripts can tell from a wrong call (2)."""

import rich_click as click

from entrypoints.settings import InvalidSettings, Settings, load_settings

FAILED = 1


class Refused(click.ClickException):
    """A command that can't be done, said in one sentence."""

    exit_code = FAILED


def chosen_settings() -> Settings:
    """Return the settings of the environment and `.env`. Raise Refused if one is unknown or malformed."""
    try:
        return load_settings()
    except InvalidSettings as error:
        raise Refused(str(error)) from error
