"""`greenroom prepare FILE`: the worker's engine on one file, without a server."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress

from entrypoints.commands.figures import figures_table
from entrypoints.settings import Settings
from entrypoints.wiring.engine import audio_engine
from ports.audio import Figures, Prepared, Recipe
from ports.errors import EngineFailed, OutOfSpace, Unusable


class CannotPrepare(Exception):
    """The file can't be prepared; the sentence says why."""


def prepare_file(source: Path, target: Path, recipe: Recipe, settings: Settings, *, as_json: bool) -> None:
    """Prepare `source`, put the result in `target` whole, and print the figures. Raise CannotPrepare."""
    if target.resolve() == source.resolve():
        raise CannotPrepare("The output would overwrite the file itself")
    if not target.parent.is_dir():
        raise CannotPrepare(f"There is no folder {target.parent}")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".greenroom-") as folder:
            prepared = asyncio.run(_prepared(source, Path(folder), recipe, settings))
            prepared.audio.replace(target)
    except (Unusable, EngineFailed, OutOfSpace) as error:
        raise CannotPrepare(str(error)) from error
    except OSError as error:
        raise CannotPrepare(f"{target} can't be written: {error.strerror}") from error
    _print(prepared.figures, target, as_json=as_json)


async def _prepared(source: Path, folder: Path, recipe: Recipe, settings: Settings) -> Prepared:
    with Progress(console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("preparing", total=1.0)
        return await audio_engine(settings).prepare(
            source,
            folder,
            recipe,
            timedelta(seconds=settings.deadline_seconds),
            lambda fraction, phrase: shown.update(task, completed=fraction, description=phrase),
        )


def _print(figures: Figures, target: Path, *, as_json: bool) -> None:
    console = Console(soft_wrap=True)
    if as_json:
        console.out(msgspec.json.encode({"output": str(target), "figures": figures}).decode(), highlight=False)
        return
    console.print(figures_table(msgspec.to_builtins(figures)))
    console.print(f"Written to {target}", markup=False)
