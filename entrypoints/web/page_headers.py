"""The headers of pages for people: what a browser may do there, and whom it may ask (Content Security Policy, level 3)."""

from collections.abc import Sequence

ASSET = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}
"""Of a file whose name says what is in it: another content has another name."""


def page_headers(cache: str, *, styles: Sequence[str] = (), reached: str | None = None) -> dict[str, str]:
    """Return the headers of a page that runs its own scripts alone, is shown in no frame, and tells nobody where it was.

    `styles` are the sources of styles beyond our own origin. `reached` is the one other origin that the page asks and plays from.
    """
    theirs = f" {reached}" if reached else ""
    policy = [
        "default-src 'none'",
        "script-src 'self'",
        " ".join(["style-src 'self'", *styles]),
        "img-src 'self' data:",
        f"media-src 'self'{theirs}",
        f"connect-src 'self'{theirs}",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    return {
        "Cache-Control": cache,
        "Content-Security-Policy": "; ".join(policy),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
