"""`greenroom housekeep`: one round of the housekeeper, or what it would do, for people and for scripts."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import uuid4

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from domain.deeds import Deed, Tally
from domain.foreseeing import Foreseen, foresee
from domain.housekeeping import keep_house
from entrypoints.jitter import chance
from entrypoints.parts import Household
from entrypoints.settings import InvalidSettings, Settings
from entrypoints.visible import visible
from entrypoints.wiring.household import household as household_of
from entrypoints.wiring.naming import CannotStart
from ports.errors import OutOfSpace, Unavailable

T = TypeVar("T")


class NotKept(Exception):
    """House can't be kept; the sentence says why."""


def take_round(settings: Settings) -> Tally:
    """Keep house once and return what was done. Raise NotKept where something is out of reach: what could be done is done."""
    return _at_home(settings, _take_round)


def foresee_round(settings: Settings) -> list[Foreseen]:
    """Return what a round would do. Nothing is changed. Raise NotKept."""
    return _at_home(settings, _foresee_round)


def show_done(tally: Tally, *, as_json: bool) -> None:
    """Print how often each was done."""
    done = {str(deed): tally[deed] for deed in Deed if tally[deed]}
    if as_json:
        _print_json(done)
    else:
        _print(_table(("done", "times"), [(deed, str(times)) for deed, times in done.items()]), "There was nothing to do")


def show_foreseen(foreseen: Sequence[Foreseen], *, as_json: bool) -> None:
    """Print what would be done, a line each."""
    if as_json:
        _print_json(foreseen)
    else:
        rows = [(each.deed, _written(each.since), each.job or "", each.asset or "", each.key or "") for each in foreseen]
        _print(_table(("would be done", "due since", "job", "asset", "key"), rows), "There is nothing to do")


async def _take_round(household: Household) -> Tally:
    tally = Tally()
    await keep_house(
        household.house,
        clock=household.clock,
        chance=chance(),
        new_id=lambda: str(uuid4()),
        tally=tally,
    )
    tally[Deed.SWEPT] += await household.sweep(True)
    return tally


async def _foresee_round(household: Household) -> list[Foreseen]:
    now = household.clock()
    found = await foresee(
        jobs=household.due_jobs,
        assets=household.due_assets,
        uploads=household.due_uploads,
        policy=household.house.policy,
        now=now,
    )
    return [*found, *[Foreseen(deed=Deed.SWEPT, since=now)] * await household.sweep(False)]


def _at_home(settings: Settings, act: Callable[[Household], Awaitable[T]]) -> T:
    async def done() -> T:
        async with household_of(settings) as household:
            return await act(household)

    try:
        return asyncio.run(done())
    except (CannotStart, InvalidSettings, OutOfSpace, Unavailable) as refusal:
        raise NotKept(str(refusal)) from refusal


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Table | None:
    table = Table(*names)
    for row in rows:
        table.add_row(*(Text(visible(cell), overflow="fold") for cell in row))
    return table if rows else None


def _print(table: Table | None, nothing: str) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    console.print(nothing if table is None else table)


def _print_json(shown: Any) -> None:
    Console().out(msgspec.json.encode(shown).decode(), highlight=False)


def _written(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
