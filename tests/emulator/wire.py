# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an answer travels: the exact bytes, healthy or broken, for a real socket as for the in-memory transport."""

from __future__ import annotations

import http
from collections.abc import Iterator
from dataclasses import dataclass

from emulator.messages import Answer

CLOSE = "close"
RESET = "reset"
ENDLESS_CHUNK = b'{"tokens": [' + b" " * 65524


@dataclass(frozen=True)
class Wire:
    """What happens to the bytes of an answer; all None or False is a healthy answer on a connection that stays open.

    - *dropped*: no byte is sent; the connection is closed (``close``) or reset (``reset``).
    - *keep_body_bytes*: the connection closes after so many bytes of a body that was announced in full.
    - *cut_header*: the connection closes in the middle of a header line.
    - *drip_interval*: seconds between two bytes of the body.
    - *endless*: the body goes on up to *declared_bytes*, or for ever in chunks when that is None.
    """

    dropped: str | None = None
    keep_body_bytes: int | None = None
    cut_header: bool = False
    drip_interval: float | None = None
    endless: bool = False
    declared_bytes: int | None = None

    @property
    def healthy(self) -> bool:
        """Whether the answer can be left to the HTTP server as it is."""
        return self == Wire()


@dataclass(frozen=True)
class Piece:
    """Bytes to send, and the seconds to wait before they are sent."""

    data: bytes
    wait: float = 0.0


def pieces(answer: Answer, wire: Wire) -> Iterator[Piece]:
    """Yield the bytes of an HTTP/1.1 answer; after the last piece the connection is to be closed, unless healthy."""
    if wire.dropped is not None:
        return
    head = _head(answer, wire)
    if wire.cut_header:
        yield Piece(head[: _middle_of_a_header_line(head)])
        return
    yield Piece(head)
    if wire.endless:
        yield from _endless_body(wire.declared_bytes)
    else:
        yield from _body(answer.body, wire)


def _head(answer: Answer, wire: Wire) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {_reason(answer.status)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers]
    if wire.endless and wire.declared_bytes is None:
        lines.append("Transfer-Encoding: chunked")
    elif answer.status != http.HTTPStatus.NO_CONTENT:
        lines.append(f"Content-Length: {wire.declared_bytes if wire.endless else len(answer.body)}")
    if not wire.healthy:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _reason(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


def _middle_of_a_header_line(head: bytes) -> int:
    first_header = head.index(b"\r\n") + 2
    return first_header + (head.index(b"\r\n", first_header) - first_header) // 2


def _body(body: bytes, wire: Wire) -> Iterator[Piece]:
    sent = body if wire.keep_body_bytes is None else body[: wire.keep_body_bytes]
    if wire.drip_interval is None:
        yield Piece(sent)
        return
    for position in range(len(sent)):
        yield Piece(sent[position : position + 1], wire.drip_interval)


def _endless_body(declared_bytes: int | None) -> Iterator[Piece]:
    if declared_bytes is None:
        frame = f"{len(ENDLESS_CHUNK):x}\r\n".encode() + ENDLESS_CHUNK + b"\r\n"
        while True:
            yield Piece(frame)
    remaining = declared_bytes
    while remaining > 0:
        yield Piece(ENDLESS_CHUNK[:remaining])
        remaining -= len(ENDLESS_CHUNK)
