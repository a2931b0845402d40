# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of OpenBao and HashiCorp Vault."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.server import SERVER_OPTIONS

DEFAULT_MOUNT = "secret"
DEFAULT_AUTH_MOUNT = "approle"
DEFAULT_KEY = "token"

KIND = "hashi_vault"
READABLE = True

DESCRIPTION = """
    A KV version 2 engine of OpenBao or HashiCorp Vault. Other keys of a secret are kept.

    The record is kept in the same secret, in a key of the same name with C(_record) behind it.

    The login needs C(create), C(read) and C(update) on C(MOUNT/data/PATH), and C(update) on C(MOUNT/destroy/PATH) to
    decommission a token.
"""

CONNECTION_OPTIONS: Options = {
    "url": {
        "description": "Address of the server. The environment variable E(VAULT_ADDR) is the fallback.",
        "type": "str",
    },
    "auth_method": {
        "description": """
            How to log in. For any other method than these, log in with another plugin and give its token as
            O(vaults[].hashi_vault.token).
        """,
        "type": "str",
        "choices": ["token", "approle"],
        "default": "token",
    },
    "token": {
        "description": "Token of the server. E(VAULT_TOKEN) and the file C(~/.vault-token) are the fallbacks.",
        "type": "str",
        "no_log": True,
    },
    "role_id": {
        "description": "Role id for V(approle). E(VAULT_ROLE_ID) is the fallback.",
        "type": "str",
    },
    "secret_id": {
        "description": "Secret id for V(approle). E(VAULT_SECRET_ID) is the fallback.",
        "type": "str",
        "no_log": True,
    },
    "auth_mount": {
        "description": "Mount of the login method.",
        "type": "str",
        "default": DEFAULT_AUTH_MOUNT,
    },
    "mount": {
        "description": "Mount of the KV version 2 engine.",
        "type": "str",
        "default": DEFAULT_MOUNT,
    },
    "namespace": {
        "description": "Namespace. E(VAULT_NAMESPACE) is the fallback.",
        "type": "str",
    },
    "ca_path": {
        "description": """
            File or directory with the certificates of trusted authorities. E(VAULT_CACERT) and E(VAULT_CAPATH) are the
            fallbacks.
        """,
        "type": "path",
    },
    "validate_certs": {
        "description": "Whether the server's TLS certificate has to be trusted. E(VAULT_SKIP_VERIFY) is the fallback.",
        "type": "bool",
    },
    **SERVER_OPTIONS,
}

PLACE_OPTIONS: Options = {
    "path": {
        "description": "The path of the secret below the mount.",
        "type": "str",
        "required": True,
    },
    "mount": {
        "description": "The mount of the KV version 2 engine, where it is another than the vault's.",
        "type": "str",
    },
    "key": {
        "description": "The key of the secret that holds the token.",
        "type": "str",
        "default": DEFAULT_KEY,
        "no_log": False,
    },
}
