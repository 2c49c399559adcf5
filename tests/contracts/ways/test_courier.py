"""The contract of `ports.work.Courier`, kept by every way of a worker to its files."""

import errno
from pathlib import Path

import pytest

from ports.errors import Altered, NotFound, OutOfSpace, Unavailable
from ports.work import Output
from tests.contracts.ways.harness import CLIP, Server, Way

pytestmark = pytest.mark.anyio


async def test_the_input_comes_below_the_folder_as_it_is(way: Way, server: Server, folder: Path) -> None:
    path = await way.courier(server).fetch(await server.ticket(), folder)
    assert path.parent == folder
    assert path.suffix == ".wav"
    assert path.read_bytes() == CLIP


async def test_an_input_that_is_gone_is_not_found(way: Way, server: Server, folder: Path) -> None:
    ticket = await server.ticket()
    await server.lose()
    with pytest.raises(NotFound):
        await way.courier(server).fetch(ticket, folder)


async def test_what_is_wrong_with_the_disk_here_stays_the_os_error_that_it_is(way: Way, server: Server, folder: Path) -> None:
    ticket = await server.ticket()
    (folder / "input.wav").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as raised:
        await way.courier(server).fetch(ticket, folder)
    assert raised.value.errno == errno.ENOSPC


@pytest.mark.parametrize("content", [CLIP[:-1], CLIP + b"x", CLIP[:-1] + b"x"])
async def test_an_input_that_is_not_what_the_ticket_promises_is_altered(
    way: Way, server: Server, folder: Path, content: bytes
) -> None:
    ticket = await server.ticket()
    [original] = server.storage_folder.rglob("original-*.wav")
    original.write_bytes(content)
    with pytest.raises(Altered):
        await way.courier(server).fetch(ticket, folder)


async def test_an_output_goes_where_the_ticket_says(way: Way, server: Server, folder: Path) -> None:
    ticket = await server.ticket()
    (folder / "out").write_bytes(b"prepared")
    (folder / "peaks").write_bytes(b"{}")
    await way.courier(server).send(ticket, Output.PREPARED_PEAKS, folder / "peaks")
    await way.courier(server).send(ticket, Output.PREPARED, folder / "out")
    kept = await server.kept()
    assert kept[f"prepared-{ticket.job_id}-1.mp3"] == b"prepared"
    assert kept[f"prepared-{ticket.job_id}-1.peaks.json"] == b"{}"


async def test_sending_an_output_that_is_there_already_succeeds_and_leaves_the_first(
    way: Way, server: Server, folder: Path
) -> None:
    ticket = await server.ticket()
    for content in (b"first", b"second"):
        (folder / "out").write_bytes(content)
        await way.courier(server).send(ticket, Output.PREPARED, folder / "out")
    assert (await server.kept())[f"prepared-{ticket.job_id}-1.mp3"] == b"first"


async def test_an_output_for_a_storage_that_is_full_is_out_of_space(way: Way, server: Server, folder: Path) -> None:
    ticket = await server.ticket()
    server.fill_up()
    (folder / "out").write_bytes(b"prepared")
    with pytest.raises(OutOfSpace):
        await way.courier(server).send(ticket, Output.PREPARED, folder / "out")


async def test_a_storage_that_stays_out_of_reach_is_unavailable(way: Way, server: Server, folder: Path) -> None:
    ticket = await server.ticket()
    (folder / "out").write_bytes(b"prepared")
    server.storage_folder.rename(server.storage_folder.with_name("elsewhere"))
    with pytest.raises(Unavailable):
        await way.courier(server).fetch(ticket, folder)
    with pytest.raises(Unavailable):
        await way.courier(server).send(ticket, Output.PREPARED, folder / "out")
