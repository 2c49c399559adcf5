"""A server whose certificate is nobody's that is trusted is told from one that does not answer."""

from ssl import SSLCertVerificationError

import pytest
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as Broken

from adapters.redis import client
from adapters.redis.client import Server
from adapters.redis.errors import Refused

pytestmark = pytest.mark.anyio


async def test_what_is_wrong_with_a_certificate_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def dial() -> AbstractConnection:
        error = SSLCertVerificationError(1, "certificate verify failed")
        error.verify_message = "self-signed certificate"
        raise Broken from error

    monkeypatch.setattr(client, "dialling", lambda *_: dial)
    with pytest.raises(Refused, match=r"^its certificate can't be trusted \(self-signed certificate\)$"):
        await Server.open("rediss://localhost")
