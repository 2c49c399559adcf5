"""A direct upload is announced, looked up, and given up: its bytes go from the client straight to storage.

Nobody has seen the bytes when their key is made. Its ending is that of the file's name where audio has such a one, else the one
usual for the type that the client claims, else `bin`; the type that its links sign follows from that ending. Both are for those
who look into the storage: what the audio is is found in its bytes, and every link to listen says that.
"""

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.deciding import decide_again
from domain.endings import ENDINGS, UNKNOWN_TYPE, expected_ending
from domain.errors import UploadComplete, UploadNotFound, UploadTooLarge
from domain.house import House
from domain.layout import original_key
from domain.names import clean_name
from domain.parting import LARGEST_UPLOAD, part_size_of
from domain.policy import REMEMBERED, SENT_WITHIN, STILL_ARRIVING
from ports.audio import Recipe
from ports.errors import Conflict, NotFound
from ports.uploads import Upload, UploadState, UploadStore


class Announced(Struct, frozen=True, kw_only=True):
    """What a client is going to send: `size` bytes. `recipe` is None where nothing is to be prepared, `sha256` is hex."""

    name: str
    size: int
    content_type: str | None = None
    sha256: str | None = None
    ref: str | None = None
    recipe: Recipe | None = None
    traceparent: str | None = None


async def open_upload(announced: Announced, *, new_id: UUID, house: House, now: datetime) -> Upload:
    """Return a new upload, for whose parts links can be made. Raise UploadTooLarge.

    Its record stands before parts can be sent: whatever a crash leaves of it is swept.
    """
    limit = min(house.policy.limits.output_bytes, LARGEST_UPLOAD)
    if announced.size > limit:
        raise UploadTooLarge(limit)
    upload = _new(announced, new_id, house.policy.part_bytes, now)
    await house.uploads.add(upload)
    if upload.part_size is None:
        return upload
    session = await house.multipart.begin(upload.key, upload.content_type, upload.part_size)
    begun = replace(upload, version=upload.version + 1, session=session)
    await house.uploads.replace(begun)
    return begun


async def find_upload(upload_id: str, uploads: UploadStore) -> Upload:
    """Return the upload. Raise UploadNotFound if there is none, or it was given up."""
    try:
        upload = await uploads.get(upload_id)
    except NotFound:
        raise UploadNotFound from None
    if upload.state is UploadState.ABANDONED:
        raise UploadNotFound
    return upload


async def give_up(upload_id: str, *, house: House, now: datetime) -> None:
    """Mark the upload as abandoned (from then on it is not found) and remove what has arrived of it.

    The mark is durable first: what a crash leaves undone, a housekeeper does. Raise UploadNotFound, or UploadComplete.
    """

    async def mark() -> Upload:
        upload = await find_upload(upload_id, house.uploads)
        if upload.state is UploadState.COMPLETE:
            raise UploadComplete
        marked = replace(upload, version=upload.version + 1, state=UploadState.ABANDONED, due=now)
        await house.uploads.replace(marked)
        return marked

    await sweep_abandoned(await decide_again(mark, "The upload store"), house, now)


async def sweep_abandoned(upload: Upload, house: House, now: datetime) -> None:
    """Remove what has arrived of an abandoned upload. Its record goes last, and not before its last bytes can have arrived."""
    await drop_parts(upload, house)
    await house.storage.remove(upload.key)
    quiet = quiet_from(upload)
    if quiet <= now:
        await house.uploads.remove(upload.id)
        return
    try:
        await house.uploads.replace(replace(upload, version=upload.version + 1, due=quiet))
    except (Conflict, NotFound):
        return  # another housekeeper was here


async def drop_parts(upload: Upload, house: House) -> None:
    """End the session of an upload, if it had one: nobody can send parts any more."""
    if upload.part_size is not None:
        await house.multipart.abort(upload.key, upload.session)


def quiet_from(upload: Upload) -> datetime:
    """Return when nothing arrives any more by the links of an upload, however long its sender took."""
    return upload.expires + REMEMBERED


def _new(announced: Announced, new_id: UUID, usual_part: int, now: datetime) -> Upload:
    name = clean_name(announced.name)
    ending = expected_ending(name, announced.content_type)
    expires = now + SENT_WITHIN
    return Upload(
        id=str(new_id),
        name=name,
        key=original_key(str(new_id), new_id.hex[:8], ending),
        content_type=ENDINGS.get(ending, UNKNOWN_TYPE),
        size=announced.size,
        created=now,
        expires=expires,
        due=expires + STILL_ARRIVING,
        ref=announced.ref,
        sha256=announced.sha256,
        part_size=part_size_of(announced.size, usual_part),
        recipe=announced.recipe,
        traceparent=announced.traceparent,
    )
