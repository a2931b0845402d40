# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The connections below ``requests``: they record what was sent and can be cut off at any time.

Whether a request can have reached the server is a fact only where it is sent, so the connection records it (R22). Read
time-outs start anew with every byte received, so a total deadline needs somebody else to shut the socket down.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Callable, Iterator

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    HAS_REQUESTS = True
else:
    try:
        import requests
        from requests.adapters import HTTPAdapter
        from urllib3.connection import HTTPConnection, HTTPSConnection
        from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

        HAS_REQUESTS = True
    except ImportError:
        HTTPAdapter = HTTPConnection = HTTPSConnection = HTTPConnectionPool = HTTPSConnectionPool = object
        HAS_REQUESTS = False

POOL_SIZE = 32


class Exchange:
    """One request on its way: what the connections record about it, and the sockets to shut down when its time is over.

    :ivar fresh_connection: whether it must not go over a connection that was used before.
    :ivar sent: whether any byte of the request itself, a CONNECT to a proxy aside, was handed to a socket.
    :ivar expired: whether its total deadline has passed.
    """

    def __init__(self, fresh_connection: bool = False) -> None:
        self.fresh_connection = fresh_connection
        self.sent = False
        self.expired = False
        self._recorded = False
        self._lock = threading.Lock()
        self._handles: list[socket.socket] = []
        self._cleanups: list[Callable[[], None]] = []

    @property
    def provably_not_sent(self) -> bool:
        """True only if a connection of ours took the request and never sent any of it."""
        return self._recorded and not self.sent

    def record_connection(self) -> None:
        """Note that a connection of ours took the request."""
        self._recorded = True

    def watch(self, connected: socket.socket) -> None:
        """Have ``connected`` shut down at the deadline, whatever it is wrapped in later."""
        # Wrapping in TLS takes the descriptor away from the socket object; a duplicate stays good for shutdown().
        handle = socket.socket(fileno=os.dup(connected.fileno()))
        with self._lock:
            self._handles.append(handle)
            expired = self.expired
        if expired:
            _shut_down(handle)

    def expire(self) -> None:
        """Shut down every socket of the request: its total deadline has passed."""
        with self._lock:
            self.expired = True
            handles = list(self._handles)
        for handle in handles:
            _shut_down(handle)

    def on_close(self, cleanup: Callable[[], None]) -> None:
        """Call ``cleanup`` when the exchange is over."""
        self._cleanups.append(cleanup)

    def close(self) -> None:
        """Let go of the sockets, without shutting them down."""
        with self._lock:
            handles, self._handles = self._handles, []
        for handle in handles:
            handle.close()
        for cleanup in self._cleanups:
            cleanup()


class _Current(threading.local):
    """The exchange that the running thread works on; connections cannot be told of it in another way."""

    exchange: Exchange | None = None


_CURRENT = _Current()


@contextlib.contextmanager
def carrying(exchange: Exchange) -> Iterator[None]:
    """Make ``exchange`` the one that the connections of this thread record to."""
    before, _CURRENT.exchange = _CURRENT.exchange, exchange
    try:
        yield
    finally:
        _CURRENT.exchange = before


class RecordingHTTPConnection(HTTPConnection):
    """A connection that records whether ``send()`` ran outside of ``connect()`` (R22)."""

    # http.client would print every request with its Authorization header where somebody has set it on the class.
    debuglevel = 0
    _connecting = False

    def connect(self) -> None:
        """Connect; what is sent meanwhile (CONNECT to a proxy, the TLS handshake) is not the request."""
        if _CURRENT.exchange is not None:
            _CURRENT.exchange.record_connection()
        self._connecting = True
        try:
            super().connect()
        finally:
            self._connecting = False

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send the request, over the connection that is open already if there is one."""
        if _CURRENT.exchange is not None:
            _CURRENT.exchange.record_connection()
            opened = getattr(self, "sock", None)
            if opened is not None:
                _CURRENT.exchange.watch(opened)
        super().request(*args, **kwargs)

    def send(self, data: Any) -> None:
        """Send ``data``, connecting first if that is still to be done."""
        if not self._connecting:
            if self.sock is None and self.auto_open:
                self.connect()
            if _CURRENT.exchange is not None:
                _CURRENT.exchange.sent = True
        super().send(data)

    def _new_conn(self) -> socket.socket:
        opened = super()._new_conn()
        if _CURRENT.exchange is not None:
            _CURRENT.exchange.watch(opened)
        return opened


class RecordingHTTPSConnection(RecordingHTTPConnection, HTTPSConnection):
    """The same over TLS."""


class RecordingHTTPConnectionPool(HTTPConnectionPool):
    """A pool of recording connections."""

    ConnectionCls = RecordingHTTPConnection

    def __init__(self, *args: Any, assert_fingerprint: str | None = None, **kwargs: Any) -> None:
        # Before 2.8.0, urllib3 hands this option of TLS to plain connections too, which refuse it.
        super().__init__(*args, **kwargs)


class RecordingHTTPSConnectionPool(HTTPSConnectionPool):
    """A pool of recording TLS connections."""

    ConnectionCls = RecordingHTTPSConnection

    def _validate_conn(self, conn: Any) -> None:
        # The inherited method also issues a Python warning for each request that is sent without verification, which
        # the user has asked for.
        if getattr(conn, "sock", None) is None:
            conn.connect()


class RecordingAdapter(HTTPAdapter):
    """The adapter that makes ``requests`` use recording connections, with TLS 1.2 at the least and no retries.

    :param validate_certs: whether certificates are verified at all.
    :param certificate_fingerprint: the SHA-256 of the server's certificate, 64 hex digits, or None.
    """

    def __init__(self, validate_certs: bool, certificate_fingerprint: str | None) -> None:
        self._validate_certs = validate_certs
        self._certificate_fingerprint = certificate_fingerprint
        self._tls = {
            "ssl_context": _tls_context(validate_certs),
            "assert_fingerprint": certificate_fingerprint,
        }
        super().__init__(pool_maxsize=POOL_SIZE, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        """Set up the pool of direct connections."""
        super().init_poolmanager(connections, maxsize, block, **self._tls, **pool_kwargs)
        _record(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Return the pool of connections through ``proxy``; the fingerprint stays that of the server behind it."""
        manager = super().proxy_manager_for(proxy, **self._tls, **proxy_kwargs)
        if not proxy.lower().startswith("socks"):
            _record(manager)
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send ``request``, over a connection of its own where the exchange asks for that."""
        exchange = _CURRENT.exchange
        if exchange is None or not exchange.fresh_connection:
            return super().send(request, *args, **kwargs)
        alone = RecordingAdapter(self._validate_certs, self._certificate_fingerprint)
        exchange.on_close(alone.close)
        return super(RecordingAdapter, alone).send(request, *args, **kwargs)


def _record(manager: Any) -> None:
    manager.pool_classes_by_scheme = {"http": RecordingHTTPConnectionPool, "https": RecordingHTTPSConnectionPool}


def _tls_context(validate_certs: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # urllib3 1.26 compares the name itself, and does not tell OpenSSL which one to compare if it is an IP address.
    context.check_hostname = validate_certs and not version("urllib3").startswith("1.")
    context.verify_mode = ssl.CERT_REQUIRED if validate_certs else ssl.CERT_NONE
    return context


def _shut_down(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
