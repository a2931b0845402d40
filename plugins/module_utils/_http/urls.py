# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Addresses that users give: one parser for the API, vaults and webhooks.

What a user wrote is never part of an error, since an address may hold a password or a secret path.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

Problem = Literal["unreadable", "userinfo", "scheme", "plain_http"]

_VISIBLE = re.compile(r"[!-~]{1,4000}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HOST = re.compile(r"[0-9A-Za-z._-]{1,253}|[0-9A-Fa-f:.]{2,45}")


class UrlError(Exception):
    """An address cannot be used.

    :ivar problem: ``unreadable``; ``userinfo``: there is a username or password in it; ``scheme``: it is neither https
        nor http; ``plain_http``: http to another machine would show everything on the way.
    :ivar origin: scheme, host and port, only for ``plain_http``.
    """

    def __init__(self, problem: Problem, origin: str = "") -> None:
        self.problem = problem
        self.origin = origin
        super().__init__(problem)


@dataclass(frozen=True)
class Address:
    """An address, taken apart.

    :ivar scheme: ``https`` or ``http``.
    :ivar host: a name or an IP address, in lower case and without brackets.
    :ivar port: as given, or None.
    """

    scheme: str
    host: str
    port: int | None
    path: str
    query: str
    fragment: str

    @property
    def authority(self) -> str:
        """Host and, if it was given, port, as an address has them."""
        bracketed = f"[{self.host}]" if ":" in self.host else self.host
        return bracketed if self.port is None else f"{bracketed}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: the part that never holds a secret."""
        return f"{self.scheme}://{self.authority}"


def parse_address(text: str, *, default_scheme: str | None = None, allow_plain_http: bool = False) -> Address:
    """Return the address that ``text`` is.

    Plain http is for this machine only: on the way to any other host it would show the credential to everybody.

    :param default_scheme: taken for an address without one; None refuses it.
    :param allow_plain_http: the user wants http to another host all the same.
    :raises UrlError: it cannot be used.
    """
    stripped = text.strip()
    if default_scheme is not None and not _SCHEME.match(stripped):
        stripped = f"{default_scheme}://{stripped}"
    parts = _split(stripped)
    if "@" in parts.netloc:
        raise UrlError("userinfo")
    if _VISIBLE.fullmatch(stripped) is None:
        raise UrlError("unreadable")
    if parts.scheme not in {"https", "http"}:
        raise UrlError("scheme")
    host, port = _host_and_port(parts)
    address = Address(parts.scheme, host, port, parts.path, parts.query, parts.fragment)
    if address.scheme == "http" and not allow_plain_http and not is_loopback(host):
        raise UrlError("plain_http", address.origin)
    return address


def is_loopback(name: str) -> bool:
    """Tell whether a host's name or address is this machine, as far as that can be told without resolving it."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        pass
    raise UrlError("unreadable")


def _host_and_port(parts: SplitResult) -> tuple[str, int | None]:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if _HOST.fullmatch(host) is None or port == 0:
        raise UrlError("unreadable")
    return host, port
