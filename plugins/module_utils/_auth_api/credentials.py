# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two credentials of the Auth API, as auth objects for ``requests``.

``requests`` lets ``.netrc`` replace an ``Authorization`` header, but not what an auth object sets; any callable is one.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Union

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import Method

if TYPE_CHECKING:
    import requests


class BearerCredential:
    """A token. Its value appears in no ``repr``."""

    method: Method = "bearer"

    def __init__(self, token: Token) -> None:
        self.token = token

    @property
    def user_id(self) -> str | None:
        """The user that the token is of, or None if the JWT does not say."""
        return self.token.user_id

    @property
    def contract_number(self) -> int | None:
        """The contract that the token is bound to, or None if the JWT does not say."""
        return self.token.contract_number

    @property
    def identity(self) -> str:
        """Equal for two credentials that are known to be of the same user. No secret."""
        return f"user {self.user_id}" if self.user_id else f"token {self.token.id}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the ``Authorization`` header of ``request``."""
        request.headers["Authorization"] = f"Bearer {self.token.value}"
        return request

    def __repr__(self) -> str:
        return f"BearerCredential({self.token.id})"


class BasicCredential:
    """A username and a password. Neither appears in any ``repr``.

    :raises ConfigurationError: ``username_invalid`` for an empty name or one with a colon (RFC 7617, section 2),
        ``password_empty``.
    """

    method: Method = "basic"
    user_id: str | None = None
    contract_number: int | None = None

    def __init__(self, username: str, password: str) -> None:
        if not username or ":" in username:
            raise ConfigurationError("username_invalid")
        if not password:
            raise ConfigurationError("password_empty")
        self._username = username
        self._password = password

    @property
    def identity(self) -> str:
        """Equal for two credentials that are known to be of the same user. No secret."""
        return "username {}".format(hashlib.sha256(self._username.encode("utf-8", "surrogatepass")).hexdigest())

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Set the ``Authorization`` header of ``request`` (RFC 7617, with UTF-8)."""
        pair = f"{self._username}:{self._password}".encode("utf-8", "surrogatepass")
        request.headers["Authorization"] = "Basic {}".format(base64.b64encode(pair).decode("ascii"))
        return request

    def __repr__(self) -> str:
        return "BasicCredential()"


Credential = Union[BearerCredential, BasicCredential]
