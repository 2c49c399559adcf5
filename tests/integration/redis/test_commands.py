"""Commands work in the store of the settings, beside servers or without any."""

import asyncio
from pathlib import Path

from adapters.redis.client import Server
from entrypoints.clock import utc_now
from entrypoints.commands.oneround import foresee_round, take_round
from entrypoints.settings import Settings, load_settings
from entrypoints.wiring.stores import stores_alone
from ports.jobs import Job, JobKind, JobStatus
from tests.contracts.stores import SECOND, made_asset, made_job, redis_stores
from tests.integration.redis.process import Valkey


def settings_of(valkey: Valkey, folder: Path) -> Settings:
    environment = {"GREENROOM_DATABASE_URL": valkey.url, "GREENROOM_DATA_DIR": str(folder / "data")}
    return load_settings(environment, folder / ".env")


async def furnish(url: str) -> Job:
    """Keep a job that is queued, one to be purged and a deleted asset; return the first."""
    now = utc_now()
    job, old = made_job(kind=JobKind.RENDER), made_job(status=JobStatus.COMPLETE, settled=True, ended=now.replace(year=2000))
    async with await Server.open(url) as server:
        stores = redis_stores(server)
        await stores.jobs.add(job)
        await stores.jobs.add(old)
        await stores.assets.add(made_asset(deleted=now - SECOND, due=now - SECOND))
    return job


async def listed(settings: Settings) -> list[Job]:
    async with stores_alone(settings) as stores:
        return list((await stores.jobs.page()).items)


def test_jobs_are_listed_and_house_is_kept(valkey: Valkey, tmp_path: Path) -> None:
    settings = settings_of(valkey, tmp_path)
    (tmp_path / "data" / "storage").mkdir(parents=True)
    job = asyncio.run(furnish(valkey.url))
    assert len(asyncio.run(listed(settings))) == 2
    foresee_round(settings)
    assert len(asyncio.run(listed(settings))) == 2
    take_round(settings)
    assert asyncio.run(listed(settings)) == [job]
