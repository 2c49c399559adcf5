"""The page where people meet Greenroom, as Vite has built it. Open to everybody: what it asks for is guarded itself."""

import secrets
from functools import cached_property
from pathlib import Path

from litestar import Response, Router, route
from litestar.enums import HttpMethod
from litestar.params import FromPath

from entrypoints.web.page_headers import ASSET, page_headers
from entrypoints.web.requests import AppRequest
from ports.errors import NotFound

BUILT = Path(__file__).with_name("static")
"""Where it is built to. The folder comes with the wheel; a clone has none until `make page`."""

INDEX, NONCE = "index.html", b"the-nonce-of-this-answer"
"""The page itself, and what stands there where each answer's own nonce belongs."""

MISSING = "The page is not built. `make page` builds it; everything else works without."

_UNBUILT = Path(__file__).with_name("unbuilt.html")
_ASKED = [HttpMethod.GET, HttpMethod.HEAD]
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def is_built() -> bool:
    """Say whether the page is where it is built to."""
    return (BUILT / INDEX).is_file()


class BuiltPage:
    """The files of the page, read when the first of them is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self._folder.glob("*") if path.is_file()}

    def index(self, nonce: str) -> bytes:
        """Return the page, whose styles by script are let in by this nonce; where there is none, one that says so."""
        page = self._files[INDEX] if INDEX in self._files else _UNBUILT.read_bytes()
        return page.replace(NONCE, nonce.encode())

    def asset(self, name: str) -> bytes:
        """Return a file that the page asks for. Raise NotFound."""
        if name == INDEX or name not in self._files:
            raise NotFound(name)
        return self._files[name]


def page_router(page: BuiltPage) -> Router:
    """Return the routes of the page and of its files."""

    @route("/", http_method=_ASKED, media_type="text/html")
    async def index(request: AppRequest) -> Response[bytes]:
        nonce = secrets.token_urlsafe(16)
        headers = page_headers("no-cache", styles=[f"'nonce-{nonce}'"], reached=request.parts.origin)
        return Response(page.index(nonce), headers=headers)

    @route("/static/{name:str}", http_method=_ASKED)
    async def asset(name: FromPath[str]) -> Response[bytes]:
        content = page.asset(name)
        return Response(content, media_type=_TYPES.get(Path(name).suffix, "application/octet-stream"), headers=ASSET)

    return Router("/", route_handlers=[index, asset], include_in_schema=False)
