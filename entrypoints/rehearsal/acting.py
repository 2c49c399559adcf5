"""The rehearsal itself: one job after the other, each with its own trouble, until the worker is done with it or has given up."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any, TypeAlias
from uuid import uuid4

import anyio
from msgspec import Struct

from domain.errors import IllegalTransition, JobNotFound
from domain.intake import take_in
from domain.layout import output_keys
from domain.ordering import Order, order_job
from domain.steering import cancel_job
from entrypoints.commands.clip import SILENCE, make_clip
from entrypoints.parts import Parts
from entrypoints.rehearsal.plays import Pace, Play, Scene, Seen
from entrypoints.rehearsal.stage import Stage
from ports.assets import Variant
from ports.audio import Recipe
from ports.errors import EngineFailed, NotFound, Unusable
from ports.work import Output

LOOK_EVERY = 0.05
ANSWERED_SOON = 5
"""Seconds that an endpoint has to answer once the work is done."""

SYLLABLES = 12

Send: TypeAlias = Callable[[Play], Coroutine[Any, Any, None]]
"""Sees that the worker has the play's ticket; it may go on sending while the worker is at it."""


class Rehearsed(Struct, frozen=True, kw_only=True):
    """All that was seen. `flaw` is what is wrong with the audio that the worker made, None where nothing is."""

    pace: Pace
    pushed: bool
    claims: list[Seen]
    plays: dict[Scene, Play]
    flaw: str | None


class Troupe(Struct, kw_only=True):
    """The parts of the server of a rehearsal, once it runs: what the stage does to jobs, it does by them."""

    parts: Parts | None = None

    async def cancel(self, play: Play) -> None:
        """Cancel the play's job, unless it has ended."""
        if self.parts is not None:
            with suppress(IllegalTransition, JobNotFound):
                await cancel_job(play.job_id, jobs=self.parts.jobs, policy=self.parts.policy, now=self.parts.clock())

    async def lose(self, play: Play) -> None:
        """Remove what the worker has sent."""
        if self.parts is not None:
            await self.parts.storage.remove(await _prepared_key(play, self.parts))


async def rehearse(
    stage: Stage, troupe: Troupe, parts: Parts, *, pace: Pace, send: Send | None, told: Callable[[str], None]
) -> Rehearsed:
    """Play every scene and return what was seen. Where the worker does not come to one, no other is played.

    `send` pushes tickets, None where the worker claims them. `told` hears what is going on.
    """
    troupe.parts = parts
    clip = await asyncio.to_thread(_clip)
    for number, scene in enumerate(Scene, 1):
        told(f"{number} of {len(Scene)}: {scene}")
        play = await _prepared(scene, clip, stage, parts)
        await _play(play, send, pace)
        await troupe.cancel(play)  # nobody is handed it again
        if not play.seen:
            break
    else:
        told("watching whether anything follows")
        await asyncio.sleep(pace.watch)
    plays = {play.scene: play for play in stage.plays}
    flaw = await _flaw(plays[Scene.SLOW], parts)
    return Rehearsed(pace=pace, pushed=send is not None, claims=stage.claims, plays=plays, flaw=flaw)


async def _prepared(scene: Scene, clip: bytes, stage: Stage, parts: Parts) -> Play:
    async def body() -> AsyncIterator[bytes]:
        yield clip

    now = parts.clock()
    asset = await take_in(
        body(), "clip.wav", new_id=uuid4(), assets=parts.assets, storage=parts.storage, policy=parts.policy, now=now
    )
    play = Play(scene=scene, job_id=uuid4(), asset_id=asset.id)
    stage.plays.append(play)
    await order_job(Order(), asset.id, new_id=play.job_id, jobs=parts.jobs, assets=parts.assets, policy=parts.policy, now=now)
    parts.wake.ring()
    return play


async def _play(play: Play, send: Send | None, pace: Pace) -> None:
    sending = asyncio.create_task(send(play)) if send else None
    try:
        began = monotonic()
        while not _settled(play, began, pace):  # noqa: ASYNC110  (it waits for time to go by, too)
            await asyncio.sleep(LOOK_EVERY)
        if sending is not None and play.seen:
            await asyncio.wait([sending], timeout=ANSWERED_SOON)
    finally:
        if sending is not None:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


def _settled(play: Play, began: float, pace: Pace) -> bool:
    last = play.last_sign()
    if last is None:
        return play.refused() or monotonic() - began > pace.comes
    return play.ended() or monotonic() - last > pace.quiet or monotonic() - began > pace.longest


def _clip() -> bytes:
    with TemporaryDirectory(prefix="greenroom-") as folder:
        path = Path(folder) / "clip.wav"
        make_clip(path, syllables=SYLLABLES)
        return path.read_bytes()


async def _prepared_key(play: Play, parts: Parts) -> str:
    return output_keys(await parts.jobs.get(play.job_id), 1, "")[Output.PREPARED]


async def _flaw(play: Play, parts: Parts) -> str | None:
    """Listen to what the worker made: it is audio from the beginning to the end, and all that was said is in it."""
    asset = await parts.assets.get(play.asset_id)
    spoken = (asset.renditions[Variant.ORIGINAL].duration or 0) - 2.5 * SILENCE
    with TemporaryDirectory(prefix="greenroom-") as folder:
        file = anyio.Path(folder) / "sent.mp3"
        try:
            key = await _prepared_key(play, parts)
            await file.write_bytes(b"".join([chunk async for chunk in parts.storage.read(key)]))
            again = await parts.engine.prepare(
                Path(file), Path(folder), Recipe(trim=False), parts.policy.deadline, lambda *_: None
            )
        except NotFound:
            return None
        except (Unusable, EngineFailed) as error:
            return f"it can't be played: {error}"
    heard = again.figures.before
    if heard.duration < 0.8 * spoken:
        return f"it lasts {heard.duration:.1f} s, and {spoken:.1f} s were to be heard"
    return "it is damaged" if again.figures.damaged else None
