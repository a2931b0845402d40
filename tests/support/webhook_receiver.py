# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real webhook on a free port of this machine that answers as a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from support.loopback_server import LoopbackServer


@dataclass(frozen=True)
class Message:
    """A message that was received, whatever was answered to it."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    status: int


class WebhookReceiver(LoopbackServer):
    """Receives messages.

    :ivar messages: all of them, in order.
    :ivar status: what is answered from now on; None lets the sender wait.
    :ivar location: where an answer redirects to.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.status: int | None = 200
        self.location: str | None = None
        super().__init__(self._handler())

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of all messages that were accepted."""
        return [event for message in self.messages if message.status == 200 for event in message.body["events"]]

    @property
    def told(self) -> list[tuple[str | None, str]]:
        """Token and state of each accepted event."""
        return [(event["token"], event["state"]) for event in self.events]

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
