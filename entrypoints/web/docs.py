"""The page for people who read the API and try it out: Swagger UI, from this server alone."""

from functools import cache
from importlib.metadata import distribution
from pathlib import Path

from litestar import Response, Router, get
from litestar.params import FromPath

from entrypoints.web.page_headers import page_headers
from ports.errors import NotFound

HEADERS = page_headers("public, max-age=3600", styles=["'unsafe-inline'"])
"""Swagger UI sets styles of single elements."""

_OURS = Path(__file__).with_name("docs_page")
_TYPES = {".css": "text/css", ".js": "text/javascript"}


@get("/", media_type="text/html")
async def page() -> Response[bytes]:
    """Send the page, which is open: it asks for a key itself where /schema does."""
    return Response(_content("index.html"), headers=HEADERS)


@get("/{name:str}")
async def part(name: FromPath[str]) -> Response[bytes]:
    """Send a script or a style sheet of the page. Raise NotFound."""
    if name not in {"docs.css", "docs.js", "swagger-ui.css", "swagger-ui.js"}:
        raise NotFound(name)
    return Response(_content(name), media_type=_TYPES[Path(name).suffix], headers=HEADERS)


def docs_router() -> Router:
    """Return the routes of the page."""
    return Router("/docs", route_handlers=[page, part], include_in_schema=False)


@cache
def _content(name: str) -> bytes:
    """Read a file once. Swagger UI's lie as its makers publish them in a package that reads megabytes if it is imported."""
    theirs = {"swagger-ui.css": "offapi/swagger_style.css", "swagger-ui.js": "offapi/swagger_bundle.js"}
    path = distribution("offapi").locate_file(theirs[name]) if name in theirs else _OURS / name
    return Path(str(path)).read_bytes()
