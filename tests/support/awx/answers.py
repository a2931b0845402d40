# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API answers with: a status and a JSON body, or the HTML page of an error."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

DENIED = "You do not have permission to perform this action."
NO_LOGIN = "Authentication credentials were not provided. To establish a login session, visit /api/login/."


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    is_html: bool = False

    def encoded(self) -> bytes:
        if self.is_html:
            return str(self.body).encode()
        return b"" if self.body is None else json.dumps(self.body).encode()


class Refusal(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, body: Any, headers: dict[str, str] | None = None, *, is_html: bool = False) -> None:
        super().__init__(status)
        self.answer = Answer(status, body, headers or {}, is_html)


def invalid(**errors: str | list[str]) -> Refusal:
    """Return the 400 of fields that cannot be right."""
    return Refusal(400, {name: [text] if isinstance(text, str) else text for name, text in errors.items()})


def denied() -> Refusal:
    return Refusal(403, {"detail": DENIED})


def no_login() -> Refusal:
    header = {"WWW-Authenticate": "Bearer realm=api authorization_url=/api/o/authorize/"}
    return Refusal(401, {"detail": NO_LOGIN}, header)


def not_found(model: str | None = None) -> Refusal:
    detail = "The requested resource could not be found." if model is None else f"No {model} matches the given query."
    return Refusal(404, {"detail": detail})


def server_error() -> Refusal:
    page = (
        "<!DOCTYPE html><html><head><title>Server Error</title></head><body>A server error has occurred.</body></html>"
    )
    return Refusal(500, page, is_html=True)
