"""What a round would do is what the next round does, and seeing it changes nothing."""

from collections import Counter
from uuid import uuid4

import pytest
from msgspec.structs import replace

from adapters.memory.notices import MemoryNotifier
from domain.deeds import Deed
from domain.foreseeing import Foreseen, foresee
from ports.assets import Asset, Retired
from ports.jobs import JobKind
from ports.uploads import UploadState
from ports.work import ReportStatus
from tests.unit.domain.makers import NOW, POLICY, SECOND, House, said
from tests.unit.domain.test_uploading import NEW, opened

pytestmark = pytest.mark.anyio

LATE = NOW + 60 * SECOND


async def foreseen(house: House) -> list[Foreseen]:
    return await foresee(jobs=house.jobs, assets=house.assets, uploads=house.uploads, policy=house.policy, now=LATE)


async def busy() -> House:
    """Return a house in which there is something of everything to do."""
    house = House(policy=replace(POLICY, notifies=True), notifier=MemoryNotifier())
    await house.add_asset()
    unsettled = await house.add_job()
    await house.start()
    await house.deliver(unsettled)
    with house.fuse.of(1):
        await house.report(said(unsettled, ReportStatus.COMPLETE, attempt=1))
    telling = await house.add_job(kind=JobKind.RENDER)
    await house.start()
    await house.report(said(telling, ReportStatus.FAILED, attempt=1))
    old = await house.add_job(kind=JobKind.RENDER)
    await house.start()
    await house.report(said(old, ReportStatus.FAILED, attempt=1), NOW - POLICY.keep_jobs)
    await house.add_job()
    await house.start()
    asset = await house.assets.get("song")
    retired = (Retired("audio/assets/song/prepared-x.mp3", NOW), Retired("audio/assets/song/prepared-y.mp3", LATE + SECOND))
    await house.assets.replace(replace(asset, version=asset.version + 1, retired=retired, due=NOW))
    await house.assets.add(Asset(id="gone", name="x", created=NOW, deleted=NOW, due=NOW))
    for state, settled in ((UploadState.OPEN, False), (UploadState.COMPLETE, False), (UploadState.COMPLETE, True)):
        upload = replace(await opened(house), id=str(uuid4()), state=state, settled=settled, due=NOW)
        await house.uploads.add(upload)
    await house.uploads.remove(str(NEW))
    return house


async def test_it_says_what_would_be_done_and_to_what() -> None:
    house = await busy()
    deeds = [(each.deed, each.asset, each.key) for each in await foreseen(house)]
    assert Counter(deed for deed, _, _ in deeds) == Counter(
        [
            *(Deed.LOST, Deed.SETTLED, Deed.TOLD, Deed.PURGED, Deed.REMOVED, Deed.DELETED),
            *(Deed.ABANDONED, Deed.COMPLETED, Deed.FORGOTTEN),
        ]
    )
    assert (Deed.REMOVED, "song", "audio/assets/song/prepared-x.mp3") in deeds
    assert (Deed.DELETED, "gone", None) in deeds


async def test_the_next_round_does_what_was_foreseen() -> None:
    house = await busy()
    wanted = Counter(each.deed for each in await foreseen(house))
    done = await house.keep(LATE)
    done[Deed.TOLD] -= 1  # the job that is settled is told of in the same round
    assert done == wanted
    assert await foreseen(house) == []


async def test_seeing_changes_nothing() -> None:
    house = await busy()
    before = records(house), await house.keys()
    with house.fuse.of(0):
        assert await foreseen(house) == await foreseen(house) != []
    assert (records(house), await house.keys()) == before


def records(house: House) -> list[object]:
    return [record for store in (house.jobs, house.assets, house.uploads) for record in store._records._all()]


async def test_what_is_not_due_is_not_foreseen() -> None:
    house = House()
    await house.add_asset()
    await house.add_job()
    await house.start(LATE)
    assert await foreseen(house) == []
