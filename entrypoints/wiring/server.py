"""A server: every part, and what goes on in its process."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from functools import partial

import structlog

from adapters.hmac.tokens import HmacTokens
from adapters.inline.pool import InlinePool
from adapters.local.durable import make_folder
from domain.window import LinkWindow
from entrypoints.background.housekeeper import finish_forever, keep_house_forever, sweep_forever
from entrypoints.background.loops import hand_out_forever
from entrypoints.bell import Bell
from entrypoints.clock import utc_now
from entrypoints.events.broadcast import Broadcast
from entrypoints.metrics.instruments import Metrics
from entrypoints.metrics.ledger import Ledger
from entrypoints.parts import Parts, Promise
from entrypoints.readiness import EngineCheck
from entrypoints.secrets import signing_keys
from entrypoints.settings import Dispatch, Settings
from entrypoints.stopping import told_to_stop
from entrypoints.wiring.engine import audio_engine
from entrypoints.wiring.naming import naming, setting_of
from entrypoints.wiring.objects import open_objects, sweep_of
from entrypoints.wiring.places import scratch_root
from entrypoints.wiring.policy import policy_of
from entrypoints.wiring.pushing import endpoint_of, start_pushing
from entrypoints.wiring.stores import open_stores
from entrypoints.wiring.tasks import keep_running
from entrypoints.wiring.webhooks import notifier_of, signatures_of
from entrypoints.work.attempt import Workshop, work
from entrypoints.work.health import Health
from entrypoints.work.inprocess import InProcessCourier, InProcessReporter
from ports.errors import OutOfSpace
from ports.health import Check

log = structlog.get_logger(__name__)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Parts]:
    """Yield the parts of a Greenroom that works: jobs are handed out and house is kept until it ends."""
    async with AsyncExitStack() as stack:
        parts = await _parts(settings, stack)
        _say_promise(parts.promise)
        keep_running(stack, keep_house_forever(parts))
        keep_running(stack, finish_forever(parts))
        keep_running(stack, sweep_forever(parts))
        keep_running(stack, parts.broadcast.follow_forever())
        keep_running(stack, parts.metrics.write_forever())
        if settings.dispatch is Dispatch.INLINE:
            health = Health(parts.engine)
            pool = _inline_pool(parts, health)
            stack.push_async_callback(pool.close)
            keep_running(stack, hand_out_forever(parts, pool, partial(health.ready, pool.room)))
        if settings.dispatch is Dispatch.PUSH:
            await start_pushing(parts, stack)
        yield parts


async def try_out(settings: Settings) -> None:
    """Make every part, check it and let go of it. Raise CannotStart, InvalidSettings or EngineFailed if one can't be had.

    A full disk is only logged.
    """
    if settings.dispatch is Dispatch.PUSH:
        endpoint_of(settings)
    async with AsyncExitStack() as stack:
        parts = await _parts(settings, stack)
        for check in parts.checks:
            with naming(setting_of(check.name, settings)):
                await _tried(check)


def _say_promise(promise: Promise | None) -> None:
    if promise is not None:
        (log.warning if promise.weak else log.info)("store", promises=promise.sentence)


async def _tried(check: Check) -> None:
    try:
        await check.check()
    except OutOfSpace as full:
        # Reading goes on: whoever makes room may need it, to see what can be done without.
        log.warning("nothing can be written", why=str(full))


async def _parts(settings: Settings, stack: AsyncExitStack) -> Parts:
    with naming("GREENROOM_DATA_DIR"):
        make_folder(settings.data_dir)
        tokens = HmacTokens(signing_keys(settings, "ticket tokens"))
        metrics = Metrics(stack.enter_context(closing(Ledger.open(settings.data_dir / "metrics"))))
    kept, objects = await open_stores(settings, stack), await open_objects(settings, stack)
    engine, policy, wake = audio_engine(settings), policy_of(settings), Bell()
    works_itself = settings.dispatch is Dispatch.INLINE
    return Parts(
        settings=settings,
        policy=policy,
        clock=utc_now,
        jobs=kept.jobs,
        assets=kept.assets,
        uploads=kept.uploads,
        storage=objects.storage,
        links=objects.links,
        multipart=objects.multipart,
        window=LinkWindow(objects.links, policy.limits.duration),
        tokens=tokens,
        engine=engine,
        local=objects.local,
        origin=objects.origin,
        checks=(kept.check, objects.check, *([EngineCheck(engine)] if works_itself else [])),
        scratch=scratch_root(settings),
        sweep=sweep_of(objects, settings),
        wake=wake,
        feed=kept.feed,
        broadcast=Broadcast(kept.feed, kept.jobs, wake),
        stopping=stack.enter_context(told_to_stop()),
        census=kept.census,
        promise=kept.promise,
        metrics=metrics,
        signatures=signatures_of(settings),
        notifier=await notifier_of(settings, stack),
    )


def _inline_pool(parts: Parts, health: Health) -> InlinePool:
    workshop = Workshop(
        engine=parts.engine,
        courier=InProcessCourier(parts),
        reporter=InProcessReporter(parts),
        scratch=parts.scratch,
        clock=parts.clock,
        health=health,
    )
    return InlinePool(parts.settings.inline_workers, lambda ticket: work(ticket, workshop))
