# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message to a webhook over real sockets: what counts as accepted, and that its address never comes out."""

from __future__ import annotations

import logging
import socket
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import check_arguments
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.options import NOTIFY_OPTIONS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.webhook import (
    Webhook,
    WebhookClient,
    WebhookError,
    parse_webhook,
)
from emulator import EmulatorServer
from support.emulator_fixtures import tls_emulator
from support.raw_server import RawServer, answering, dripping, forever, free_port

__all__ = ["tls_emulator"]

SECRET = "canary-of-the-webhook"
ACCEPTED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def webhook(url: str, **options: Any) -> Webhook:
    return parse_webhook(check_arguments(NOTIFY_OPTIONS["webhook"]["options"], {"url": url, **options}))


def send(url: str, **options: Any) -> None:
    WebhookClient(webhook(f"{url}/services/{SECRET}", **options)).send(b'{"text": "hello"}')


def refusal(url: str, **options: Any) -> WebhookError:
    with pytest.raises(WebhookError) as raised:
        send(url, **options)
    return raised.value


def everything_about(error: BaseException) -> str:
    parts = [str(error), repr(error), repr(error.__cause__), repr(error.__context__), str(vars(error))]
    return " ".join(parts)


# What is sent


def test_the_message_is_json_with_the_headers_of_the_webhook() -> None:
    bodies = []

    def answer(server: RawServer, connection: socket.socket) -> None:
        header = server.read_request(connection)
        bodies.append(header.partition(b"\r\n\r\n")[2] or connection.recv(65536))
        connection.sendall(ACCEPTED)

    with RawServer(answer) as server:
        send(server.url, headers={"Authorization": f"Bearer {SECRET}", "X-Number": 7})
    header = server.received[0].decode()
    assert header.startswith(f"POST /services/{SECRET} HTTP/1.1\r\n")
    for line in (f"Authorization: Bearer {SECRET}", "X-Number: 7", "Content-Type: application/json; charset=utf-8"):
        assert f"\r\n{line}\r\n" in header
    assert bodies == [b'{"text": "hello"}']


def test_another_method_can_be_asked_for() -> None:
    with RawServer(answering(ACCEPTED)) as server:
        send(server.url, method="PUT")
    assert server.received[0].startswith(b"PUT ")


def test_a_netrc_adds_no_credential(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ann password swordfish\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with RawServer(answering(ACCEPTED)) as server:
        send(server.url)
    assert b"authorization" not in server.received[0].lower()


# What counts as accepted


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\n",
    ],
)
def test_any_2xx_is_accepted_whatever_its_body(answer: bytes) -> None:
    with RawServer(answering(answer)) as server:
        send(server.url)


def test_an_endless_answer_is_accepted_and_not_read() -> None:
    with RawServer(forever(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536)) as server:
        send(server.url)


@pytest.mark.parametrize("status", [400, 403, 404, 410, 429, 500, 503])
def test_any_other_status_is_not_accepted(status: int) -> None:
    body = f"no_service {SECRET}".encode()
    with RawServer(answering(b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body))) as server:
        error = refusal(server.url)
    assert error.code == "webhook_refused"
    assert f"(HTTP status {status})" in str(error)
    assert SECRET not in everything_about(error)


def test_a_redirect_is_not_followed() -> None:
    with RawServer(answering(ACCEPTED)) as other:
        location = f"{other.url}/{SECRET}".encode()
        head = b"HTTP/1.1 307 Elsewhere\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location
        with RawServer(answering(head)) as server:
            error = refusal(server.url)
        assert other.received == []
    assert error.code == "webhook_redirected"
    assert SECRET not in everything_about(error)


def test_a_webhook_that_is_down_is_named_by_its_origin_alone() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    error = refusal(url)
    assert str(error).startswith(f"The webhook at {url} was not told: no connection can be opened.")
    assert SECRET not in everything_about(error)


def test_a_webhook_that_never_finishes_its_answer_is_given_up() -> None:
    with RawServer(dripping(b"HTTP/1.1 200 OK\r\nX-Slow: ", 0.01)) as server:
        error = refusal(server.url, timeout=1)
    assert "it did not answer in time" in str(error)
    assert SECRET not in everything_about(error)


def test_a_certificate_that_is_not_trusted_gets_nothing(tls_emulator: EmulatorServer) -> None:
    error = refusal(tls_emulator.url)
    assert "its TLS certificate is not trusted" in str(error)
    assert tls_emulator.journal.entries() == []
    assert SECRET not in everything_about(error)


@pytest.mark.parametrize("how", ["ca_path", "validate_certs"])
def test_a_certificate_of_an_authority_of_ones_own_is_accepted(tls_emulator: EmulatorServer, how: str) -> None:
    ways: dict[str, dict[str, Any]] = {
        "ca_path": {"ca_path": str(tls_emulator.ca_path)},
        "validate_certs": {"validate_certs": False},
    }
    # It answers, if only that it knows no such path.
    assert refusal(tls_emulator.url, **ways[how]).code == "webhook_refused"


def test_nothing_of_the_address_is_logged_for_who_debugs(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "urllib3.connectionpool", "urllib3.util.retry", "requests"):
        caplog.set_level(logging.DEBUG, logger=name)
    with RawServer(answering(ACCEPTED)) as server:
        send(server.url)
    refusal(f"http://127.0.0.1:{free_port()}")
    assert SECRET not in caplog.text
    assert not logging.getLogger("urllib3.connectionpool").disabled


# What is refused before anything is sent


def mistake(url: str, **options: Any) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as raised:
        webhook(url, **options)
    return raised.value


@pytest.mark.parametrize(
    "url",
    [
        SECRET,
        f"//hooks.example.com/{SECRET}",
        f"ftp://hooks.example.com/{SECRET}",
        f"https:///{SECRET}",
        f"https://ann:{SECRET}@hooks.example.com/",
        f"https://hooks.example.com:port/{SECRET}",
        f"https://hooks.example.com:0/{SECRET}",
        f"https://hooks.example.com/{SECRET} x",
        f"https://hooks.example.com/{SECRET}\nX: y",
        f"https://[::1/{SECRET}",
        f"https://hööks.example.com/{SECRET}",
    ],
)
def test_an_address_that_is_none_is_refused_and_not_shown(url: str) -> None:
    error = mistake(url)
    assert error.code == "webhook_url_invalid"
    assert SECRET not in everything_about(error)


def test_plain_http_to_another_machine_has_to_be_allowed() -> None:
    url = f"http://hooks.example.com/{SECRET}"
    error = mistake(url)
    assert str(error).startswith("The webhook at http://hooks.example.com is http,")
    assert SECRET not in everything_about(error)
    assert webhook(url, allow_plain_http=True).url == url


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
def test_plain_http_to_this_machine_is_fine(host: str) -> None:
    assert webhook(f"http://{host}/hook").origin == f"http://{host}"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Token": f"{SECRET}\r\nX-Other: 1"},
        {f"X-Token: {SECRET}": "1"},
        {"X-Token": f"{SECRET}é"},
        {"X-Token": ""},
        {"X-Token": [SECRET]},
        {"X-Token": {"value": SECRET}},
        {"X-Token": True},
    ],
)
def test_a_header_that_http_cannot_carry_is_refused_and_not_shown(headers: dict[str, Any]) -> None:
    error = mistake("https://hooks.example.com/", headers=headers)
    assert error.code == "webhook_header_invalid"
    assert SECRET not in everything_about(error)


def test_a_header_that_the_request_needs_for_itself_is_refused() -> None:
    assert "content-length, host" in str(
        mistake("https://hooks.example.com/", headers={"Host": "x", "Content-Length": 1})
    )


@pytest.mark.parametrize("timeout", [0, 301])
def test_a_timeout_out_of_range_is_refused(timeout: int) -> None:
    assert str(mistake("https://hooks.example.com/", timeout=timeout)) == (
        "webhook.timeout is out of range. Choose 1 to 300."
    )


def test_an_authority_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert mistake("https://hooks.example.com/", ca_path=str(tmp_path / "missing.pem")).code == "ca_path_unreadable"


def test_neither_address_nor_headers_are_in_the_repr() -> None:
    shown = repr(webhook(f"https://hooks.example.com/{SECRET}", headers={"X-Token": SECRET}))
    assert SECRET not in shown
