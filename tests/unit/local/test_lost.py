"""The folder itself is gone (a volume is not mounted any more): nothing is said of any key, and nothing is made in its place."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from adapters.local import partials
from adapters.local.storage import LocalStorage
from ports.errors import Unavailable
from tests.unit.local.inspecting import names, open_files

pytestmark = pytest.mark.anyio

Lose = Callable[[Path], None]


async def body() -> AsyncIterator[bytes]:
    yield b"bytes"


def moved_away(root: Path) -> None:
    root.rename(root.with_name("elsewhere"))


def replaced_by_a_file(root: Path) -> None:
    moved_away(root)
    root.write_bytes(b"in the way")


def replaced_by_a_link_to_nothing(root: Path) -> None:
    moved_away(root)
    root.symlink_to("nowhere")


def replaced_by_a_link_to_itself(root: Path) -> None:
    moved_away(root)
    root.symlink_to(root)


LOSSES = [moved_away, replaced_by_a_file, replaced_by_a_link_to_nothing, replaced_by_a_link_to_itself]

CALLS: dict[str, Callable[[LocalStorage], Awaitable[object]]] = {
    "put": lambda storage: storage.put("folder/new.mp3", body(), "audio/mpeg"),
    "put where there is one": lambda storage: storage.put("folder/a.mp3", body(), "audio/mpeg"),
    "stat": lambda storage: storage.stat("folder/a.mp3"),
    "open": lambda storage: storage.open("folder/a.mp3"),
    "read": lambda storage: anext(storage.read("folder/a.mp3")),
    "remove": lambda storage: storage.remove("folder/a.mp3"),
    "list": lambda storage: anext(storage.list("")),
    "list a folder": lambda storage: anext(storage.list("folder/a")),
    "sweep": lambda storage: storage.sweep(),
    "check": lambda storage: storage.check(),
}


@pytest.fixture
async def storage(tmp_path: Path) -> LocalStorage:
    storage = LocalStorage(tmp_path / "root")
    await storage.prepare()
    await storage.put("folder/a.mp3", body(), "audio/mpeg")
    return storage


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("call", CALLS)
async def test_a_lost_root_is_unavailable_until_it_is_back(storage: LocalStorage, tmp_path: Path, call: str, lose: Lose) -> None:
    lose(tmp_path / "root")
    before = names(tmp_path), open_files()
    with pytest.raises(Unavailable):
        await CALLS[call](storage)
    assert (names(tmp_path), open_files()) == before
    (tmp_path / "root").unlink(missing_ok=True)
    (tmp_path / "elsewhere").rename(tmp_path / "root")
    assert (await storage.stat("folder/a.mp3")).size == 5
    await storage.check()


@pytest.mark.parametrize("step", ["begin", "extend", "publish"])
async def test_a_root_lost_on_the_way_of_a_put_is_unavailable(
    storage: LocalStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    work, before = getattr(partials, step), open_files()

    def lost_first(*arguments: object) -> object:
        moved_away(tmp_path / "root")
        return work(*arguments)

    monkeypatch.setattr(partials, step, lost_first)
    with pytest.raises(Unavailable):
        await storage.put("folder/new.mp3", body(), "audio/mpeg")
    assert names(tmp_path) == ["elsewhere"]
    assert names(tmp_path / "elsewhere" / "folder") == ["a.mp3"]
    assert open_files() == before


async def test_a_root_lost_while_a_body_breaks_does_not_hide_what_broke_it(storage: LocalStorage, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"bytes"
        moved_away(tmp_path / "root")
        raise RuntimeError("sender")

    with pytest.raises(RuntimeError, match="sender"):
        await storage.put("folder/new.mp3", broken(), "audio/mpeg")
    (tmp_path / "elsewhere").rename(tmp_path / "root")
    assert await storage.sweep() == 1


async def test_a_root_lost_while_a_list_is_read_does_not_end_it_early(storage: LocalStorage, tmp_path: Path) -> None:
    await storage.put("other/a.mp3", body(), "audio/mpeg")
    listing = storage.list("")
    await anext(listing)
    moved_away(tmp_path / "root")
    with pytest.raises(Unavailable):
        await anext(listing)


@pytest.mark.parametrize("root", ["/proc", "/proc/x", "/proc/self/x/y"])
async def test_where_no_folder_can_be_made_a_put_is_unavailable(root: str) -> None:
    with pytest.raises(Unavailable):
        await LocalStorage(Path(root)).put("folder/a.mp3", body(), "audio/mpeg")


@pytest.mark.parametrize("call", ["put", "sweep", "check"])
@pytest.mark.parametrize("obstacle", ["a file", "a link"])
async def test_what_stands_in_the_place_of_the_partial_files_is_no_fault_of_the_key(
    tmp_path: Path, call: str, obstacle: str
) -> None:
    if obstacle == "a file":
        (tmp_path / ".partial").write_bytes(b"")
    else:
        (tmp_path / ".partial").symlink_to(".")
    with pytest.raises(Unavailable):
        await CALLS[call](LocalStorage(tmp_path))


async def test_preparing_makes_the_folder_and_again_does_no_harm(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "made" / "root")
    for _ in range(2):
        await storage.prepare()
        await storage.put("a.mp3", body(), "audio/mpeg")
        await storage.remove("a.mp3")


async def test_preparing_where_a_file_is_says_which(tmp_path: Path) -> None:
    (tmp_path / "root").write_bytes(b"in the way")
    with pytest.raises(NotADirectoryError, match="root"):
        await LocalStorage(tmp_path / "root").prepare()
