"""The settings of a server whose objects are in a bucket."""

from pathlib import Path

from adapters.r2.bucket import Bucket
from tests.services.buckets import run_folder
from tests.services.running import served


def bucket_settings(bucket: Bucket, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a server that keeps its objects there."""
    server = served("s3", run_folder(tmp_path))
    return {
        "GREENROOM_STORAGE_URL": f"s3://{bucket.name}/{bucket.prefix}",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": server.key,
        "AWS_SECRET_ACCESS_KEY": server.secret,
    }
