"""What stands in the way of a bucket at the start is said in a sentence that names its setting, and no secret."""

import re
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from types_boto3_s3 import S3Client

from adapters.r2 import opening
from adapters.r2.bucket import Bucket
from adapters.r2.client import Account, new_client
from entrypoints.parts import Objects
from entrypoints.settings import InvalidSettings, load_settings
from entrypoints.wiring.naming import CannotStart
from entrypoints.wiring.objects import open_objects
from tests.services.bucketed import bucket_settings
from tests.services.buckets import empty_bucket

pytestmark = pytest.mark.anyio
ABSENT = "s3://greenroom-none-such"


async def opened(settings: dict[str, str], stack: AsyncExitStack, *, make: bool = True) -> Objects:
    return await open_objects(load_settings(settings, Path("no.env")), stack, make=make)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"GREENROOM_STORAGE_URL": ABSENT}, "GREENROOM_STORAGE_URL can't be used: there is no such bucket"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "AWS_ACCESS_KEY_ID can't be used: the server does not know these credentials"),
        ({"AWS_SECRET_ACCESS_KEY": "hush"}, "AWS_ACCESS_KEY_ID can't be used: the secret is not that of the access key"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "AWS_ENDPOINT_URL can't be used: the server does not answer"),
    ],
    ids=str,
)
async def test_a_bucket_that_can_not_be_used_is_named(tmp_path: Path, changed: dict[str, str], sentence: str) -> None:
    with empty_bucket(tmp_path) as bucket:
        async with AsyncExitStack() as stack:
            with pytest.raises(CannotStart, match=re.escape(sentence)) as raised:
                await opened(bucket_settings(bucket, tmp_path) | changed, stack)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY are not set"),
        ({"R2_ACCOUNT_ID": "a"}, "R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY are not set"),
        ({"R2_ACCESS_KEY_ID": "a", "R2_SECRET_ACCESS_KEY": "b"}, "neither R2_ACCOUNT_ID nor R2_ENDPOINT is set"),
        ({"R2_ACCESS_KEY_ID": "a", "R2_ACCOUNT_ID": "b"}, "R2_SECRET_ACCESS_KEY is not"),
    ],
    ids=str,
)
async def test_what_r2_needs_and_is_not_set_is_named(given: dict[str, str], missing: str) -> None:
    async with AsyncExitStack() as stack:
        with pytest.raises(InvalidSettings, match=missing):
            await opened({"GREENROOM_STORAGE_URL": "r2://bucket"} | given, stack)


async def test_a_bucket_of_r2_is_reached_at_its_endpoint(tmp_path: Path) -> None:
    with empty_bucket(tmp_path) as bucket:
        known = bucket_settings(bucket, tmp_path)
        settings = {
            "GREENROOM_STORAGE_URL": f"r2://{bucket.name}",
            "R2_ENDPOINT": known["AWS_ENDPOINT_URL"],
            "R2_ACCESS_KEY_ID": known["AWS_ACCESS_KEY_ID"],
            "R2_SECRET_ACCESS_KEY": known["AWS_SECRET_ACCESS_KEY"],
        }
        async with AsyncExitStack() as stack:
            await (await opened(settings, stack)).check.check()


@pytest.mark.parametrize("make", [True, False])
async def test_opening_a_bucket_leaves_nothing_in_it(tmp_path: Path, make: bool) -> None:
    with empty_bucket(tmp_path) as bucket:
        async with AsyncExitStack() as stack:
            objects = await opened(bucket_settings(bucket, tmp_path), stack, make=make)
            assert objects.local is None
            assert await objects.sweep(True) == 0
        assert in_it(bucket) == 0


async def test_credentials_for_its_own_prefix_alone_are_enough_to_open_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def told(params: dict[str, str], **_: object) -> None:
        asked.append(params.get("Key") or params["Prefix"])

    def watched(account: Account) -> S3Client:
        client = new_client(account)
        client.meta.events.register_first("provide-client-params.s3", told)
        return client

    monkeypatch.setattr(opening, "new_client", watched)
    with empty_bucket(tmp_path, "our/own/") as bucket:
        async with AsyncExitStack() as stack:
            await opened(bucket_settings(bucket, tmp_path), stack)
    assert len(asked) == 4
    assert [name for name in asked if not name.startswith("our/own/")] == []


def in_it(bucket: Bucket) -> int:
    return bucket.client.list_objects_v2(Bucket=bucket.name)["KeyCount"]
