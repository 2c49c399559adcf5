"""Applications that are made once for many tests: to make one takes Litestar longer than most tests take.

What a test's settings decide beside places (secrets, keys, origins) is in the application, so only tests that set the same share
one. Its places, and all that it remembers of what is there, come with each start.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeAlias

from litestar import Litestar

from entrypoints.logs import set_up_logs
from entrypoints.settings import Settings
from entrypoints.web.app import create_app

Kind: TypeAlias = frozenset[tuple[str, str]]

_FREE: defaultdict[Kind, list[Litestar]] = defaultdict(list)


@contextmanager
def borrowed(kind: Mapping[str, str], settings: Settings) -> Iterator[Litestar]:
    """Give an application of this kind that nobody else has meanwhile."""
    free = _FREE[frozenset(kind.items())]
    app = free.pop() if free else create_app(settings)
    set_up_logs(settings.log_level, settings.log_format)
    try:
        yield app
    finally:
        free.append(app)
