"""Uploads: a large body by POST to the folder and to the bucket, beside a plain copy that is synced, and boto3's own upload."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx

from tests.benchmarks.buckets import InBucket, bucket
from tests.benchmarks.figures import CannotMeasure, Goal, Sample, Section, Series, ratio
from tests.benchmarks.memory import MB, watched
from tests.benchmarks.needs import program
from tests.benchmarks.rounds import Bench, Turn, contest
from tests.benchmarks.servers import Serving, greenroom
from tests.integration.server.process import clean_environment

NEEDS = ("curl",)
LOCAL, COPY = "POST, local", "cp + fsync"
S3, BOTO = "POST, S3", "boto3 upload_fileobj"
SMALL = Goal(at_most=200)
PEAK = "peak MB RSS"


def run(bench: Bench) -> Section:
    """Send the same file to ours and to the rival of each storage."""
    file = _body(bench)
    with ExitStack() as stack:
        local = stack.enter_context(greenroom(bench.inside("upload local"), {}))
        there = stack.enter_context(bucket(bench.inside("upload bucket")))
        remote = stack.enter_context(greenroom(bench.inside("upload S3"), there.ours))
        rounds = min(bench.rounds, 3)
        on_disk: Mapping[str, Turn] = {LOCAL: partial(_posted, local, file), COPY: partial(_copied, bench, file)}
        in_bucket: Mapping[str, Turn] = {S3: partial(_posted, remote, file), BOTO: partial(_by_boto, there, file)}
        found = contest(bench, "local", "GB/s", on_disk, rounds) | contest(bench, "S3", "GB/s", in_bucket, rounds)
    file.unlink()
    return Section(
        way="upload",
        series=(*found.values(), *(_memory(found[name]) for name in (LOCAL, S3))),
        ratios=(ratio(found[LOCAL], found[COPY]), ratio(found[S3], found[BOTO])),
        notes=(f"a body of {bench.sizes.upload_bytes // MB} MB",),
    )


def _memory(series: Series) -> Series:
    return Series(case=f"{series.case}: server's memory", who=series.who, unit="MB RSS", values=series.more[PEAK], goal=SMALL)


def _body(bench: Bench) -> Path:
    """Write a WAV file that is as long as it says, of noise that nothing can make smaller."""
    size, path = bench.sizes.upload_bytes, bench.folder / "body.wav"
    header = b"RIFF" + (size - 8).to_bytes(4, "little") + b"WAVEfmt " + bytes.fromhex("100000000100020044ac000010b1020004001000")
    block = os.urandom(MB)
    with path.open("wb") as file:
        file.write(header + b"data" + (size - 44).to_bytes(4, "little"))
        for start in range(44, size, MB):
            file.write(block[: size - start])
    return path


def _posted(serving: Serving, file: Path) -> Sample:
    """Send the file as a raw body by curl, and remove what came of it."""
    url = f"{serving.url}/api/audio/assets?prepare=false&filename=body.wav"
    command = [program("curl"), "-sS", "-X", "POST", "-T", str(file), "-H", "Content-Type: audio/wav", "-H", "Expect:"]
    with watched(serving.process) as peak:
        said = subprocess.run([*command, "-w", "\n%{http_code} %{time_total}", url], capture_output=True, text=True, check=False)
    answer, _, told = said.stdout.rpartition("\n")
    status, seconds = told.split()
    if status != "201":
        raise CannotMeasure(f"An upload was answered {status}: {answer[:300]} {said.stderr}")
    _remove(serving, answer)
    return Sample(file.stat().st_size / float(seconds) / 10**9, {PEAK: peak.bytes / MB})


def _remove(serving: Serving, answer: str) -> None:
    asset = httpx.Response(201, text=answer).json()["asset"]["id"]
    httpx.delete(f"{serving.url}/api/audio/assets/{asset}", trust_env=False, timeout=60).raise_for_status()


def _copied(bench: Bench, file: Path) -> Sample:
    copy = bench.folder / "copy.wav"
    begun = time.perf_counter()
    subprocess.run(["dd", f"if={file}", f"of={copy}", "bs=1M", "conv=fsync", "status=none"], check=True)
    seconds = time.perf_counter() - begun
    copy.unlink()
    return Sample(file.stat().st_size / seconds / 10**9)


def _by_boto(there: InBucket, file: Path) -> Sample:
    command = [sys.executable, "-m", "tests.benchmarks.rivals.boto_upload", str(file)]
    said = subprocess.run(command, env={**clean_environment(), **there.rival}, capture_output=True, text=True, check=True)
    there.client.delete_object(Bucket=there.rival["BENCH_BUCKET"], Key="body.wav")
    return Sample(file.stat().st_size / float(said.stdout) / 10**9)
