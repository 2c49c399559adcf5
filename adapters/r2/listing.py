"""The objects in a bucket whose keys begin with something, a page at a time."""

# What stands in every answer is optional in its type.
# pyright: reportTypedDictNotRequiredAccess=false

from datetime import UTC
from operator import attrgetter
from typing import TYPE_CHECKING, TypedDict

from msgspec import Struct

from adapters.r2.bucket import Bucket
from adapters.r2.objects import quoted
from ports.errors import InvalidKey
from ports.storage import ListedObject, checked_key

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import ObjectTypeDef


class Page(Struct, frozen=True):
    """Objects in the order of their keys, and the server's word for where the next page begins, None on the last."""

    objects: list[ListedObject]
    next: str | None


class _Following(TypedDict, total=False):
    ContinuationToken: str


def begins_keys(prefix: str) -> bool:
    """Say whether there are keys that begin like this: servers read slashes and odd characters in their own ways."""
    return _is_key(prefix) or _is_key(f"{prefix}x")


def page_of(bucket: Bucket, prefix: str, token: str | None) -> Page:
    """Return a page of objects. What has no key of ours, such as a console's folder, is left out."""
    following = _Following() if token is None else _Following(ContinuationToken=token)
    found = bucket.client.list_objects_v2(Bucket=bucket.name, Prefix=bucket.prefix + prefix, **following)
    listed = [_listed(bucket.key_of(each["Key"]), each) for each in found.get("Contents", [])]
    ours = [each for each in listed if each.key.startswith(prefix) and _is_key(each.key)]
    return Page(sorted(ours, key=attrgetter("key")), found.get("NextContinuationToken"))


def _listed(key: str, found: "ObjectTypeDef") -> ListedObject:
    """Return what the list says; of its time the seconds, for to a HEAD the server says no more."""
    modified = found["LastModified"].astimezone(UTC).replace(microsecond=0)
    return ListedObject(key=key, size=found["Size"], etag=quoted(found["ETag"]), modified=modified)


def _is_key(text: str) -> bool:
    try:
        checked_key(text)
    except InvalidKey:
        return False
    return True
