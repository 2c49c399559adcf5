"""Everything that is kept in a house, and the figures it goes by: for those whose work reaches into every corner."""

from msgspec import Struct

from domain.policy import Policy
from ports.assets import AssetStore
from ports.jobs import JobStore
from ports.links import Multipart
from ports.notices import Notifier
from ports.storage import Storage
from ports.uploads import UploadStore


class House(Struct, frozen=True, kw_only=True):
    """The stores, the storage and its parts under way, and who tells the app, where it is to be told."""

    jobs: JobStore
    assets: AssetStore
    uploads: UploadStore
    storage: Storage
    multipart: Multipart
    notifier: Notifier | None
    policy: Policy
