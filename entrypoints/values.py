"""Values that settings have: secrets that no log shows, networks, sizes in bytes."""

import base64
import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Self

_SHORTEST_KEY, _LONGEST_KEY = 24, 64
_USUAL_PORTS = {"http": "80", "https": "443"}
_ORIGIN = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:]+\])(?::(?P<port>[1-9][0-9]{0,4}))?")
_SIZES = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_SMALLEST_PART, _LARGEST_PART = 5 * 2**20, 5 * 2**30
_SIZE = re.compile(r"(\d+)\s*([KMG]i?B)?", re.IGNORECASE)


class Secret:
    """A secret's bytes, which no repr, log line or error shows."""

    __slots__ = ("_value",)

    def __init__(self, text: str) -> None:
        self._value = text.encode("utf-8", "surrogateescape")

    def reveal(self) -> bytes:
        """Return the bytes, for comparing and signing."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(...)"


class SigningSecret(Secret):
    """A secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. What it reveals is those bytes."""

    __slots__ = ()

    def __init__(self, text: str) -> None:
        prefix, _, encoded = text.partition("_")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError:
            key = b""
        if prefix != "whsec" or not _SHORTEST_KEY <= len(key) <= _LONGEST_KEY:
            raise ValueError("expected whsec_ and 24 to 64 bytes in base64")
        self._value = key


class Network:
    """An address or a network in CIDR form."""

    __slots__ = ("network",)

    def __init__(self, text: str) -> None:
        self.network: IPv4Network | IPv6Network = ip_network(text, strict=False)

    def __repr__(self) -> str:
        return str(self.network)


class Origin(str):
    """The origin of a page, as browsers name it (RFC 6454): `https://app.example.com`, with any but the usual port."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Write it as browsers do. Raise ValueError if it is none."""
        match = _ORIGIN.fullmatch(text.lower())
        if match is None:
            raise ValueError("expected an origin such as https://app.example.com, without * and without a slash at its end")
        port = "" if match["port"] in {None, _USUAL_PORTS.get(match["scheme"])} else f":{match['port']}"
        return super().__new__(cls, f"{match['scheme']}://{match['host']}{port}")


class Size(int):
    """A number of bytes: `500000`, `500 kB`, `5GiB`."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a size. Raise ValueError if it is none."""
        match = _SIZE.fullmatch(text.strip())
        if match is None or int(match[1]) < 1:
            raise ValueError("expected a number of bytes, such as 500000 or 5GiB")
        return cls(int(match[1]) * _SIZES[(match[2] or "").upper()])


class PartSize(Size):
    """The bytes of a part of an upload: 5 MiB or more, and 5 GiB at most (S3's own limits)."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a size. Raise ValueError if it is none that a part may have."""
        size = cls(Size.parse(text))
        if not _SMALLEST_PART <= size <= _LARGEST_PART:
            raise ValueError("expected a number of bytes from 5MiB to 5GiB")
        return size
