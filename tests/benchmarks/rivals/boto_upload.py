"""boto3's own upload of a file, as it comes: `python -m tests.benchmarks.rivals.boto_upload FILE` prints the seconds it took."""

import os
import sys
import time
from pathlib import Path

import boto3

if __name__ == "__main__":
    s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1")
    with Path(sys.argv[1]).open("rb") as file:
        begun = time.perf_counter()
        s3.upload_fileobj(file, os.environ["BENCH_BUCKET"], "body.wav")
        print(time.perf_counter() - begun)
