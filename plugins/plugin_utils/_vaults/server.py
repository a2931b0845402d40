# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach a vault that is a server: the options that all of them have, checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.tokenops.ionos.plugins.module_utils._http.urls import UrlError, parse_address

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


def connection_options(
    name: str, *, timeout: Any, validate_certs: bool, ca_path: str | None, maximum_body: int
) -> ConnectionOptions:
    """Return how to connect.

    :param timeout: seconds that one request may take, or None for the default.
    :param ca_path: trusted authorities; without ``validate_certs`` they are of no use.
    :raises ConfigurationError: ``vault_option_invalid``, ``vault_ca_missing``.
    """
    seconds = DEFAULT_TIMEOUT if timeout is None else int(timeout)
    if not 1 <= seconds <= 600:
        raise ConfigurationError(
            "vault_option_invalid", where=name, option="timeout", expected="Give seconds from 1 to 600."
        )
    authorities = ca_path if validate_certs and ca_path else None
    if authorities is not None and not os.access(authorities, os.R_OK):
        raise ConfigurationError("vault_ca_missing", name=name, path=authorities)
    return ConnectionOptions(
        validate_certs=validate_certs,
        ca_path=authorities,
        connect_timeout=seconds,
        read_timeout=seconds,
        deadline=seconds,
        maximum_body=maximum_body,
    )


def usual_variable(environ: Mapping[str, str], *names: str) -> str | None:
    """Return the first of these environment variables that is set to something, or None."""
    return next((environ[name] for name in names if environ.get(name)), None)
