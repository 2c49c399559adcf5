"""`greenroom check-worker`: a rehearsal with a worker, and its outcome for people and for scripts."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import msgspec
from msgspec import Struct
from rich.console import Console
from rich.table import Table
from rich.text import Text

from entrypoints.parts import Parts
from entrypoints.rehearsal.acting import Send, Troupe, rehearse
from entrypoints.rehearsal.host import NoHost, hosted, listening
from entrypoints.rehearsal.plays import Pace
from entrypoints.rehearsal.pushing import Pusher
from entrypoints.rehearsal.rows import Row, judged
from entrypoints.rehearsal.stage import Stage
from entrypoints.rehearsal.verdicts import Verdict
from entrypoints.settings import InvalidSettings, Settings
from entrypoints.values import Secret
from entrypoints.visible import visible
from entrypoints.wiring.rehearsal import dispatcher_to
from ports.errors import EngineFailed

_STYLES = {Verdict.KEPT: "green", Verdict.BROKEN: "bold red", Verdict.NOT_SEEN: "yellow"}

Tell = Callable[[str], None]


class NotChecked(Exception):
    """The check could not be made; the sentence says why."""


class Place(Struct, frozen=True, kw_only=True):
    """Where the check listens, and by which address the worker reaches it, where that is another."""

    host: str = "127.0.0.1"
    port: int = 0
    public_url: str | None = None


def check_worker(settings: Settings, url: str | None, place: Place, pace: Pace, *, as_json: bool) -> bool:
    """Check the worker at `url`, or one that comes to ask, print every row, and say whether all were kept. Raise NotChecked."""
    console = Console(stderr=True, soft_wrap=True)
    try:
        rows = asyncio.run(check(settings, url, place, pace, partial(console.print, markup=False, highlight=False)))
    except (NoHost, EngineFailed, InvalidSettings) as error:
        raise NotChecked(str(error)) from error
    kept = all(row.verdict is Verdict.KEPT for row in rows)
    _print(rows, kept=kept, as_json=as_json)
    return kept


async def check(settings: Settings, url: str | None, place: Place, pace: Pace, tell: Tell) -> Sequence[Row]:
    """Return the rows of a rehearsal. `tell` is told what it waits for. Raise NoHost, InvalidSettings or EngineFailed."""
    secret = settings.webhook_secret or Secret(secrets.token_urlsafe(32))
    troupe = Troupe()
    with listening(place.host, place.port) as listener:
        here = place.public_url or f"http://{_written(place.host)}:{listener.getsockname()[1]}"
        stages = list[Stage]()

        def staged(app: object) -> Stage:
            stages.append(Stage(app, pace, cancel=troupe.cancel, lose=troupe.lose))  # type: ignore[arg-type]
            return stages[0]

        async with hosted(listener, here.rstrip("/"), secret, settings.ffmpeg_path, staged) as parts:
            _say_where(here, secret, url, settings, tell)
            async with _sending(url, settings, parts, pace) as send:
                seen = await rehearse(stages[0], troupe, parts, pace=pace, send=send, told=tell)
    return judged(seen)


@asynccontextmanager
async def _sending(url: str | None, settings: Settings, parts: Parts, pace: Pace) -> AsyncIterator[Send | None]:
    if url is None:
        yield None
        return
    async with dispatcher_to(url, settings) as dispatcher:
        yield Pusher(dispatcher, parts, pace).send


def _say_where(here: str, secret: Secret, url: str | None, settings: Settings, tell: Tell) -> None:
    if url:
        tell(f"Sending tickets to {url}; its worker is to reach {here}")
        return
    shown = "(the one that is set here)" if settings.webhook_secret else secret.reveal().decode()
    tell(f"Waiting for a worker that asks for work. It needs:\n  GREENROOM_SERVER_URL={here}\n  INTERNAL_WEBHOOK_SECRET={shown}")


def _print(rows: Sequence[Row], *, kept: bool, as_json: bool) -> None:
    console = Console()
    if as_json:
        console.out(msgspec.json.encode({"kept": kept, "rows": rows}).decode(), highlight=False)
        return
    table = Table("", "the worker", "seen", "chapter")
    for row in rows:
        table.add_row(Text(row.verdict, _STYLES[row.verdict]), row.asks, Text(visible(row.saw), overflow="fold"), row.chapter)
    (console if console.is_terminal else Console(width=200)).print(table)
    console.print("It keeps the contract" if kept else "It does not keep all of the contract: docs/worker.md has the chapters")


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host
