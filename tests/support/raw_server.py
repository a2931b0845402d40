# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server of raw bytes on a free port, for what no HTTP library would send."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType

HOST = "127.0.0.1"
END_OF_HEADER = b"\r\n\r\n"


class RawServer:
    """Hands every connection to ``handle``, each in a thread of its own, and closes it afterwards.

    :ivar received: the header of every request that was read with :meth:`read_request`, in order.
    """

    def __init__(self, handle: Callable[[RawServer, socket.socket], None]) -> None:
        self._handle = handle
        self._listener = socket.create_server((HOST, 0))
        self._threads: list[threading.Thread] = []
        self._connections: list[socket.socket] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self.received: list[bytes] = []
        self.closing = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections were accepted."""
        return len(self._connections)

    def read_request(self, connection: socket.socket) -> bytes:
        """Read up to the end of a request's header; empty where the client has gone."""
        header = b""
        while END_OF_HEADER not in header:
            piece = connection.recv(65536)
            if not piece:
                return b""
            header += piece
        self.received.append(header)
        return header

    def __enter__(self) -> RawServer:
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.closing.set()
        # Closing alone would not wake the thread that waits in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in (self._acceptor, *self._threads):
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            self._handle(self, connection)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
    return port


def answering(*answers: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Return a handler that reads a request for each of ``answers``, sends that, and closes."""

    def handle(server: RawServer, connection: socket.socket) -> None:
        for answer in answers:
            if not server.read_request(connection):
                return
            connection.sendall(answer)

    return handle


def forever(prefix: bytes, piece: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Return a handler that sends ``prefix`` and then ``piece`` until the client has had enough."""

    def handle(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        connection.sendall(prefix)
        while True:
            connection.sendall(piece)

    return handle


def dripping(prefix: bytes, interval: float) -> Callable[[RawServer, socket.socket], None]:
    """Return a handler that sends ``prefix`` and then a byte at a time, for as long as the client listens."""

    def handle(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        connection.sendall(prefix)
        while not server.closing.wait(interval):
            connection.sendall(b"x")

    return handle


def proxy_to(port: int) -> Callable[[RawServer, socket.socket], None]:
    """Return a handler that is a proxy: whatever CONNECT names, the tunnel leads to ``port`` on this machine."""

    def handle(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection((HOST, port)) as target:
            back = threading.Thread(target=_relay, args=(target, connection), daemon=True)
            back.start()
            _relay(connection, target)
            back.join()

    return handle


def _relay(source: socket.socket, destination: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            destination.sendall(piece)
    with contextlib.suppress(OSError):
        destination.shutdown(socket.SHUT_RDWR)
