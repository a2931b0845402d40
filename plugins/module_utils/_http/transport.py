# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The transport: one HTTP request, its answer or the reason why there is none. No retries, no redirects, no meaning.

One set of protections for the API, vaults and webhooks: no ``.netrc``, TLS 1.2 at the least, a total deadline, a bound
on what is read, no decompression, no redirects, no proxy on the way to this machine. Proxies and CA bundles come from
the environment as usual. What the library raises is sorted into a reason and never shown: its texts quote headers.
"""

from __future__ import annotations

import http.client
import os
import re
import socket
import ssl
import sys
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Callable, Iterator, Literal, Mapping

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import parse_http_date
from ansible_collections.tokenops.ionos.plugins.module_utils._core.version import USER_AGENT
from ansible_collections.tokenops.ionos.plugins.module_utils._http.connection import (
    HAS_REQUESTS,
    ClientCertificate,
    Exchange,
    RecordingAdapter,
    TlsOptions,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._http.urls import UrlError, is_loopback, parse_address
from ansible_collections.tokenops.ionos.plugins.module_utils._http.watchdog import Watchdog

if TYPE_CHECKING or HAS_REQUESTS:
    import requests
    from urllib3 import exceptions as library_errors
    from urllib3.util.ssl_match_hostname import CertificateError

MAXIMUM_BODY_LENGTH = 1024 * 1024
MAXIMUM_TIMEOUT = 3600
NO_CONTENT = 204
SHORTEST_TIMEOUT = 0.001

Reason = Literal[
    "dns",
    "refused",
    "timeout",
    "deadline",
    "pause",
    "turn",
    "tls_untrusted",
    "tls_expired",
    "tls_wrong_name",
    "tls_fingerprint",
    "tls_failed",
    "proxy",
    "proxy_library",
    "reset",
    "cut_off",
    "too_large",
    "malformed",
    "ca_bundle",
    "invalid_request",
]

X509_CERT_HAS_EXPIRED = 10
X509_NAME_MISMATCHES = (62, 64)

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_DELAY_SECONDS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class ConnectionOptions:
    """How to connect.

    :ivar validate_certs: whether the server's certificate must be trusted.
    :ivar ca_path: a file or directory of trusted CA certificates instead of the usual ones.
    :ivar certificate_fingerprint: SHA-256 of the server's certificate: 64 hex digits, colons allowed. With it the CA is
        still checked and the host's name is not; without ``validate_certs`` it alone decides.
    :ivar authorities: PEM text of the CA certificates that alone are trusted, instead of ``ca_path``.
    :ivar client_certificate: what the client shows of itself.
    :ivar server_name: the name that the server's certificate must be for, where it is not the one in the address.
    :ivar connect_timeout: seconds to open a connection, for each address of the host.
    :ivar read_timeout: seconds without a single byte.
    :ivar deadline: seconds in total, from the first attempt to the last byte.
    :ivar maximum_body: octets of an answer's body that are read at the most.
    :raises ConfigurationError: ``certificate_fingerprint_invalid``, ``ca_path_unreadable``, ``timeout_out_of_range``.
    """

    validate_certs: bool = True
    ca_path: str | None = None
    certificate_fingerprint: str | None = None
    authorities: str | None = None
    client_certificate: ClientCertificate | None = None
    server_name: str | None = None
    connect_timeout: float = 10
    read_timeout: float = 30
    deadline: float = 60
    maximum_body: int = MAXIMUM_BODY_LENGTH

    def __post_init__(self) -> None:
        if self.certificate_fingerprint is not None:
            object.__setattr__(self, "certificate_fingerprint", _plain_fingerprint(self.certificate_fingerprint))
        if self.ca_path is not None and not os.access(self.ca_path, os.R_OK):
            raise ConfigurationError("ca_path_unreadable", path=self.ca_path)
        for seconds in (self.connect_timeout, self.read_timeout, self.deadline):
            if not 0 < seconds <= MAXIMUM_TIMEOUT:
                raise ConfigurationError("timeout_out_of_range", maximum=MAXIMUM_TIMEOUT)


@dataclass(frozen=True)
class Answer:
    """What the server answered.

    :ivar status: the HTTP status.
    :ivar date: the ``Date`` header in seconds since the epoch, or None.
    :ivar retry_after: seconds to wait before the next request, or None.
    :ivar content_type: the ``Content-Type`` header, lower case, without parameters.
    :ivar body: at most as long as the options allow, never shown; empty if it is encoded.
    :ivar is_encoded: whether the body was compressed although nobody had asked for that; it is not inflated.
    """

    status: int
    date: int | None
    retry_after: int | None
    content_type: str
    body: bytes
    is_encoded: bool = False

    def __repr__(self) -> str:
        return f"Answer(status={self.status})"


class TransportError(Exception):
    """There is no answer.

    :ivar reason: why.
    :ivar sent: False only if our connections have recorded that nothing of the request was sent (R22).
    :ivar status: the HTTP status of an answer that could not be read to its end, or None.
    """

    def __init__(self, reason: Reason, sent: bool, status: int | None = None) -> None:
        self.reason = reason
        self.sent = sent
        self.status = status
        super().__init__(reason)


class Transport:
    """Sends requests over pooled connections. Safe to share between threads.

    :param options: how to connect.
    :param session: replaces the session with the recording adapter; then nothing counts as provably not sent.
    :param watchdog: ends each request at its deadline; a new one by default.
    :raises ConfigurationError: ``library_missing`` if ``requests`` is not installed, ``authorities_unusable``,
        ``client_certificate_unusable``.
    """

    def __init__(
        self,
        options: ConnectionOptions,
        session: requests.Session | None = None,
        watchdog: Watchdog | None = None,
    ) -> None:
        if not HAS_REQUESTS:
            raise ConfigurationError("library_missing", library="requests", python=sys.executable)
        self.options = options
        self._session = session or _new_session(options)
        self._watchdog = watchdog or Watchdog()
        self._routes: dict[tuple[str, ...], Mapping[str, Any]] = {}

    def send(
        self,
        method: str,
        url: str,
        auth: Callable[[requests.PreparedRequest], requests.PreparedRequest] | None,
        headers: Mapping[str, str],
        fresh_connection: bool = False,
        deadline: float | None = None,
        body: bytes | None = None,
        reads_body: bool = True,
    ) -> Answer:
        """Send one request and return its answer, whatever the status.

        :param auth: sets the ``Authorization`` header; None sends what is among ``headers`` and nothing else.
        :param fresh_connection: use a connection that carried no request before.
        :param deadline: seconds in total, where less than the options' is left.
        :param body: what to send; its type is to be among ``headers``.
        :param reads_body: False if only the status counts: the answer's body is neither waited for nor returned.
        :raises TransportError: if there is no complete answer.
        """
        seconds = self.options.deadline if deadline is None else deadline
        exchange = Exchange(fresh_connection)
        watch = self._watchdog.watch(seconds, exchange.expire)
        answer: Answer | None = None
        reason: Reason = "malformed"
        status: int | None = None
        try:
            with exchange:
                # The watchdog has no socket to shut down before it is connected.
                connect_timeout = max(min(self.options.connect_timeout, seconds), SHORTEST_TIMEOUT)
                answer = self._exchange(method, url, auth, headers, body, reads_body, connect_timeout)
        except _Unusable as error:
            reason, status = error.reason, error.status
        except Exception as error:
            reason = _reason(error, exchange.sent is True, self.options.certificate_fingerprint is not None)
        finally:
            watch.cancel()
        # Raised out here, so that no other library's exception hangs on it as its context.
        if exchange.expired:
            raise TransportError("deadline", sent=exchange.sent is not False)
        if answer is None:
            raise TransportError(reason, exchange.sent is not False, status)
        return answer

    def _exchange(
        self,
        method: str,
        url: str,
        auth: Any,
        headers: Mapping[str, str],
        body: bytes | None,
        reads_body: bool,
        connect_timeout: float,
    ) -> Answer:
        request = requests.Request(
            method,
            url,
            data=body,
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": USER_AGENT, **headers},
            auth=auth or _unchanged,
        )
        response = self._session.send(
            # Not by the session, which would look for credentials in a .netrc, and for cookies.
            request.prepare(),
            allow_redirects=False,
            timeout=(connect_timeout, self.options.read_timeout),
            **self._route(url),
        )
        try:
            return _read(response, self.options.maximum_body) if reads_body else _answer(response, b"")
        finally:
            response.close()

    def _route(self, url: str) -> Mapping[str, Any]:
        """Return what the environment says of the way to a server, which is looked up once for each.

        requests would go through the whole environment twice for each request, a fifth of what one costs.
        """
        origin = tuple(url.split("/", 3)[:3])
        route = self._routes.get(origin)
        if route is None:
            route = self._session.merge_environment_settings(url, _proxies(url), True, self._verify(), None)
            if not url.lower().startswith("https:"):
                # There is nothing to verify; requests would look for the authorities all the same.
                route["verify"] = True
            self._routes[origin] = route
        return route

    def _verify(self) -> bool | str:
        # Passed with each request: REQUESTS_CA_BUNDLE beats what is set on the session.
        if not self.options.validate_certs:
            return False
        if self.options.authorities is not None:
            return True
        return self.options.ca_path or _usual_authorities() or True


class _Unusable(Exception):
    """An answer that cannot be read to its end."""

    def __init__(self, reason: Reason, status: int) -> None:
        self.reason = reason
        self.status = status
        super().__init__(reason)


def parse_retry_after(text: object, date: int | None) -> int | None:
    """Return the seconds that a ``Retry-After`` header asks to wait, or None (RFC 9110, section 10.2.3).

    :param text: whole seconds or an HTTP date.
    :param date: the ``Date`` header of the same answer, which an HTTP date is measured from.
    """
    if not isinstance(text, str):
        return None
    stripped = text.strip()
    if _DELAY_SECONDS.fullmatch(stripped):
        return int(stripped)
    moment = parse_http_date(stripped)
    return None if moment is None or date is None else max(moment - date, 0)


def _plain_fingerprint(text: str) -> str:
    plain = text.strip().replace(":", "").lower()
    if _FINGERPRINT.fullmatch(plain) is None:
        raise ConfigurationError("certificate_fingerprint_invalid")
    return plain


def _new_session(options: ConnectionOptions) -> requests.Session:
    class Session(requests.Session):
        def get_redirect_target(self, resp: requests.Response) -> str | None:
            # Even where redirects are not followed, the inherited method leads to reading the body without a limit.
            return None

    session = Session()
    # A cookie of one token's answer must not go along with another token's request.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    tls = TlsOptions(
        validate_certs=options.validate_certs,
        certificate_fingerprint=options.certificate_fingerprint,
        authorities=options.authorities,
        client_certificate=options.client_certificate,
        server_name=options.server_name,
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, RecordingAdapter(tls))
    return session


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _usual_authorities() -> str | None:
    """Return the bundle that OpenSSL's own variable names, which requests does not look at, unless it has its own."""
    if os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE"):
        return None
    return os.environ.get("SSL_CERT_FILE") or None


def _proxies(url: str) -> dict[str, Any]:
    """Return what overrides the environment's proxies: this machine is reached directly, and plain HTTP never by one.

    A proxy would see everything of a request in plain HTTP, and would look for "this machine" on its own.
    """
    try:
        address = parse_address(url, allow_plain_http=True)
    except UrlError:
        return {}
    if address.scheme == "http" or is_loopback(address.host):
        return {"http": None, "https": None, "all": None}
    return {}


def _read(response: requests.Response, maximum: int) -> Answer:
    headers = response.headers
    body: bytes = response.raw.read(maximum + 1, decode_content=False) or b""
    if len(body) > maximum:
        raise _Unusable("too_large", response.status_code)
    # An answer of that status ends with its header.
    if response.status_code == NO_CONTENT:
        return _answer(response, b"")
    if _is_cut_off(body, headers.get("Content-Length"), headers.get("Transfer-Encoding")):
        raise _Unusable("cut_off", response.status_code)
    return _answer(response, body)


def _answer(response: requests.Response, body: bytes) -> Answer:
    headers = response.headers
    date = parse_http_date(headers.get("Date"))
    is_encoded = headers.get("Content-Encoding", "").strip().lower() not in ("", "identity")
    return Answer(
        status=response.status_code,
        date=date,
        retry_after=parse_retry_after(headers.get("Retry-After"), date),
        content_type=headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        body=b"" if is_encoded else body,
        is_encoded=is_encoded,
    )


def _is_cut_off(body: bytes, content_length: str | None, transfer_encoding: str | None) -> bool:
    """Tell whether the answer ended early, which older libraries do not.

    A header that breaks off in the middle of a line reads as the last one, with an empty body behind it.
    """
    if content_length is None:
        return not body and transfer_encoding is None
    return content_length.isdigit() and len(body) < int(content_length[:19])


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield ``error`` and every exception that it wraps, in whichever way these libraries do it."""
    pending: list[object] = [error]
    seen: set[int] = set()
    while pending:
        cause = pending.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        pending += [*cause.args, cause.__cause__, cause.__context__, getattr(cause, "reason", None)]


def _reason(error: Exception, sent: bool, pinned: bool) -> Reason:
    causes = list(_causes(error))
    unverified = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if unverified is not None and not isinstance(error, requests.exceptions.ProxyError):
        return _reason_of_certificate(unverified)
    for kinds, reason in _reasons(pinned):
        # Once the request is on its way, the proxy has done its part; urllib3 blames it all the same.
        if sent and reason == "proxy":
            continue
        if any(isinstance(cause, kinds) for cause in causes):
            return reason
    # requests raises a plain OSError for a CA bundle that is not there, and nothing else plainly.
    return "ca_bundle" if error.__class__ is OSError else "malformed"


def _reason_of_certificate(error: ssl.SSLCertVerificationError) -> Reason:
    """Return what is wrong with a certificate, by the numbers of OpenSSL's ``x509_vfy.h``."""
    code = getattr(error, "verify_code", None)
    if code == X509_CERT_HAS_EXPIRED:
        return "tls_expired"
    return "tls_wrong_name" if code in X509_NAME_MISMATCHES else "tls_untrusted"


def _reasons(pinned: bool) -> tuple[tuple[tuple[type[BaseException], ...], Reason], ...]:
    """Return the exceptions and what they stand for; the first that is among the causes counts."""
    return (
        ((library_errors.ProxyError, requests.exceptions.InvalidProxyURL), "proxy"),
        # requests knows http and https, so what it lacks is the library for a SOCKS proxy.
        ((requests.exceptions.InvalidSchema,), "proxy_library"),
        ((socket.gaierror,), "dns"),
        # Older releases of urllib3 derive NewConnectionError from ConnectTimeoutError.
        ((library_errors.NewConnectionError,), "refused"),
        ((library_errors.ConnectTimeoutError, library_errors.ReadTimeoutError, socket.timeout), "timeout"),
        ((ssl.SSLError,), "tls_failed"),
        # What is left are the checks that urllib3 makes itself: the name, in 1.26, and the fingerprint.
        ((CertificateError,), "tls_wrong_name"),
        ((library_errors.SSLError,), "tls_fingerprint" if pinned else "tls_untrusted"),
        ((http.client.IncompleteRead, library_errors.IncompleteRead), "cut_off"),
        # RemoteDisconnected is both this and a malformed answer.
        ((ConnectionError,), "reset"),
        ((http.client.HTTPException, library_errors.ProtocolError), "malformed"),
        ((ValueError,), "invalid_request"),
    )
