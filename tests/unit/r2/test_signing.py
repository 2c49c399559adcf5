"""What R2 wants of links and of a client."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import CredentialRetrievalError

from adapters.r2.bucket import Bucket
from adapters.r2.client import Account, new_client
from adapters.r2.links import R2Links
from ports.errors import Unavailable

NOW = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
R2 = Account(endpoint="https://account.r2.cloudflarestorage.com", region="auto", key_id="key", secret="secret")


@pytest.fixture(scope="module")
def links() -> R2Links:
    return R2Links(Bucket(client=new_client(R2), name="my.bucket", prefix="some/where/"), lambda: NOW)


def query_of(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)


def test_a_link_leads_to_the_account_with_the_bucket_in_the_path_and_is_signed_by_version_4(links: R2Links) -> None:
    link = links.get("a b.mp3", content_type="audio/mpeg", disposition="inline", expires_at=NOW + timedelta(hours=1))
    assert link.url.startswith("https://account.r2.cloudflarestorage.com/my.bucket/some/where/a%20b.mp3?")
    query = query_of(link.url)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Credential"][0].split("/")[2:4] == ["auto", "s3"]
    assert not [name for name in query if "checksum" in name.lower()]


@pytest.mark.parametrize(
    ("lifetime", "seconds"),
    [(timedelta(hours=1), 3600), (timedelta(days=7), 604_800), (timedelta(days=30), 604_800), (timedelta(days=-1), 0)],
)
def test_a_link_lives_for_seven_days_at_most(links: R2Links, lifetime: timedelta, seconds: int) -> None:
    link = links.put("a.mp3", content_type="audio/mpeg", expires_at=NOW + lifetime)
    assert query_of(link.url)["X-Amz-Expires"] == [str(seconds)]
    assert link.expires_at == NOW.replace(microsecond=0) + min(lifetime, timedelta(days=7))


@pytest.mark.parametrize(
    ("length", "signed"), [(None, "content-type;host;if-none-match"), (5, "content-length;content-type;host;if-none-match")]
)
def test_a_link_to_write_signs_type_and_condition_and_the_length_where_it_is_known(
    links: R2Links, length: int | None, signed: str
) -> None:
    link = links.put("a.mp3", content_type="audio/mpeg", expires_at=NOW + timedelta(hours=1), length=length)
    assert query_of(link.url)["X-Amz-SignedHeaders"] == [signed]


def test_credentials_that_can_not_be_had_are_out_of_reach() -> None:
    client = new_client(R2)
    failing = R2Links(Bucket(client=client, name="my.bucket"), lambda: NOW)

    def expired(**_: object) -> None:
        raise CredentialRetrievalError(provider="a role", error_msg="nobody answers")

    client.meta.events.register("before-sign.s3.GetObject", expired)
    with pytest.raises(Unavailable):
        failing.get("a.mp3", content_type="audio/mpeg", disposition="inline", expires_at=NOW + timedelta(hours=1))
