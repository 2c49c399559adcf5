"""What can go wrong at a port, in words that no technology owns."""


class NotFound(Exception):
    """There is nothing under this id or key."""

    def __init__(self, what: object) -> None:
        super().__init__(f"{what} does not exist")
        self.what = what


class AlreadyExists(Exception):
    """Something else is kept under this id or key."""

    def __init__(self, what: object) -> None:
        super().__init__(f"{what} exists already")
        self.what = what


class Conflict(Exception):
    """The version this change was made from is not the one kept any more: read and decide again."""

    def __init__(self, what: object) -> None:
        super().__init__(f"{what} has changed meanwhile")
        self.what = what


class Forgotten(Exception):
    """What came after this number is not known any more: begin again with how things stand."""

    def __init__(self, number: int) -> None:
        super().__init__(f"What came after {number} is not known any more")
        self.number = number


class Unavailable(Exception):
    """A store or storage is out of reach or too busy; the same call may succeed after `retry_after` seconds."""

    def __init__(self, what: str, retry_after: int = 5) -> None:
        super().__init__(f"{what} is not available at the moment")
        self.what = what
        self.retry_after = retry_after


class OutOfSpace(Exception):
    """The disk, or the quota, behind a store or storage is full."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} has no space left")
        self.what = what


class InvalidKey(Exception):
    """A string that can not be a storage key."""

    def __init__(self, key: str) -> None:
        super().__init__("This is not a storage key")
        self.key = key


class LinkRefused(Exception):
    """A signed link is wrong, altered, expired, or made for another use."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Unusable(Exception):
    """The audio itself can't be prepared, however often one tries. The sentence is for the person who uploaded it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class EngineFailed(Exception):
    """The audio engine broke down, was stopped by a limit, or is missing: another try may succeed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Altered(Exception):
    """What arrived is not what was promised: another size, or another checksum."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} did not arrive as it was promised")
        self.what = what


class Busy(Exception):
    """A dispatcher has no room for another ticket now, nor before `retry_after` seconds, where it has said so."""

    def __init__(self, retry_after: float = 0) -> None:
        super().__init__("There is no room for another ticket")
        self.retry_after = retry_after


class TicketRefused(Exception):
    """Who is to have this ticket will not have it, however often it is sent. The sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class AttemptOver(Exception):
    """A report came too late: the attempt it speaks of is not the job's any more. The worker stops."""


class OutputsRefused(Exception):
    """A `complete` was not believed: these outputs are not in storage, too large, or of another format."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(f"Not in storage as promised: {', '.join(missing)}")
        self.missing = missing


class ReportRefused(Exception):
    """The server will not take this report, however often it is sent. The sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class ClaimRefused(Exception):
    """The server will not hand this worker anything, however often it asks. The sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
