"""Objects that are stored in one request."""

from contextlib import suppress
from io import BytesIO
from uuid import uuid4

from adapters.r2.bucket import Bucket
from adapters.r2.faults import still_there, translated
from adapters.r2.objects import MARK, own, refuse_taken
from ports.errors import AlreadyExists
from ports.storage import StoredObject


def put(bucket: Bucket, key: str, body: BytesIO, content_type: str) -> StoredObject:
    """Store the bytes. Raise AlreadyExists if the key is taken, also when two puts race, and what the client raises.

    A request whose answer was lost is sent again, and then refused: the mark says that the object is our own.
    """
    mark = uuid4().hex
    if not bucket.conditional:
        refuse_taken(bucket, key)
    with suppress(AlreadyExists), translated(key):
        bucket.client.put_object(**bucket.at(key), Body=body, ContentType=content_type, Metadata={MARK: mark}, **bucket.condition)
    with still_there(key):
        return own(bucket, key, mark)
