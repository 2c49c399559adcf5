"""`make bench`: every way beside its rivals, in one go on one machine. `python -m tests.benchmarks --help` has the options."""

import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from traceback import format_exc
from types import ModuleType

import rich_click as click
from rich.console import Console

from tests.benchmarks import record
from tests.benchmarks.figures import CannotMeasure, Section
from tests.benchmarks.needs import missing
from tests.benchmarks.rounds import Bench, Say
from tests.benchmarks.sizes import FULL, SMOKE
from tests.benchmarks.table import table_of

WAYS: Mapping[str, str] = {
    "callback": "callback",
    "redirect": "redirect",
    "processes": "processes",
    "bytes": "delivery",
    "preparing": "preparing",
    "upload": "uploading",
    "stores": "stores",
    "growth": "growth",
    "start-up": "startup",
}
"""Each way, and the module that measures it."""

MISSING = 2


@click.command()
@click.option("--only", default="", metavar="WAY,...", help=f"Of {', '.join(WAYS)}, these alone.")
@click.option(
    "--rounds", type=click.IntRange(1, 100), help=f"How often each has its turn.  [default: {FULL.rounds}; 1 with --smoke]"
)
@click.option("--smoke", is_flag=True, help="As little as shows that every row comes about; the figures mean nothing.")
@click.option(
    "--out", default="build/bench", show_default=True, type=click.Path(file_okay=False, path_type=Path), help="Where to put it."
)
def main(only: str, rounds: int | None, smoke: bool, out: Path) -> None:
    """Measure Greenroom beside its rivals: a table here, bench.json and bench.png in the folder."""
    modules = _chosen(only)
    if sentence := missing({need for module in modules.values() for need in module.NEEDS}):
        click.echo(sentence, err=True)
        sys.exit(MISSING)
    _prepare_process()
    out.mkdir(parents=True, exist_ok=True)
    (out / "progress.log").unlink(missing_ok=True)
    sections, failures = _measured(modules, rounds or (SMOKE if smoke else FULL).rounds, out.resolve(), smoke=smoke)
    click.echo(f"{out}/bench.json, {_drawn(sections, out / 'bench.png')}")
    sys.exit(1 if failures else 0)


def _chosen(only: str) -> Mapping[str, ModuleType]:
    names = [name.strip() for name in only.split(",") if name.strip()] or list(WAYS)
    if unknown := [name for name in names if name not in WAYS]:
        raise click.BadParameter(f"{unknown[0]} is none of {', '.join(WAYS)}", param_hint="--only")
    return {name: import_module(f"tests.benchmarks.{WAYS[name]}") for name in names}


def _prepare_process() -> None:
    """Let the servers have as many connections as they may, and end them all when this process is told to end."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))


def _measured(modules: Mapping[str, ModuleType], rounds: int, out: Path, *, smoke: bool) -> tuple[list[Section], dict[str, str]]:
    """Measure each way and write down what is known so far: hours are lost to nothing."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    sections: list[Section] = []
    failures: dict[str, str] = {}
    for way, module in modules.items():
        with ExitStack() as stack:
            say = _saying(console, way, out / "progress.log", stack)
            folder = stack.enter_context(TemporaryDirectory(prefix="work-", dir=out, ignore_cleanup_errors=True))
            bench = Bench(SMOKE if smoke else FULL, rounds, Path(folder), say)
            found = _attempted(way, lambda: module.run(bench), failures, say)  # noqa: B023 - it is called at once
        if found is None:
            console.print(f"{way}: {failures[way]}", markup=False, style="bold")
        else:
            sections.append(found)
            console.print(table_of(found))
        record.write(out / "bench.json", sections, failures, rounds=rounds, smoke=smoke)
    return sections, failures


def _attempted(way: str, run: Callable[[], Section], failures: dict[str, str], say: Say) -> Section | None:
    """Return the rows of a way, None if it has none; the log then has the whole story."""
    try:
        return run()
    except CannotMeasure as error:
        failures[way] = str(error)
    except Exception as error:  # noqa: BLE001 - the other ways are to be measured nevertheless
        failures[way] = f"{type(error).__name__}: {error}"
        say(format_exc())
    return None


def _saying(console: Console, way: str, log: Path, stack: ExitStack) -> Say:
    """Return what tells how far it is: on the terminal, and in a log."""
    file = stack.enter_context(log.open("a"))
    status = stack.enter_context(console.status(way)) if console.is_terminal else None

    def say(what: str) -> None:
        print(time.strftime("%H:%M:%S"), f"{way}: {what}", file=file, flush=True)
        if status is not None:
            status.update(f"{way}: {what}")

    return say


def _drawn(sections: Sequence[Section], path: Path) -> str:
    """Draw the picture, and say where it is, or why there is none."""
    if find_spec("matplotlib") is None:
        return "and no picture: `make bench` installs matplotlib for that"
    from tests.benchmarks.picture import draw  # noqa: PLC0415  (it takes a while to load)

    draw(sections, path)
    return str(path)


if __name__ == "__main__":
    main()
