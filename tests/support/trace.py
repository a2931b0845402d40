# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Protocol traces: a client, and exactly the requests that it is expected to send, each with its answer.

A request that is not expected fails the test, and so does an expected one that does not come.
"""

from __future__ import annotations

import email.utils
import io
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.caller import Caller
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.client import AuthApi
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.credentials import BearerCredential, Credential
from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.endpoints import Endpoints
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token, parse_token
from ansible_collections.tokenops.ionos.plugins.module_utils._http.pacer import Pacer
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions, Transport
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.gate import PolicyGate
from support.jwts import ionos_jwt

NOON = 1_772_366_400  # 2026-03-01T12:00:00Z
DAY = 86400
AUTH = "/auth/v1"


def token_id(number: int) -> str:
    """Return a token id that is the same in every run."""
    return str(uuid.UUID(int=number))


def token(number: int = 1, **claims: Any) -> Token:
    """Return a token that nobody signed."""
    return parse_token(ionos_jwt(token_id(number), **claims), "the test")


def entry(number: int, lifetime: int = 30 * DAY, created_at: int = NOON) -> dict[str, Any]:
    """Return a token as the API describes it."""
    return {
        "id": token_id(number),
        "href": f"https://api.ionos.com/auth/v1/tokens/{token_id(number)}",
        "createdDate": format_instant(created_at),
        "expirationDate": format_instant(created_at + lifetime),
    }


def listed(*entries: dict[str, Any]) -> Reply:
    """Return the answer to a list."""
    return Reply(200, {"tokens": list(entries)})


def refusal(status: int, code: str = "315", message: str = "Unauthorized") -> Reply:
    """Return the API's own error body."""
    return Reply(status, {"httpStatus": status, "messages": [{"errorCode": code, "message": message}]})


def html(status: int) -> Reply:
    """Return what a gateway answers."""
    return Reply(status, b"<html><body>Gateway</body></html>", {"Content-Type": "text/html; charset=utf-8"})


@dataclass(frozen=True)
class Reply:
    """An answer. A ``Date`` of :data:`NOON` goes with it unless ``headers`` says otherwise."""

    status: int
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> HTTPResponse:
        """Return it as the library would after the header has been read."""
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        headers = {
            "Date": email.utils.formatdate(NOON, usegmt=True),
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            **self.headers,
        }
        return HTTPResponse(body=io.BytesIO(body), headers=headers, status=self.status, preload_content=False)


class Lost:
    """No answer: the connection is reset, and nobody knows whether the request has arrived."""

    def response(self) -> HTTPResponse:
        """Raise what the library raises."""
        raise requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError(104, "reset")))


@dataclass(frozen=True)
class Expected:
    """A request that must come next.

    :ivar path: with the query. ``{ttl}`` stands for any number.
    :ivar reply: the answer, or what makes it from that number.
    """

    method: str
    path: str
    reply: Reply | Lost | Callable[[int], Reply | Lost]


class Trace(BaseAdapter):
    """The expected requests, in order. Used as a context manager it fails the test where some did not come."""

    def __init__(self, *expected: Expected) -> None:
        super().__init__()
        self.expected = list(expected)
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Compare a request with the one that is expected next, and answer it."""
        self.requests.append(request)
        if not self.expected:
            pytest.fail(f"unexpected request: {request.method} {request.path_url}")
        expected = self.expected.pop(0)
        ttl = self._match(request, expected)
        reply = expected.reply if isinstance(expected.reply, Reply | Lost) else expected.reply(ttl)
        return self._built(request, reply)

    def close(self) -> None:
        """Nothing is open."""

    def session(self) -> requests.Session:
        """Return a session that sends everything here."""
        session = requests.Session()
        session.mount("https://", self)
        return session

    def __enter__(self) -> Trace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None and self.expected:
            pytest.fail(
                "requests that did not come: " + ", ".join(f"{item.method} {item.path}" for item in self.expected)
            )

    @staticmethod
    def _match(request: requests.PreparedRequest, expected: Expected) -> int:
        path = str(request.path_url)
        before, placeholder, after = expected.path.partition("{ttl}")
        number = path[len(before) : len(path) - len(after)] if placeholder else "0"
        same_path = path == (f"{before}{number}{after}" if placeholder else expected.path) and number.isdigit()
        if request.method != expected.method or not same_path:
            pytest.fail(f"expected {expected.method} {expected.path}, got {request.method} {path}")
        return int(number)

    def _built(self, request: requests.PreparedRequest, reply: Reply | Lost) -> requests.Response:
        raw = reply.response()
        response = requests.Response()
        response.status_code = raw.status
        response.headers.update(raw.headers)
        response.raw = raw
        response.request = request
        response.url = request.url or ""
        return response


class FakeTime:
    """Monotonic and wall clock in one; sleeping advances it."""

    def __init__(self, wall: float = NOON) -> None:
        self.wall = wall
        self.seconds = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> float:
        return self.wall + self.seconds

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.seconds += seconds


def client(
    trace: Trace,
    credential: Credential | None = None,
    *,
    contract_number: int | None = None,
    gate: PolicyGate | None = None,
    time: FakeTime | None = None,
    clock: ApiClock | None = None,
    random: Callable[[], float] = lambda: 0.0,
    pacer: Pacer | None = None,
    **options: Any,
) -> AuthApi:
    """Return a client that sends its requests to ``trace``, by default as token 1."""
    used = time or FakeTime()
    return AuthApi(
        Caller(
            Endpoints.from_url("https://api.example.com"),
            Transport(ConnectionOptions(**options), trace.session()),
            credential or BearerCredential(token()),
            contract_number,
            clock=clock or ApiClock(used.monotonic, used.now),
            sleep=used.sleep,
            random=random,
            monotonic=used.monotonic,
            pacer=pacer,
        ),
        gate,
    )
