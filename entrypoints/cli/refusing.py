"""How a command says no: in one sentence on standard error, with an exit code that scripts can tell from a wrong call (2)."""

from pathlib import Path

import rich_click as click

from entrypoints.settings import InvalidSettings, Settings, load_settings

FAILED = 1


class Refused(click.ClickException):
    """A command that can't be done, said in one sentence."""

    exit_code = FAILED


def chosen_settings(env_file: Path = Path(".env")) -> Settings:
    """Return the settings of the environment and the file. Raise Refused if one is unknown or malformed."""
    try:
        return load_settings(env_file=env_file)
    except InvalidSettings as error:
        raise Refused(str(error)) from error
