"""`greenroom prepare`."""

from pathlib import Path

import rich_click as click

from entrypoints.cli.refusing import Refused, chosen_settings
from ports.audio import Format, Recipe


@click.command()
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
    from entrypoints.commands.onefile import CannotPrepare, prepare_file  # noqa: PLC0415  (the adapters take a while to load)

    recipe = Recipe(target_lufs=target_lufs, true_peak_dbtp=true_peak, trim=trim, format=Format(format_), bitrate_kbps=bitrate)
    try:
        prepare_file(file, output or file.with_suffix(f".prepared.{format_}"), recipe, chosen_settings(), as_json=as_json)
    except CannotPrepare as error:
        raise Refused(str(error)) from error
