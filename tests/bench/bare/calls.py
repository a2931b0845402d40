# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of the bare scripts, and the pool that makes them."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

SECONDS = 60


class Calls:
    """One session for both servers.

    :param declaration: as the playbooks are given it; ``contenders`` writes it.
    """

    def __init__(self, declaration: dict[str, Any]) -> None:
        self.declaration = declaration
        bao = declaration["bao"]
        self._secrets = f"{bao['url']}/v1/{bao['mount']}"
        self._bao = bao["url"]
        self._vault_header = {"X-Vault-Token": bao["token"]}
        self._tokens = f"{declaration['api_url']}/auth/v1/tokens"
        self._users = f"{declaration['api_url']}/cloudapi/v6/um/users"
        self._session = requests.Session()
        # Neither a netrc file nor a proxy's settings are looked for with every request.
        self._session.trust_env = False
        self._session.mount("http://", HTTPAdapter(pool_maxsize=declaration["workers"]))

    def read_secret(self, path: str) -> str | None:
        """Return the token in a secret, or None where there is none."""
        answer = self._ask("GET", f"{self._secrets}/data/{path}", self._vault_header, missing=True)
        return answer["data"]["data"]["token"] if answer else None

    def read_metadata(self, path: str) -> None:
        """Read what OpenBao knows of a secret besides its content."""
        self._ask("GET", f"{self._secrets}/metadata/{path}", self._vault_header, missing=True)

    def write_secret(self, path: str, **content: str | None) -> None:
        """Write a secret."""
        self._ask("POST", f"{self._secrets}/data/{path}", self._vault_header, body={"data": content})

    def write_metadata(self, path: str) -> None:
        """Write what OpenBao keeps besides the content of a secret."""
        self._ask(
            "POST", f"{self._secrets}/metadata/{path}", self._vault_header, body={"custom_metadata": {"of": path}}
        )

    def ask_openbao(self) -> None:
        """Make some other call of OpenBao."""
        self._ask("GET", f"{self._bao}/v1/auth/token/lookup-self", self._vault_header)

    def mint(self, bearer: str) -> str:
        """Mint a token."""
        token: str = self._ask("GET", f"{self._tokens}/generate?ttl={self.declaration['ttl']}", _bearer(bearer))[
            "token"
        ]
        return token

    def look_at(self, token: str, bearer: str) -> None:
        """Ask for a token."""
        self._ask("GET", f"{self._tokens}/{token_id(token)}", _bearer(bearer))

    def list_tokens(self, bearer: str) -> None:
        """List the tokens of a user."""
        self._ask("GET", self._tokens, _bearer(bearer))

    def delete(self, token: str, bearer: str) -> None:
        """Delete a token."""
        self._ask("DELETE", f"{self._tokens}/{token_id(token)}", _bearer(bearer))

    def look_at_user(self, bearer: str) -> None:
        """Ask for the user of a token."""
        self._ask("GET", f"{self._users}/{_part(bearer, 1)['identity']['uuid']}", _bearer(bearer))

    def _ask(
        self, method: str, url: str, headers: dict[str, str], body: Any = None, missing: bool = False
    ) -> dict[str, Any]:
        answer = self._session.request(method, url, headers=headers, json=body, timeout=SECONDS)
        if missing and answer.status_code == requests.codes.not_found:
            return {}
        answer.raise_for_status()
        document: dict[str, Any] = answer.json() if answer.content else {}
        return document


def token_id(token: str) -> str:
    """Return the id of a token."""
    found: str = _part(token, 0)["kid"]
    return found


def side_by_side(workers: int, work: Callable[[Any], None], items: Iterable[Any]) -> None:
    """Work on items in a pool of threads; raises the first exception that one of them has met."""
    with ThreadPoolExecutor(workers) as pool:
        for _done in pool.map(work, items):
            pass


def declaration() -> dict[str, Any]:
    """Return the declaration that the command line names."""
    document: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    return document


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _part(token: str, number: int) -> dict[str, Any]:
    part = token.split(".", 2)[number]
    document: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return document
