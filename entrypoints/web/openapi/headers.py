"""What the OpenAPI document says of headers: each is described once."""

from collections.abc import Mapping

from litestar.openapi.spec import OpenAPIHeader, Reference, Schema
from litestar.openapi.spec.enums import OpenAPIType

HEADERS: Mapping[str, tuple[str, str | int]] = {
    "Accept-Ranges": ("Ranges may be asked for.", "bytes"),
    "Cache-Control": ("How long the answer may be kept.", "no-store"),
    "Content-Disposition": ("Whether to play or to save it, and under which name.", "inline"),
    "Content-Length": ("How many bytes it has.", 4278190),
    "Content-Range": ("Which bytes these are, and of how many.", "bytes 0-1048575/4278190"),
    "ETag": ("Names this state of the bytes: for If-Range, If-Match and If-None-Match.", '"41476e-18af2c3f0c55ad01"'),
    "Last-Modified": ("When the bytes were stored.", "Sun, 22 Nov 2026 15:00:09 GMT"),
    "Location": ("A signed link, good for hours.", "/api/storage/audio/assets/..."),
    "Retry-After": ("Seconds after which to come again.", 5),
    "WWW-Authenticate": ("The proof that is wanted (RFC 6750).", "Bearer"),
}
"""What each is for, and an example."""


def header(name: str) -> Reference:
    """Return what an answer says of one of its headers."""
    return Reference(f"#/components/headers/{name}")


def headers() -> dict[str, OpenAPIHeader | Reference]:
    """Return the components that answers refer to."""
    return {name: _header(meaning, shown) for name, (meaning, shown) in HEADERS.items()}


def _header(meaning: str, shown: str | int) -> OpenAPIHeader:
    kind = OpenAPIType.INTEGER if isinstance(shown, int) else OpenAPIType.STRING
    return OpenAPIHeader(description=meaning, schema=Schema(type=kind), example=shown)
