# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A transport for ``requests`` that drives the emulator without sockets, thousands of requests a second.

The bytes that a server would send are read by the same parsers that read them from a socket, so every fault has the
same effect: the same exceptions, or the same silent damage.
"""

from __future__ import annotations

import errno
import http.client
import io
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse
from urllib3._collections import HTTPHeaderDict
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError, ReadTimeoutError

from emulator.core import Delivery, Emulator, Exchange
from emulator.messages import Request
from emulator.wire import RESET, Piece, pieces

HOST = "emulator.invalid"

_numbers = itertools.count(1)


class EmulatorAdapter(HTTPAdapter):
    """Mount it on a session: ``session.mount("https://", EmulatorAdapter(emulator))``; any URL will do.

    Time passes by *sleep* (seconds), by default by advancing the emulator's clock: a delay or a slow drip takes no real
    time. A delay that outlasts the read time-out raises ``ReadTimeout``, and the handler still runs when its time has
    come. While *reachable* is False every request fails as an unreachable host does, and nothing is sent.
    Each adapter is one connection until it is closed, told to close, or broken by a fault.
    """

    def __init__(self, emulator: Emulator, sleep: Callable[[float], None] | None = None) -> None:
        super().__init__()
        self.emulator = emulator
        self.reachable = True
        self._sleep = sleep or emulator.clock.advance
        self._pool = HTTPConnectionPool(HOST)
        self._connection = _fresh_connection()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Hand a request to the emulator and return or raise what a real connection would."""
        if not self.reachable:
            raise self._unreachable(request)
        read_timeout = _read_timeout(timeout)
        exchange = self.emulator.begin(self._received(request))
        delivery = self._delivered(exchange, request, read_timeout)
        if delivery.wire.dropped is not None:
            self._connection = _fresh_connection()
            raise _aborted(_drop_error(delivery.wire.dropped), request)
        response = self._parsed(delivery, request, read_timeout)
        if not delivery.wire.healthy or request.headers.get("Connection", "").lower() == "close":
            self._connection = _fresh_connection()
        return self.build_response(request, response)

    def close(self) -> None:
        """End the connection; the next request uses a new one."""
        self._connection = _fresh_connection()
        super().close()

    def _received(self, request: requests.PreparedRequest) -> Request:
        headers = {name.lower(): _header_value(value) for name, value in request.headers.items()}
        return Request(request.method or "GET", request.path_url, headers, self._connection)

    def _delivered(self, exchange: Exchange, request: requests.PreparedRequest, read_timeout: float | None) -> Delivery:
        plan = exchange.plan
        if read_timeout is not None and plan.delay_before >= read_timeout:
            if plan.runs_handler:
                self.emulator.run_later(exchange, plan.delay_before)
            raise self._timed_out(request, read_timeout)
        self._pass(plan.delay_before)
        delivery = self.emulator.complete(exchange)
        if read_timeout is not None and plan.delay_after >= read_timeout:
            raise self._timed_out(request, read_timeout)
        self._pass(plan.delay_after)
        return delivery

    def _parsed(
        self, delivery: Delivery, request: requests.PreparedRequest, read_timeout: float | None
    ) -> HTTPResponse:
        sent = _Received(pieces(delivery.answer, delivery.wire), read_timeout, self._pass)
        parser = http.client.HTTPResponse(cast(Any, _Socket(sent)), method=request.method)
        try:
            parser.begin()
        except (http.client.HTTPException, OSError) as error:
            raise _aborted(error, request) from error
        return HTTPResponse(
            body=cast(Any, parser),
            headers=HTTPHeaderDict(parser.msg.items()),
            status=parser.status,
            version=parser.version,
            reason=parser.reason,
            preload_content=False,
            decode_content=False,
            original_response=parser,
            pool=self._pool,
            request_method=request.method,
            request_url=request.path_url,
        )

    def _pass(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)

    def _timed_out(self, request: requests.PreparedRequest, seconds: float) -> requests.ReadTimeout:
        self._pass(seconds)
        self._connection = _fresh_connection()
        message = f"Read timed out. (read timeout={seconds})"
        return requests.ReadTimeout(ReadTimeoutError(self._pool, request.path_url, message), request=request)

    def _unreachable(self, request: requests.PreparedRequest) -> requests.ConnectionError:
        refused = NewConnectionError(HTTPConnection(HOST), f"[Errno {errno.ECONNREFUSED}] Connection refused")
        return requests.ConnectionError(MaxRetryError(self._pool, request.path_url, refused), request=request)


class _Socket:
    """As much of a socket as ``http.client`` wants."""

    def __init__(self, received: _Received) -> None:
        self._received = received

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._received)


class _Received(io.RawIOBase):
    """The bytes that arrive, each in its time."""

    def __init__(self, arriving: Iterator[Piece], read_timeout: float | None, sleep: Callable[[float], None]) -> None:
        super().__init__()
        self._arriving = arriving
        self._read_timeout = read_timeout
        self._sleep = sleep
        self._pending = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._pending:
            piece = next(self._arriving, None)
            if piece is None:
                return 0
            self._wait(piece.wait)
            self._pending = piece.data
        taken = self._pending[: len(buffer)]
        self._pending = self._pending[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)

    def _wait(self, seconds: float) -> None:
        if self._read_timeout is not None and seconds >= self._read_timeout:
            self._sleep(self._read_timeout)
            raise TimeoutError("timed out")
        self._sleep(seconds)


def _fresh_connection() -> str:
    return f"memory-{next(_numbers)}"


def _drop_error(how: str) -> Exception:
    if how == RESET:
        return ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
    return http.client.RemoteDisconnected("Remote end closed connection without response")


def _aborted(error: Exception, request: requests.PreparedRequest) -> requests.ConnectionError:
    return requests.ConnectionError(ProtocolError("Connection aborted.", error), request=request)


def _read_timeout(timeout: Any) -> float | None:
    if isinstance(timeout, tuple):
        timeout = timeout[1]
    seconds = getattr(timeout, "read_timeout", timeout)
    return seconds if isinstance(seconds, (int, float)) else None


def _header_value(value: str | bytes) -> str:
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if "\r" in text or "\n" in text:
        # http.client refuses so, value and all: whoever lets this exception reach a message leaks a token.
        raise ValueError(f"Invalid header value {text!r}")
    return text
