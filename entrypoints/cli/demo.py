"""`greenroom demo`."""

import sys
from pathlib import Path

import rich_click as click

from entrypoints.cli.refusing import Refused


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--once", is_flag=True, help="End when the demo has run, even at a terminal.")
@click.option("--data-dir", default=Path("data/demo"), show_default=True, type=click.Path(file_okay=False, path_type=Path))
def demo(file: Path | None, once: bool, data_dir: Path) -> None:
    """Start a server of its own, put FILE (or a clip made for it) through the whole way, and show what happened."""
    from entrypoints.commands.demo import DemoFailed, run_demo  # noqa: PLC0415  (its HTTP client takes a while to load)

    try:
        run_demo(file, data_dir, stay=not once and sys.stdin.isatty() and sys.stdout.isatty())
    except DemoFailed as error:
        raise Refused(str(error)) from error
