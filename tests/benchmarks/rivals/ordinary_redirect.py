"""The redirect as one writes it: FastAPI and boto3, which looks into the bucket and signs, each time. `python -m ... PORT`."""

import os
import sys

import boto3
from fastapi import FastAPI, HTTPException
from fastapi.responses import RedirectResponse

from tests.benchmarks.rivals.serving import serve

app = FastAPI()
bucket = os.environ.get("BENCH_BUCKET", "")
s3 = boto3.client("s3", endpoint_url=os.environ.get("AWS_ENDPOINT_URL"), region_name="us-east-1")


@app.get("/healthz")
def healthz() -> str:
    """Say that it runs."""
    return "ok"


@app.get("/api/audio/assets/{asset_id}/stream")
def stream(asset_id: str, variant: str = "original") -> RedirectResponse:
    """Send a listener to the newest object of the variant."""
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"audio/assets/{asset_id}/{variant}").get("Contents", [])
    if not found:
        raise HTTPException(404, f"Audio file not found for this asset (variant: {variant})")
    newest = max(found, key=lambda each: each["LastModified"])
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": newest["Key"]}, ExpiresIn=7200)
    return RedirectResponse(url, 302, {"Cache-Control": "public, max-age=3600"})


if __name__ == "__main__":
    serve(app, int(sys.argv[1]))
