"""`greenroom doctor`: what is found, for people as it is found, for scripts as JSON."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
from rich.console import Console
from rich.text import Text

from entrypoints.doctor.findings import Finding, State
from entrypoints.doctor.round import examine
from entrypoints.settings import Settings
from entrypoints.visible import visible

_MARKS = {State.GOOD: ("ok", "green"), State.WARNING: ("note", "yellow"), State.TROUBLE: ("WRONG", "bold red")}


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
