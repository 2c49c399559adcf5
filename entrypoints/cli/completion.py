"""`greenroom completion`."""

import rich_click as click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script by which a shell completes greenroom's commands and options."""
    chosen = get_completion_class(shell)
    assert chosen is not None  # noqa: S101  (click has all three)
    click.echo(chosen(context.find_root().command, {}, "greenroom", "_GREENROOM_COMPLETE").source())
