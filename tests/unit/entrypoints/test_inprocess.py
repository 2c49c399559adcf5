"""A worker in the server's process: how the audio comes to it and goes back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from domain.intake import take_in
from domain.ordering import Order, order_job
from domain.schedule import start_next
from entrypoints.commands.clip import make_clip
from entrypoints.parts import Parts
from entrypoints.settings import load_settings
from entrypoints.wiring.server import running
from entrypoints.work.inprocess import InProcessCourier
from ports.errors import NotFound
from ports.jobs import JobKind
from ports.work import Output, Ticket

pytestmark = pytest.mark.anyio


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    environment = {"GREENROOM_DATA_DIR": str(tmp_path / "data"), "GREENROOM_DISPATCH": "pull"}
    async with running(load_settings(environment, tmp_path / "no.env")) as parts:
        yield parts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def clip(tmp_path: Path) -> bytes:
    make_clip(tmp_path / "clip.wav", syllables=4)
    return (tmp_path / "clip.wav").read_bytes()


async def started(parts: Parts, clip: bytes) -> Ticket:
    async def body() -> AsyncIterator[bytes]:
        yield clip

    now = parts.clock()
    asset = await take_in(
        body(), "clip.wav", new_id=uuid4(), assets=parts.assets, storage=parts.storage, policy=parts.policy, now=now
    )
    await order_job(Order(), asset.id, new_id=uuid4(), jobs=parts.jobs, assets=parts.assets, policy=parts.policy, now=now)
    ticket = await start_next(
        list(JobKind),
        "worker",
        timedelta(minutes=1),
        jobs=parts.jobs,
        assets=parts.assets,
        links=parts.links,
        tokens=parts.tokens,
        policy=parts.policy,
        now=now,
        request_id=str(uuid4()),
    )
    assert ticket is not None
    return ticket


async def test_the_original_comes_into_the_folder_as_it_is(parts: Parts, clip: bytes, folder: Path) -> None:
    path = await InProcessCourier(parts).fetch(await started(parts, clip), folder)
    assert path.read_bytes() == clip
    assert path.parent == folder
    assert path.suffix == ".wav"


async def test_an_original_that_is_gone_is_not_found(parts: Parts, clip: bytes, folder: Path) -> None:
    ticket = await started(parts, clip)
    async for stored in parts.storage.list(""):
        await parts.storage.remove(stored.key)
    with pytest.raises(NotFound):
        await InProcessCourier(parts).fetch(ticket, folder)


async def test_an_output_that_is_there_already_stays(parts: Parts, clip: bytes, folder: Path) -> None:
    ticket = await started(parts, clip)
    (folder / "out.mp3").write_bytes(b"first")
    await InProcessCourier(parts).send(ticket, Output.PREPARED, folder / "out.mp3")
    (folder / "out.mp3").write_bytes(b"second")
    await InProcessCourier(parts).send(ticket, Output.PREPARED, folder / "out.mp3")
    [key] = [stored.key async for stored in parts.storage.list("") if stored.key.endswith("-1.mp3")]
    assert b"".join([chunk async for chunk in parts.storage.read(key)]) == b"first"
