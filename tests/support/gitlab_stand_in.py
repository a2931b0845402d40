# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for GitLab on a free port of this machine: the variables of projects, by the rules of its API."""

from __future__ import annotations

import json
import re
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote

from support.loopback_server import LoopbackServer

ACCESS_TOKEN = "glpat-stands-in"
_VARIABLES = re.compile(r"/api/v4/projects/([^/]+)/variables(?:/([^/]+))?")
_KEY = re.compile(r"[A-Za-z0-9_]{1,255}")
_MASKABLE = re.compile(r"[A-Za-z0-9_+=/@:.~-]{8,}")
Answer = tuple[int, Any]


class GitLabStandIn(LoopbackServer):
    """One user's GitLab.

    :ivar variables: of the projects that there are, by their paths.
    """

    def __init__(self, *projects: str) -> None:
        self.variables: dict[str, dict[str, dict[str, Any]]] = {project: {} for project in projects}
        super().__init__(self._handler())

    def answer(self, method: str, path: str, access_token: str | None, body: dict[str, Any]) -> Answer:
        """Return the status and the body of an answer."""
        if access_token != ACCESS_TOKEN:
            return 401, {"message": "401 Unauthorized"}
        named = _VARIABLES.fullmatch(path)
        variables = self.variables.get(unquote(named[1])) if named else None
        if named is None or variables is None:
            return 404, {"message": "404 Project Not Found"}
        key = named[2] or ""
        if method == "POST":
            return self._add(variables, body)
        if key not in variables:
            return 404, {"message": "404 Variable Not Found"}
        if method == "DELETE":
            del variables[key]
            return 204, None
        return self._change(variables, key, body)

    def _add(self, variables: dict[str, dict[str, Any]], body: dict[str, Any]) -> Answer:
        key = str(body.get("key", ""))
        if not _KEY.fullmatch(key):
            return 400, {"message": {"key": ["can contain only letters, digits and '_'."]}}
        if key in variables:
            return 400, {"message": {"key": [f"({key}) has already been taken"]}}
        status, answer = self._change(variables, key, body)
        return (201 if status == 200 else status), answer

    @staticmethod
    def _change(variables: dict[str, dict[str, Any]], key: str, body: dict[str, Any]) -> Answer:
        value = str(body.get("value", ""))
        if body.get("masked") and not _MASKABLE.fullmatch(value):
            return 400, {"message": {"value": ["is invalid"]}}
        variables[key] = {**variables.get(key, {}), **body, "key": key}
        return 200, variables[key]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gitlab = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else {}
                status, answer = gitlab.answer(self.command, self.path, self.headers["PRIVATE-TOKEN"], body)
                content = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_PUT(self) -> None:
                self.do_POST()

            def do_DELETE(self) -> None:
                self.do_POST()

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Print nothing."""

        return Handler
