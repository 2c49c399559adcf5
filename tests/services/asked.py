"""The variables that are for the tests: set aside, for the programs under test refuse what they do not know."""

import os

_OURS = "GREENROOM_TEST_"
_ASIDE = "ASKED_OF_"


def set_aside() -> None:
    """Give the variables other names, under which `asked` finds them, in the processes that are started from here too."""
    for name in [name for name in os.environ if name.startswith(_OURS)]:
        os.environ[_ASIDE + name] = os.environ.pop(name)


def asked(name: str) -> str:
    """Return what the variable says, nothing if it is not set."""
    return os.environ.get(name, "") or os.environ.get(_ASIDE + name, "")
