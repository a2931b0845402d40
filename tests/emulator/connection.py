# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control over the connection below HTTP: what a well-behaved HTTP server would never send."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulator.messages import Answer
from emulator.wire import RESET, Wire, pieces

SCOPE_KEY = "emulator.connection"
LINGER_ZERO = struct.pack("ii", 1, 0)

_numbers = itertools.count(1)


class Connection:
    """One client connection, with a number that tells it from every other."""

    def __init__(self, protocol: ConnectionAwareProtocol) -> None:
        self._protocol = protocol
        self.id = str(next(_numbers))

    async def send(self, answer: Answer, wire: Wire) -> None:
        """Write an answer's bytes as *wire* says and end the connection; return when it is gone."""
        transport = self._protocol.transport
        for piece in pieces(answer, wire):
            await asyncio.sleep(piece.wait)
            if transport.is_closing():
                break
            transport.write(piece.data)
            await self._protocol.flow.drain()
        if wire.dropped == RESET:
            self._reset(transport)
        else:
            transport.close()

    def _reset(self, transport: asyncio.Transport) -> None:
        # With linger switched on and no time to linger, closing sends RST instead of FIN.
        client: socket.socket = transport.get_extra_info("socket")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
        transport.abort()


class ConnectionAwareProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 protocol; puts the ``Connection`` into the scope of every request on it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wrap the application, so that it sees the connection a request came over."""
        super().connection_made(transport)
        connection = Connection(self)
        application = self.app

        async def on_this_connection(scope: Scope, receive: Receive, send: Send) -> None:
            await application({**scope, SCOPE_KEY: connection}, receive, send)

        self.app = on_this_connection
