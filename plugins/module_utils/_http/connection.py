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
import tempfile
import threading
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Iterator

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError

if TYPE_CHECKING:
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection as ConnectionBase
    from urllib3.connectionpool import HTTPConnectionPool as PoolBase

    HAS_REQUESTS = True
else:
    ConnectionBase = PoolBase = object
    try:
        from requests.adapters import HTTPAdapter

        HAS_REQUESTS = True
    except ImportError:
        HTTPAdapter = object
        HAS_REQUESTS = False

POOL_SIZE = 32


class Exchange:
    """One request on its way: what the connections record about it, and the sockets to shut down when its time is over.

    Used as a context manager, it is the exchange that the connections of this thread record to.

    :ivar fresh_connection: whether it must not go over a connection that was used before.
    :ivar sent: whether any byte of the request itself, a CONNECT to a proxy aside, was handed to a socket; None unless
        it went through connections that record it.
    :ivar expired: whether its total deadline has passed.
    """

    def __init__(self, fresh_connection: bool = False) -> None:
        self.fresh_connection = fresh_connection
        self.sent: bool | None = None
        self.expired = False
        self._lock = threading.Lock()
        self._handles: list[socket.socket] = []
        self._before: Token[Exchange] | None = None

    def watch(self, connected: Any) -> None:
        """Have the socket ``connected`` shut down at the deadline, whatever it is wrapped in later."""
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
            for handle in self._handles:
                _shut_down(handle)

    def __enter__(self) -> Exchange:
        self._before = _CURRENT.set(self)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._before is not None:
            _CURRENT.reset(self._before)
        with self._lock:
            handles, self._handles = self._handles, []
        for handle in handles:
            handle.close()


_CURRENT: ContextVar[Exchange] = ContextVar("exchange")


class RecordingConnection(ConnectionBase):
    """Part of a connection: records whether ``send()`` ran outside of ``connect()`` (R22)."""

    # http.client would print every request with its Authorization header if somebody has set it on the class.
    debuglevel = 0
    _is_connecting = False

    def connect(self) -> None:
        """Connect; what is sent meanwhile (CONNECT to a proxy, the TLS handshake) is not the request."""
        self._is_connecting = True
        try:
            super().connect()
        finally:
            self._is_connecting = False

    def send(self, data: Any) -> None:
        """Send ``data`` over the open connection."""
        if not self._is_connecting:
            _CURRENT.get().sent = True
        super().send(data)

    def _new_conn(self) -> socket.socket:
        opened = super()._new_conn()
        _CURRENT.get().watch(opened)
        return opened


class RecordingPool(PoolBase):
    """Part of a pool: hands out connections that are open, watched and, if the exchange asks for that, new."""

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection = super()._get_conn(timeout)
        if not _CURRENT.get().fresh_connection:
            return connection
        connection.close()
        return self._new_conn()

    def _validate_conn(self, conn: Any) -> None:
        # The inherited method also issues a Python warning for each request that is sent without verification, which
        # the user has asked for.
        if conn.sock is None:
            conn.connect()
        else:
            _CURRENT.get().watch(conn.sock)


@dataclass(frozen=True)
class ClientCertificate:
    """What a client shows of itself: a certificate with its chain and its private key, as PEM texts."""

    certificate: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class TlsOptions:
    """How connections are secured.

    :ivar validate_certs: whether certificates are verified at all.
    :ivar certificate_fingerprint: the SHA-256 of the server's certificate, 64 hex digits, or None.
    :ivar authorities: the certificates that alone are trusted, as a PEM text, or None for those that a request names.
    :ivar client_certificate: what the client shows, or None.
    :ivar server_name: the name that the server's certificate must be for, or None for the one in the address.
    """

    validate_certs: bool = True
    certificate_fingerprint: str | None = None
    authorities: str | None = None
    client_certificate: ClientCertificate | None = None
    server_name: str | None = None


class RecordingAdapter(HTTPAdapter):
    """The adapter that makes ``requests`` use recording connections, with TLS 1.2 at the least and no retries.

    :raises ConfigurationError: ``authorities_unusable``, ``client_certificate_unusable``.
    """

    def __init__(self, tls: TlsOptions) -> None:
        self._tls = tls
        self._tls_context = _tls_context(tls)
        super().__init__(pool_maxsize=POOL_SIZE, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        """Set up the pool of direct connections."""
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._tls_context, **pool_kwargs)
        _make_recording(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Return the pool of connections through ``proxy``."""
        manager = super().proxy_manager_for(proxy, ssl_context=self._tls_context, **proxy_kwargs)
        _make_recording(manager)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Tell a pool what it is to verify; the fingerprint is that of the server, also behind a proxy."""
        inherited: Any = super().cert_verify
        inherited(conn, url, verify, cert)
        # Not among the settings of all pools: urllib3 before 2.8 hands it to plain HTTP too, which does not know it.
        if conn.scheme != "https":
            return
        conn.assert_fingerprint = self._tls.certificate_fingerprint
        if self._tls.authorities is not None:
            conn.ca_certs = conn.ca_cert_dir = None
        if self._tls.server_name is not None:
            conn.conn_kw["server_hostname"] = self._tls.server_name

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send ``request``; from here on nothing but a recording connection can do so."""
        _CURRENT.get().sent = False
        return super().send(request, *args, **kwargs)


def _make_recording(manager: Any) -> None:
    """Have a pool manager use recording pools, of whatever kind its pools are."""
    kinds = manager.pool_classes_by_scheme.items()
    manager.pool_classes_by_scheme = {scheme: _recording(pool) for scheme, pool in kinds}


@lru_cache(maxsize=None)
def _recording(pool: Any) -> Any:
    if issubclass(pool, RecordingPool):
        return pool
    connection = type("Connection", (RecordingConnection, pool.ConnectionCls), {})
    return type("Pool", (RecordingPool, pool), {"ConnectionCls": connection})


def _tls_context(tls: TlsOptions) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # urllib3 1.26 compares the name itself, and does not tell OpenSSL which one to compare if it is an IP address.
    context.check_hostname = tls.validate_certs and not version("urllib3").startswith("1.")
    context.verify_mode = ssl.CERT_REQUIRED if tls.validate_certs else ssl.CERT_NONE
    if tls.authorities is not None and not _trusts(context, tls.authorities):
        raise ConfigurationError("authorities_unusable")
    if tls.client_certificate is not None and not _shows(context, tls.client_certificate):
        raise ConfigurationError("client_certificate_unusable")
    return context


def _trusts(context: ssl.SSLContext, authorities: str) -> bool:
    try:
        context.load_verify_locations(cadata=authorities)
    except (ssl.SSLError, ValueError):
        return False
    return True


def _shows(context: ssl.SSLContext, client: ClientCertificate) -> bool:
    """Load a certificate; return False if it cannot be used. OpenSSL takes it from files alone."""
    try:
        with _unnamed_file(client.certificate) as certificate, _unnamed_file(client.key) as key:
            # Without this, OpenSSL would ask the terminal for the password of an encrypted key.
            context.load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, OSError, ValueError):
        return False
    return True


@contextlib.contextmanager
def _unnamed_file(text: str) -> Iterator[str]:
    """Give the path of a file that no folder lists and, on Linux, no disk holds."""
    with os.fdopen(os.memfd_create("tls"), "w+b") if hasattr(os, "memfd_create") else tempfile.TemporaryFile() as file:
        file.write(text.encode())
        file.flush()
        file.seek(0)
        yield f"/dev/fd/{file.fileno()}"


def _shut_down(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
