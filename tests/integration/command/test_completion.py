"""Shells complete commands, options and the words that an option may be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("greenroom")


def completed(*words: str) -> set[str]:
    """Return what bash would offer for the last of the words."""
    asked = {"_GREENROOM_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    told = subprocess.run([COMMAND], env=os.environ | asked, capture_output=True, text=True, check=True)
    return {line.partition(",")[2] for line in told.stdout.splitlines()}


def test_commands_are_completed() -> None:
    assert completed("greenroom", "") >= {"demo", "serve", "prepare", "jobs", "init", "completion"}
    assert completed("greenroom", "jobs", "") == {"list", "show", "cancel", "retry"}
    assert completed("greenroom", "jobs", "s") == {"show"}


def test_options_and_their_words_are_completed() -> None:
    assert completed("greenroom", "jobs", "list", "--st") == {"--status"}
    assert completed("greenroom", "jobs", "list", "--status", "c") == {"complete", "cancelled"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_script(shell: str) -> None:
    told = subprocess.run([COMMAND, "completion", shell], capture_output=True, text=True, check=True)
    assert "_GREENROOM_COMPLETE" in told.stdout


def test_bash_takes_the_script() -> None:
    line = f'source <("{COMMAND}" completion bash) && complete -p greenroom'
    told = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert "_greenroom_completion" in told.stdout
