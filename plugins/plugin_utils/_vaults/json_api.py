# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One call of an HTTP API that speaks JSON, whichever vault it belongs to.

A call returns an :class:`Answer`; what goes wrong on the way becomes part of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultUnavailable
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import Reason, Transport, TransportError


@dataclass(frozen=True)
class Answer:
    """What came back: an HTTP status and a JSON object, or the reason why there is none.

    :ivar status: the HTTP status, or None if none was read.
    :ivar body: the JSON object of the body; empty if the body is anything else.
    :ivar failure: None if an answer was read.
    """

    status: int | None
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    failure: TransportError | None = None

    @property
    def ok(self) -> bool:
        """True for 200 and 204, the statuses of success."""
        return self.status in (200, 204)

    @property
    def errors(self) -> list[str] | None:
        """The texts in ``errors``, or None if the body has no such list, as in an answer of another server."""
        errors = self.body.get("errors")
        return [str(error) for error in errors] if isinstance(errors, list) else None

    def mapping(self, *names: str) -> Mapping[str, Any]:
        """Return the object under these names in the body, one inside the other; an empty one if there is none."""
        value: Any = self.body
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value if isinstance(value, Mapping) else {}


def ask(
    transport: Transport, method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None = None
) -> Answer:
    """Send one request and return what came back, whatever that is.

    :param body: sent as JSON; None sends nothing.
    """
    content = None if body is None else json.dumps(body).encode()
    sent = headers if content is None else {**headers, "Content-Type": "application/json"}
    try:
        answer = transport.send(method, url, None, sent, body=content)
    except TransportError as failure:
        return Answer(None, failure=failure)
    return Answer(answer.status, _json_object(answer.body))


def failure_without_answer(failure: TransportError, where: str) -> VaultUnavailable:
    """Return the error that a request without a complete answer means.

    :param where: the place, for the message.
    :returns: with ``rejected`` true only if nothing of the request was sent (R1).
    """
    if failure.reason == "too_large":
        return VaultUnavailable("vault_answer_unexpected", where=where, status=failure.status)
    code = _CODE_BY_REASON.get(failure.reason, "vault_unreachable")
    return VaultUnavailable(code, rejected=not failure.sent, where=where)


_CODE_BY_REASON: dict[Reason, str] = {
    "tls_untrusted": "vault_tls_unverified",
    "tls_expired": "vault_tls_expired",
    "tls_wrong_name": "vault_tls_wrong_name",
    "proxy_library": "vault_proxy_library",
    "ca_bundle": "vault_ca_bundle_missing",
}


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}
