"""What a handler may ask for, by name: one alias a port (Litestar can't inject a bare Protocol)."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from litestar.params import NamedDependency, SkipValidation

from entrypoints.settings import Settings
from ports.assets import AssetStore
from ports.jobs import JobStore
from ports.links import Gate, Links
from ports.storage import LocalFiles, Storage

Clock: TypeAlias = Callable[[], datetime]

Now: TypeAlias = NamedDependency[SkipValidation[Clock]]
Config: TypeAlias = NamedDependency[SkipValidation[Settings]]
Jobs: TypeAlias = NamedDependency[SkipValidation[JobStore]]
Assets: TypeAlias = NamedDependency[SkipValidation[AssetStore]]
Objects: TypeAlias = NamedDependency[SkipValidation[Storage]]
Signer: TypeAlias = NamedDependency[SkipValidation[Links]]
Files: TypeAlias = NamedDependency[SkipValidation[LocalFiles]]
Gatekeeper: TypeAlias = NamedDependency[SkipValidation[Gate]]
