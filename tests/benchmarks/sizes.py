"""How much the bench does: in earnest, or just enough to see that every row comes about."""

from msgspec import Struct

MB = 10**6


class Sizes(Struct, frozen=True, kw_only=True):
    """`seconds` is how long a load lasts, `store_seconds` how long a store is used; the rest are minutes, counts and bytes."""

    rounds: int
    seconds: float
    store_seconds: float
    reports_a_second: int
    callback_connections: tuple[int, ...]
    redirect_connections: tuple[int, ...]
    cold_assets: int
    bucket_objects: int
    file_bytes: int
    range_bytes: int
    byte_connections: tuple[int, ...]
    listeners: int
    minutes: tuple[float, ...]
    upload_bytes: int
    jobs: tuple[int, ...]
    processes: tuple[int, ...]
    store_requests_a_second: int
    scales: tuple[int, ...]


FULL = Sizes(
    rounds=5,
    seconds=3,
    store_seconds=3,
    reports_a_second=12_000,
    callback_connections=(1, 16, 64, 256),
    redirect_connections=(64,),
    cold_assets=50_000,
    bucket_objects=200,
    file_bytes=100 * MB,
    range_bytes=MB,
    byte_connections=(1, 16, 200),
    listeners=1_000,
    minutes=(1, 10, 60),
    upload_bytes=2_000 * MB,
    jobs=(1_000, 1_000_000),
    processes=(1, 8),
    store_requests_a_second=10_000,
    scales=(1_000, 1_000_000),
)

SMOKE = Sizes(
    rounds=1,
    seconds=0.2,
    store_seconds=0.1,
    reports_a_second=4_000,
    callback_connections=(4,),
    redirect_connections=(4,),
    cold_assets=200,
    bucket_objects=5,
    file_bytes=2 * MB,
    range_bytes=MB // 10,
    byte_connections=(4,),
    listeners=20,
    minutes=(2 / 60,),
    upload_bytes=4 * MB,
    jobs=(200,),
    processes=(2,),
    store_requests_a_second=5_000,
    scales=(100, 200),
)
