# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the API is: the base addresses that ``api_url`` or ``IONOS_API_URL`` stands for."""

from __future__ import annotations

from dataclasses import dataclass

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._http.urls import Problem, UrlError, parse_address

DEFAULT_API_URL = "https://api.ionos.com"
AUTH_PATH = "/auth/v1"
CLOUD_PATH = "/cloudapi/v6"

_CODE_BY_PROBLEM: dict[Problem, str] = {
    "unreadable": "api_url_unreadable",
    "userinfo": "api_url_userinfo",
    "scheme": "api_url_scheme",
    "plain_http": "api_url_plain_http",
}


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
        own client does, and a missing scheme means https.

        :param text: for example ``https://api.ionos.com``, ``https://api.ionos.com/auth/v1`` or ``api.ionos.com``.
        :raises ConfigurationError: ``api_url_userinfo``, ``api_url_scheme``, ``api_url_plain_http``,
            ``api_url_unreadable``. The address is not shown: it may hold a password.
        """
        problem: Problem
        try:
            address = parse_address(text, default_scheme="https")
            return cls(auth=address.origin + AUTH_PATH, cloud=address.origin + CLOUD_PATH, host=address.authority)
        except UrlError as error:
            problem = error.problem
        raise ConfigurationError(_CODE_BY_PROBLEM[problem])
