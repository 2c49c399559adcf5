"""`greenroom doctor`: what is found, for people as it is found, for scripts as JSON."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from entrypoints.doctor.findings import Finding, State
from entrypoints.doctor.round import examine
from entrypoints.settings import InvalidSettings, Settings
from entrypoints.values import Origin
from entrypoints.visible import visible
from entrypoints.wiring.naming import CannotStart
from entrypoints.wiring.objects import open_objects
from ports.errors import Unavailable

_MARKS = {State.GOOD: ("ok", "green"), State.WARNING: ("note", "yellow"), State.TROUBLE: ("WRONG", "bold red")}


class NotFixed(Exception):
    """What was to be put right was not; the sentence says why."""


def let_in(names: Sequence[str], settings: Settings) -> None:
    """Let pages of these origins use the bucket's links. Raise NotFixed."""
    try:
        origins = [Origin(name) for name in names]
        if origins:
            asyncio.run(_let_in(origins, settings))
    except (ValueError, CannotStart, InvalidSettings, Unavailable) as error:
        raise NotFixed(str(error)) from error


async def _let_in(origins: Sequence[Origin], settings: Settings) -> None:
    async with AsyncExitStack() as stack:
        objects = await open_objects(settings, stack, make=False)
        if objects.pages is None:
            raise NotFixed("There is no bucket: GREENROOM_CORS_ORIGINS says which pages may use the links to a local folder")
        await objects.pages.allow(origins)


def examined(settings: Settings, env_file: Path, *, as_json: bool) -> bool:
    """Look at everything, print what is found, and return whether nothing is in trouble."""
    return asyncio.run(_shown(examine(settings, env_file), as_json=as_json))


async def _shown(findings: AsyncIterator[Finding], *, as_json: bool) -> bool:
    found = list[Finding]()
    console = Console(soft_wrap=True)
    async for finding in findings:
        found.append(finding)
        if not as_json:
            console.print(_line(finding))
    if as_json:
        console.out(msgspec.json.encode(found).decode(), highlight=False)
    return all(finding.state is not State.TROUBLE for finding in found)


def _line(finding: Finding) -> Text:
    mark, style = _MARKS[finding.state]
    return Text.assemble((f"{mark:>5}", style), "  ", (finding.what, "bold"), ": ", visible(finding.says))
