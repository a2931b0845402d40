# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Chromium without a window, driven through its DevTools protocol over a pair of pipes."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

SECONDS_TO_ANSWER = 60
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
NEEDED = "It needs Chromium, for example Debian's package chromium."
AXE = Path(__file__).resolve().parents[2] / ".cache" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
AXE_NEEDED = "It needs axe-core, which `make axe` installs where npm is."


def find_browser() -> str | None:
    """Return the path of a Chromium, or None."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


class Tab:
    """One page in the browser.

    :ivar log: what the browser complained of, such as a violation of the page's Content-Security-Policy.
    :ivar requests: the addresses that were asked for.
    """

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._buffer = b""
        self._next_id = 0
        self._session: str | None = None
        self._events: list[str] = []
        self._clock: str | None = None
        self._width = 0
        self.log: list[str] = []
        self.requests: list[str] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol and return its result."""
        self._next_id += 1
        message: dict[str, Any] = {"id": self._next_id, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._outgoing, json.dumps(message).encode() + b"\0")
        while (answer := self._receive()).get("id") != self._next_id:
            self._note(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def show(
        self,
        page: Path,
        *,
        width: int = 1200,
        scheme: Literal["light", "dark"] = "light",
        media: Literal["screen", "print"] = "screen",
        scripts: bool = False,
        now: int | None = None,
        target: str = "",
    ) -> None:
        """Open a page, with these preferences, and wait until it is there.

        :param scripts: whether the page's own scripts may run; :meth:`evaluate` works in any case.
        :param now: what the clock says to these scripts, in seconds since the epoch; None for the time that it is. What
            they want to do at intervals is then in ``ticks``.
        :param target: id of the element that the address leads to.
        """
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.call("Emulation.setEmulatedMedia", media=media, features=[feature])
        self._width = width
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        self._set_clock(now)
        if target:
            # An address that differs only in its target would not load the page anew.
            self._open("about:blank")
        self._open(f"{page.as_uri()}#{target}" if target else page.as_uri())

    def _set_clock(self, now: int | None) -> None:
        if self._clock is not None:
            self.call("Page.removeScriptToEvaluateOnNewDocument", identifier=self._clock)
            self._clock = None
        if now is not None:
            source = f"var ticks = []; Date.now = () => {now * 1000}; window.setInterval = (tick) => ticks.push(tick);"
            self._clock = self.call("Page.addScriptToEvaluateOnNewDocument", source=source)["identifier"]

    def _open(self, address: str) -> None:
        self._events.clear()
        self.call("Page.navigate", url=address)
        while "Page.loadEventFired" not in self._events:
            self._note(self._receive())

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression over the page, or what its promise is fulfilled with."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"].get("exception", {}).get("description")))
        return result["result"].get("value")

    def screenshot(self, height: int | None = None) -> bytes:
        """Return the page, or as much of it from its top, as a PNG."""
        clip = {} if height is None else {"clip": {"x": 0, "y": 0, "width": self._width, "height": height, "scale": 1}}
        taken = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, **clip)
        return base64.b64decode(taken["data"])

    def pdf(self) -> bytes:
        """Return the page as it would be printed."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])

    def _note(self, message: dict[str, Any]) -> None:
        method = message.get("method", "")
        self._events.append(method)
        if method == "Log.entryAdded":
            self.log.append(message["params"]["entry"]["text"])
        if method == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])

    def _receive(self) -> dict[str, Any]:
        deadline = time.monotonic() + SECONDS_TO_ANSWER
        while b"\0" not in self._buffer:
            if not select.select([self._incoming], [], [], max(0, deadline - time.monotonic()))[0]:
                raise TimeoutError("The browser does not answer.")
            received = os.read(self._incoming, 1 << 20)
            if not received:
                raise ConnectionError("The browser has ended.")
            self._buffer += received
        message, _nul, self._buffer = self._buffer.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer


@contextmanager
def open_tab(program: str, folder: Path) -> Iterator[Tab]:
    """Start a browser with a new profile in ``folder`` and open a tab; end the browser afterwards."""
    their_input, our_output = os.pipe()
    our_input, their_output = os.pipe()
    # The protocol is spoken on the descriptors 3 and 4.
    command = f'exec "$@" 3<&{their_input} 4>&{their_output}'
    process = subprocess.Popen(
        ["/bin/bash", "-c", command, "browser", program, *FLAGS, f"--user-data-dir={folder}", "about:blank"],
        pass_fds=(their_input, their_output),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(folder)},
    )
    os.close(their_input)
    os.close(their_output)
    try:
        yield Tab(our_input, our_output)
    finally:
        os.close(our_output)
        os.close(our_input)
        try:
            # It ends by itself once nobody speaks to it any more.
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
