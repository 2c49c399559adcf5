"""Builds the page into the wheel. hatchling calls this where one is built, for `pip wheel` and `pip install`."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface[Any]):
    """Builds the page unless it is there. An editable install is for those who build it themselves."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  (hatchling gives it)
        """Build it, or say why the wheel has none."""
        root = Path(self.root)
        if version == "editable" or (root / "entrypoints/web/static/index.html").exists():
            return
        build = runpy.run_path(str(root / "page/build.py"))
        try:
            build["run"](["build"], install=False)
        except build["CannotBuild"] as reason:
            self.app.display_warning(f"The wheel has no page: {reason}")
