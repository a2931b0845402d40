# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vaults that are servers share: their options, one request with its JSON answer, and why there may be none."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, VaultUnavailable
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import (
    ConnectionOptions,
    Reason,
    Transport,
    TransportError,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._http.urls import UrlError, parse_address

MAXIMUM_BODY_LENGTH = 8 * 1024 * 1024
"""Octets of an answer's body. The secrets of all these servers are 1 MiB at the most by default."""

MAXIMUM_SECONDS = 600

DEFAULT_TIMEOUT = 30

SERVER_OPTIONS: Options = {
    "allow_plain_http": {
        "description": """
            Whether an C(http) address of another machine may be used, where everybody on the way can read.
        """,
        "type": "bool",
        "default": False,
    },
    "timeout": {
        "description": "Seconds that one request may take.",
        "type": "int",
        "default": DEFAULT_TIMEOUT,
    },
}
"""The connection options that every vault which is a server has."""

_DEFAULT_PORTS = {"http": 80, "https": 443}

_CODE_BY_REASON: dict[Reason, str] = {
    "tls_untrusted": "vault_tls_unverified",
    "tls_expired": "vault_tls_expired",
    "tls_wrong_name": "vault_tls_wrong_name",
    "proxy_library": "vault_proxy_library",
    "ca_bundle": "vault_ca_bundle_missing",
}

AnyAnswer = TypeVar("AnyAnswer", bound="JsonAnswer")


@dataclass(frozen=True)
class JsonAnswer:
    """What came back: an HTTP status and a JSON object, or the reason why there is none.

    :ivar status: the HTTP status, or None if none was read.
    :ivar body: the JSON object of the body; empty if the body is anything else.
    :ivar failure: None if an answer was read.
    """

    status: int | None
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    failure: TransportError | None = None

    @classmethod
    def to(
        cls: type[AnyAnswer],
        transport: Transport,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
    ) -> AnyAnswer:
        """Send one request and return its answer; what goes wrong on the way becomes part of it."""
        data = None if body is None else json.dumps(body).encode()
        if data is not None:
            headers = {**headers, "Content-Type": "application/json"}
        try:
            answer = transport.send(method, url, None, headers, body=data)
        except TransportError as failure:
            return cls(None, failure=failure)
        return cls(answer.status, _json_object(answer.body))

    def mapping(self, *names: str) -> Mapping[str, Any]:
        """Return the object under these names in the body, one inside the other; an empty one if there is none."""
        value: Any = self.body
        for name in names:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value if isinstance(value, Mapping) else {}


def failure_without_answer(failure: TransportError, where: str, unexpected: str) -> VaultUnavailable:
    """Return the error that the lack of an answer means.

    :param where: the place, for the message.
    :param unexpected: the code of what is no answer of this kind of server.
    """
    if failure.reason == "too_large":
        return VaultUnavailable(unexpected, where=where, status=failure.status)
    code = _CODE_BY_REASON.get(failure.reason, "vault_unreachable")
    return VaultUnavailable(code, rejected=not failure.sent, where=where)


def server_url(
    name: str, option: str, text: str, *, default_scheme: str | None = None, allow_plain_http: bool = False
) -> str:
    """Return scheme, host, port and perhaps a path, without a slash at the end; equal for two ways to write the same.

    :param name: what the user called this vault, for messages.
    :param option: the option that the address is of, for messages.
    :param default_scheme: taken for an address without one; None refuses it.
    :raises ConfigurationError: ``vault_url_invalid``, ``vault_plain_http``.
    """
    try:
        address = parse_address(text, default_scheme=default_scheme, allow_plain_http=allow_plain_http)
        port = address.port or _DEFAULT_PORTS[address.scheme]
        if not (address.query or address.fragment):
            return f"{replace(address, port=port).origin}{address.path.rstrip('/')}"
        problem, origin = "unreadable", ""
    except UrlError as error:
        problem, origin = error.problem, error.origin
    if problem == "plain_http":
        raise ConfigurationError("vault_plain_http", name=name, option=option, origin=origin)
    raise ConfigurationError("vault_url_invalid", name=name, option=option)


def seconds_option(name: str, seconds: Any, default: int) -> int:
    """Return the seconds that one request may take.

    :raises ConfigurationError: ``vault_option_invalid``.
    """
    timeout = default if seconds is None else int(seconds)
    if not 1 <= timeout <= MAXIMUM_SECONDS:
        expected = f"Give seconds from 1 to {MAXIMUM_SECONDS}."
        raise ConfigurationError("vault_option_invalid", where=name, option="timeout", expected=expected)
    return timeout


def connection_options(name: str, *, timeout: Any, validate_certs: bool, ca_path: str | None) -> ConnectionOptions:
    """Return how to connect.

    :param timeout: seconds that one request may take, or None for the default.
    :param ca_path: trusted authorities; without ``validate_certs`` they are of no use.
    :raises ConfigurationError: ``vault_option_invalid``, ``vault_ca_missing``.
    """
    seconds = seconds_option(name, timeout, DEFAULT_TIMEOUT)
    authorities = ca_path if validate_certs and ca_path else None
    if authorities is not None and not os.access(authorities, os.R_OK):
        raise ConfigurationError("vault_ca_missing", name=name, path=authorities)
    return ConnectionOptions(
        validate_certs=validate_certs,
        ca_path=authorities,
        connect_timeout=seconds,
        read_timeout=seconds,
        deadline=seconds,
        maximum_body=MAXIMUM_BODY_LENGTH,
    )


def usual_variable(environ: Mapping[str, str], *names: str) -> str | None:
    """Return the first of these environment variables that is set to something, or None."""
    return next((environ[name] for name in names if environ.get(name)), None)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}
