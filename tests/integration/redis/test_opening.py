"""A server that can't be used is refused in one sentence, which names the setting and shows nothing of the URL."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from adapters.redis.client import FORMAT, NoFile, Server
from adapters.redis.promise import Promise
from entrypoints.settings import load_settings
from entrypoints.wiring.naming import CannotStart
from entrypoints.wiring.stores import open_stores
from ports.errors import Unavailable
from tests.contracts.stores import made_job, redis_stores
from tests.integration.redis.process import Valkey
from tests.services.freeport import free_port

pytestmark = pytest.mark.anyio

NEEDED = ("+@read", "+@write", "+@scripting", "+@connection", "+time", "+waitaof", "-@dangerous")
"""What the README says that our user must be allowed."""


async def refusal(folder: Path, url: str, **more: str) -> str:
    """Return why no server would start with this URL."""
    settings = load_settings({"GREENROOM_DATABASE_URL": url, "GREENROOM_DATA_DIR": str(folder)} | more, folder / ".env")
    async with AsyncExitStack() as stack:
        with pytest.raises(CannotStart) as refused:
            await open_stores(settings, stack)
    assert "secret-word" not in str(refused.value)
    assert "127.0.0.1" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("user", ["", "somebody"])
async def test_a_wrong_password(valkey: Valkey, tmp_path: Path, user: str) -> None:
    valkey.set("requirepass", "another")
    said = await refusal(tmp_path, f"redis://{user}:secret-word@127.0.0.1:{valkey.port}/0")
    assert said == "GREENROOM_DATABASE_URL can't be used: the server refuses its user or password"


async def test_no_password_where_one_is_needed(valkey: Valkey, tmp_path: Path) -> None:
    valkey.set("requirepass", "another")
    assert "refuses its user or password" in await refusal(tmp_path, valkey.url)


async def test_a_user_who_may_not_run_scripts(valkey: Valkey, tmp_path: Path) -> None:
    valkey.admin.acl_setuser("reader", enabled=True, passwords=["+secret-word"], keys=["*"], categories=["+@read"])
    said = await refusal(tmp_path, f"redis://reader:secret-word@127.0.0.1:{valkey.port}/0")
    assert said.startswith("GREENROOM_DATABASE_URL can't be used: its user may not do all that is needed")


async def test_a_user_who_may_do_no_more_than_is_needed_is_enough(valkey: Valkey) -> None:
    valkey.admin.execute_command("ACL", "SETUSER", "ours", "on", ">word", "~ours:*", *NEEDED)
    async with await Server.open(f"redis://ours:word@127.0.0.1:{valkey.port}/0", "ours:", durable=True) as server:
        stores = redis_stores(server)
        await stores.jobs.add(made_job())
        assert len(await stores.feed.since(0)) == 1
        await server.check()
        assert server.promise == Promise()


@pytest.mark.parametrize("scheme", ["redis", "redis+cluster"])
async def test_nobody_there(tmp_path: Path, scheme: str) -> None:
    said = await refusal(tmp_path, f"{scheme}://:secret-word@127.0.0.1:{free_port()}/0")
    assert said == "GREENROOM_DATABASE_URL can't be used: no Redis or Valkey that is ready answers there"


async def test_one_server_where_a_cluster_was_named(valkey: Valkey, tmp_path: Path) -> None:
    assert "it is no cluster" in await refusal(tmp_path, f"redis+cluster://127.0.0.1:{valkey.port}")


async def test_the_setting_is_named_that_was_set(tmp_path: Path) -> None:
    settings = load_settings({"REDIS_URL": f"redis://127.0.0.1:{free_port()}"}, tmp_path / ".env")
    async with AsyncExitStack() as stack:
        with pytest.raises(CannotStart, match=r"^REDIS_URL can't be used"):
            await open_stores(settings, stack)


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:secret-word/0",
        "redis+cluster://127.0.0.1:99999999",
        "unix://",
        "redis://[::1",
        "redis://:secret-word@127.0.0.1/0?no_option=1",
        "redis+cluster://:secret-word@127.0.0.1/0?no_option=1",
    ],
)
async def test_a_url_that_is_none(tmp_path: Path, url: str) -> None:
    assert "can't be used" in await refusal(tmp_path, url)


async def test_a_place_that_a_newer_version_has_changed(valkey: Valkey, tmp_path: Path) -> None:
    valkey.admin.set("{greenroom}:format", FORMAT + 1)
    assert "upgrade this one" in await refusal(tmp_path, valkey.url)


async def test_a_file_to_wait_for_that_is_not_kept(valkey: Valkey, tmp_path: Path) -> None:
    valkey.set("appendonly", "no")
    said = await refusal(tmp_path, valkey.url, GREENROOM_REDIS_DURABLE="1")
    assert said.startswith("GREENROOM_REDIS_DURABLE is set, but the server does not promise that")


async def test_a_file_to_wait_for_that_is_not_synced(valkey: Valkey) -> None:
    valkey.set("appendfsync", "no")
    with pytest.raises(NoFile):
        await Server.open(valkey.url, durable=True, answers_within=0.6)


@pytest.mark.parametrize("option", ["decode_responses=true", "protocol=3", "socket_timeout=9", "health_check_interval=1"])
async def test_what_a_url_asks_of_its_connections_changes_no_answer(valkey: Valkey, option: str) -> None:
    async with await Server.open(f"{valkey.url}?{option}") as server:
        stores, job = redis_stores(server), made_job()
        await stores.jobs.add(job)
        assert await stores.jobs.get(job.id) == job
        assert [change.job_id for change in await stores.feed.since(0)] == [job.id]


async def test_a_user_who_may_not_wait_for_the_file(valkey: Valkey, tmp_path: Path) -> None:
    valkey.admin.execute_command("ACL", "SETUSER", "default", "-waitaof")
    assert "its user may not do all that is needed" in await refusal(tmp_path, valkey.url, GREENROOM_REDIS_DURABLE="1")


async def test_a_database_of_a_number_is_another_place(valkey: Valkey) -> None:
    async with await Server.open(f"redis://127.0.0.1:{valkey.port}/3") as there, await Server.open(valkey.url) as here:
        await redis_stores(there).jobs.add(made_job())
        assert (await redis_stores(here).jobs.page()).items == ()


@pytest.mark.parametrize(
    ("settings", "durable", "said", "weak"),
    [
        ({}, False, "A crash of Redis loses a second at most", False),
        ({"appendfsync": "always"}, False, "A crash of Redis loses nothing that was answered", False),
        ({}, True, "A crash of Redis loses nothing that was answered", False),
        ({"appendfsync": "no"}, False, "A crash of its machine loses what was not written yet", True),
        ({"appendonly": "no", "save": "60 1"}, False, "A crash of Redis loses what came after the last snapshot", True),
        ({"appendonly": "no", "save": ""}, False, "A crash of Redis loses everything", True),
        ({"maxmemory-policy": "allkeys-lru"}, False, "Full, it may drop what is kept", True),
        ({"maxmemory-policy": "volatile-lru"}, False, "A crash of Redis loses a second at most", False),
    ],
)
async def test_what_is_promised_is_read_from_the_servers_settings(
    valkey: Valkey, settings: dict[str, str], durable: bool, said: str, weak: bool
) -> None:
    for name, value in settings.items():
        valkey.set(name, value)
    async with await Server.open(valkey.url, durable=durable) as server:
        assert said in server.promise.says(durable=durable)
        assert server.promise.weak(durable=durable) is weak


async def test_a_server_that_hides_its_settings_still_says_whether_it_appends(valkey: Valkey) -> None:
    valkey.admin.execute_command("ACL", "SETUSER", "default", "-config")
    async with await Server.open(valkey.url) as server:
        assert server.promise == Promise(appends=True, evicts=False)
        assert server.promise.says(durable=False) == "A crash of Redis loses little: it appends to a file"


async def test_a_durable_change_is_refused_while_the_file_is_not_kept_and_may_be_said_again(valkey: Valkey) -> None:
    async with await Server.open(valkey.url, durable=True) as server:
        stores, job = redis_stores(server), made_job()
        valkey.set("appendonly", "no")
        with pytest.raises(Unavailable):
            await stores.jobs.add(job)
        with pytest.raises(Unavailable):
            await server.check()
        valkey.set("appendonly", "yes")
        while valkey.admin.info("persistence")["aof_rewrite_in_progress"]:
            pass
        await stores.jobs.add(job)
        assert len(await stores.feed.since(0)) == 1
