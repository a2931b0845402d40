# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of AWX and Ansible Automation Platform."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.server import SERVER_OPTIONS

DEFAULT_INPUT = "token"

KIND = "awx_credential"
READABLE = False

DESCRIPTION = """
    One input of a credential of AWX or of the controller of Ansible Automation Platform. All other inputs are kept.

    It can only be a replica, since AWX never gives a secret back. To tell what it holds, the id of the token is kept
    beside it, in another input or at the end of the credential's description.

    The login needs the role Admin of the credential, and an OAuth token needs the scope C(write).

    An input that is read from somewhere else by an input source is refused, since what is written there is never used.
"""

CONNECTION_OPTIONS: Options = {
    "host": {
        "description": """
            Address of the server; without a scheme, C(https) is meant. The environment variables E(CONTROLLER_HOST) and
            E(TOWER_HOST) are the fallbacks.
        """,
        "type": "str",
    },
    "oauth_token": {
        "description": """
            OAuth token with the scope C(write). E(CONTROLLER_OAUTH_TOKEN) and E(TOWER_OAUTH_TOKEN) are the fallbacks.
        """,
        "type": "str",
        "no_log": True,
    },
    "username": {
        "description": """
            Name of the user, where there is no OAuth token. E(CONTROLLER_USERNAME) and E(TOWER_USERNAME) are the
            fallbacks.
        """,
        "type": "str",
    },
    "password": {
        "description": "Password of the user. E(CONTROLLER_PASSWORD) and E(TOWER_PASSWORD) are the fallbacks.",
        "type": "str",
        "no_log": True,
    },
    "api_prefix": {
        "description": """
            Path of the API, such as C(/api/v2/), or C(/api/controller/v2/) behind the gateway of Automation Platform.
            Without it, both are tried. E(CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX) is the fallback.
        """,
        "type": "str",
    },
    "validate_certs": {
        "description": """
            Whether the server's TLS certificate has to be trusted. E(CONTROLLER_VERIFY_SSL) and E(TOWER_VERIFY_SSL) are
            the fallbacks.
        """,
        "type": "bool",
    },
    "ca_path": {
        "description": "File or directory with the certificates of trusted authorities.",
        "type": "path",
    },
    **SERVER_OPTIONS,
}

PLACE_OPTIONS: Options = {
    "credential": {
        "description": "Name of the credential. Not needed if its C(id) is given.",
        "type": "str",
    },
    "organization": {
        "description": "Name of the organization of the credential, if its name alone is not unique.",
        "type": "str",
    },
    "credential_type": {
        "description": "Name of the type of the credential, if its name alone is not unique.",
        "type": "str",
    },
    "id": {
        "description": "Id of the credential, instead of its name.",
        "type": "int",
    },
    "input": {
        "description": "The secret input that holds the token.",
        "type": "str",
        "default": DEFAULT_INPUT,
    },
    "token_id_input": {
        "description": """
            An input that is not secret and takes the id of the token. Without it, the id stands at the end of the
            credential's description.
        """,
        "type": "str",
        "no_log": False,
    },
    "expires_input": {
        "description": "An input that is not secret and takes the instant at which the token expires.",
        "type": "str",
    },
    "overwrite_unknown": {
        "description": """
            Whether a value may be replaced of which no token id is written down, such as one that somebody once put
            there by hand. Otherwise it is left alone and reported, since it could be a token that somebody uses.
        """,
        "type": "bool",
        "default": False,
    },
}
