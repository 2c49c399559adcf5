"""What the rules say no with: each error carries the facts of its case."""

from collections.abc import Collection

from ports.assets import Variant
from ports.jobs import Job, JobStatus


class IllegalTransition(Exception):
    """The table of the state machine has no such step. `event` is what cannot be done to the job, as a participle."""

    def __init__(self, status: JobStatus, event: str) -> None:
        super().__init__(f"A job that is {status} cannot be {event.lower()}")
        self.status = status
        self.event = event


class JobNotFound(Exception):
    """There is no such job."""

    def __init__(self) -> None:
        super().__init__("Job not found")


class AssetNotFound(Exception):
    """There is no such asset, or it was deleted."""

    def __init__(self) -> None:
        super().__init__("Asset not found")


class VariantNotFound(Exception):
    """The asset, if there is one, has no such variant. `job` is a live one that will make it."""

    def __init__(self, variant: Variant, job: Job | None = None) -> None:
        super().__init__(f"Audio file not found for this asset (variant: {variant})")
        self.variant = variant
        self.job = job


class PeaksNotFound(Exception):
    """The variant has no waveform peaks."""

    def __init__(self, variant: Variant) -> None:
        super().__init__(f"Waveform peaks not found for this asset (variant: {variant})")
        self.variant = variant


class UnknownVariant(Exception):
    """Not the name of one variant."""

    def __init__(self) -> None:
        super().__init__("The variant must be named once: " + " or ".join(Variant))


class MalformedId(Exception):
    """Not what an id may be."""

    def __init__(self, field: str, wanted: str) -> None:
        super().__init__(f"{field} must be {wanted}")
        self.field = field


class StaleReport(Exception):
    """A report that does not count any more: of another attempt, against the outcome, or after the end."""

    def __init__(self, why: str, job: Job) -> None:
        super().__init__(why)
        self.job = job


class NotTheHolder(Exception):
    """A ticket's token came with a report of another job or attempt."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class OutputsMissing(Exception):
    """`complete`, but the outputs that the job owes are not in storage as they should be."""

    def __init__(self, sentence: str, missing: Collection[str]) -> None:
        super().__init__(sentence)
        self.missing = tuple(missing)


class NotAudio(Exception):
    """An upload that is empty, or whose first bytes are not those of audio."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class OutsideLimits(Exception):
    """An upload whose header says that it is longer, wider or of another rate than is accepted."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class NothingToPrepare(Exception):
    """A `prepare` job was asked for where there is no audio to prepare."""

    def __init__(self) -> None:
        super().__init__("A prepare job needs an asset with an original")


class KeyReused(Exception):
    """An order came under the key of an earlier one, and is another."""

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for another order")


class UploadTooLarge(Exception):
    """An upload was announced that is larger than is accepted."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The upload is larger than {limit} bytes")
        self.limit = limit


class UploadNotFound(Exception):
    """There is no such direct upload, or it was given up."""

    def __init__(self) -> None:
        super().__init__("Upload not found")


class UploadIncomplete(Exception):
    """A direct upload can't be completed yet: these parts have not arrived, or one is being sent again."""

    def __init__(self, missing: Collection[int]) -> None:
        super().__init__("Parts of the upload are missing" if missing else "A part of the upload is being sent again")
        self.missing = tuple(missing)


class UploadComplete(Exception):
    """A direct upload can't be given up any more: it is an asset."""

    def __init__(self) -> None:
        super().__init__("The upload is complete: delete its asset instead")


class NotAsAnnounced(Exception):
    """What arrived is not what was announced: another size, or another checksum."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
