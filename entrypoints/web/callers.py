"""Who is calling: the address behind our own proxies, and whether it is this machine itself."""

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection

from entrypoints.values import Network

Connection = ASGIConnection[Any, Any, Any, Any]

_RELAYED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""What tells that a request came through a proxy."""


def caller_address(connection: Connection, trusted: Collection[Network]) -> str:
    """Return the address that the request comes from.

    X-Forwarded-For counts only as far as trusted proxies have written it: read from its end, the first address that is none of
    them is the caller. What is not an address there is not believed.
    """
    address = _peer(connection)
    hops = _hops(connection)
    while hops and _is_trusted(address, trusted) and _parsed(hops[-1]) is not None:
        address = hops.pop()
    return str(_parsed(address) or "unknown")


def comes_from_this_machine(connection: Connection, trusted: Collection[Network]) -> bool:
    """Say whether a request was made on this machine: its peer is, and a proxy of ours, if it came through one, says the same.

    What comes through any other proxy may come from anywhere. One that says nothing of itself still speaks HTTP/1.0, which
    nginx does unless it is told otherwise and hardly anybody else.
    """
    hops = _hops(connection)
    relayed = any(name in connection.headers for name in _RELAYED) or connection.scope["http_version"] == "1.0"
    if relayed and not (hops and _is_trusted(_peer(connection), trusted)):
        return False
    return all(_is_loopback(address) for address in (_peer(connection), *hops))


def is_this_machine(host: str) -> bool:
    """Say whether a host, as an address or a name with or without a port, is the loopback of this machine."""
    name = _name_of(host)
    return name == "localhost" or name.endswith(".localhost") or _is_loopback(name)


def _peer(connection: Connection) -> str:
    return connection.client.host if connection.client else "unknown"


def _hops(connection: Connection) -> list[str]:
    """Return the addresses of X-Forwarded-For, each as its proxy wrote it."""
    return [hop.strip() for line in connection.headers.getall("x-forwarded-for", []) for hop in line.split(",")]


def _name_of(host: str) -> str:
    """Return the host without its port and brackets, nothing where it is malformed."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(address: str) -> bool:
    parsed = _parsed(address)
    return parsed is not None and parsed.is_loopback


def _is_trusted(address: str, trusted: Collection[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in item.network for item in trusted)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
