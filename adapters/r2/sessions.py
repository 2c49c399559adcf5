"""Objects under way in parts: the calls of S3's multipart uploads.

A session's name is its mark, 32 hex digits, and the server's own name for it: the object that comes of it shows the mark.
"""

# What stands in every answer is optional in its type.
# pyright: reportTypedDictNotRequiredAccess=false

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING
from uuid import uuid4

from msgspec import Struct

from adapters.r2.bucket import Bucket
from adapters.r2.faults import still_there, translated
from adapters.r2.objects import MARK, own, refuse_taken
from ports.errors import AlreadyExists, NotFound
from ports.links import Part
from ports.storage import StoredObject

if TYPE_CHECKING:
    from types_boto3_s3.type_defs import CompletedPartTypeDef

_MARK = 32


class Arrived(Struct, frozen=True):
    """A part that has arrived, and the server's ETag of it."""

    part: Part
    etag: str


def begin(bucket: Bucket, key: str, content_type: str) -> str:
    """Open a session and return its name."""
    mark = uuid4().hex
    opened = bucket.client.create_multipart_upload(**bucket.at(key), ContentType=content_type, Metadata={MARK: mark})
    return mark + opened["UploadId"]


def upload_of(session: str) -> str:
    """Return the server's name of a session. Raise NotFound for what is none: no call may be made without it."""
    if not session[_MARK:]:
        raise NotFound(session)
    return session[_MARK:]


def send(bucket: Bucket, key: str, session: str, number: int, body: BytesIO) -> Arrived:
    """Send a part. Raise what the client raises."""
    with still_there(key):
        sent = bucket.client.upload_part(**bucket.at(key), UploadId=upload_of(session), PartNumber=number, Body=body)
    return Arrived(Part(number, body.getbuffer().nbytes), sent["ETag"])


def arrived(bucket: Bucket, key: str, session: str) -> list[Arrived]:
    """Return the parts that are there, by their numbers. Raise NotFound if there is no such session."""
    with translated(session):
        pages = bucket.client.get_paginator("list_parts").paginate(**bucket.at(key), UploadId=upload_of(session))
        found = [part for page in pages for part in page.get("Parts", [])]
    return [Arrived(Part(part["PartNumber"], part["Size"]), part["ETag"]) for part in found]


def join(bucket: Bucket, key: str, session: str, parts: Sequence[Arrived]) -> StoredObject:
    """Make the object of the parts. Raise AlreadyExists if the key is taken by something else, and what the client raises.

    It looks first, for not every server that keeps the condition elsewhere keeps it here. A request whose answer was lost is sent
    again, and then refused: the mark says that the object came of this session.
    """
    with suppress(AlreadyExists, NotFound), translated(session):
        refuse_taken(bucket, key)
        bucket.client.complete_multipart_upload(
            **bucket.at(key),
            UploadId=upload_of(session),
            MultipartUpload={"Parts": [_completed(one) for one in parts]},
            **bucket.condition,
        )
    with still_there(key):
        return outcome(bucket, key, session)


def outcome(bucket: Bucket, key: str, session: str) -> StoredObject:
    """Return the object that came of a session. Raise AlreadyExists if the key holds another, NotFound if none."""
    return own(bucket, key, session[:_MARK])


def drop(bucket: Bucket, key: str, session: str) -> None:
    """Drop the parts and end the session. One that is not there is dropped already."""
    _drop(bucket, bucket.at(key)["Key"], upload_of(session))


def drop_all(bucket: Bucket, key: str) -> None:
    """Drop every session that was begun for the key."""
    name = bucket.at(key)["Key"]
    for found, upload, _ in underway(bucket, name):
        if found == name:
            _drop(bucket, name, upload)


def drop_older(bucket: Bucket, than: datetime, *, remove: bool = True) -> int:
    """Drop the sessions that began before a time, or only count them, and return their number."""
    old = [(name, upload) for name, upload, begun in underway(bucket, bucket.prefix) if begun < than]
    for name, upload in old if remove else []:
        _drop(bucket, name, upload)
    return len(old)


def underway(bucket: Bucket, prefix: str) -> Iterator[tuple[str, str, datetime]]:
    """Yield every session whose object's name begins with `prefix`: that name, the server's own name, and when it began."""
    for page in bucket.client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket.name, Prefix=prefix):
        for upload in page.get("Uploads", []):
            if upload["Key"].startswith(prefix):
                yield upload["Key"], upload["UploadId"], upload["Initiated"]


def _drop(bucket: Bucket, name: str, upload: str) -> None:
    try:
        with translated(name):
            bucket.client.abort_multipart_upload(Bucket=bucket.name, Key=name, UploadId=upload)
    except NotFound:
        return


def _completed(one: Arrived) -> "CompletedPartTypeDef":
    return {"PartNumber": one.part.number, "ETag": one.etag}
