# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whoever sends a request is protected alike: the client of the API, the webhook and every vault that is a server."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.caller import Caller
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import BearerCredential
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.endpoints import Endpoints
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, TokenOpsError
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions, Transport
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.webhook import WebhookClient, parse_webhook
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller
from emulator.tls import TlsMaterial, tls_material
from support.emulator_fixtures import tls_emulator
from support.raw_server import RawServer, answering, dripping, forever, proxy_to
from support.trace import token

__all__ = ["tls_emulator"]

Sender = Callable[[str], None]
"""Sends one request to a server, with one second in total; raises an error of ours unless the answer is a good one."""

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def ask_api(url: str) -> None:
    transport = Transport(ConnectionOptions(deadline=1))
    credential, never = BearerCredential(token()), lambda seconds: None
    AuthApi(Caller(Endpoints.from_url(url), transport, credential, clock=ApiClock(), sleep=never)).list_tokens()


def tell_webhook(url: str) -> None:
    options = {"headers": {}, "method": "POST", "validate_certs": True, "ca_path": None, "allow_plain_http": False}
    WebhookClient(parse_webhook({"url": url, "timeout": 1, **options})).send(b"{}")


def read_vault(url: str) -> None:
    options = {"url": url, "token": "t", "timeout": 1}
    vault = vault_kinds()["hashi_vault"].connect("bao", options, Controller(environ={}, base_directory="."))
    vault.place({"path": "x"}).read()


def read_cluster(url: str) -> None:
    options = {"host": url, "api_key": "t", "timeout": 1}
    vault = vault_kinds()["kubernetes_secret"].connect("k8s", options, Controller(environ={}, base_directory="."))
    vault.place({"namespace": "n", "secret": "s"}).read()


def read_awx(url: str) -> None:
    options = {"host": url, "oauth_token": "t", "api_prefix": "/api/v2/", "timeout": 1}
    vault = vault_kinds()["awx_credential"].connect("awx", options, Controller(environ={}, base_directory="."))
    vault.place({"credential": "x"}).read()


SENDERS = [
    pytest.param(ask_api, id="api"),
    pytest.param(tell_webhook, id="webhook"),
    pytest.param(read_vault, id="hashi_vault"),
    pytest.param(read_cluster, id="kubernetes_secret"),
    pytest.param(read_awx, id="awx_credential"),
]
READERS = [SENDERS[0], *SENDERS[2:]]
"""A webhook's body is not read at all."""


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """Serve a proxy that the environment names for everything."""
    with RawServer(answering(OK)) as proxy:
        for variable in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(variable, proxy.url)
        yield proxy


def ask(send: Sender, server: RawServer) -> str:
    """Return what is said of the answer, or nothing of a good one."""
    try:
        send(server.url)
    except TokenOpsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("send", SENDERS)
def test_no_netrc_is_used(send: Sender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login ann password of-the-netrc\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with RawServer(answering(OK)) as server:
        ask(send, server)
    assert b"basic" not in server.received[0].lower()


@pytest.mark.parametrize("send", SENDERS)
def test_no_proxy_is_asked_for_this_machine(send: Sender, proxied: RawServer) -> None:
    with RawServer(answering(OK)) as server:
        ask(send, server)
    assert (proxied.connections, server.connections) == (0, 1)


@pytest.mark.parametrize("send", SENDERS)
def test_plain_http_to_another_machine_is_refused_before_anything_is_sent(send: Sender, proxied: RawServer) -> None:
    with pytest.raises(ConfigurationError, match=r"(?i)plain http|\bhttp\b"):
        send("http://other.example.com")
    assert proxied.connections == 0


@pytest.mark.parametrize("send", SENDERS)
@pytest.mark.parametrize("url", ["https://ann:hidden@other.example.com", "https://other.example.com\\hidden"])
def test_an_address_with_a_password_or_a_backslash_is_refused_and_not_shown(send: Sender, url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        send(url)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("send", SENDERS)
def test_a_redirect_is_refused_and_its_page_not_read_without_a_bound(send: Sender) -> None:
    with RawServer(answering(OK)) as elsewhere:
        head = f"HTTP/1.1 302 Found\r\nLocation: {elsewhere.url}/\r\n\r\n".encode()
        with RawServer(forever(head, b"x" * 65536)) as server:
            assert ask(send, server)
    assert elsewhere.connections == 0


@pytest.mark.parametrize("send", READERS)
@pytest.mark.parametrize("start", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"])
def test_a_server_that_drips_cannot_stretch_the_total_deadline(send: Sender, start: bytes) -> None:
    with RawServer(dripping(start, 0.02)) as server:
        assert ask(send, server)


def test_a_webhook_that_drips_its_header_cannot_stretch_the_total_deadline() -> None:
    with RawServer(dripping(b"HTTP/1.1 200 OK\r\nX: ", 0.02)) as server:
        assert "did not answer in time" in ask(tell_webhook, server)


@pytest.mark.parametrize("send", READERS)
def test_a_body_without_an_end_is_given_up(send: Sender) -> None:
    with RawServer(forever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536)) as server:
        assert ask(send, server)


@pytest.mark.parametrize("send", SENDERS)
def test_no_compression_is_asked_for(send: Sender) -> None:
    with RawServer(answering(OK)) as server:
        ask(send, server)
    assert b"\r\naccept-encoding: identity\r\n" in server.received[0].lower()


@pytest.mark.parametrize("send", READERS)
def test_what_is_compressed_all_the_same_is_not_inflated(send: Sender) -> None:
    body = gzip.compress(b'{"tokens": [], "data": {"data": {}, "metadata": {"version": 1}}}')
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with RawServer(answering(head + body)) as server:
        assert ask(send, server)


@pytest.mark.parametrize("send", SENDERS)
def test_a_certificate_that_nobody_vouches_for_is_refused(send: Sender, tls_emulator: Any) -> None:
    with pytest.raises(TokenOpsError):
        send(tls_emulator.url)
    assert tls_emulator.journal.entries() == []


@pytest.mark.parametrize("send", SENDERS)
@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_the_authorities_of_the_environment_are_trusted_and_no_proxy_asked(
    send: Sender, variable: str, tls_emulator: Any, proxied: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(tls_emulator.ca_path))
    with pytest.raises(TokenOpsError) as caught:
        send(tls_emulator.url)
    assert "certificate" not in str(caught.value)
    assert (len(tls_emulator.journal.entries()) > 0, proxied.connections) == (True, 0)


@pytest.mark.parametrize("send", SENDERS)
def test_an_expired_certificate_is_called_expired(
    send: Sender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    material = tls_material(expired=True)
    (tmp_path / "ca.pem").write_bytes(material.ca_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with RawServer(shaking_hands(material)) as server, pytest.raises(TokenOpsError, match=r"certificate .*has expired"):
        send(f"https://127.0.0.1:{server.port}")


@pytest.mark.parametrize("send", SENDERS)
def test_a_certificate_for_another_name_is_called_that(
    send: Sender, tls_emulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls_emulator.ca_path))
    with RawServer(proxy_to(tls_emulator.port)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        with pytest.raises(TokenOpsError, match=r"another (name|host)"):
            send("https://other.example.com")
    assert tls_emulator.journal.entries() == []


@pytest.mark.parametrize("send", SENDERS)
def test_the_library_for_a_socks_proxy_is_named(send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_pysocks(*args: object, **kwargs: object) -> None:
        raise requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support.")

    monkeypatch.setattr(requests.adapters, "SOCKSProxyManager", without_pysocks)
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://127.0.0.1:1080")
    with pytest.raises(TokenOpsError, match="PySocks"):
        send("https://other.example.com")


def shaking_hands(material: TlsMaterial) -> Callable[[RawServer, socket.socket], None]:
    def handle(_server: RawServer, connection: socket.socket) -> None:
        with suppress(OSError):
            material.server_context.wrap_socket(connection, server_side=True).close()

    return handle
