"""Clients of boto3 and httpx, made cheap and tidy for tests that make hundreds of them."""

import functools
import weakref
from typing import Any

import botocore.session
from botocore.httpsession import URLLib3Session
from httpx._transports import default


def be_frugal() -> None:
    """Read what S3 is, and whom to trust, once a process; let a client of S3 that is forgotten hang up.

    That it does not is a warning, in any test.
    """
    default.create_ssl_context = functools.cache(default.create_ssl_context)  # type: ignore[attr-defined]  # 20 ms for each client
    botocore.session.create_loader = functools.cache(botocore.session.create_loader)
    begin = URLLib3Session.__init__

    @functools.wraps(begin)
    def begin_tidily(self: URLLib3Session, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        weakref.finalize(self, self._manager.clear)  # type: ignore[attr-defined]  # there is no public way to its connections

    URLLib3Session.__init__ = begin_tidily  # type: ignore[method-assign]  # as it says
