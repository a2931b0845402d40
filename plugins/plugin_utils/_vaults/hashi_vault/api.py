# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP API of OpenBao and HashiCorp Vault: the calls that a KV version 2 place needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import Transport
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.server import JsonAnswer


@dataclass(frozen=True)
class Answer(JsonAnswer):
    """An answer of this API."""

    @property
    def ok(self) -> bool:
        """True for 200 and 204, the statuses of success in this API."""
        return self.status in (200, 204)

    @property
    def errors(self) -> list[str] | None:
        """The texts in ``errors``, or None if the body has no such list, as in an answer of another server."""
        errors = self.body.get("errors")
        return [str(error) for error in errors] if isinstance(errors, list) else None


class HashiVaultApi:
    """The calls, as they are documented for both servers.

    :param url: scheme, host, port and perhaps a path, without a slash at the end.
    :param namespace: the namespace, or None.
    """

    def __init__(self, url: str, transport: Transport, *, namespace: str | None) -> None:
        self._url = url
        self._transport = transport
        self._headers = {"X-Vault-Request": "true"}
        if namespace is not None:
            self._headers["X-Vault-Namespace"] = namespace

    def use_token(self, token: str) -> None:
        """Send this token with every further request."""
        self._headers = {**self._headers, "X-Vault-Token": token}

    def log_in_by_approle(self, role_id: str, secret_id: str, mount: str) -> Answer:
        """Ask for a token by AppRole; the answer holds it, :meth:`use_token` puts it to use."""
        return self._post(f"auth/{mount}/login", {"role_id": role_id, "secret_id": secret_id})

    def look_up_token(self) -> Answer:
        """Ask what the token in use is good for."""
        return self._get("auth/token/lookup-self")

    def renew_token(self) -> Answer:
        """Have the token in use live on for its period."""
        return self._post("auth/token/renew-self", {})

    def read(self, mount: str, path: str, version: int | None = None) -> Answer:
        """Read the latest version of a secret, or the given one."""
        return self._get(f"{mount}/data/{path}", "" if version is None else f"?version={version}")

    def write(self, mount: str, path: str, data: Mapping[str, Any], current_version: int) -> Answer:
        """Write a new version of a secret, if ``current_version`` is the latest one (0: there is none)."""
        return self._post(f"{mount}/data/{path}", {"options": {"cas": current_version}, "data": dict(data)})

    def destroy(self, mount: str, path: str, versions: list[int]) -> Answer:
        """Delete the content of these versions for good."""
        return self._post(f"{mount}/destroy/{path}", {"versions": versions})

    def describe_mount(self, mount: str) -> Answer:
        """Ask what kind of secrets engine a mount is; every login that may use a path in it may ask this."""
        return self._get(f"sys/internal/ui/mounts/{mount}")

    def read_kv2_configuration(self, mount: str) -> Answer:
        """Read the configuration that only a KV version 2 mount has."""
        return self._get(f"{mount}/config")

    def _get(self, path: str, query: str = "") -> Answer:
        return self._call("GET", path, query, None)

    def _post(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self._call("POST", path, "", body)

    def _call(self, method: str, path: str, query: str, body: Mapping[str, Any] | None) -> Answer:
        return Answer.to(self._transport, method, f"{self._url}/v1/{quote(path)}{query}", self._headers, body)
