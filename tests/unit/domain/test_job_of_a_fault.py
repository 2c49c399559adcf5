"""A fault in the housekeeper's round says which job it was about."""

from datetime import timedelta

import pytest

from ports.jobs import Job
from tests.unit.domain.makers import NOW, House

pytestmark = pytest.mark.anyio


async def test_a_fault_in_a_round_names_its_job(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    await house.add_asset()
    job = await house.add_job()
    await house.start()

    async def broken(_: Job) -> None:
        raise RuntimeError

    monkeypatch.setattr(house.jobs, "replace", broken)
    with pytest.raises(RuntimeError) as raised:
        await house.keep(NOW + timedelta(days=1))
    assert raised.value.__notes__ == [f"This was about job {job.id}"]
