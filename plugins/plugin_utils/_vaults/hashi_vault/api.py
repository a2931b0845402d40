# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP API of OpenBao and HashiCorp Vault, through ``hvac``.

Every call returns an :class:`Answer`; no exception of ``hvac``, ``requests`` or ``urllib3`` gets out, since their
messages quote addresses, headers and values.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

try:
    import hvac
    import requests
    import urllib3
    from hvac.adapters import RawAdapter
    from hvac.utils import format_url
except ImportError:
    HAS_HVAC = False
else:
    HAS_HVAC = True

MAXIMUM_ANSWER_LENGTH = 8 * 1024 * 1024
"""Octets of an answer's body. A KV v2 secret is 512 KiB or, on raft storage, 1 MiB at the most by default."""

_CHUNK_LENGTH = 64 * 1024


class Trouble(Enum):
    """Why there is no answer."""

    NOT_SENT = "the request cannot have reached the server"
    UNVERIFIED = "the server's certificate was refused, so the request was not sent"
    LOST = "the request may have reached the server"
    TOO_LONG = "the answer was longer than any that is expected"


@dataclass(frozen=True)
class Answer:
    """What came back: an HTTP status and a JSON object, or the trouble that there was instead.

    :ivar status: the HTTP status, or None where none was read.
    :ivar body: the JSON object of the body; empty where the body is anything else.
    :ivar trouble: None where an answer was read.
    """

    status: int | None
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    trouble: Trouble | None = None

    @property
    def ok(self) -> bool:
        """True for 200 and 204, the statuses of success in this API."""
        return self.status in (200, 204)

    @property
    def errors(self) -> list[str] | None:
        """The texts in ``errors``, or None where the body has no such list, as in an answer of another server."""
        errors = self.body.get("errors")
        return [str(error) for error in errors] if isinstance(errors, list) else None

    def mapping(self, *names: str) -> Mapping[str, Any]:
        """Return the object under these names in the body, one inside the other; an empty one where there is none."""
        value: Any = self.body
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value if isinstance(value, Mapping) else {}


class BoundedSession:
    """A ``requests.Session`` as ``hvac`` uses one, that reads bounded bodies and returns :class:`Answer`.

    :param verify: False, True, or the path of the certificates of authorities.
    """

    def __init__(self, verify: bool | str) -> None:
        self._session = requests.Session()
        self.verify = verify
        self.cert = None
        self.proxies: dict[str, str] = {}

    def request(self, method: str, url: str, **options: Any) -> Answer:
        """Send one request; what goes wrong becomes part of the answer."""
        options["verify"] = self.verify
        try:
            response = self._session.request(method, url, stream=True, **options)
            with closing(response):
                return _read_answer(response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return Answer(status=None, trouble=_trouble(error))


class HashiVaultApi:
    """The calls that a KV version 2 place needs.

    :param url: scheme, host and port of the server.
    :param verify: False, True, or the path of the certificates of authorities.
    :param namespace: the namespace, or None.
    :param timeout: seconds to connect, and seconds between two parts of an answer.
    """

    def __init__(self, url: str, *, verify: bool | str, namespace: str | None, timeout: int) -> None:
        if verify is False:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        # An empty token and a given verify keep hvac from asking the process's own environment. A redirect is not
        # followed, since requests would send the token's header along to whatever host it names.
        self._client = hvac.Client(
            url=url,
            token="",
            verify=verify,
            namespace=namespace,
            timeout=timeout,
            allow_redirects=False,
            session=BoundedSession(verify),
            adapter=RawAdapter,
            ignore_exceptions=True,
        )

    def use_token(self, token: str) -> None:
        """Send this token with every further request."""
        self._client.token = token

    def log_in_by_approle(self, role_id: str, secret_id: str, mount: str) -> Answer:
        """Ask for a token by AppRole; the answer holds it, :meth:`use_token` puts it to use."""
        answer: Answer = self._client.auth.approle.login(
            role_id=role_id, secret_id=secret_id, use_token=False, mount_point=mount
        )
        return answer

    def look_up_token(self) -> Answer:
        """Ask what the token in use is good for."""
        answer: Answer = self._client.auth.token.lookup_self()
        return answer

    def renew_token(self) -> Answer:
        """Have the token in use live on for its period."""
        answer: Answer = self._client.auth.token.renew_self()
        return answer

    def read(self, mount: str, path: str, version: int | None = None) -> Answer:
        """Read the latest version of a secret, or the given one."""
        answer: Answer = self._client.secrets.kv.v2.read_secret_version(
            path=path, version=version, mount_point=mount, raise_on_deleted_version=True
        )
        return answer

    def write(self, mount: str, path: str, data: Mapping[str, Any], current_version: int) -> Answer:
        """Write a new version of a secret, if ``current_version`` is the latest one (0: there is none)."""
        answer: Answer = self._client.secrets.kv.v2.create_or_update_secret(
            path=path, secret=dict(data), cas=current_version, mount_point=mount
        )
        return answer

    def destroy(self, mount: str, path: str, versions: list[int]) -> Answer:
        """Delete the content of these versions for good."""
        answer: Answer = self._client.secrets.kv.v2.destroy_secret_versions(
            path=path, versions=versions, mount_point=mount
        )
        return answer

    def describe_mount(self, mount: str) -> Answer:
        """Ask what kind of secrets engine a mount is; every login that may use a path in it may ask this."""
        answer: Answer = self._client.adapter.get(format_url("/v1/sys/internal/ui/mounts/{mount}", mount=mount))
        return answer

    def read_kv2_configuration(self, mount: str) -> Answer:
        """Read the configuration that only a KV version 2 mount has."""
        answer: Answer = self._client.secrets.kv.v2.read_configuration(mount_point=mount)
        return answer


def _read_answer(response: requests.Response) -> Answer:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK_LENGTH):
        body += chunk
        if len(body) > MAXIMUM_ANSWER_LENGTH:
            return Answer(status=response.status_code, trouble=Trouble.TOO_LONG)
    return Answer(status=response.status_code, body=_json_object(bytes(body)))


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _trouble(error: BaseException) -> Trouble:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return Trouble.UNVERIFIED
    not_sent = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    return Trouble.NOT_SENT if any(isinstance(cause, not_sent) for cause in causes) else Trouble.LOST


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and what it wraps: ``requests`` and ``urllib3`` pass that as argument or ``reason``."""
    pending: list[object] = [error]
    seen: set[int] = set()
    while pending:
        candidate = pending.pop()
        if isinstance(candidate, BaseException) and id(candidate) not in seen:
            seen.add(id(candidate))
            yield candidate
            pending += [*candidate.args, getattr(candidate, "reason", None), candidate.__cause__, candidate.__context__]
