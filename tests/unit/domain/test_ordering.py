"""A job is ordered: once for each order, whoever repeats it."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from domain.errors import AssetNotFound, KeyReused, NothingToPrepare
from domain.ordering import Order, order_job
from ports.assets import Asset
from ports.audio import Format, Recipe
from ports.jobs import Job, JobKind, JobStatus
from tests.unit.domain.makers import NOW, POLICY, SECOND, House

pytestmark = pytest.mark.anyio


async def order(
    house: House, wanted: Order, asset_id: str | None = "song", new_id: UUID | None = None, now: datetime = NOW
) -> Job:
    return await order_job(
        wanted, asset_id, new_id=new_id or uuid4(), jobs=house.jobs, assets=house.assets, policy=house.policy, now=now
    )


async def test_a_prepare_job_is_queued_at_once_by_the_recipe_or_the_usual_one() -> None:
    house = House(policy=replace(POLICY, max_attempts=5))
    await house.add_asset()
    job = await order(house, Order())
    assert (job.status, job.kind, job.asset_id, job.recipe) == (JobStatus.QUEUED, JobKind.PREPARE, "song", Recipe())
    assert (job.created, job.due, job.max_attempts, job.version) == (NOW, NOW, 5, 0)
    assert await house.jobs.get(job.id) == job
    recipe = Recipe(format=Format.OPUS)
    assert (await order(house, Order(recipe=recipe))).recipe == recipe


async def test_a_render_job_needs_no_asset_and_carries_its_params() -> None:
    house = House()
    await house.add_asset()
    alone = await order(house, Order(kind=JobKind.RENDER, params={"a": [1]}), None)
    assert (alone.kind, alone.params, alone.recipe, alone.asset_id) == (JobKind.RENDER, {"a": [1]}, None, None)
    assert (await order(house, Order(kind=JobKind.RENDER))).asset_id == "song"


@pytest.mark.parametrize("kind", JobKind)
async def test_a_job_of_an_asset_that_is_gone_is_refused(kind: JobKind) -> None:
    house = House()
    await house.assets.add(Asset(id="gone", name="x", created=NOW, deleted=NOW))
    for asset_id in ("gone", "never there"):
        with pytest.raises(AssetNotFound):
            await order(house, Order(kind=kind), asset_id)
    assert not (await house.jobs.page()).items


async def test_a_prepare_job_of_nothing_is_refused() -> None:
    house = House()
    await house.assets.add(Asset(id="bare", name="x", created=NOW))
    for asset_id in ("bare", None):
        with pytest.raises(NothingToPrepare):
            await order(house, Order(), asset_id)
    assert not (await house.jobs.page()).items


async def test_the_same_order_under_the_same_id_is_the_same_job_as_it_stands_now() -> None:
    house = House()
    await house.add_asset()
    new_id = uuid4()
    first = await order(house, Order(), new_id=new_id)
    assert await house.start()
    again = await order(house, Order(recipe=Recipe()), new_id=new_id, now=NOW + SECOND)
    assert (again.id, again.created, again.status) == (first.id, NOW, JobStatus.PROCESSING)
    assert len((await house.jobs.page()).items) == 1


@pytest.mark.parametrize(
    ("asset_id", "another"),
    [
        ("song", Order(kind=JobKind.RENDER, params={"loud": 1})),
        (None, Order(kind=JobKind.RENDER, params={"loud": True})),
        ("song", Order(kind=JobKind.RENDER)),
        ("song", Order()),
    ],
)
async def test_another_order_under_the_same_id_is_refused(asset_id: str | None, another: Order) -> None:
    house = House()
    await house.add_asset()
    new_id = uuid4()
    kept = await order(house, Order(kind=JobKind.RENDER, params={"loud": True}), new_id=new_id)
    with pytest.raises(KeyReused):
        await order(house, another, asset_id, new_id=new_id, now=NOW + SECOND)
    assert await house.jobs.get(new_id) == kept


async def test_params_in_another_order_are_the_same_order() -> None:
    house = House()
    new_id = uuid4()
    first = await order(house, Order(kind=JobKind.RENDER, params={"a": 1, "b": {"c": 1, "d": 2}}), None, new_id=new_id)
    assert await order(house, Order(kind=JobKind.RENDER, params={"b": {"d": 2, "c": 1}, "a": 1}), None, new_id=new_id) == first
