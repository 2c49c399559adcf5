"""The command line, `greenroom`: demo, serve, prepare."""

import sys
from pathlib import Path

import rich_click as click

from entrypoints.settings import InvalidSettings, Settings, load_settings
from ports.audio import Format, Recipe

FAILED = 1


class Refused(click.ClickException):
    """A command that can't be done, said in one sentence."""

    exit_code = FAILED


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="greenroom")
def main() -> None:
    """Greenroom: upload audio, have it made fit to air, play it through one URL."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="The port; 0 takes a free one.")
def serve(host: str, port: int) -> None:
    """Run the server, with the settings of the environment and .env."""
    from entrypoints.server import CannotServe, serve_until_stopped  # noqa: PLC0415  (the web framework takes a while to load)

    try:
        serve_until_stopped(_settings(), host, port)
    except CannotServe as error:
        raise Refused(str(error)) from error


@main.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--once", is_flag=True, help="End when the demo has run, even at a terminal.")
@click.option("--data-dir", default=Path("data/demo"), show_default=True, type=click.Path(file_okay=False, path_type=Path))
def demo(file: Path | None, once: bool, data_dir: Path) -> None:
    """Start a server of its own, put FILE (or a clip made for it) through the whole way, and show what happened."""
    from entrypoints.demo import DemoFailed, run_demo  # noqa: PLC0415  (as above)

    try:
        run_demo(file, data_dir, stay=not once and sys.stdin.isatty() and sys.stdout.isatty())
    except DemoFailed as error:
        raise Refused(str(error)) from error


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="[default: FILE.prepared.FORMAT]")
@click.option("--target-lufs", default=-16.0, show_default=True, type=click.FloatRange(-40, -5), help="Loudness, in LUFS.")
@click.option("--true-peak", default=-1.0, show_default=True, type=click.FloatRange(-12, 0), help="True peak limit, in dBTP.")
@click.option("--trim/--no-trim", default=True, show_default=True, help="Take off the silence at both ends.")
@click.option("--format", "format_", default="mp3", show_default=True, type=click.Choice([str(item) for item in Format]))
@click.option("--bitrate", default=192, show_default=True, type=click.IntRange(32, 320), help="In kbit/s, for lossy formats.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def prepare(
    *,
    file: Path,
    output: Path | None,
    target_lufs: float,
    true_peak: float,
    trim: bool,
    format_: str,
    bitrate: int,
    as_json: bool,
) -> None:
    """Prepare FILE here and now, without a server."""
    from entrypoints.onefile import CannotPrepare, prepare_file  # noqa: PLC0415  (as above)

    recipe = Recipe(target_lufs=target_lufs, true_peak_dbtp=true_peak, trim=trim, format=Format(format_), bitrate_kbps=bitrate)
    try:
        prepare_file(file, output or file.with_suffix(f".prepared.{format_}"), recipe, _settings(), as_json=as_json)
    except CannotPrepare as error:
        raise Refused(str(error)) from error


def _settings() -> Settings:
    try:
        return load_settings()
    except InvalidSettings as error:
        raise Refused(str(error)) from error
