# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy that adds latency: every byte towards the server arrives so much later, and none waits for another.

``python -m bench.delaying_proxy URL SECONDS`` serves until its standard input ends and prints its own URL. In Python,
``counting_proxy`` serves one without latency that counts requests.
"""

from __future__ import annotations

import asyncio
import re
import socket
import sys
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

HOST = "127.0.0.1"
REQUEST_LINE = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1\r\n")
Requests = Counter[tuple[str, str]]
"""How often each method and path was asked for."""


class _Upstream(asyncio.Protocol):
    """The side of the server: its bytes go back at once."""

    def __init__(self, client: _Client) -> None:
        self._client = client

    def data_received(self, data: bytes) -> None:
        self._client.answer(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._client.hang_up()


class _Client(asyncio.Protocol):
    """The side of the client: its bytes wait, then go on in the order they came."""

    def __init__(self, server: tuple[str, int], seconds: float, note: Callable[[bytes], None]) -> None:
        self._server = server
        self._seconds = seconds
        self._note = note
        self._waiting: deque[bytes | None] = deque()
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._upstream: asyncio.Transport | None = None
        self._due = 0
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._task = self._loop.create_task(self._connect())

    def data_received(self, data: bytes) -> None:
        self._note(data)
        self._send_later(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._send_later(None)

    def answer(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.close()

    async def abort(self) -> None:
        if self._task is not None:
            # It would open another connection afterwards.
            await self._task
        for transport in (self._transport, self._upstream):
            if transport is not None:
                transport.abort()

    async def _connect(self) -> None:
        try:
            self._upstream, _protocol = await self._loop.create_connection(lambda: _Upstream(self), *self._server)
        except OSError:
            self.hang_up()
            return
        self._send_due()

    def _send_later(self, data: bytes | None) -> None:
        self._waiting.append(data)
        self._loop.call_later(self._seconds, self._one_more_is_due)

    def _one_more_is_due(self) -> None:
        self._due += 1
        self._send_due()

    def _send_due(self) -> None:
        while self._upstream is not None and self._due:
            self._due -= 1
            data = self._waiting.popleft()
            if data is None:
                self._upstream.close()
            else:
                self._upstream.write(data)


class Proxy:
    """What serves, and the connections through it."""

    def __init__(self, server_url: str, seconds: float, note: Callable[[bytes], None]) -> None:
        address = urlsplit(server_url)
        assert address.hostname is not None
        assert address.port is not None
        self._server_address = (address.hostname, address.port)
        self._seconds = seconds
        self._note = note
        self._clients: list[_Client] = []
        self._listening: asyncio.Server | None = None
        self.url = ""

    async def start(self) -> None:
        """Serve on a free port."""
        # asyncio switches Nagle's algorithm off only where the protocol is named.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind((HOST, 0))
        self.url = f"http://{HOST}:{listener.getsockname()[1]}"
        self._listening = await asyncio.get_running_loop().create_server(self._client, sock=listener)

    async def close(self) -> None:
        """Free the port and end every connection."""
        assert self._listening is not None
        self._listening.close()
        for client in self._clients:
            await client.abort()
        # Transports that were told to close do so in the next turns.
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def _client(self) -> _Client:
        client = _Client(self._server_address, self._seconds, self._note)
        self._clients.append(client)
        return client


async def serve(server_url: str, seconds: float, note: Callable[[bytes], None] = lambda _data: None) -> Proxy:
    """Serve on a free port in front of a server.

    :param note: told everything that clients send.
    """
    proxy = Proxy(server_url, seconds, note)
    await proxy.start()
    return proxy


@contextmanager
def counting_proxy(server_url: str) -> Iterator[tuple[str, Requests]]:
    """Serve in front of a server from a thread; yield the proxy's URL and the requests as they come."""
    counted: Requests = Counter()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def note(data: bytes) -> None:
        # A body of JSON never begins as a request does.
        found = REQUEST_LINE.match(data)
        if found:
            counted[found[1].decode("ascii"), found[2].decode("ascii")] += 1

    proxy = asyncio.run_coroutine_threadsafe(serve(server_url, 0, note), loop).result()
    try:
        yield proxy.url, counted
    finally:
        asyncio.run_coroutine_threadsafe(proxy.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _serve_until_input_ends(server_url: str, seconds: float) -> None:
    proxy = await serve(server_url, seconds)
    print(proxy.url, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await proxy.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve_until_input_ends(sys.argv[1], float(sys.argv[2])))
