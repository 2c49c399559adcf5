"""What is said of a server that runs for the tests."""

from msgspec import Struct


class Served(Struct, frozen=True):
    """A server that runs: where it is, what it is, in words, and its credentials where it wants some.

    `shared`: it runs already, and others may use it too.
    """

    url: str
    by: str
    key: str = ""
    secret: str = ""
    shared: bool = False


class NotServed(Exception):
    """A server can't be had; the sentence says why."""
