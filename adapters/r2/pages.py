"""What pages of other origins may do with a bucket's links."""

import asyncio
from collections.abc import Sequence

from adapters.r2 import cors
from adapters.r2.bucket import Bucket


class R2Pages:
    """Keeps `ports.origins.Pages` by the bucket's CORS rules."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def lacking(self, origin: str) -> Sequence[str]:
        """Say what pages of this origin may not do."""
        return cors.lacking(await asyncio.to_thread(cors.rules_of, self._bucket), origin)

    async def allow(self, origins: Sequence[str]) -> None:
        """Let pages of these origins read and write; the rules for others stay."""
        await asyncio.to_thread(cors.allow, self._bucket, origins)
