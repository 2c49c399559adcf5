"""What only tests and the bench need is not there for a process that starts with this folder on its path: as for users.

Litestar and sqlite-utils take these up wherever they find them, which is two fifths of a server's start.
"""

import sys

for name in ("numpy", "pydantic"):
    sys.modules[name] = None  # type: ignore[assignment]  # which says that there is none
