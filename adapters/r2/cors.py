"""Which pages may use a bucket's links: its rules of cross-origin resource sharing (CORS)."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from adapters.r2.bucket import Bucket
from adapters.r2.faults import code_of, translated

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CORSRuleUnionTypeDef

METHODS = ("GET", "HEAD", "PUT")
SENT = ("Content-Type", "If-None-Match", "Range")
"""What a page sends: with an upload its type and condition, with a listener's seek a range."""

SEEN = ("ETag", "Content-Length", "Content-Range", "Accept-Ranges")
"""What a page reads of an answer: the ETag of a part, and where its bytes belong."""

_REMEMBERED = 3600
_NONE = {"NoSuchCORSConfiguration"}


def rules_of(bucket: Bucket) -> "Sequence[CORSRuleUnionTypeDef]":
    """Return the bucket's rules, none where it has none. Raise Unavailable where we may not read them."""
    with translated(bucket.name):
        return _read(bucket)


def lacking(rules: "Iterable[CORSRuleUnionTypeDef]", origin: str) -> list[str]:
    """Say what pages of an origin may not do by these rules, in words such as `PUT` or `see ETag`; nothing if all is well.

    The first rule that fits the origin and a method decides, as at S3.
    """
    of_origin = [rule for rule in rules if _fits(origin, rule["AllowedOrigins"])]
    return list(dict.fromkeys(fault for method in METHODS for fault in _faults(of_origin, method)))


def allow(bucket: Bucket, origins: Sequence[str]) -> None:
    """Let pages of these origins read and write by links; the rules for others stay. Raise what the client raises."""
    kept = [rule for rule in rules_of(bucket) if not set(rule["AllowedOrigins"]) <= set(origins)]
    with translated(bucket.name):
        bucket.client.put_bucket_cors(Bucket=bucket.name, CORSConfiguration={"CORSRules": [_rule(origins), *kept]})


def _read(bucket: Bucket) -> "Sequence[CORSRuleUnionTypeDef]":
    try:
        return bucket.client.get_bucket_cors(Bucket=bucket.name).get("CORSRules", [])
    except ClientError as error:
        if code_of(error) in _NONE:
            return []
        raise


def _rule(origins: Sequence[str]) -> "CORSRuleUnionTypeDef":
    return {
        "AllowedOrigins": list(origins),
        "AllowedMethods": list(METHODS),
        "AllowedHeaders": list(SENT),
        "ExposeHeaders": list(SEEN),
        "MaxAgeSeconds": _REMEMBERED,
    }


def _faults(rules: "Sequence[CORSRuleUnionTypeDef]", method: str) -> list[str]:
    rule = next((rule for rule in rules if method in rule["AllowedMethods"]), None)
    if rule is None:
        return [method]
    unsent = [f"send {name}" for name in SENT if not _fits(name, rule.get("AllowedHeaders", []))]
    unseen = [f"see {name}" for name in SEEN if name.lower() not in map(str.lower, rule.get("ExposeHeaders", []))]
    return unsent + unseen


def _fits(name: str, patterns: Iterable[str]) -> bool:
    """Say whether one of the patterns, in which a star stands for anything, fits; case does not matter in origins and fields."""
    return any(fnmatchcase(name.lower(), pattern.lower().replace("[", "[[]")) for pattern in patterns)
