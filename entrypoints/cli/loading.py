"""Being told to stop while a command still loads: it has begun nothing yet, and to end then is no failure."""

import os
import signal


def end_well_when_told() -> None:
    """Have SIGTERM end the process with 0, until what is loaded takes the signal itself.

    An exception would not do: what is raised while a module is imported may be ignored.
    """
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
