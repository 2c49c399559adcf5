"""The stores in Redis or Valkey."""

from contextlib import AsyncExitStack

from adapters.redis.assets import RedisAssetStore
from adapters.redis.census import RedisJobCensus
from adapters.redis.client import NewerFormat, NoFile, Server
from adapters.redis.errors import Refused
from adapters.redis.feed import RedisJobFeed
from adapters.redis.jobs import RedisJobStore
from adapters.redis.uploads import RedisUploadStore
from entrypoints.parts import Kept, Promise
from entrypoints.settings import Settings
from entrypoints.wiring.naming import CannotStart
from entrypoints.wiring.places import RedisServer, store_setting
from ports.errors import OutOfSpace, Unavailable


async def open_redis(place: RedisServer, settings: Settings, stack: AsyncExitStack) -> Kept:
    """Connect to the server; the stack hangs up. Raise CannotStart: its sentence shows nothing of the URL."""
    server = await stack.enter_async_context(await _opened(place, settings))
    jobs, assets, uploads = RedisJobStore(server), RedisAssetStore(server), RedisUploadStore(server)
    durable = settings.redis_durable
    return Kept(
        jobs=jobs,
        assets=assets,
        uploads=uploads,
        census=RedisJobCensus(server),
        feed=RedisJobFeed(server),
        due_jobs=jobs,
        due_assets=assets,
        due_uploads=uploads,
        check=server,
        promise=Promise(server.promise.says(durable=durable), server.promise.weak(durable=durable)),
    )


async def _opened(place: RedisServer, settings: Settings) -> Server:
    name, url = store_setting(settings), place.url.reveal().decode(errors="replace")
    try:
        return await Server.open(url, place.prefix, durable=settings.redis_durable)
    except (Refused, NewerFormat, OutOfSpace) as error:
        raise CannotStart(f"{name} can't be used: {error}") from error
    except Unavailable as error:
        raise CannotStart(f"{name} can't be used: no Redis or Valkey that is ready answers there") from error
    except NoFile as error:
        needed = "it needs Redis 7.2 or later, or Valkey, with appendonly yes, and appendfsync everysec or always"
        raise CannotStart(f"GREENROOM_REDIS_DURABLE is set, but the server does not promise that: {needed}") from error
