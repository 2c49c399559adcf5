"""What a worker is handed for one attempt: links instead of credentials, and a token instead of the secret."""

from datetime import datetime, timedelta
from uuid import UUID

from domain.layout import content_type_of, output_keys
from domain.policy import Policy
from domain.variants import disposition
from ports.assets import Asset, Variant
from ports.jobs import Attempt, Job, JobKind
from ports.links import Links
from ports.work import Callback, Input, Output, Target, Ticket, Tokens

WEBHOOK = "/api/webhooks/worker"

OUTLIVES_DEADLINE = timedelta(minutes=30)
"""How much longer than its attempt a ticket's link lives: a report refused with 422 has its outputs sent once more."""


def ticket_of(job: Job, attempt: Attempt, asset: Asset | None, links: Links, tokens: Tokens, *, policy: Policy) -> Ticket:
    """Return the ticket of an attempt. All its URLs are absolute. `asset` is what a `prepare` job prepares."""
    expires_at = attempt.deadline + OUTLIVES_DEADLINE
    owes = asset if job.kind is JobKind.PREPARE else None
    return Ticket(
        job_id=job.id,
        attempt=attempt.number,
        kind=job.kind,
        recipe=job.recipe,
        params=job.params,
        input=_input(owes, links, policy.public_url, expires_at) if owes else None,
        outputs=_outputs(job, attempt, owes, links, public_url=policy.public_url, expires_at=expires_at) if owes else {},
        callback=_callback(job.id, attempt.number, tokens, policy.public_url),
        lease_seconds=attempt.renewal,
        deadline=attempt.deadline,
        traceparent=job.traceparent,
    )


def absolute(url: str, public_url: str) -> str:
    """Return a link's URL as it is called from elsewhere: one of our own is relative to `public_url`."""
    return public_url + url if url.startswith("/") else url


def _callback(job_id: UUID, attempt: int, tokens: Tokens, public_url: str) -> Callback:
    return Callback(url=absolute(WEBHOOK, public_url), token=tokens.issue(job_id, attempt))


def _input(asset: Asset, links: Links, public_url: str, expires_at: datetime) -> Input:
    original = asset.renditions[Variant.ORIGINAL]
    link = links.get(
        original.key,
        content_type=original.content_type,
        disposition=disposition(asset.name, original.key, original.content_type),
        expires_at=expires_at,
    )
    url = absolute(link.url, public_url)
    return Input(url=url, content_type=original.content_type, size=original.size, sha256=original.sha256)


def _outputs(
    job: Job, attempt: Attempt, asset: Asset, links: Links, *, public_url: str, expires_at: datetime
) -> dict[Output, Target]:
    """Sign the type of each output, not its length: nobody knows that yet."""
    keys = output_keys(job, attempt.number, asset.renditions[Variant.ORIGINAL].key)
    made = {
        output: links.put(key, content_type=content_type_of(job, output), expires_at=expires_at) for output, key in keys.items()
    }
    return {
        output: Target(url=absolute(link.url, public_url), method=link.method, headers=link.headers)
        for output, link in made.items()
    }
