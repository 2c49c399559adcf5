"""What a job's attempts tell: which is the newest, how many count, and how many are left."""

from itertools import takewhile

from ports.jobs import Attempt, Job, Outcome


def newest(job: Job) -> Attempt | None:
    """Return the attempt that was started last, None if none ever was."""
    return job.attempts[-1] if job.attempts else None


def tries(job: Job) -> int:
    """Count the attempts that were not given back: at least the one that just failed, which may never have been started."""
    return max(1, sum(attempt.outcome is not Outcome.RELEASED for attempt in job.attempts))


def attempts_left(job: Job) -> bool:
    """Say whether the job may be tried again after an attempt that failed."""
    return tries(job) < job.max_attempts


def given_back(job: Job) -> int:
    """Return how many attempts were given back since the last one that was really made."""
    outcomes = [attempt.outcome for attempt in reversed(job.attempts) if attempt.ended is not None]
    return len(list(takewhile(lambda outcome: outcome is Outcome.RELEASED, outcomes)))
