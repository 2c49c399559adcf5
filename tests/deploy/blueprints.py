"""What stands in the files of deploy/, as their tools read them."""

import re
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
_REQUIRED = re.compile(r"\$\{(\w+):\?[^}]*\}")


def read(name: str) -> Any:
    """Return what the YAML file says."""
    return yaml.safe_load((DEPLOY / name).read_text())


def filled(environment: dict[str, str], secret: str) -> dict[str, str]:
    """Return a service's environment as Compose would hand it over, with `secret` for each variable that it demands of `.env`."""
    return {name: _REQUIRED.sub(secret, value) for name, value in environment.items()}


def proxy_config() -> str:
    """Return nginx's configuration, as Compose would write it."""
    content: str = read("compose.yaml")["configs"]["proxy"]["content"]
    return content.replace("$$", "$")
