"""What an S3 server answers, or does not, in the words of the ports."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, SSLError
from botocore.exceptions import ConnectionError as NoConnection
from botocore.exceptions import HTTPClientError as NoAnswer

from ports.errors import AlreadyExists, InvalidKey, NotFound, OutOfSpace, Unavailable

STORAGE = "storage"
TAKEN = {"PreconditionFailed", "ConditionalRequestConflict", "412"}
"""What a server says that was asked to store an object only where there is none."""

log = logging.getLogger(__name__)

_MEANINGS: Sequence[tuple[set[str], Callable[[str], Exception]]] = (
    ({"NoSuchKey", "NoSuchUpload", "404", "NotFound"}, NotFound),
    (TAKEN, AlreadyExists),
    ({"KeyTooLongError", "KeyTooLong"}, InvalidKey),
    (
        {"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage", "StorageFull", "507"},
        lambda _: OutOfSpace(STORAGE),
    ),
)
"""What a server's words say of a key. A HEAD is answered by a status alone."""

_SKEWED = {"RequestTimeTooSkewed", "RequestExpired"}
_UNKNOWN_KEY = {"InvalidAccessKeyId", "InvalidAccessKey", "Unauthorized", "401", "ExpiredToken", "InvalidToken"}
_PASSING = {"RequestTimeout", "SlowDown", "TooManyRequests", "429", "Throttling", "ServiceUnavailable", "InternalError"}


@contextmanager
def translated(key: str) -> Iterator[None]:
    """Raise the port's error for what came of a call that concerns `key`; what is not understood goes through."""
    try:
        yield
    except ClientError as error:
        meaning = _meaning(error, key)
        if meaning is None:
            raise
        raise meaning from error
    except BotoCoreError as error:
        raise Unavailable(STORAGE) from error


@contextmanager
def still_there(key: str) -> Iterator[None]:
    """Raise Unavailable for what is gone although we have just made it: trying again may do."""
    try:
        with translated(key):
            yield
    except NotFound as error:
        raise Unavailable(STORAGE) from error


def code_of(error: ClientError) -> str:
    """Return the server's word for what is wrong; the status, where an answer has no body to say more."""
    return str(error.response.get("Error", {}).get("Code", ""))


def of_credentials(error: ClientError) -> bool:
    """Say whether the server refuses who we are, or what we may do."""
    return _status(error) in {401, 403} and code_of(error) not in _SKEWED


def why(error: BaseException | None) -> str:
    """Say in a few words what an operator should know of a failed call: no secret, no address."""
    match error:
        case ClientError():
            return _refused(code_of(error), _status(error), error.operation_name)
        case SSLError():
            return "its certificate is not trusted, or it does not speak TLS"
        case NoAnswer() | NoConnection():
            return "the server does not answer"
        case BotoCoreError():
            return " ".join(str(error).split())
        case ValueError():
            return "this is no address of a server"
        case _:
            return "it can't be reached"


def _meaning(error: ClientError, key: str) -> Exception | None:
    code, status = code_of(error), _status(error)
    for codes, meaning in _MEANINGS:
        if code in codes:
            return meaning(key)
    if code in _PASSING or status >= 500 or status == 429:
        return Unavailable(STORAGE)
    if status in {401, 403} or code in _SKEWED | {"NoSuchBucket"}:
        log.error("the storage refuses us: %s", why(error))
        return Unavailable(STORAGE)
    return None


def _refused(code: str, status: int, operation: str) -> str:
    if code in _SKEWED:
        return "the clock of this machine and that of the server differ by more than signatures allow"
    if code == "NoSuchBucket" or (status == 404 and operation == "HeadBucket"):
        return "there is no such bucket"
    if code in _UNKNOWN_KEY:
        return f"the server does not know these credentials ({code})"
    if code == "SignatureDoesNotMatch":
        return "the secret is not that of the access key, or the region is wrong (SignatureDoesNotMatch)"
    if status == 403:
        return f"these credentials may not do {operation} there ({code})"
    return f"{operation} is answered {code or status}"


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
