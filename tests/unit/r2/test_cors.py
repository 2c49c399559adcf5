"""Which pages may use a bucket's links, by the bucket's rules and by what its server answers."""

from collections.abc import Iterator

import pytest

from adapters.r2.bucket import Bucket
from adapters.r2.cors import METHODS, SEEN, SENT, allow, lacking, rules_of

ORIGIN, OTHER = "https://app.example.com", "https://other.example.com"
WHOLE = {"AllowedOrigins": [ORIGIN], "AllowedMethods": list(METHODS), "AllowedHeaders": list(SENT), "ExposeHeaders": list(SEEN)}


@pytest.fixture
def bare(bucket: Bucket) -> Iterator[Bucket]:
    yield bucket
    bucket.client.delete_bucket_cors(Bucket=bucket.name)


def test_a_bucket_without_rules_lets_no_page_do_anything(bare: Bucket) -> None:
    assert list(rules_of(bare)) == []
    assert lacking(rules_of(bare), ORIGIN) == list(METHODS)


def test_origins_that_are_allowed_lack_nothing_and_rules_for_others_stay(bare: Bucket) -> None:
    allow(bare, [OTHER])
    allow(bare, [ORIGIN])
    allow(bare, [ORIGIN])
    assert lacking(rules_of(bare), ORIGIN) == lacking(rules_of(bare), OTHER) == []
    assert len(rules_of(bare)) == 2
    assert lacking(rules_of(bare), "https://stranger.example.com") == list(METHODS)


@pytest.mark.parametrize(
    ("changed", "faults"),
    [
        ({}, []),
        ({"AllowedOrigins": ["*"]}, []),
        ({"AllowedOrigins": ["https://*.example.com"]}, []),
        ({"AllowedOrigins": ["https://example.com"]}, ["GET", "HEAD", "PUT"]),
        ({"AllowedOrigins": ["http://app.example.com"]}, ["GET", "HEAD", "PUT"]),
        ({"AllowedMethods": ["GET", "HEAD"]}, ["PUT"]),
        ({"AllowedHeaders": ["*"]}, []),
        ({"AllowedHeaders": ["content-type", "if-none-match", "range"]}, []),
        ({"AllowedHeaders": ["Content-Type", "Range"]}, ["send If-None-Match"]),
        ({"ExposeHeaders": ["etag", "content-length", "content-range"]}, ["see Accept-Ranges"]),
        ({"ExposeHeaders": []}, [f"see {name}" for name in SEEN]),
    ],
    ids=str,
)
def test_what_a_page_may_not_do_is_named(changed: dict[str, list[str]], faults: list[str]) -> None:
    assert lacking([WHOLE | changed], ORIGIN) == faults  # type: ignore[list-item]
