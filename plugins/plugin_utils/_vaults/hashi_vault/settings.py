# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How to reach and log in to OpenBao or HashiCorp Vault: from the options, and the usual environment variables."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.options import (
    DEFAULT_AUTH_MOUNT,
    DEFAULT_MOUNT,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.server import (
    connection_options,
    server_url,
    usual_variable,
)

_MAXIMUM_TOKEN_LENGTH = 64 * 1024
_VISIBLE = re.compile(r"[\x21-\x7e]+")
_PATH = re.compile(r"[^\x00-\x1f\x7f]+")
_TRUE = frozenset(("1", "t", "true", "y", "yes", "on"))


@dataclass(frozen=True)
class HashiVaultSettings:
    """Everything that a connection needs, checked.

    :ivar url: scheme, host and port.
    :ivar approle: ``(role id, secret id)``, or None for a login by token.
    :ivar connection: how to connect.
    """

    url: str
    mount: str
    auth_mount: str
    namespace: str | None
    connection: ConnectionOptions
    token: str | None = field(default=None, repr=False)
    approle: tuple[str, str] | None = field(default=None, repr=False)


def hashi_vault_settings(name: str, options: Mapping[str, Any], environ: Mapping[str, str]) -> HashiVaultSettings:
    """Return the settings that options and environment make; an option beats the environment.

    :param name: what the user called this vault, for messages.
    :param options: checked against ``CONNECTION_OPTIONS``.
    :param environ: for ``VAULT_ADDR``, ``VAULT_TOKEN``, ``VAULT_ROLE_ID``, ``VAULT_SECRET_ID``, ``VAULT_NAMESPACE``,
        ``VAULT_CACERT``, ``VAULT_CAPATH``, ``VAULT_SKIP_VERIFY``, and ``HOME`` for the file ``.vault-token`` in it.
    :raises ConfigurationError: for a missing or unusable address, login or authority.
    """
    approle = _approle(name, options, environ) if options.get("auth_method") == "approle" else None
    return HashiVaultSettings(
        url=_url(name, options.get("url") or environ.get("VAULT_ADDR"), options.get("allow_plain_http") or False),
        mount=normal_path(options.get("mount") or DEFAULT_MOUNT, name, "mount"),
        auth_mount=normal_path(options.get("auth_mount") or DEFAULT_AUTH_MOUNT, name, "auth_mount"),
        namespace=_namespace(name, options.get("namespace") or environ.get("VAULT_NAMESPACE")),
        connection=_connection(name, options, environ),
        token=_token(name, options, environ) if approle is None else None,
        approle=approle,
    )


def normal_path(text: object, where: str, option: str) -> str:
    """Return a mount or path without empty segments and without slashes at its ends.

    :raises ConfigurationError: ``vault_option_invalid`` for an empty one, and for ``.`` or ``..`` as a segment, which
        the server would resolve to a path that the user did not write.
    """
    path = "/".join(segment for segment in str(text).split("/") if segment)
    if _PATH.fullmatch(path) is None or {".", ".."} & set(path.split("/")):
        expected = "Give a path such as ionos/external-dns, without . and .. in it."
        raise ConfigurationError("vault_option_invalid", where=where, option=option, expected=expected)
    return path


def _url(name: str, text: str | None, allow_plain_http: bool) -> str:
    if not text:
        raise ConfigurationError("vault_url_missing", name=name)
    return server_url(name, "url", str(text), allow_plain_http=allow_plain_http)


def _namespace(name: str, text: str | None) -> str | None:
    if not text or not text.strip("/"):
        return None
    if _VISIBLE.fullmatch(text) is None:
        expected = "Give a namespace such as team-a/shop, without spaces."
        raise ConfigurationError("vault_option_invalid", where=name, option="namespace", expected=expected)
    return normal_path(text, name, "namespace")


def _connection(name: str, options: Mapping[str, Any], environ: Mapping[str, str]) -> ConnectionOptions:
    validate = options.get("validate_certs")
    if validate is None:
        validate = environ.get("VAULT_SKIP_VERIFY", "").strip().lower() not in _TRUE
    return connection_options(
        name,
        timeout=options.get("timeout"),
        validate_certs=bool(validate),
        ca_path=options.get("ca_path") or usual_variable(environ, "VAULT_CACERT", "VAULT_CAPATH"),
    )


def _approle(name: str, options: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[str, str]:
    role_id = options.get("role_id") or environ.get("VAULT_ROLE_ID")
    secret_id = options.get("secret_id") or environ.get("VAULT_SECRET_ID")
    if not role_id:
        raise ConfigurationError("vault_login_missing", name=name, missing="role_id")
    return str(role_id).strip(), str(secret_id or "").strip()


def _token(name: str, options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    token = str(options.get("token") or environ.get("VAULT_TOKEN") or _token_from_file(environ)).strip()
    if not token:
        raise ConfigurationError("vault_login_missing", name=name, missing="token")
    if _VISIBLE.fullmatch(token) is None:
        expected = "A token is one line of letters, digits and dots; copy it again."
        raise ConfigurationError("vault_option_invalid", where=name, option="token", expected=expected)
    return token


def _token_from_file(environ: Mapping[str, str]) -> str:
    home = environ.get("HOME")
    if not home:
        return ""
    try:
        with open(os.path.join(home, ".vault-token"), encoding="utf-8", errors="replace") as file:
            return file.read(_MAXIMUM_TOKEN_LENGTH)
    except OSError:
        return ""
