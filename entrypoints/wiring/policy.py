"""The figures that the rules go by, from the settings."""

from domain.policy import Policy
from entrypoints.settings import Settings

DEFAULT_PUBLIC_URL = "http://127.0.0.1:8000"


def policy_of(settings: Settings) -> Policy:
    """Return what the settings decide."""
    return Policy(
        public_url=(settings.public_url or DEFAULT_PUBLIC_URL).rstrip("/"),
        lease=settings.lease,
        deadline=settings.deadline,
        keep_jobs=settings.keep_jobs,
        max_attempts=settings.max_attempts,
        notifies=settings.notify_url is not None,
        part_bytes=int(settings.part_bytes),
        limits=settings.limits,
    )
