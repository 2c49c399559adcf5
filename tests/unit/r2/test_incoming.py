"""A server that lets a taken key be written again: what links bring is copied before it is believed."""

from collections.abc import AsyncIterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ReadTimeoutError

from adapters.r2 import opening
from adapters.r2.bucket import Bucket
from adapters.r2.client import new_client
from adapters.r2.incoming import keeps_conditions, settled
from adapters.r2.links import R2Links
from adapters.r2.multipart import R2Multipart
from adapters.r2.opening import CannotOpen, Where, open_bucket
from adapters.r2.storage import R2Storage
from entrypoints.clock import utc_now
from ports.errors import AlreadyExists, NotFound
from tests.services.buckets import account_of, run_folder
from tests.services.running import served

pytestmark = pytest.mark.anyio
KEY = "audio/assets/a b/prepared-ö.mp3"
TYPE = "audio/ogg; codecs=opus"


def without_condition(params: dict[str, Any], **_: object) -> None:
    params.pop("IfNoneMatch", None)


@pytest.fixture
def careless(bucket: Bucket, tmp_path: Path) -> Bucket:
    """Give a bucket whose server is never told of a condition: it behaves as one that ignores it."""
    client = new_client(account_of(served("s3", run_folder(tmp_path))))
    for operation in ("PutObject", "CompleteMultipartUpload", "CopyObject"):
        client.meta.events.register(f"before-parameter-build.s3.{operation}", without_condition)
    return Bucket(client=client, name=bucket.name, prefix="some/where/", conditional=False)


@pytest.fixture
async def storage(careless: Bucket) -> AsyncIterator[R2Storage]:
    opened = R2Storage(careless)
    yield opened
    await opened.close()


def names(bucket: Bucket) -> list[str]:
    return [found["Key"] for found in bucket.client.list_objects_v2(Bucket=bucket.name).get("Contents", [])]


def sent(bucket: Bucket, content: bytes) -> None:
    link = R2Links(bucket, utc_now).put(KEY, content_type=TYPE, expires_at=utc_now() + timedelta(hours=1))
    httpx.put(link.url, content=content, headers={"Content-Type": TYPE}).raise_for_status()


def fill(url: str) -> None:
    httpx.put(url, content=b"other").raise_for_status()


async def body(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def content_of(storage: R2Storage) -> bytes:
    return b"".join([chunk async for chunk in storage.read(KEY)])


def test_whether_a_server_keeps_conditions_is_found_by_trying_and_nothing_stays(bucket: Bucket, careless: Bucket) -> None:
    assert keeps_conditions(bucket)
    assert not keeps_conditions(careless)
    assert names(bucket) == []


@pytest.mark.parametrize(("lost", "kept"), [({1}, True), ({2}, True), ({2, 3}, None), ({1, 2}, None)], ids=str)
def test_answers_that_are_lost_meanwhile_mislead_nobody(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: set[int], kept: bool | None
) -> None:
    """Each call is sent twice at most: what is answered is known, or the server can't be used at the moment."""
    account = account_of(served("s3", run_folder(tmp_path)))
    unlucky, puts = new_client(account), count(1)
    session = unlucky._endpoint.http_session  # type: ignore[attr-defined]  # where every call goes through
    send = session.send

    def swallowed(request: AWSPreparedRequest) -> object:
        answer = send(request)
        if request.method == "PUT" and next(puts) in lost:
            raise ReadTimeoutError(endpoint_url=request.url)
        return answer

    monkeypatch.setattr(session, "send", swallowed)
    monkeypatch.setattr(opening, "new_client", lambda _: unlucky)
    with nullcontext() if kept else pytest.raises(CannotOpen):
        assert open_bucket(account, Where(bucket.name), write=True).conditional is kept


async def test_what_a_link_brings_is_there_once_it_is_looked_at(storage: R2Storage, careless: Bucket) -> None:
    sent(careless, b"first")
    assert [stored async for stored in storage.list("")] == []
    stored = await storage.stat(KEY)
    assert (stored.size, stored.content_type, await content_of(storage)) == (5, TYPE, b"first")
    assert names(careless) == [f"some/where/{KEY}"]


async def test_who_holds_a_link_can_not_change_what_was_looked_at(storage: R2Storage, careless: Bucket) -> None:
    sent(careless, b"first")
    verified = await storage.stat(KEY)
    sent(careless, b"other")
    assert await storage.stat(KEY) == verified
    assert await content_of(storage) == b"first"


@pytest.mark.parametrize("late", [False, True], ids=["the same", "and another since"])
def test_what_another_process_brings_meanwhile_is_what_is_there(careless: Bucket, tmp_path: Path, late: bool) -> None:
    """We are overtaken before we look at what waits."""
    client = new_client(account_of(served("s3", run_folder(tmp_path))))
    slow = Bucket(client=client, name=careless.name, prefix=careless.prefix, conditional=False)
    looks = count(1)

    def overtaken(**_: object) -> None:
        if next(looks) == 2:
            settled(careless, KEY)
            if late:
                sent(careless, b"other")

    client.meta.events.register("before-send.s3.HeadObject", overtaken)
    sent(careless, b"first")
    stored = settled(slow, KEY)
    assert (stored.size, stored) == (5, settled(careless, KEY))
    assert careless.client.get_object(**careless.at(KEY))["Body"].read() == b"first"


async def test_remove_takes_what_a_link_has_brought_too(storage: R2Storage, careless: Bucket) -> None:
    sent(careless, b"first")
    await storage.stat(KEY)
    sent(careless, b"other")
    await storage.remove(KEY)
    with pytest.raises(NotFound):
        await storage.stat(KEY)
    assert names(careless) == []


async def test_put_looks_first_whether_the_key_is_taken(storage: R2Storage) -> None:
    await storage.put(KEY, body(b"first"), TYPE)
    for content in (b"other", b"other" * 2 * 2**20):
        with pytest.raises(AlreadyExists):
            await storage.put(KEY, body(content), TYPE)
    assert await content_of(storage) == b"first"


async def test_finishing_parts_looks_first_whether_the_key_is_taken(storage: R2Storage, careless: Bucket) -> None:
    multipart = R2Multipart(careless, R2Links(careless, utc_now))
    session = await multipart.begin(KEY, TYPE, 5)
    link = multipart.part(KEY, session, 1, 5, expires_at=utc_now() + timedelta(hours=1))
    fill(link.url)
    await storage.put(KEY, body(b"first"), TYPE)
    with pytest.raises(AlreadyExists):
        await multipart.finish(KEY, session, await multipart.parts(KEY, session))
    await multipart.close()


async def test_what_nobody_looked_at_and_sessions_that_nobody_finished_are_swept_after_eight_days(
    storage: R2Storage, careless: Bucket
) -> None:
    sent(careless, b"left")
    multipart = R2Multipart(careless, R2Links(careless, utc_now))
    session = await multipart.begin(KEY, TYPE, 5)
    now = datetime.now(UTC)
    assert await storage.sweep(now + timedelta(days=7, hours=23)) == 0
    assert await storage.sweep(now + timedelta(days=8, hours=1), remove=False) == 2
    assert list(await multipart.parts(KEY, session)) == []
    assert await storage.sweep(now + timedelta(days=8, hours=1)) == 2
    assert await storage.sweep(now + timedelta(days=8, hours=1)) == 0
    with pytest.raises(NotFound):
        await multipart.parts(KEY, session)
    assert names(careless) == []
    await multipart.close()
