"""The first call to a bucket: whether it can be used at all, and how its server stores."""

from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from msgspec import Struct

from adapters.r2.bucket import Bucket
from adapters.r2.client import Account, new_client
from adapters.r2.faults import code_of, of_credentials, why
from adapters.r2.incoming import keeps_conditions


class Obstacle(StrEnum):
    """What stands in the way of a bucket."""

    BUCKET = "bucket"
    CREDENTIALS = "credentials"
    SERVER = "server"


class CannotOpen(Exception):
    """A bucket can't be used; the sentence says why, and the obstacle whose matter it is."""

    def __init__(self, obstacle: Obstacle, sentence: str) -> None:
        super().__init__(sentence)
        self.obstacle = obstacle


class Where(Struct, frozen=True):
    """A bucket's name, and what all names there are to begin with: nothing, or words with slashes between."""

    name: str
    prefix: str = ""


def open_bucket(account: Account, where: Where, *, write: bool) -> Bucket:
    """Open the bucket: look into it and, with `write`, try how its server stores. Raise CannotOpen.

    Without, the server counts as one of those that let a taken key be written again: more is looked at then than may be needed.
    """
    try:
        client = new_client(account)
        bucket = Bucket(client=client, name=where.name, prefix=where.prefix and f"{where.prefix}/", conditional=False)
        client.list_objects_v2(Bucket=bucket.name, Prefix=bucket.prefix, MaxKeys=1)
        return Bucket(client=client, name=bucket.name, prefix=bucket.prefix, conditional=write and keeps_conditions(bucket))
    except (ClientError, BotoCoreError, ValueError) as error:
        raise CannotOpen(_obstacle(error), why(error)) from error


def _obstacle(error: Exception) -> Obstacle:
    match error:
        case NoCredentialsError() | PartialCredentialsError():
            return Obstacle.CREDENTIALS
        case ClientError() if of_credentials(error):
            return Obstacle.CREDENTIALS
        case ClientError() if code_of(error) in {"NoSuchBucket", "InvalidBucketName", "PermanentRedirect", "301"}:
            return Obstacle.BUCKET
        case _:
            return Obstacle.SERVER
