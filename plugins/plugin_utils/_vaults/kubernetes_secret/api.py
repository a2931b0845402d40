# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP API of Kubernetes: the calls that a Secret needs.

Objects are sent back as they were read, so that what a newer server knows and this code does not is kept. Every call
returns an :class:`Answer`; what goes wrong on the way becomes part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import Transport
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.server import JsonAnswer

FIELD_MANAGER = "tokenops.ionos"
"""Who has set which field, as the server notes it."""


@dataclass(frozen=True)
class Answer(JsonAnswer):
    """An answer of this API: an object, or a ``Status`` that says why there is none."""

    @property
    def is_status(self) -> bool:
        """True for a ``Status``, which every refusal of an API server is."""
        return self.body.get("kind") == "Status"

    @property
    def missing(self) -> tuple[str, str] | None:
        """What does not exist, as its resource and name, or None if the answer does not say that."""
        if self.status != 404 or not self.is_status or self.body.get("reason") != "NotFound":
            return None
        details = self.mapping("details")
        return str(details.get("kind")), str(details.get("name"))

    @property
    def is_conflict(self) -> bool:
        """True if the object is another one than the request builds on: changed, new, or gone and made anew."""
        return self.status == 409 and self.is_status

    def has_cause(self, reason: str) -> bool:
        """Tell whether a refusal has this cause."""
        causes = self.mapping("details").get("causes")
        return isinstance(causes, list) and any(
            isinstance(cause, Mapping) and cause.get("reason") == reason for cause in causes
        )


class KubernetesApi:
    """The calls.

    Reads never name a ``resourceVersion``: with one, the server may answer from a cache that is behind.

    :param url: scheme, host, port and perhaps a path, without a slash at the end.
    :param authorization: the header of that name, or None.
    """

    def __init__(self, url: str, transport: Transport, authorization: str | None) -> None:
        self._url = url
        self._transport = transport
        self._headers = {} if authorization is None else {"Authorization": authorization}

    def namespace(self, name: str) -> Answer:
        """Read a namespace."""
        return self._call("GET", f"namespaces/{quote(name, safe='')}")

    def read(self, namespace: str, name: str) -> Answer:
        """Read a Secret."""
        return self._call("GET", _path(namespace, name))

    def create(self, namespace: str, manifest: Mapping[str, Any]) -> Answer:
        """Create a Secret, unless there is one of its name."""
        return self._call("POST", f"{_path(namespace)}?fieldManager={FIELD_MANAGER}", manifest)

    def replace(self, namespace: str, name: str, manifest: Mapping[str, Any]) -> Answer:
        """Replace a Secret, if its ``resourceVersion`` is still the one in the manifest."""
        return self._call("PUT", f"{_path(namespace, name)}?fieldManager={FIELD_MANAGER}", manifest)

    def delete(self, namespace: str, name: str, uid: str, resource_version: str) -> Answer:
        """Delete a Secret, if it is still exactly this one."""
        preconditions = {"uid": uid, "resourceVersion": resource_version}
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": preconditions}
        return self._call("DELETE", _path(namespace, name), options)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        return Answer.to(self._transport, method, f"{self._url}/api/v1/{path}", self._headers, body)


def _path(namespace: str, name: str | None = None) -> str:
    secrets = f"namespaces/{quote(namespace, safe='')}/secrets"
    return secrets if name is None else f"{secrets}/{quote(name, safe='')}"
