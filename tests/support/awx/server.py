# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in behind a real HTTP port, served from threads of this process."""

from __future__ import annotations

from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from support.awx.answers import Answer
from support.awx.api import AwxApi, Request
from support.awx.state import AwxState, Item, Values
from support.loopback_server import LoopbackServer


@dataclass(frozen=True)
class Seen:
    """A request that was answered, and how."""

    method: str
    path: str
    status: int


class AwxServer(LoopbackServer):
    """An AWX with a URL. A context manager: the port is free and the threads are gone after it.

    :ivar hangs: no request is answered any more while this is set.
    :ivar before: called with each request before it is answered; what it returns, unless None, is the answer.
    :ivar seen: every request that was answered.
    """

    def __init__(self, *, behind_gateway: bool = False) -> None:
        self.state = AwxState()
        self.api = AwxApi(self.state, "/api/controller/v2/" if behind_gateway else "/api/v2/")
        self.hangs = False
        self.before: Any = lambda request: None
        self.seen: list[Seen] = []
        super().__init__(self._handler())

    def token(self, scope: str = "write") -> str:
        """Return a new OAuth token of the administrator."""
        return self.state.add_token(self.state.admin, scope).value

    def add_credential_type(self, name: str = "IONOS Cloud token", *fields: Values) -> Item:
        """Add a credential type; without fields, one with a token, its id and when it expires."""
        usual: tuple[Values, ...] = (
            {"id": "token", "type": "string", "label": "Token", "secret": True},
            {"id": "token_id", "type": "string", "label": "Token id"},
            {"id": "expires_at", "type": "string", "label": "Expires at"},
            {"id": "api_key", "type": "string", "label": "Key of another API", "secret": True},
        )
        values = {"name": name, "description": "", "kind": "cloud", "namespace": None, "managed": False}
        inputs = {"fields": list(fields or usual), "required": ["token"]}
        return self.state.add("credential_types", {**values, "inputs": inputs, "injectors": {}})

    def add_credential(self, name: str, type_id: int, organization: int | None = 1, **values: Any) -> Item:
        """Add a credential as somebody else would."""
        given = {"name": name, "description": "", "managed": False, "inputs": {}, **values}
        return self.state.add("credentials", {**given, "credential_type": type_id, "organization": organization})

    def requests(self, *methods: str) -> list[Seen]:
        """Return the answered requests with one of these methods."""
        return [seen for seen in self.seen if seen.method in methods]

    def _respond(self, request: Request) -> Answer | None:
        if self.hangs:
            self.closing.wait()
            return None
        answer: Answer = self.before(request) or self.api.answer(request)
        self.seen.append(Seen(request.method, request.target, answer.status))
        return answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        awx = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # In two packets, header and body would take 40 ms.
            wbufsize = -1

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = awx._respond(Request(self.command, self.path, self.headers.get("Authorization"), body))
                if answer is None:
                    self.close_connection = True
                    return
                content = answer.encoded()
                self.send_response(answer.status)
                self.send_header("Content-Type", "text/html" if answer.is_html else "application/json")
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                if answer.status != 204:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Print nothing."""

        for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
            setattr(Handler, f"do_{method}", Handler._serve)
        return Handler
