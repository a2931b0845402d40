# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked and what came of it, without any secret."""

from __future__ import annotations

import itertools
import re
import threading
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

JWT_LIKE = re.compile(r"[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}")
REDACTED = "<secret>"
FREE_TEXT = ("path", "contract_header", "user_agent")


@dataclass
class Entry:
    """One request.

    *status* is what the caller was sent (None: nothing yet, or the connection was dropped), *handler_status* what the
    operation itself came to. *handler_ran* says whether it ran at all, *minted* and *deleted* are the token ids that it
    made and deleted. *token_id* is the id of the token that authenticated, *connection* tells connections apart.
    """

    number: int
    at: str
    method: str
    path: str
    operation: str | None
    credential: str
    user: str | None
    token_id: str | None
    contract_header: str | None
    user_agent: str | None
    connection: str
    faults: list[str] = field(default_factory=list)
    handler_ran: bool = False
    handler_status: int | None = None
    status: int | None = None
    minted: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


class Journal:
    """The requests to the vendor's endpoints, oldest first."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._masks = _Masks()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def hide(self, secret: str) -> None:
        """Mask a secret, and what a URL makes of it, in all that callers write from now on."""
        with self._lock:
            self._masks.add(secret)

    def open_entry(self, **fields: Any) -> Entry:
        """Add an entry for a request that has arrived; JWTs and secrets in what the caller wrote are masked."""
        with self._lock:
            masked: dict[str, Any] = {
                name: self._masks.masked(value) if name in FREE_TEXT and value else value
                for name, value in fields.items()
            }
            entry = Entry(number=next(self._numbers), **masked)
            self._entries.append(entry)
        return entry

    def entries(self, operation: str | None = None) -> list[Entry]:
        """The entries so far, of one operation or of all."""
        with self._lock:
            return [entry for entry in self._entries if operation in (None, entry.operation)]

    def minted(self) -> list[str]:
        """The ids of all tokens made through the API, in order."""
        return [token_id for entry in self.entries() for token_id in entry.minted]

    def deleted(self) -> list[str]:
        """The ids of all tokens deleted through the API, in order."""
        return [token_id for entry in self.entries() for token_id in entry.deleted]

    def clear(self) -> None:
        """Forget everything; numbering goes on."""
        with self._lock:
            self._entries.clear()

    def dump(self, operation: str | None = None) -> list[dict[str, Any]]:
        """The entries as JSON can show them."""
        return [asdict(entry) for entry in self.entries(operation)]


class _Masks:
    """Secrets by their lengths: looking for them takes no longer if there are thousands."""

    def __init__(self) -> None:
        self._by_length: defaultdict[int, set[str]] = defaultdict(set)

    def add(self, secret: str) -> None:
        for form in (secret, quote(secret), quote_plus(secret)):
            if form:
                self._by_length[len(form)].add(form)

    def masked(self, text: str) -> str:
        lengths = [
            length
            for length, secrets in sorted(self._by_length.items(), reverse=True)
            if not secrets.isdisjoint(text[start : start + length] for start in range(len(text) - length + 1))
        ]
        return JWT_LIKE.sub(REDACTED, self._without(text, lengths) if lengths else text)

    def _without(self, text: str, lengths: list[int]) -> str:
        shown, position = [], 0
        while position < len(text):
            length = next((n for n in lengths if text[position : position + n] in self._by_length[n]), 0)
            shown.append(REDACTED if length else text[position])
            position += length or 1
        return "".join(shown)
