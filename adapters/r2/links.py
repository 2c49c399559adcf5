"""Signed links to the objects of a bucket: the server's own presigned URLs (AWS Signature Version 4)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias

from adapters.r2.bucket import Bucket, Place
from adapters.r2.faults import translated
from ports.links import Link

LONGEST = timedelta(days=7)
"""What R2 and S3 allow. boto3 signs longer ones too; nobody takes them."""

Operation: TypeAlias = Literal["get_object", "put_object", "upload_part"]


class R2Links:
    """Makes links that are good for seven days at most. Two links differ by the second in which they were signed."""

    def __init__(self, bucket: Bucket, clock: Callable[[], datetime]) -> None:
        self._bucket = bucket
        self._clock = clock

    def get(self, key: str, *, content_type: str, disposition: str, expires_at: datetime) -> Link:
        """Make a link to read an object: answered with this type and Content-Disposition."""
        answered = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
        return self.signed("get_object", self._bucket.at(key), answered, {}, expires_at)

    def put(self, key: str, *, content_type: str, expires_at: datetime, length: int | None = None) -> Link:
        """Make a link to write an object once, sending the link's headers."""
        place = self._bucket.at(key) if self._bucket.conditional else self._bucket.incoming(key)
        promised: dict[str, Any] = {"ContentType": content_type, "IfNoneMatch": "*"}
        if length is not None:
            promised["ContentLength"] = length
        return self.signed("put_object", place, promised, {"Content-Type": content_type, "If-None-Match": "*"}, expires_at)

    def signed(
        self,
        operation: Operation,
        place: Place,
        promised: Mapping[str, Any],
        headers: Mapping[str, str],
        expires_at: datetime,
    ) -> Link:
        """Sign a request for what is at a place. One that has ended already is signed for no time at all.

        Raise Unavailable if the credentials of a role can't be renewed.
        """
        now = self._clock().replace(microsecond=0)
        ends = min(expires_at.replace(microsecond=0), now + LONGEST)
        seconds = max(0, int((ends - now).total_seconds()))
        parameters, method = {**place, **promised}, "GET" if operation == "get_object" else "PUT"
        with translated(place["Key"]):
            url = self._bucket.client.generate_presigned_url(operation, Params=parameters, ExpiresIn=seconds, HttpMethod=method)
        return Link(url=url, method=method, expires_at=ends.astimezone(UTC), headers=headers)
