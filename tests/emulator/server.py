# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator behind a real HTTP or HTTPS port, served from a thread of this process."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
from pathlib import Path
from types import TracebackType

import uvicorn

from emulator.clock import Clock
from emulator.connection import ConnectionAwareProtocol
from emulator.core import Emulator
from emulator.http_app import application
from emulator.operations import AUTH_BASE, CLOUD_BASE
from emulator.tls import TlsMaterial, tls_material

HOST = "127.0.0.1"


class EmulatorServer(Emulator):
    """An ``Emulator`` with a URL. A context manager: the port is free, the thread and the CA's file are gone after it.

    *port* 0 takes a free one. With *tls*, ``ca_path`` is a file with the CA's certificate and ``fingerprint`` the
    SHA-256 of the server's certificate in 64 hex digits; without, both are None.
    """

    def __init__(self, clock: Clock | None = None, *, tls: bool = False, port: int = 0) -> None:
        super().__init__(clock)
        self._tls: TlsMaterial | None = tls_material() if tls else None
        self._socket = _listening_socket(port)
        self._directory = tempfile.TemporaryDirectory(prefix="emulator-") if tls else None
        self._server = _PromptServer(self._config())
        self._thread = threading.Thread(target=self._serve, name="emulator", daemon=True)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{HOST}:{self.port}"
        self.auth_url = self.url + AUTH_BASE
        self.cloud_url = self.url + CLOUD_BASE
        self.fingerprint = self._tls.fingerprint if self._tls else None
        self.ca_path = self._write_ca()

    def start(self) -> EmulatorServer:
        """Serve; connections are accepted from now on."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close every connection, finish the thread, remove the CA's file."""
        self._server.stop()
        self._thread.join()
        if self._directory is not None:
            self._directory.cleanup()

    def __enter__(self) -> EmulatorServer:
        """Start serving."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop serving."""
        self.stop()

    def _config(self) -> uvicorn.Config:
        material = self._tls
        return uvicorn.Config(
            application(self),
            http=ConnectionAwareProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="error",
            access_log=False,
            date_header=False,
            server_header=False,
            timeout_keep_alive=3600,
            ssl_context_factory=(lambda config, default: material.server_context) if material else None,
        )

    def _write_ca(self) -> str | None:
        if self._directory is None or self._tls is None:
            return None
        path = Path(self._directory.name, "ca.pem")
        path.write_bytes(self._tls.ca_pem)
        return str(path)

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))


def _listening_socket(port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where the protocol is named; with it on, every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


class _PromptServer(uvicorn.Server):
    """uvicorn without its polling: stops at once, whatever its clients are waiting for."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._running = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped: asyncio.Event | None = None

    def stop(self) -> None:
        """Ask the server to stop, from any thread."""
        self._running.wait()
        assert self._loop is not None
        assert self._stopped is not None
        self._loop.call_soon_threadsafe(self._stopped.set)

    async def main_loop(self) -> None:
        """Wait for ``stop``."""
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        self._running.set()
        await self._stopped.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the port, abort connections, cancel what still runs."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
