"""What can be asked of the objects in a bucket, one call each."""

from datetime import UTC

from adapters.r2.bucket import Bucket, Place
from adapters.r2.faults import translated
from ports.errors import AlreadyExists, NotFound
from ports.storage import StoredObject

MARK = "greenroom"
"""The name under which an object keeps the mark of the put that made it: how a put knows its own work again."""


def look(bucket: Bucket, key: str) -> StoredObject:
    """Say what is known of the object. Raise NotFound, and what the client raises."""
    return looked(bucket, key)[0]


def looked(bucket: Bucket, key: str, place: Place | None = None) -> tuple[StoredObject, str]:
    """Say what is known of the object, and the mark that its put has left, empty where there is none. Raise NotFound."""
    with translated(key):
        found = bucket.client.head_object(**(place or bucket.at(key)))
    stored = StoredObject(
        key=key,
        size=found["ContentLength"],
        content_type=found.get("ContentType", "application/octet-stream"),
        etag=quoted(found["ETag"]),
        modified=found["LastModified"].astimezone(UTC),
    )
    return stored, found["Metadata"].get(MARK, "")


def quoted(etag: str) -> str:
    """Return the ETag with its quotes, which some servers leave out."""
    return etag if etag.startswith('"') else f'"{etag}"'


def refuse_taken(bucket: Bucket, key: str) -> None:
    """Raise AlreadyExists if the key is taken already: why send what can't be kept."""
    try:
        look(bucket, key)
    except NotFound:
        return
    raise AlreadyExists(key)


def own(bucket: Bucket, key: str, mark: str) -> StoredObject:
    """Return the object if the put with this mark has made it; it may have been heard and its answer lost.

    Raise AlreadyExists if another has, NotFound if there is none.
    """
    stored, found = looked(bucket, key)
    if found != mark:
        raise AlreadyExists(key)
    return stored
