"""boto3's clients, made cheap and tidy for tests that make hundreds of them."""

import functools
import weakref
from typing import Any

import botocore.session
from botocore.httpsession import URLLib3Session


def be_frugal() -> None:
    """Read what S3 is once a process, and let a client that is forgotten hang up: that it does not is a warning, in any test."""
    botocore.session.create_loader = functools.cache(botocore.session.create_loader)
    begin = URLLib3Session.__init__

    @functools.wraps(begin)
    def begin_tidily(self: URLLib3Session, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        weakref.finalize(self, self._manager.clear)  # type: ignore[attr-defined]  # there is no public way to its connections

    URLLib3Session.__init__ = begin_tidily  # type: ignore[method-assign]  # as it says
