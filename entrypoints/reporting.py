"""Applying a report by the rules of the webhook, whichever way it came: over HTTP, or from the worker in this process."""

from domain.callbacks import apply_report
from entrypoints.jitter import chance
from entrypoints.parts import Parts
from ports.work import Report


async def applied(report: Report, parts: Parts) -> bool:
    """Apply the report now. Return and raise what `apply_report` does."""
    return await apply_report(
        report,
        jobs=parts.jobs,
        assets=parts.assets,
        storage=parts.storage,
        policy=parts.policy,
        now=parts.clock(),
        chance=chance(),
    )
