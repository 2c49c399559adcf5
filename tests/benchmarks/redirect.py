"""The redirect: a listener is sent to a signed link, of an asset just asked for (warm) or not asked for lately (cold)."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import httpx
from msgspec import Struct

from tests.benchmarks.buckets import InBucket, bucket
from tests.benchmarks.figures import CannotMeasure, Goal, Ratio, Sample, Section, Series, ratio
from tests.benchmarks.rounds import Bench, contest
from tests.benchmarks.seeding import assets, seed
from tests.benchmarks.servers import Serving, greenroom, rival
from tests.benchmarks.wrk import load

NEEDS = ("wrk",)
BARE = "bare handler"
ORDINARY = "FastAPI + boto3"
LOCAL, R2 = "local", "R2"
BESIDE_BARE = Goal(at_least=0.7)
BESIDE_LOCAL = Goal(at_least=0.95)
"""No slower, as far as the noise lets one say."""


class Redirecting(Struct, frozen=True):
    """Where redirects are asked for: one path again and again, and a file of paths that are asked for in turns."""

    url: str
    warm: str
    cold: Path

    def again(self, connections: int, seconds: float) -> Sample:
        """Ask for the same asset each time."""
        run = load(self.url + self.warm, connections=connections, seconds=seconds)
        return Sample(run.rate, run.latencies)

    def in_turns(self, connections: int, seconds: float) -> Sample:
        """Ask for another asset each time."""
        run = load(self.url, connections=connections, seconds=seconds, script="turns", arguments=[str(self.cold), "path"])
        return Sample(run.rate, run.latencies)


def run(bench: Bench) -> Section:
    """Ask ours for links to the folder and to the bucket, the bare handler for any, and the ordinary one for a signed one."""
    series: list[Series] = []
    ratios: list[Ratio] = []
    seconds = bench.sizes.seconds
    with ExitStack() as stack:
        contenders = _contenders(bench, stack)
        for connections in bench.sizes.redirect_connections:
            for temperature, way in (("warm", Redirecting.again), ("cold", Redirecting.in_turns)):
                turns = {name: partial(way, each, connections, seconds) for name, each in contenders.items()}
                found = contest(bench, f"{temperature}, {connections} connections", "redirects/s", turns)
                series += found.values()
                ratios += _ratios(found)
    return Section(way="redirect", series=tuple(series), ratios=tuple(ratios))


def _ratios(found: Mapping[str, Series]) -> list[Ratio]:
    return [
        ratio(found[LOCAL], found[BARE], BESIDE_BARE),
        ratio(found[R2], found[BARE], BESIDE_BARE),
        ratio(found[R2], found[LOCAL], BESIDE_LOCAL),
        ratio(found[R2], found[ORDINARY]),
    ]


def _contenders(bench: Bench, stack: ExitStack) -> dict[str, Redirecting]:
    there = stack.enter_context(bucket(bench.inside("bucket")))
    bare = stack.enter_context(rival(bench.inside("redirect bare"), "bare"))
    return {
        LOCAL: _of_ours(bench, stack, LOCAL, {}),
        R2: _of_ours(bench, stack, R2, there.ours),
        BARE: redirecting(bare, _ids(bench.sizes.cold_assets)),
        ORDINARY: _ordinary(bench, stack, there),
    }


def _of_ours(bench: Bench, stack: ExitStack, name: str, environment: Mapping[str, str]) -> Redirecting:
    return redirecting_of_ours(bench, stack.enter_context(greenroom(bench.inside(f"redirect {name}"), environment)))


def redirecting_of_ours(bench: Bench, serving: Serving) -> Redirecting:
    """Put assets into a Greenroom, and return how to ask for them."""
    seed(serving.environment, items=assets(bench.sizes.cold_assets))
    return redirecting(serving, _ids(bench.sizes.cold_assets))


def redirecting(serving: Serving, ids: Iterable[str]) -> Redirecting:
    """Return how to ask a server for these assets. Raise CannotMeasure if the first is not redirected."""
    paths = [f"/api/audio/assets/{each}/stream" for each in ids]
    cold = serving.folder / "paths"
    cold.write_text("".join(f"{path}\n" for path in paths))
    answer = httpx.get(serving.url + paths[0], trust_env=False)
    if answer.status_code != 302 or "location" not in answer.headers:
        raise CannotMeasure(f"{paths[0]} was not redirected: {answer.status_code} {answer.text[:200]}")
    return Redirecting(serving.url, paths[0], cold)


def _ids(count: int) -> list[str]:
    return [asset.id for asset in assets(count)]


def _ordinary(bench: Bench, stack: ExitStack, there: InBucket) -> Redirecting:
    ids = _ids(bench.sizes.bucket_objects)
    for each in ids:
        there.client.put_object(
            Bucket=there.rival["BENCH_BUCKET"], Key=f"audio/assets/{each}/original-0123abcd.wav", Body=b"RIFF"
        )
    serving = stack.enter_context(rival(bench.inside("redirect ordinary"), "ordinary_redirect", there.rival))
    return redirecting(serving, ids)
