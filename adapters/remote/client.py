"""The HTTP client that a worker elsewhere has: one for claims, files and reports."""

import httpx

CONNECTS_WITHIN = 10.0
SILENT_FOR = 30.0
"""Seconds that a connection may stall, in either direction."""

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def new_client(agent: str) -> httpx.AsyncClient:
    """Return a client that follows no redirect, for it carries secrets, and verifies certificates.

    Proxies and certificates are those of the environment (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE), as for every program on the
    machine; what runs on this machine itself is called without one.
    """
    return httpx.AsyncClient(
        timeout=httpx.Timeout(SILENT_FOR, connect=CONNECTS_WITHIN),
        headers={"User-Agent": agent},
        limits=httpx.Limits(max_connections=None),
        mounts={f"all://{host}": None for host in LOOPBACK},
    )
