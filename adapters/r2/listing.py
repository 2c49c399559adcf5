"""The keys in a bucket that begin with something, a page at a time."""

# What stands in every answer is optional in its type.
# pyright: reportTypedDictNotRequiredAccess=false

from typing import TypedDict

from msgspec import Struct

from adapters.r2.bucket import Bucket
from ports.errors import InvalidKey
from ports.storage import checked_key


class Page(Struct, frozen=True):
    """Keys in their order, and the server's word for where the next page begins, None on the last."""

    keys: list[str]
    next: str | None


class _Following(TypedDict, total=False):
    ContinuationToken: str


def begins_keys(prefix: str) -> bool:
    """Say whether there are keys that begin like this: servers read slashes and odd characters in their own ways."""
    return _is_key(prefix) or _is_key(f"{prefix}x")


def page_of(bucket: Bucket, prefix: str, token: str | None) -> Page:
    """Return a page of keys. What is no key of ours, such as a console's folder, is left out."""
    following = _Following() if token is None else _Following(ContinuationToken=token)
    found = bucket.client.list_objects_v2(Bucket=bucket.name, Prefix=bucket.prefix + prefix, **following)
    keys = [bucket.key_of(each["Key"]) for each in found.get("Contents", [])]
    return Page(sorted(key for key in keys if key.startswith(prefix) and _is_key(key)), found.get("NextContinuationToken"))


def _is_key(text: str) -> bool:
    try:
        checked_key(text)
    except InvalidKey:
        return False
    return True
