"""Pages of things listed newest first."""

from datetime import datetime
from typing import Annotated, Generic, TypeVar

from msgspec import Meta, Struct

T = TypeVar("T")


class Cursor(Struct, frozen=True):
    """The last row that was shown: the next page starts behind it, in the order (created, id) descending."""

    created: Annotated[datetime, Meta(tz=True)]
    id: str


class Page(Struct, Generic[T], frozen=True):
    """Some rows, and where the next page starts: None after the last one."""

    items: tuple[T, ...]
    next: Cursor | None = None
