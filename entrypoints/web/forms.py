"""A file that comes in a form (multipart/form-data, RFC 7578): parsed as it arrives, never held and never spooled."""

import re
from collections.abc import AsyncIterator

from msgspec import Struct
from multipart import (  # type: ignore[import-untyped]  # it is annotated, but does not say so
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from entrypoints.settings import Settings
from entrypoints.web.bodies import AnyRequest, BodyTooLarge, streamed

FIELD = "file"

AROUND = 64 * 1024
"""Bytes that a form may have beside its file."""

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
"""RFC 2046, 5.1.1."""

_DISPOSITION = re.compile(
    r"form-data(?>[ \t]*;[ \t]*[\w*-]+[ \t]*=[ \t]*"
    r'(?>"(?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*+"|"[^"\x00-\x1f\x7f]*+"|[^\s";\x00-\x1f\x7f]++))*+[ \t;]*',
    re.IGNORECASE,
)
"""The parser passes over what it does not understand of the field: a name that is cut by a line break would be lost unseen."""


class MalformedForm(Exception):
    """A form that is broken, or is not one file. `field` is its part at fault."""

    def __init__(self, sentence: str, field: str = FIELD) -> None:
        super().__init__(sentence)
        self.field = field


class SentFile(Struct, frozen=True):
    """A file on its way: the name that the form gives it, nothing where there is none, and its bytes as they arrive."""

    name: str
    body: AsyncIterator[bytes]


async def sent_file(request: AnyRequest, settings: Settings) -> SentFile:
    """Return the file that the request's body has in a form, or is.

    It is read no further than to the file's first byte. Raise MalformedForm, or what `streamed` raises; the bytes do so too.
    """
    limit, idle = settings.max_upload_bytes, settings.idle_seconds
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != "multipart/form-data":
        return SentFile("", streamed(request, limit=limit, idle=idle))
    return await file_of_form(streamed(request, limit=limit + AROUND, idle=idle), options.get("boundary", ""), limit)


async def file_of_form(chunks: AsyncIterator[bytes], boundary: str, limit: int) -> SentFile:
    """Return the one file of a form. Raise MalformedForm; its bytes raise it too, and BodyTooLarge for more than `limit`."""
    if not _BOUNDARY.fullmatch(boundary):
        raise MalformedForm("The form's boundary must be 1 to 70 characters (RFC 2046)")
    events = _events(chunks, PushMultipartParser(boundary))
    opening = await anext(events, None)
    if not isinstance(opening, MultipartSegment):
        raise MalformedForm(f"The form has no part called {FIELD}")
    _refuse_other(opening)
    return SentFile(opening.filename or "", _contents(events, limit))


async def _events(
    chunks: AsyncIterator[bytes], parser: PushMultipartParser
) -> AsyncIterator[MultipartSegment | bytes | bytearray | None]:
    """Yield each part when it begins, its bytes, and None when it ends. Raise MalformedForm, also for an end too early."""
    try:
        async for chunk in chunks:
            for event in parser.parse(chunk):
                yield event
        parser.close()
    except MultipartError as error:
        raise MalformedForm(f"The form is malformed: {error.args[0]}") from None


async def _contents(events: AsyncIterator[MultipartSegment | bytes | bytearray | None], limit: int) -> AsyncIterator[bytes]:
    received = 0
    async for event in events:
        if isinstance(event, MultipartSegment):
            _refuse_other(event)
            raise MalformedForm("The form has more than one file: upload one at a time")
        received += len(event or b"")
        if received > limit:
            raise BodyTooLarge(limit)
        if event:
            yield bytes(event)


def _refuse_other(part: MultipartSegment) -> None:
    """Raise MalformedForm for any part but a well-formed `file`: what else there is to say would be lost, or come too late."""
    [disposition, *more] = [value for name, value in part.headerlist if name == "Content-Disposition"]
    if more or not _DISPOSITION.fullmatch(disposition):
        raise MalformedForm("The form is malformed: Content-Disposition")
    if part.name != FIELD:
        shown = (part.name or "")[:100]
        raise MalformedForm(f"{shown or 'A part without a name'}: a form has the file alone, all else stands in the query", shown)
