# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's operations as bare HTTP calls: no retries, no environment, no judgement of the answers."""

from __future__ import annotations

from types import TracebackType
from typing import Any

import requests

from emulator import Emulator, EmulatorServer
from emulator.in_memory import EmulatorAdapter
from emulator.operations import AUTH_BASE, CLOUD_BASE
from emulator.users import User

Credential = User | str | None


class Authorization(requests.auth.AuthBase):
    """Basic Auth for a user, Bearer for a token's value, nothing for None."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the credential on a request."""
        if isinstance(self._credential, User):
            return requests.auth.HTTPBasicAuth(self._credential.name, self._credential.password)(request)
        if self._credential is not None:
            request.headers["Authorization"] = f"Bearer {self._credential}"
        return request


class PlainClient:
    """Calls an emulator with one credential, over its port or, where it has none, in memory."""

    def __init__(self, emulator: Emulator, credential: Credential = None, contract_number: object = None) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = Authorization(credential)
        if contract_number is not None:
            self._session.headers["X-Contract-Number"] = str(contract_number)
        if isinstance(emulator, EmulatorServer):
            self.base = emulator.url
            self._session.verify = emulator.ca_path or True
        else:
            self.base = "https://api.example.com"
            self._session.mount(self.base, EmulatorAdapter(emulator))

    def __enter__(self) -> PlainClient:
        """Nothing is connected yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the connections."""
        self._session.close()

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send one request, without following redirects."""
        options = {"timeout": 10, "allow_redirects": False, **options}
        return self._session.request(method, self.base + path, **options)

    def generate(self, ttl: object = None, **options: Any) -> requests.Response:
        """Mint."""
        parameters = {} if ttl is None else {"ttl": ttl}
        return self.call("GET", f"{AUTH_BASE}/tokens/generate", params=parameters, **options)

    def list(self, **options: Any) -> requests.Response:
        """List."""
        return self.call("GET", f"{AUTH_BASE}/tokens", **options)

    def listed_ids(self) -> list[str]:
        """The ids of a list that succeeds."""
        response = self.list()
        response.raise_for_status()
        return [token["id"] for token in response.json()["tokens"]]

    def get(self, token_id: str, **options: Any) -> requests.Response:
        """Get one token."""
        return self.call("GET", f"{AUTH_BASE}/tokens/{token_id}", **options)

    def delete(self, token_id: str) -> requests.Response:
        """Delete one token."""
        return self.call("DELETE", f"{AUTH_BASE}/tokens/{token_id}")

    def delete_by_criteria(self, criteria: str) -> requests.Response:
        """Delete by criteria."""
        return self.call("DELETE", f"{AUTH_BASE}/tokens", params={"criteria": criteria})

    def get_user(self, user_id: str) -> requests.Response:
        """Get a user from the Cloud API."""
        return self.call("GET", f"{CLOUD_BASE}/um/users/{user_id}", params={"depth": 1})
