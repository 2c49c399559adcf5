"""The scripts keep what a cluster asks of them."""

import re
from pathlib import Path

import pytest

from adapters.redis import scripts

LUA = Path(scripts.__file__).parent / "lua"
NAMES = sorted(path.stem for path in LUA.glob("*.lua") if path.stem != "records")


@pytest.mark.parametrize("name", NAMES)
def test_no_script_makes_up_the_name_of_a_key(name: str) -> None:
    text = scripts.script(name).text.decode()
    keys = [words.split(",")[1].strip() for words in re.findall(r"redis\.call\(([^()]*)", text) if "," in words]
    parameters = {"heads", "bodies", "index", "taken", "number_key", "changes", "of_each"}
    assert keys
    assert {key for key in keys if not re.fullmatch(r"KEYS\[\d\]", key)} <= parameters


@pytest.mark.parametrize("name", NAMES)
def test_the_server_is_told_which_scripts_write(name: str) -> None:
    script = scripts.script(name)
    writing = re.search(r"'(HSET|HDEL|ZADD|ZREM|XADD|XTRIM|SET)'", (LUA / f"{name}.lua").read_text())
    assert script.writes is (writing is not None or "keep_head" in (LUA / f"{name}.lua").read_text())
    assert script.text.startswith(b"#!lua")
    assert (b"no-writes" in script.text.splitlines()[0]) is not script.writes
