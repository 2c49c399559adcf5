"""Objects that links bring to a server that lets a taken key be written again.

Such a server ignores `If-None-Match: *`, so who holds a link could change an object after it was verified. There, links lead
to a place of their own, and the first look at the key copies what has come to where no link leads.
"""

# What stands in every answer is optional in its type.
# pyright: reportTypedDictNotRequiredAccess=false

from datetime import datetime
from uuid import uuid4

from botocore.exceptions import ClientError

from adapters.r2.bucket import Bucket, Place
from adapters.r2.faults import STORAGE, TAKEN, code_of, translated
from adapters.r2.objects import look, looked
from ports.errors import AlreadyExists, NotFound, Unavailable
from ports.storage import StoredObject


def keeps_conditions(bucket: Bucket) -> bool:
    """Say whether the server refuses to store a second object under a key, by trying. Raise what the client raises."""
    place = bucket.incoming(uuid4().hex)
    kept = _is_stored_once(bucket, place)
    bucket.client.delete_object(**place)
    return kept


def settled(bucket: Bucket, key: str) -> StoredObject:
    """Say what is known of the object; where a link has brought it, bring it to its place first. Raise NotFound.

    The place is looked at once more after what waits: where another process has brought an object meanwhile, what waits now came
    later, and may be something else.
    """
    try:
        return look(bucket, key)
    except NotFound:
        if bucket.conditional:
            raise
    waiting = _waiting(bucket, key)
    try:
        return look(bucket, key)
    except NotFound:
        if waiting is None:
            raise
    _bring(bucket, key, waiting)
    return look(bucket, key)


def forget(bucket: Bucket, key: str) -> None:
    """Remove what a link has brought and nobody has looked at, before the object itself: a look would bring it back."""
    if not bucket.conditional:
        bucket.client.delete_object(**bucket.incoming(key))


def forget_older(bucket: Bucket, than: datetime, *, remove: bool = True) -> int:
    """Remove what was brought before a time, or only count it, and return its number."""
    pages = bucket.client.get_paginator("list_objects_v2").paginate(Bucket=bucket.name, Prefix=bucket.incoming_prefix)
    found = [each for page in pages for each in page.get("Contents", [])]
    old = [each["Key"] for each in found if each["LastModified"] < than and each["Key"].startswith(bucket.incoming_prefix)]
    for name in old if remove else []:
        bucket.client.delete_object(Bucket=bucket.name, Key=name)
    return len(old)


def _is_stored_once(bucket: Bucket, place: Place) -> bool:
    """Store an object twice. The first may be refused already: its answer was lost, and it was sent again."""
    try:
        for _ in range(2):
            bucket.client.put_object(**place, Body=b"", IfNoneMatch="*")
    except ClientError as error:
        if code_of(error) in TAKEN:
            return True
        raise
    return False


def _waiting(bucket: Bucket, key: str) -> StoredObject | None:
    try:
        return looked(bucket, key, bucket.incoming(key))[0]
    except NotFound:
        return None


def _bring(bucket: Bucket, key: str, waiting: StoredObject) -> None:
    """Copy what waits to its place, if it still is what it was. Raise Unavailable if it is not."""
    place = bucket.incoming(key)
    try:
        with translated(key):
            bucket.client.copy_object(
                **bucket.at(key),
                CopySource={"Bucket": place["Bucket"], "Key": place["Key"]},
                CopySourceIfMatch=waiting.etag,
            )
    except AlreadyExists as changed:
        raise Unavailable(STORAGE) from changed
    except NotFound:
        return  # another process was faster
    bucket.client.delete_object(**place)
