"""A headless Chromium that is told by pipe what to do (Chrome DevTools Protocol), and tells what it asks for and complains of."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

from tests.integration.server.process import wait_for

PATIENCE = 30


class Page:
    """One page of the browser. `events` are what the browser told of it so far."""

    def __init__(self, commands: int, answers: int) -> None:
        self._commands = commands
        self._answers: Queue[dict[str, Any]] = Queue()
        self._numbers = count(1)
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        Thread(target=self._read, args=[answers], daemon=True).start()

    def open(self, url: str) -> None:
        """Go to an address, having asked to be told of everything that happens there."""
        target = self.tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.tell(f"{domain}.enable")
        self.tell("Page.navigate", url=url)

    def tell(self, method: str, **parameters: Any) -> Any:
        """Give a command and return what it results in."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": parameters}
        os.write(self._commands, json.dumps(command | ({"sessionId": self._session} if self._session else {})).encode() + b"\0")
        while (answer := self._answers.get(timeout=PATIENCE))["id"] != number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def value(self, expression: str) -> Any:
        """Return what the expression is in the page."""
        told = self.tell("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def wait_for(self, expression: str) -> None:
        """Return as soon as the expression is true in the page."""
        wait_for(lambda: bool(self.value(f"Boolean({expression})")), expression, PATIENCE)

    def requested(self) -> list[str]:
        """Return every address that the page has asked for."""
        return [told["params"]["request"]["url"] for told in self.events if told["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """Return the errors and warnings of the console: exceptions, refused by policy, answered with an error."""
        logged = [told["params"]["entry"] for told in self.events if told["method"] == "Log.entryAdded"]
        thrown = [str(told["params"]) for told in self.events if told["method"] == "Runtime.exceptionThrown"]
        said = [told["params"] for told in self.events if told["method"] == "Runtime.consoleAPICalled"]
        return [
            *thrown,
            *(f"{entry['text']} {entry.get('url', '')}" for entry in logged if entry["level"] in {"error", "warning"}),
            *(str(call["args"]) for call in said if call["type"] in {"error", "warning", "assert"}),
        ]

    def _read(self, answers: int) -> None:
        with os.fdopen(answers, "rb") as stream:
            rest = b""
            while piece := stream.read1():
                *messages, rest = (rest + piece).split(b"\0")
                for message in map(json.loads, messages):
                    (self._answers.put if "id" in message else self.events.append)(message)


@contextmanager
def browsing(chromium: str, profile: Path) -> Iterator[Page]:
    """Start a browser with a profile of its own, and end it afterwards."""
    (its_commands, commands), (answers, its_answers) = os.pipe(), os.pipe()
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={profile}"]
    plumbed = f'exec 3<&{its_commands} 4>&{its_answers}; exec "$0" "$@"'  # the browser reads 3 and writes 4
    with subprocess.Popen(
        ["/bin/bash", "-c", plumbed, chromium, *options], pass_fds=[its_commands, its_answers], stderr=subprocess.DEVNULL
    ) as browser:
        os.close(its_commands)
        os.close(its_answers)
        try:
            yield Page(commands, answers)
        finally:
            os.close(commands)
            browser.terminate()
