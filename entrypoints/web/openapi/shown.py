"""An example as it is: Litestar would leave out of it what is null."""

from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec.base import BaseSchemaObject


@dataclass
class Shown(BaseSchemaObject):
    """A value that stands in the document as it is."""

    value: Any

    def to_schema(self) -> Any:
        """Return the value."""
        return self.value
