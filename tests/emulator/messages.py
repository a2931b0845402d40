# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP requests and answers as plain values, and the vendor's error body."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

JSON_CONTENT_TYPE = "application/json"


@dataclass(frozen=True)
class Request:
    """One HTTP request: *target* is path and query as sent, header names are lower case."""

    method: str
    target: str
    headers: dict[str, str]
    connection: str = ""

    @property
    def path(self) -> str:
        """The path without its query."""
        return self.target.partition("?")[0]

    def query(self, name: str) -> str | None:
        """The first value of a query parameter; an empty value counts as given."""
        values = parse_qs(self.target.partition("?")[2], keep_blank_values=True).get(name)
        return values[0] if values else None

    def header(self, name: str) -> str | None:
        """The value of a header, by its lower-case name."""
        return self.headers.get(name)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer, before it is put on the wire: no ``Date`` and no ``Content-Length`` yet."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    def json(self) -> Any:
        """The body as parsed JSON."""
        return json.loads(self.body)

    def with_header(self, name: str, value: str | None) -> Answer:
        """A copy whose header *name* is *value*, or is missing when *value* is None."""
        kept = tuple(header for header in self.headers if header[0].lower() != name.lower())
        return replace(self, headers=kept if value is None else (*kept, (name, value)))


def json_answer(document: Any, status: int = 200) -> Answer:
    """An answer with a JSON body."""
    return Answer(status, json.dumps(document).encode(), (("Content-Type", JSON_CONTENT_TYPE),))


class ApiError(Exception):
    """A refusal in the vendor's words: HTTP status, ``errorCode`` (a string) and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def answer(self) -> Answer:
        """The vendor's error body for this refusal."""
        return error_answer(self.status, self.code, self.message)


def error_answer(status: int, code: str, message: str) -> Answer:
    """``{"httpStatus": ..., "messages": [{"errorCode": "...", "message": "..."}]}``."""
    return json_answer({"httpStatus": status, "messages": [{"errorCode": code, "message": message}]}, status)


def unauthorized() -> ApiError:
    """The one answer to every credential that does not authenticate: it does not tell why."""
    return ApiError(401, "315", "Unauthorized")


def forbidden(message: str = "Access denied") -> ApiError:
    """The credential is good, the operation is not permitted."""
    return ApiError(403, "321", message)


def not_found(message: str = "Resource does not exist") -> ApiError:
    """No such resource for this caller."""
    return ApiError(404, "309", message)


def method_not_allowed(allowed: str) -> ApiError:
    """A known path, asked with a method it does not have."""
    return ApiError(405, "105", f"Method not allowed; allowed are {allowed}")


def unprocessable(message: str) -> ApiError:
    """A parameter or header that cannot be read or is out of bounds."""
    return ApiError(422, "100", message)


def too_many_requests(says_retry_after: bool) -> Answer:
    """More requests came than are answered; the next second may be better."""
    answer = error_answer(429, "429", "Too many requests")
    return answer.with_header("Retry-After", "1") if says_retry_after else answer
