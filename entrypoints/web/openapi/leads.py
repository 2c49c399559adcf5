"""Where an answer leads to: the calls that take an id out of it (OpenAPI links)."""

from collections.abc import Mapping

from litestar.openapi.spec import Link, Reference

_OF_ASSET = ("readAsset", "deleteAsset", "renameAsset", "addJob", "streamAsset", "streamAssetHead", "readPlayback", "readPeaks")
_OF_JOB = ("readJob", "cancelJob", "retryJob", "followJob")


def _to(calls: tuple[str, ...], place: str) -> dict[str, Link | Reference]:
    return {call: Link(operation_id=call, parameters={"id": f"$response.body#{place}"}) for call in calls}


UPLOADED: Mapping[str, Link | Reference] = _to(_OF_ASSET, "/asset/id") | _to(_OF_JOB, "/job/id")
UPLOAD: Mapping[str, Link | Reference] = _to(("readUpload", "completeUpload", "deleteUpload"), "/id")
JOB: Mapping[str, Link | Reference] = _to(_OF_JOB, "/id")
