"""Processes that are killed one after the other, and started again."""

import random
import signal
import subprocess
from collections.abc import Callable, Mapping
from threading import Event, Thread
from typing import TypeAlias

Start: TypeAlias = Callable[[], "subprocess.Popen[bytes]"]


class Group:
    """Runs each of `starts`, by name. From `begin_to_kill` on, one of them at a time meets its end as in a power cut."""

    def __init__(self, starts: Mapping[str, Start]) -> None:
        self._starts = dict(starts)
        self._running = {name: start() for name, start in starts.items()}
        self._over = Event()
        self._killer: Thread | None = None
        self.kills = 0

    def begin_to_kill(self, every: float, after: Callable[[], bool]) -> None:
        """Kill one so many seconds `after` this holds (the one before is up again, say), and start it again at once."""
        self._killer = Thread(target=self._kill_on, args=(every, after))
        self._killer.start()

    def spare(self) -> None:
        """Kill no more."""
        self._over.set()
        if self._killer is not None:
            self._killer.join()

    def stop(self) -> None:
        """Ask all of them to end, and wait until they have."""
        self.spare()
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            process.wait(30)

    def _kill_on(self, every: float, after: Callable[[], bool]) -> None:
        while self._holds(after) and not self._over.wait(every):
            name = random.choice(sorted(self._running))
            self._running[name].kill()
            self._running[name].wait()
            self._running[name] = self._starts[name]()
            self.kills += 1

    def _holds(self, after: Callable[[], bool]) -> bool:
        """Wait until this holds. False where killing is over before."""
        while not after():
            if self._over.wait(0.05):
                return False
        return True
