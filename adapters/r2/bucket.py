"""Where objects are in a bucket: the names that the calls of its client want."""

from typing import TYPE_CHECKING, TypedDict

from msgspec import Struct

from ports.errors import InvalidKey
from ports.storage import checked_key

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

LONGEST_NAME = 1024
_INCOMING = ".incoming/"
"""No key begins with a dot: nothing of this can be mistaken for an object."""


class Place(TypedDict):
    """The arguments that say which object of which bucket."""

    Bucket: str
    Key: str


class Condition(TypedDict, total=False):
    """The argument that has an object stored only where there is none."""

    IfNoneMatch: str


class Bucket(Struct, frozen=True, kw_only=True):
    """A bucket, and what all names there begin with: nothing, or something that ends with a slash.

    `conditional`: its server keeps `If-None-Match: *` when it stores an object.
    """

    client: "S3Client"
    name: str
    prefix: str = ""
    conditional: bool = True

    def at(self, key: str) -> Place:
        """Say where the object is. Raise InvalidKey as Storage does, and where prefix and key have more than 1,024 bytes."""
        return self._place(checked_key(key), key)

    def incoming(self, key: str) -> Place:
        """Say where the object waits that a link has brought, until it is looked at. Raise InvalidKey."""
        return self._place(_INCOMING + checked_key(key), key)

    @property
    def condition(self) -> Condition:
        """Return what to ask of a server, where it keeps it: not to store anything under a key that is taken."""
        return Condition(IfNoneMatch="*") if self.conditional else Condition()

    def key_of(self, name: str) -> str:
        """Return the key that an object of this name has, which may be none that `checked_key` knows."""
        return name.removeprefix(self.prefix)

    @property
    def incoming_prefix(self) -> str:
        """Return what the names of all objects begin with that wait to be looked at."""
        return self.prefix + _INCOMING

    def _place(self, name: str, key: str) -> Place:
        if len((self.prefix + name).encode()) > LONGEST_NAME:
            raise InvalidKey(key)
        return Place(Bucket=self.name, Key=self.prefix + name)
