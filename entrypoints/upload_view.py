"""What the API shows of a direct upload: what has arrived of it, and how the rest is sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from domain.parting import Way
from domain.tickets import absolute
from ports.links import Part
from ports.uploads import Upload, UploadState


class ArrivedView(Struct, frozen=True, kw_only=True):
    """A part that has arrived. `size` is bytes."""

    number: int
    size: int


class WayView(Struct, frozen=True, kw_only=True):
    """How a part is sent that is missing: the `size` bytes of the file from `offset` on, to `url`, with these headers."""

    number: int
    offset: int
    size: int
    url: str
    method: str
    headers: Mapping[str, str]


class UploadView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A direct upload. `part_size` is null where one request sends it all, `asset_id` until it is complete.

    `present` are the parts that have arrived, `parts` the next of those that are missing, a hundred at most: by these links
    they are sent until `expires_at`.
    """

    id: str
    status: Literal["open", "complete"]
    asset_id: str | None
    name: str
    ref: str | None
    size: int
    part_size: int | None
    expires_at: datetime
    present: list[ArrivedView]
    parts: list[WayView]


def upload_view(upload: Upload, there: Sequence[Part], ways: Sequence[Way], public_url: str) -> UploadView:
    """Show an upload that was not given up; its links are made absolute."""
    complete = upload.state is UploadState.COMPLETE
    return UploadView(
        id=upload.id,
        status="complete" if complete else "open",
        asset_id=upload.id if complete else None,
        name=upload.name,
        ref=upload.ref,
        size=upload.size,
        part_size=upload.part_size,
        expires_at=upload.expires,
        present=[ArrivedView(number=part.number, size=part.size) for part in there],
        parts=[_way_view(way, public_url) for way in ways],
    )


def _way_view(way: Way, public_url: str) -> WayView:
    return WayView(
        number=way.part.number,
        offset=way.offset,
        size=way.part.size,
        url=absolute(way.link.url, public_url),
        method=way.link.method,
        headers=way.link.headers,
    )
