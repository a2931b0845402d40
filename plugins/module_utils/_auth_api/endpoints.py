# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the API is: the base addresses that ``api_url`` or ``IONOS_API_URL`` stands for."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError

DEFAULT_API_URL = "https://api.ionos.com"
AUTH_PATH = "/auth/v1"
CLOUD_PATH = "/cloudapi/v6"

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_HOST = re.compile(r"[0-9A-Za-z._-]{1,253}|[0-9A-Fa-f:.]{2,45}")


@dataclass(frozen=True)
class Endpoints:
    """The base addresses of the APIs, without a slash at the end.

    :ivar host: host and port, for messages.
    """

    auth: str
    cloud: str
    host: str

    @classmethod
    def from_url(cls, text: str) -> Endpoints:
        """Return the endpoints that a host or base address stands for.

        The environment variable is shared by the clients of several IONOS APIs, so any path is cut off, as the vendor's
        own client does, and a missing scheme means https. Plain http is for this machine only: on the way to any other
        host it would show the credential to everybody.

        :param text: for example ``https://api.ionos.com``, ``https://api.ionos.com/auth/v1`` or ``api.ionos.com``.
        :raises ConfigurationError: ``api_url_userinfo``, ``api_url_scheme``, ``api_url_plain_http``,
            ``api_url_unreadable``. The address is not shown: it may hold a password.
        """
        stripped = text.strip()
        parts = _split(stripped if _SCHEME.match(stripped) else f"https://{stripped}")
        if "@" in parts.netloc:
            raise ConfigurationError("api_url_userinfo")
        if parts.scheme not in {"https", "http"}:
            raise ConfigurationError("api_url_scheme")
        name, host = _host(parts)
        if parts.scheme == "http" and not is_loopback(name):
            raise ConfigurationError("api_url_plain_http")
        base = f"{parts.scheme}://{host}"
        return cls(auth=base + AUTH_PATH, cloud=base + CLOUD_PATH, host=host)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        pass
    raise ConfigurationError("api_url_unreadable")


def _host(parts: SplitResult) -> tuple[str, str]:
    """Return the host's name, and the name with the port as an address has it."""
    try:
        name, port = parts.hostname or "", parts.port
    except ValueError:
        name, port = "", None
    if _HOST.fullmatch(name) is None:
        raise ConfigurationError("api_url_unreadable")
    bracketed = f"[{name}]" if ":" in name else name
    return name, bracketed if port is None else f"{bracketed}:{port}"


def is_loopback(name: str) -> bool:
    """Tell whether a host's name or address is this machine, as far as that can be told without resolving it."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
