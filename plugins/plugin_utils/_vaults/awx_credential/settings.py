# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach and log in to AWX: from the options, and the environment variables that its own tools read."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.server import (
    connection_options,
    server_url,
    usual_variable,
)

_VISIBLE = re.compile(r"[\x21-\x7e]+")
_PREFIX = re.compile(r"[0-9A-Za-z._/-]+")
_FALSE = frozenset(("0", "f", "false", "n", "no", "off"))


@dataclass(frozen=True)
class AwxSettings:
    """Everything that a connection needs, checked.

    :ivar url: scheme, host and port, and the path that AWX is under, if any.
    :ivar base: the path of the API with slashes at both ends, or None if it is to be found out.
    :ivar authorization: the value of the header that logs in.
    """

    url: str
    base: str | None
    connection: ConnectionOptions
    authorization: str = field(repr=False)


def awx_settings(name: str, options: Mapping[str, Any], environ: Mapping[str, str]) -> AwxSettings:
    """Return the settings that options and environment make; an option beats the environment.

    :param name: what the user called this vault, for messages.
    :param options: checked against ``CONNECTION_OPTIONS``.
    :param environ: for ``CONTROLLER_HOST``, ``CONTROLLER_OAUTH_TOKEN``, ``CONTROLLER_USERNAME``,
        ``CONTROLLER_PASSWORD``, ``CONTROLLER_VERIFY_SSL``, the same with ``TOWER_``, and
        ``CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX``.
    :raises ConfigurationError: for a missing or unusable address, login, authority or prefix.
    """
    host = options.get("host") or usual_variable(environ, "CONTROLLER_HOST", "TOWER_HOST")
    if not host:
        raise ConfigurationError("awx_host_missing", name=name)
    prefix = options.get("api_prefix") or usual_variable(environ, "CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX")
    return AwxSettings(
        url=server_url(
            name,
            "host",
            str(host),
            default_scheme="https",
            allow_plain_http=options.get("allow_plain_http") or False,
        ),
        base=_base(name, str(prefix)) if prefix else None,
        connection=connection_options(
            name,
            timeout=options.get("timeout"),
            validate_certs=_validate_certs(options, environ),
            ca_path=options.get("ca_path"),
        ),
        authorization=_authorization(name, options, environ),
    )


def _validate_certs(options: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    given = options.get("validate_certs")
    if given is not None:
        return bool(given)
    return (usual_variable(environ, "CONTROLLER_VERIFY_SSL", "TOWER_VERIFY_SSL") or "").strip().lower() not in _FALSE


def _base(name: str, prefix: str) -> str:
    path = "/".join(segment for segment in prefix.split("/") if segment)
    if _PREFIX.fullmatch(path) is None or {".", ".."} & set(path.split("/")):
        expected = "Give a path such as /api/v2/ or /api/controller/v2/."
        raise ConfigurationError("vault_option_invalid", where=name, option="api_prefix", expected=expected)
    return f"/{path}/" if path.endswith("/v2") or path == "v2" else f"/{path}/v2/"


def _authorization(name: str, options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Return the login of the options as a whole, or else that of the environment: the two are never mixed."""
    given = {option: options.get(option) for option in ("oauth_token", "username", "password")}
    if not any(given.values()):
        given = {
            option: usual_variable(environ, f"CONTROLLER_{option.upper()}", f"TOWER_{option.upper()}")
            for option in given
        }
    token, username, password = (str(value or "").strip("\r\n") for value in given.values())
    if token:
        return f"Bearer {_visible(name, token.strip())}"
    if not username or not password:
        raise ConfigurationError("awx_login_missing", name=name)
    if ":" in username:
        expected = "A username has no colon in it."
        raise ConfigurationError("vault_option_invalid", where=name, option="username", expected=expected)
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def _visible(name: str, token: str) -> str:
    if _VISIBLE.fullmatch(token) is None:
        expected = "A token is one line of letters and digits; copy it again."
        raise ConfigurationError("vault_option_invalid", where=name, option="oauth_token", expected=expected)
    return token
