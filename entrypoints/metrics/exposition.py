"""The text that Prometheus reads: what was counted by all processes, and the jobs as the store has them now."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import accumulate, product

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from entrypoints.metrics.instruments import BOUNDS, COUNTERS, LATENCY, LATENCY_LABELS, Metrics
from entrypoints.metrics.ledger import Series
from entrypoints.metrics.recount import Recount
from entrypoints.version import VERSION
from ports.census import Census, Waiting
from ports.jobs import JobKind, JobStatus


class Exposition:
    """Tells what was counted, and by the census of the jobs; while the store is out of reach, nothing of these."""

    def __init__(self, metrics: Metrics, recount: Recount, clock: Callable[[], datetime]) -> None:
        self._metrics = metrics
        self._recount = recount
        self._clock = clock

    async def text(self) -> bytes:
        """Return the whole text."""
        counted = await asyncio.to_thread(self._metrics.totals)
        census = await self._recount.latest()
        jobs = _of_jobs(census, self._clock()) if census else []
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Families([_build(), *_counters(counted), _latency(counted), *jobs]))
        return generate_latest(registry)


class _Families(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _build() -> Metric:
    family = GaugeMetricFamily("greenroom_build_info", "The version that answers", labels=["version"])
    family.add_metric([VERSION], 1)
    return family


def _counters(counted: Mapping[Series, float]) -> Iterator[Metric]:
    for name, (said, labels) in COUNTERS.items():
        family = CounterMetricFamily(name, said, labels=labels)
        for series, number in sorted(counted.items()):
            if series[0] == name:
                family.add_metric(series[1:], number)
        yield family


def _latency(counted: Mapping[Series, float]) -> Metric:
    family = HistogramMetricFamily(LATENCY, "Seconds until the answer to a request began", labels=LATENCY_LABELS)
    buckets: dict[Series, dict[str, float]] = defaultdict(dict)
    for (name, *labels), number in counted.items():
        if name == f"{LATENCY}_bucket":
            buckets[tuple(labels[:-1])][labels[-1]] = number
    for series, found in sorted(buckets.items()):
        numbers = accumulate(found.get(bound, 0) for bound in BOUNDS)
        family.add_metric(series, list(zip(BOUNDS, numbers, strict=True)), counted.get((f"{LATENCY}_sum", *series), 0))
    return family


def _of_jobs(census: Census, now: datetime) -> list[Metric]:
    jobs = GaugeMetricFamily("greenroom_jobs", "Jobs that are kept", labels=["status", "kind"])
    waiting = GaugeMetricFamily("greenroom_queue_waiting", "Queued jobs that are due", labels=["kind"])
    age = GaugeMetricFamily("greenroom_queue_age_seconds", "How long the most overdue of them has waited", labels=["kind"])
    for status, kind in product(JobStatus, JobKind):
        jobs.add_metric([status, kind], census.counts.get((status, kind), 0))
    for kind in JobKind:
        queue = census.waiting.get(kind, Waiting(0, now))
        waiting.add_metric([kind], queue.count)
        age.add_metric([kind], (now - queue.since).total_seconds())
    return [jobs, waiting, age]
