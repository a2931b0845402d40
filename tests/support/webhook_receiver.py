# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real webhook on a free port of this machine that answers as a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Message:
    """A message that was received, whatever was answered to it."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    status: int


class WebhookReceiver:
    """Receives messages.

    :ivar messages: all of them, in order.
    :ivar status: what is answered from now on; None lets the sender wait.
    :ivar location: where an answer redirects to.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.status: int | None = 200
        self.location: str | None = None
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of all messages that were accepted."""
        return [event for message in self.messages if message.status == 200 for event in message.body["events"]]

    @property
    def told(self) -> list[tuple[str | None, str]]:
        """Token and state of each accepted event."""
        return [(event["token"], event["state"]) for event in self.events]

    def __enter__(self) -> WebhookReceiver:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = receiver.status
                if status is None:
                    receiver.closing.wait()
                    return
                receiver.messages.append(Message(self.path, dict(self.headers), body, status))
                self.send_response(status)
                if receiver.location is not None:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Print nothing."""

        return Handler
