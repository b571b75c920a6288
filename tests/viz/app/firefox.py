"""Firefox as Debian ships it, driven by WebDriver BiDi: Playwright's own protocol needs a Firefox that it patched itself."""

import contextlib
import json
import re
import shutil
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

from websockets.sync.client import connect

PROGRAM = shutil.which("firefox-esr") or shutil.which("firefox")
LISTENS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
STARTS = 90.0
"""Longest time that it may take to start, s."""
QUIET = (
    'user_pref("app.update.enabled", false); user_pref("datareporting.policy.dataSubmissionEnabled", false);'
    'user_pref("browser.shell.checkDefaultBrowser", false); user_pref("ui.prefersReducedMotion", 0);'
)


class Firefox:
    """One tab of a headless Firefox.

    Attributes:
        wrong: what its pages said is wrong: errors of scripts, and errors written to the console.
    """

    def __init__(self, folder):
        (Path(folder) / "user.js").write_text(QUIET, encoding="utf-8")
        command = [PROGRAM, "--headless", "--no-remote", "--remote-debugging-port", "0", "--profile", str(folder)]
        self.open_things = contextlib.ExitStack()
        self.log = self.open_things.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))  # noqa: SIM115
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, text=True)
        self.wrong, self.numbers = [], count(1)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self):
        self.socket = self.open_things.enter_context(connect(f"{self._address()}/session", max_size=None))
        self.ask("session.new", capabilities={})
        self.ask("session.subscribe", events=["log.entryAdded"])
        self.tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]
        self.ask("browsingContext.setViewport", context=self.tab, viewport={"width": 1280, "height": 800})

    def _address(self):
        end = time.monotonic() + STARTS
        while time.monotonic() < end:
            self.log.seek(0)
            found = LISTENS.search(self.log.read())
            if found:
                return found[1]
            assert self.process.poll() is None, "Firefox ended by itself"
            time.sleep(0.1)
        raise AssertionError("Firefox did not start")

    def ask(self, method, **params):
        """Send a command and return what it gives; raises AssertionError with what Firefox says is wrong."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            said = json.loads(self.socket.recv(timeout=STARTS))
            if said.get("method") == "log.entryAdded" and said["params"]["level"] == "error":
                self.wrong.append(said["params"]["text"])
            if said.get("id") == number:
                assert said["type"] == "success", said
                return said["result"]

    def open(self, address):
        """Go to an address and wait until it is loaded."""
        self.ask("browsingContext.navigate", context=self.tab, url=address, wait="complete")

    def run(self, script):
        """Value of an expression in the page; of an element its handle."""
        target = {"context": self.tab}
        found = self.ask("script.evaluate", expression=script, target=target, awaitPromise=False)
        assert found["type"] == "success", found
        result = found["result"]
        return {"sharedId": result["sharedId"]} if result["type"] == "node" else result.get("value")

    def until(self, script, seconds=STARTS):
        """Wait until an expression is true in the page."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.run(script):
                return
            time.sleep(0.1)
        raise AssertionError(f"never became true: {script}")

    def click(self, selector):
        """Press the mouse on the middle of an element."""
        element = self.run(f"document.querySelector({json.dumps(selector)})")
        self.run(
            f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center', behavior: 'instant'}})"
        )
        middle = {"type": "element", "element": element}
        mouse = [{"type": "pointerMove", "x": 0, "y": 0, "origin": middle}, {"type": "pointerDown", "button": 0}]
        hand = {"type": "pointer", "id": "mouse", "actions": [*mouse, {"type": "pointerUp", "button": 0}]}
        self.ask("input.performActions", context=self.tab, actions=[hand])

    def close(self):
        """End it."""
        with contextlib.suppress(Exception):
            self.ask("session.end")
        self.process.terminate()
        self.process.wait(timeout=30)
        self.open_things.close()
