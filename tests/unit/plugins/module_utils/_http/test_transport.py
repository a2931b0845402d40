# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The transport against real sockets: what was sent, when it ends, and that nothing secret comes out of it."""

from __future__ import annotations

import gc
import http.client
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPSConnection

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import (
    BasicCredential,
    BearerCredential,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._http import connection as _http_connection
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import (
    MAXIMUM_BODY_LENGTH,
    Answer,
    ConnectionOptions,
    Transport,
    TransportError,
    parse_retry_after,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._http.watchdog import Watch, Watchdog
from emulator import EmulatorServer
from emulator.tls import tls_material
from support.emulator_fixtures import tls_emulator
from support.raw_server import RawServer, answering, dripping, forever, free_port, proxy_to
from support.trace import token

__all__ = ["tls_emulator"]

OK = b"HTTP/1.1 200 OK\r\nDate: Sun, 01 Mar 2026 12:00:00 GMT\r\nContent-Length: 2\r\n\r\n{}"
MODULE_UTILS = "ansible_collections.tokenops.ionos.plugins.module_utils"
COLLECTIONS = Path(_http_connection.__file__).parents[6]


def get(url: str, *, auth: Any = None, headers: dict[str, str] | None = None, **options: Any) -> Answer:
    """Send one request with a transport of its own."""
    return send(Transport(ConnectionOptions(**options)), url, auth=auth, headers=headers)


def send(transport: Transport, url: str, *, auth: Any = None, headers: Any = None, **how: Any) -> Answer:
    return transport.send("GET", url, auth or BearerCredential(token()), headers or {}, **how)


def failure(url: str, **options: Any) -> TransportError:
    """Return why one request has no answer."""
    with pytest.raises(TransportError) as raised:
        get(url, **options)
    return raised.value


BEHIND_PROXY = "https://api.example.com/auth/v1"


@contextmanager
def expired_server(folder: Path) -> Iterator[tuple[str, str]]:
    """Serve TLS with a certificate that has ended; give the address, and the path of the CA's certificate."""
    material = tls_material(expired=True)
    authority = folder / "ca.pem"
    authority.write_bytes(material.ca_pem)

    def shake_hands(_server: RawServer, connection: socket.socket) -> None:
        with suppress(OSError):
            material.server_context.wrap_socket(connection, server_side=True).close()

    with RawServer(shake_hands) as server:
        yield f"https://127.0.0.1:{server.port}", str(authority)


# What an answer says


def test_an_answer_has_status_date_type_and_body() -> None:
    head = b"HTTP/1.1 503 Busy\r\nDate: Sun, 01 Mar 2026 12:00:00 GMT\r\nRetry-After: 7\r\n"
    with RawServer(answering(head + b"Content-Type: Text/HTML; charset=x\r\nContent-Length: 2\r\n\r\n{}")) as server:
        assert get(server.url) == Answer(503, 1_772_366_400, 7, "text/html", b"{}")


def test_the_repr_of_an_answer_shows_no_body() -> None:
    assert repr(Answer(200, None, None, "", b"hidden")) == "Answer(status=200)"


def test_the_user_agent_names_the_collection() -> None:
    with RawServer(answering(OK)) as server:
        get(server.url)
    assert b"\r\nUser-Agent: tokenops.ionos/" in server.received[0]


def test_no_compression_is_asked_for_since_it_could_hide_the_size_of_a_body() -> None:
    with RawServer(answering(OK)) as server:
        get(server.url)
    assert b"\r\nAccept-Encoding: identity\r\n" in server.received[0]


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with RawServer(answering(OK)) as other:
        location = f"HTTP/1.1 302 Found\r\nLocation: {other.url}/\r\nContent-Length: 0\r\n\r\n".encode()
        with RawServer(answering(location)) as server:
            assert get(server.url).status == 302
    assert other.connections == 0


def test_an_endless_redirect_page_is_read_no_further_than_any_other_body() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n\r\n"
    with RawServer(forever(head, b"x" * 65536)) as server:
        assert failure(server.url).reason == "too_large"


def test_an_endless_body_is_given_up() -> None:
    with RawServer(forever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536)) as server:
        error = failure(server.url)
    assert (error.reason, error.sent) == ("too_large", True)


def test_a_body_of_ten_gigabytes_is_given_up() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n"
    with RawServer(forever(head, b"x" * 65536)) as server:
        assert failure(server.url).reason == "too_large"


def test_the_largest_body_is_still_read() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % MAXIMUM_BODY_LENGTH
    with RawServer(answering(head + b"x" * MAXIMUM_BODY_LENGTH)) as server:
        assert len(get(server.url).body) == MAXIMUM_BODY_LENGTH


def test_a_header_cut_in_the_middle_of_a_line_is_no_answer() -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\nDate: Sun, 01 Mar 2026 12:00:00 GMT\r\nContent-Ty")) as server:
        error = failure(server.url)
    assert (error.reason, error.sent) == ("cut_off", True)


def test_a_body_shorter_than_announced_is_no_answer() -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{}")) as server:
        error = failure(server.url)
    assert (error.reason, error.sent) == ("cut_off", True)


def test_no_content_needs_no_length() -> None:
    with RawServer(answering(b"HTTP/1.1 204 No Content\r\n\r\n")) as server:
        assert get(server.url).status == 204


def test_chunks_that_break_off_are_no_answer() -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}")) as server:
        error = failure(server.url)
    assert (error.reason, error.sent) == ("cut_off", True)


def test_what_is_not_http_is_no_answer() -> None:
    with RawServer(answering(b"SSH-2.0-OpenSSH_9.2\r\n")) as server:
        error = failure(server.url)
    assert (error.reason, error.sent) == ("malformed", True)


def test_one_connection_serves_several_requests() -> None:
    transport = Transport(ConnectionOptions())
    with RawServer(answering(OK, OK)) as server:
        send(transport, server.url)
        send(transport, server.url)
        assert (server.connections, len(server.received)) == (1, 2)


def test_a_fresh_connection_is_one_that_carried_nothing_before() -> None:
    transport = Transport(ConnectionOptions())
    with RawServer(answering(OK, OK)) as server:
        send(transport, server.url)
        send(transport, server.url, fresh_connection=True)
        assert server.connections == 2


def test_a_cookie_does_not_go_along_with_the_next_request() -> None:
    transport = Transport(ConnectionOptions())
    cookie = b"HTTP/1.1 200 OK\r\nSet-Cookie: session=of-another-token\r\nContent-Length: 2\r\n\r\n{}"
    with RawServer(answering(cookie, OK)) as server:
        send(transport, server.url)
        send(transport, server.url)
    assert b"cookie" not in server.received[1].lower()


# R22: whether anything was sent is what the connection recorded


def test_r22_nothing_is_sent_where_no_connection_can_be_opened() -> None:
    error = failure(f"http://127.0.0.1:{free_port()}")
    assert (error.reason, error.sent) == ("refused", False)


def test_r22_nothing_is_sent_where_the_name_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failure("http://localhost")
    assert (error.reason, error.sent) == ("dns", False)


def test_r22_a_connection_that_is_closed_after_the_request_counts_as_sent() -> None:
    with RawServer(answering(b"")) as server:
        error = failure(server.url)
    assert (error.reason, error.sent) == ("reset", True)


def test_r22_a_connection_that_is_closed_before_the_request_is_read_counts_as_sent() -> None:
    with RawServer(lambda server, connection: None) as server:
        error = failure(server.url)
    assert (error.reason, error.sent) == ("reset", True)


def test_r22_a_pooled_connection_that_breaks_counts_as_sent() -> None:
    transport = Transport(ConnectionOptions())

    def answer_once(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        connection.sendall(OK)
        server.read_request(connection)

    with RawServer(answer_once) as server:
        send(transport, server.url)
        with pytest.raises(TransportError) as raised:
            send(transport, server.url)
        assert server.connections == 1
    assert (raised.value.reason, raised.value.sent) == ("reset", True)


def test_r22_a_broken_tls_connection_counts_as_sent(tls_emulator: EmulatorServer) -> None:
    tls_emulator.faults.add("drop_before", "any")
    error = failure(f"{tls_emulator.auth_url}/tokens", ca_path=tls_emulator.ca_path)
    assert (error.reason, error.sent) == ("reset", True)


def test_r22_a_server_that_does_not_speak_tls_gets_nothing() -> None:
    def refuse(server: RawServer, connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with RawServer(refuse) as server:
        error = failure(f"https://127.0.0.1:{server.port}")
    assert (error.reason, error.sent) == ("tls_failed", False)


def test_r22_a_session_of_somebody_else_proves_nothing() -> None:
    session = requests.Session()
    with pytest.raises(TransportError) as raised:
        send(Transport(ConnectionOptions(), session), f"http://127.0.0.1:{free_port()}")
    assert raised.value.sent


# TLS


def test_a_certificate_of_an_unknown_ca_is_refused_before_anything_is_sent(tls_emulator: EmulatorServer) -> None:
    error = failure(tls_emulator.auth_url)
    assert (error.reason, error.sent) == ("tls_untrusted", False)
    assert tls_emulator.journal.entries() == []


def test_a_certificate_for_another_name_is_refused_before_anything_is_sent(
    tls_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RawServer(proxy_to(tls_emulator.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = failure("https://other.example.com/auth/v1/tokens", ca_path=tls_emulator.ca_path)
    assert (error.reason, error.sent) == ("tls_wrong_name", False)
    assert tls_emulator.journal.entries() == []


def test_a_certificate_that_has_expired_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with expired_server(tmp_path) as (url, ca_path):
        error = failure(url, ca_path=ca_path)
    assert (error.reason, error.sent) == ("tls_expired", False)


def test_the_authorities_of_openssls_own_variable_are_trusted(
    tls_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls_emulator.ca_path))
    assert get(f"{tls_emulator.auth_url}/tokens").status == 401


def test_the_ca_of_ca_path_is_trusted(tls_emulator: EmulatorServer) -> None:
    assert get(f"{tls_emulator.auth_url}/tokens", ca_path=tls_emulator.ca_path).status == 401


def test_without_validation_any_certificate_is_accepted_and_nothing_is_warned(tls_emulator: EmulatorServer) -> None:
    assert get(f"{tls_emulator.auth_url}/tokens", validate_certs=False).status == 401


def test_the_fingerprint_of_the_certificate_is_accepted_with_colons(tls_emulator: EmulatorServer) -> None:
    plain = str(tls_emulator.fingerprint).upper()
    pinned = ":".join(plain[index : index + 2] for index in range(0, 64, 2))
    answer = get(f"{tls_emulator.auth_url}/tokens", ca_path=tls_emulator.ca_path, certificate_fingerprint=pinned)
    assert answer.status == 401


def test_another_fingerprint_is_refused_before_anything_is_sent(tls_emulator: EmulatorServer) -> None:
    error = failure(tls_emulator.auth_url, ca_path=tls_emulator.ca_path, certificate_fingerprint="ab" * 32)
    assert (error.reason, error.sent) == ("tls_fingerprint", False)
    assert tls_emulator.journal.entries() == []


def test_the_fingerprint_decides_alone_without_validation(tls_emulator: EmulatorServer) -> None:
    error = failure(tls_emulator.auth_url, validate_certs=False, certificate_fingerprint="ab" * 32)
    assert (error.reason, error.sent) == ("tls_fingerprint", False)


def test_the_fingerprint_does_not_stand_in_for_the_ca(tls_emulator: EmulatorServer) -> None:
    error = failure(tls_emulator.auth_url, certificate_fingerprint=str(tls_emulator.fingerprint))
    assert (error.reason, error.sent) == ("tls_untrusted", False)


def test_a_fresh_connection_is_checked_like_any_other(tls_emulator: EmulatorServer) -> None:
    transport = Transport(ConnectionOptions(ca_path=tls_emulator.ca_path, certificate_fingerprint="ab" * 32))
    with pytest.raises(TransportError) as raised:
        send(transport, tls_emulator.auth_url, fresh_connection=True)
    assert raised.value.reason == "tls_fingerprint"


def test_requests_ca_bundle_does_not_override_ca_path(
    tls_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    assert get(f"{tls_emulator.auth_url}/tokens", ca_path=tls_emulator.ca_path).status == 401


def test_requests_ca_bundle_does_not_switch_validation_on_again(
    tls_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    assert get(f"{tls_emulator.auth_url}/tokens", validate_certs=False).status == 401


def test_requests_ca_bundle_counts_where_no_ca_path_is_given(
    tls_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls_emulator.ca_path))
    assert get(f"{tls_emulator.auth_url}/tokens").status == 401


def test_a_ca_bundle_of_the_environment_that_is_missing_is_told_apart(
    tls_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    assert failure(tls_emulator.auth_url).reason == "ca_bundle"


# Proxies


def test_r22_a_proxy_that_refuses_to_connect_gets_nothing_of_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(answering(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = failure("https://api.example.com/auth/v1/tokens")
    assert (error.reason, error.sent) == ("proxy", False)
    assert proxy.received[0].startswith(b"CONNECT api.example.com:443 ")
    assert b"authorization" not in proxy.received[0].lower()


def test_r22_a_proxy_that_is_down_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{free_port()}")
    error = failure("https://api.example.com/auth/v1/tokens")
    assert (error.reason, error.sent) == ("proxy", False)


def test_a_request_goes_through_the_tunnel_of_a_proxy(
    tls_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RawServer(proxy_to(tls_emulator.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        answer = get(f"{BEHIND_PROXY}/tokens", ca_path=tls_emulator.ca_path)
    assert (answer.status, proxy.connections) == (401, 1)


def test_a_proxy_is_not_asked_for_this_machine(tls_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(proxy_to(tls_emulator.port)) as proxy:
        for variable in ("HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(variable, proxy.url)
        answer = get(f"{tls_emulator.auth_url}/tokens", ca_path=tls_emulator.ca_path)
    assert (answer.status, proxy.connections) == (401, 0)


def without_pysocks(*args: object, **kwargs: object) -> None:
    raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")


def test_the_library_that_a_socks_proxy_needs_is_missed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", without_pysocks)
    monkeypatch.setenv("HTTPS_PROXY", f"socks5h://127.0.0.1:{free_port()}")
    error = failure("https://api.example.com/auth/v1/tokens")
    assert (error.reason, error.sent) == ("proxy_library", False)


def test_r22_pools_of_another_kind_are_recorded_and_cut_off_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(server: RawServer, connection: socket.socket) -> None:
        server.closing.wait()

    with RawServer(silent) as server:

        class Detour(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return socket.create_connection(("127.0.0.1", server.port))

        class DetourPool(HTTPSConnectionPool):
            ConnectionCls = Detour

        def manager(*args: object, ssl_context: Any, **kwargs: object) -> PoolManager:
            pools = PoolManager(ssl_context=ssl_context)
            pools.pool_classes_by_scheme = {"https": DetourPool}
            return pools

        monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", manager)
        monkeypatch.setenv("HTTPS_PROXY", "socks5h://127.0.0.1:1080")
        error = failure("https://api.example.com/auth/v1/tokens", deadline=0.2)
    assert (error.reason, error.sent) == ("deadline", False)


def test_r22_a_request_that_is_lost_behind_a_proxy_counts_as_sent(
    tls_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls_emulator.faults.add("drop_before", "any")
    with RawServer(proxy_to(tls_emulator.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        error = failure(f"{BEHIND_PROXY}/tokens", ca_path=tls_emulator.ca_path)
    assert (error.reason, error.sent) == ("reset", True)


@pytest.mark.parametrize("fresh_connection", [False, True])
def test_r22_a_wrong_fingerprint_behind_a_proxy_gets_nothing(
    tls_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch, fresh_connection: bool
) -> None:
    transport = Transport(ConnectionOptions(ca_path=tls_emulator.ca_path, certificate_fingerprint="ab" * 32))
    with RawServer(proxy_to(tls_emulator.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(TransportError) as raised:
            send(transport, BEHIND_PROXY, fresh_connection=fresh_connection)
    assert (raised.value.reason, raised.value.sent) == ("tls_fingerprint", False)
    assert tls_emulator.journal.entries() == []


@pytest.mark.parametrize("variable", ["http_proxy", "ALL_PROXY"])
def test_plain_http_never_goes_through_a_proxy(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    with RawServer(answering(OK)) as proxy, RawServer(answering(OK)) as server:
        monkeypatch.setenv(variable, proxy.url)
        get(server.url)
        assert (proxy.connections, server.connections) == (0, 1)


# The total deadline


def test_a_slow_drip_ends_at_the_deadline() -> None:
    with RawServer(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", 0.01)) as server:
        error = failure(server.url, deadline=0.2)
    assert (error.reason, error.sent) == ("deadline", True)


def test_a_slow_header_ends_at_the_deadline() -> None:
    with RawServer(dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", 0.01)) as server:
        error = failure(server.url, deadline=0.2)
    assert (error.reason, error.sent) == ("deadline", True)


def test_a_body_without_a_length_that_the_deadline_ends_is_no_answer() -> None:
    with RawServer(dripping(b"HTTP/1.1 200 OK\r\n\r\n", 0.01)) as server:
        assert failure(server.url, deadline=0.2).reason == "deadline"


def test_a_tls_handshake_that_does_not_end_is_cut_off_before_anything_is_sent() -> None:
    def never_answering(server: RawServer, connection: socket.socket) -> None:
        server.closing.wait()

    with RawServer(never_answering) as server:
        error = failure(f"https://127.0.0.1:{server.port}", deadline=0.2)
    assert (error.reason, error.sent) == ("deadline", False)


def test_a_slow_drip_over_tls_ends_at_the_deadline(tls_emulator: EmulatorServer) -> None:
    tls_emulator.faults.add("slow_drip", "any", interval=5)
    error = failure(f"{tls_emulator.auth_url}/tokens", ca_path=tls_emulator.ca_path, deadline=0.3)
    assert (error.reason, error.sent) == ("deadline", True)


def test_a_slow_drip_over_a_pooled_connection_ends_at_the_deadline() -> None:
    def answer_once(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        connection.sendall(OK)
        dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", 0.01)(server, connection)

    transport = Transport(ConnectionOptions())
    with RawServer(answer_once) as server:
        send(transport, server.url)
        with pytest.raises(TransportError) as raised:
            send(transport, server.url, deadline=0.2)
        assert server.connections == 1
    assert raised.value.reason == "deadline"


def test_a_server_that_stays_silent_runs_into_the_read_timeout() -> None:
    def silent(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        server.closing.wait()

    with RawServer(silent) as server:
        error = failure(server.url, read_timeout=0.1)
    assert (error.reason, error.sent) == ("timeout", True)


def test_a_connection_that_does_not_open_ends_at_the_deadline() -> None:
    with ExitStack() as open_sockets:
        listener = open_sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _number in range(4):
            waiting = open_sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        start = time.monotonic()
        error = failure(f"http://127.0.0.1:{listener.getsockname()[1]}", deadline=0.3)
    assert (error.sent, time.monotonic() - start < 5) == (False, True)


def test_no_watchdog_is_left_behind() -> None:
    watches = []

    class Noting(Watchdog):
        def watch(self, seconds: float, callback: Callable[[], None]) -> Watch:
            watches.append(super().watch(seconds, callback))
            return watches[-1]

    with RawServer(answering(OK)) as server:
        send(Transport(ConnectionOptions(), watchdog=Noting()), server.url)
    assert [watch.is_cancelled for watch in watches] == [True]


def test_no_socket_is_left_behind() -> None:
    transport = Transport(ConnectionOptions())
    with RawServer(answering(*[OK] * 6)) as server:
        send(transport, server.url)
        gc.collect()
        before = len(list(Path("/proc/self/fd").iterdir()))
        for _number in range(5):
            send(transport, server.url)
        assert len(list(Path("/proc/self/fd").iterdir())) <= before


# Secrets


def test_a_netrc_does_not_replace_the_credential(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n", encoding="utf-8")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    with RawServer(answering(OK)) as server:
        get(server.url)
    assert f"\r\nAuthorization: Bearer {token().value}\r\n".encode() in server.received[0]


def test_leak_12_debug_logging_and_debuglevel_show_no_credential(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    caplog.set_level(logging.DEBUG)
    with RawServer(answering(OK)) as server:
        get(server.url)
    output = "".join(capfd.readouterr()) + caplog.text
    assert token().value not in output
    assert "Authorization" not in output


@pytest.mark.parametrize("header", ["Authorization", "X-Contract-Number"])
def test_leak_29_a_header_that_cannot_be_sent_is_not_quoted(header: str) -> None:
    def with_line_break(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = "Bearer hidden-value\n"
        return request

    with RawServer(answering(OK)) as server:
        if header == "Authorization":
            error = failure(server.url, auth=with_line_break)
        else:
            error = failure(server.url, headers={header: "hidden-value\n"})
    assert error.reason == "invalid_request"
    assert "hidden" not in f"{error} {error!r} {error.__context__!r} {error.__cause__!r}"


@pytest.mark.parametrize(
    "handle",
    [
        answering(b""),
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{}"),
        answering(b"garbage\r\n\r\n"),
    ],
)
def test_no_exception_of_a_library_hangs_on_an_error(handle: Callable[[RawServer, socket.socket], None]) -> None:
    with RawServer(handle) as server:
        error = failure(server.url)
    assert (error.__cause__, error.__context__) == (None, None)


def test_the_credentials_show_no_secret() -> None:
    shown = repr(BearerCredential(token())) + repr(BasicCredential("somebody", "hidden-value"))
    assert token().value not in shown
    assert "hidden" not in shown


# Options


@pytest.mark.parametrize("text", ["ab" * 20, "ab" * 31, "g" * 64, "", "ab" * 33])
def test_a_fingerprint_that_is_no_sha_256_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="certificate_fingerprint is not a SHA-256 fingerprint"):
        ConnectionOptions(certificate_fingerprint=text)


def test_a_ca_path_that_does_not_exist_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ca_path names neither a readable file nor a directory"):
        ConnectionOptions(ca_path=str(tmp_path / "missing.pem"))


@pytest.mark.parametrize("seconds", [0, -1, 3601, float("nan")])
def test_a_timeout_out_of_range_is_refused(seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="more than 0 and at most 3600 seconds"):
        ConnectionOptions(deadline=seconds)


def test_without_requests_everything_imports_and_the_transport_says_what_is_missing() -> None:
    script = (
        "import sys\n"
        "sys.modules['requests'] = sys.modules['urllib3'] = None\n"
        f"sys.path.insert(0, {str(COLLECTIONS)!r})\n"
        f"import {MODULE_UTILS}._minting.minter\n"
        f"from {MODULE_UTILS}._http.transport import ConnectionOptions, Transport\n"
        "try:\n"
        "    Transport(ConnectionOptions())\n"
        "except Exception as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("The Python library requests is missing where this runs")


# Retry-After


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        (" 120 ", 120),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("9" * 10, None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, seconds: int | None) -> None:
    assert parse_retry_after(text, 1_772_366_400) == seconds


def test_a_retry_after_date_means_nothing_without_the_date_of_the_answer() -> None:
    assert parse_retry_after("Sun, 01 Mar 2026 12:00:30 GMT", None) is None


@given(st.text() | st.none() | st.integers(), st.integers(0, 2**40) | st.none())
def test_any_retry_after_is_a_number_of_seconds_or_nothing(text: object, date: int | None) -> None:
    seconds = parse_retry_after(text, date)
    assert seconds is None or seconds >= 0


# Messages, of which only the status of the answer counts


def test_a_body_is_sent_with_its_length() -> None:
    received = []

    def answer(server: RawServer, connection: socket.socket) -> None:
        received.append(connection.recv(65536))
        received.append(connection.recv(65536) if not received[0].endswith(b"}") else b"")
        connection.sendall(OK)

    with RawServer(answer) as server:
        transport = Transport(ConnectionOptions())
        transport.send("POST", server.url, BearerCredential(token()), {"Content-Type": "application/json"}, body=b"{}")
    header, _end, body = b"".join(received).partition(b"\r\n\r\n")
    assert (b"Content-Length: 2" in header, body) == (True, b"{}")


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.0 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"],
    ids=["no content", "no length and no body", "a body that does not come"],
)
def test_an_answer_of_which_only_the_status_counts_needs_no_body(head: bytes) -> None:
    with RawServer(answering(head)) as server:
        answer = send(Transport(ConnectionOptions()), server.url, reads_body=False)
    assert (answer.status // 100, answer.body) == (2, b"")


def test_a_body_that_nobody_wants_is_not_waited_for() -> None:
    with RawServer(forever(b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n")) as server:
        assert send(Transport(ConnectionOptions()), server.url, reads_body=False).status == 202
