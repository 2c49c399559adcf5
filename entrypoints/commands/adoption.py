"""`greenroom adopt`: what lies in the storage already becomes assets, for people and for scripts."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from domain.adopting import Adoption, Fate, adopt
from domain.laid import Laid, find_laid
from entrypoints.parts import Adopting
from entrypoints.settings import InvalidSettings, Settings
from entrypoints.visible import visible
from entrypoints.wiring.adoption import adopting
from entrypoints.wiring.naming import CannotStart
from ports.errors import OutOfSpace, Unavailable

AT_ONCE = 64
"""Assets that are looked at together: each waits for the storage and the store."""

_SAID = {
    Fate.ADOPTED: "adopted",
    Fate.EXTENDED: "given a variant that they lacked",
    Fate.KNOWN: "known already",
    Fate.DELETED: "deleted, and stay so",
    Fate.UPLOADING: "left to their uploads",
    Fate.NO_AUDIO: "without audio that is free to adopt",
    Fate.NO_ID: "in folders whose names can't be ids",
}


class NotAdopted(Exception):
    """Adopting was broken off, or could not begin; the sentence says why."""


def adopt_all(settings: Settings, asset_id: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Adopt what is there and print what became of it. Raise NotAdopted where something is out of reach."""
    try:
        counts = asyncio.run(_adopt_all(settings, asset_id, dry_run=dry_run, as_json=as_json))
    except (CannotStart, InvalidSettings) as refusal:
        raise NotAdopted(str(refusal)) from refusal
    except (OutOfSpace, Unavailable) as trouble:
        raise NotAdopted(f"{trouble}: what was adopted stays, run it again for the rest") from trouble
    if not as_json:
        _print_counts(counts, dry_run=dry_run)


async def _adopt_all(settings: Settings, asset_id: str | None, *, dry_run: bool, as_json: bool) -> Counter[Fate]:
    counts = Counter[Fate]()
    console = Console(stderr=True)
    progress = Progress(SpinnerColumn(), TextColumn("{task.description}"), console=console, transient=True, disable=as_json)
    with progress as shown:
        task = shown.add_task("looking", total=None)
        async with adopting(settings, make=not dry_run) as house, aclosing(_adoptions(house, asset_id, dry_run)) as adoptions:
            async for adoption in adoptions:
                counts[adoption.fate] += 1
                shown.update(task, description=f"{counts.total():,} looked at, {counts[Fate.ADOPTED]:,} adopted")
                if as_json and adoption.fate is not Fate.KNOWN:
                    print(msgspec.json.encode(adoption).decode())
    return counts


async def _adoptions(house: Adopting, asset_id: str | None, dry_run: bool) -> AsyncGenerator[Adoption, None]:
    """Yield what became of each id, in the order of the keys: the next ones are looked at meanwhile."""
    waiting = list[asyncio.Task[Adoption]]()
    try:
        async for laid in find_laid(house.storage, asset_id):
            waiting.append(asyncio.create_task(_adopted(laid, house, dry_run)))
            if len(waiting) == AT_ONCE:
                yield await waiting.pop(0)
        while waiting:
            yield await waiting.pop(0)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def _adopted(laid: Laid, house: Adopting, dry_run: bool) -> Adoption:
    return await adopt(
        laid, assets=house.assets, jobs=house.jobs, uploads=house.uploads, storage=house.storage, really=not dry_run
    )


def _print_counts(counts: Counter[Fate], *, dry_run: bool) -> None:
    console = Console(soft_wrap=True)
    if not counts:
        console.print("Nothing lies below audio/assets/")
    elif dry_run:
        console.print("Nothing was changed; these would be:")
    for fate, phrase in _SAID.items():
        if counts[fate]:
            console.print(f"{counts[fate]:>9,} {visible(phrase)}", highlight=False)
