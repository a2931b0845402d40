# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy on loopback that notes what is asked of the server behind it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

DROPPED_HEADERS = ("connection", "content-encoding", "content-length", "transfer-encoding")
Step = Callable[[str, str], None]
"""Told the method and the path of a request."""
Choice = Callable[[str, str], bool]
"""Asked about the method and the path of a request."""


@dataclass
class RecordingProxy:
    """What was asked so far, as method and path; ``clear()`` forgets it."""

    url: str
    requests: list[tuple[str, str]] = field(default_factory=list)

    def clear(self) -> None:
        self.requests.clear()


def _nothing(_method: str, _path: str) -> None:
    pass


def _nothing_twice(_method: str, _path: str) -> bool:
    return False


@contextmanager
def recording_proxy(
    server_url: str, before: Step = _nothing, after: Step = _nothing, repeats: Choice = _nothing_twice
) -> Iterator[RecordingProxy]:
    """Serve a proxy in front of ``server_url``.

    :param before: called before a request is passed on. A ``ConnectionError`` drops the connection instead.
    :param after: called before the answer to a request is passed on; likewise.
    :param repeats: whether a request is passed on twice, as if the first answer had been lost on the way to the proxy.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def __getattr__(self, name: str) -> Callable[[], None]:
            """Answer every method alike; ``do_GET`` and the others are asked for by their names."""
            if name.startswith("do_"):
                return self.forward
            raise AttributeError(name)

        def forward(self) -> None:
            try:
                self._forward()
            except ConnectionError:
                self.close_connection = True

        def _forward(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            proxy.requests.append((self.command, self.path))
            headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            body = self.rfile.read(length)
            before(self.command, self.path)
            for _time in range(1 + repeats(self.command, self.path)):
                answer = requests.request(
                    self.command, server_url + self.path, headers=headers, data=body, timeout=30, allow_redirects=False
                )
            after(self.command, self.path)
            self.send_response_only(answer.status_code)
            for name, value in answer.headers.items():
                if name.lower() not in DROPPED_HEADERS:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

    with _Server(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        proxy = RecordingProxy(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet about clients that were killed while they were connected."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]
