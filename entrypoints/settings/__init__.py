"""Everything that can be set, from the environment and `.env`."""

from entrypoints.settings.halfset import SHORTEST_SECRET, InvalidSettings
from entrypoints.settings.loading import load_settings
from entrypoints.settings.variables import VARIABLES, Delivery, Dispatch, LogFormat, LogLevel, Settings

__all__ = [
    "SHORTEST_SECRET",
    "VARIABLES",
    "Delivery",
    "Dispatch",
    "InvalidSettings",
    "LogFormat",
    "LogLevel",
    "Settings",
    "load_settings",
]
