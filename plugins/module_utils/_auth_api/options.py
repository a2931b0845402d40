# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options by which every plugin reaches the Auth API.

An option beats the environment and a token beats username and password in the same place, so the credential cannot be
left to a ``fallback``: it would put a token of the environment beside a username of the task.
"""

from __future__ import annotations

import os
from typing import get_args

from ansible.module_utils.errors import AnsibleFallbackNotFound

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.endpoints import DEFAULT_API_URL
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.gate import Mode
from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import TWO_FACTOR_STATES


def _first_filled_variable(*variables: str) -> str:
    """Return what a variable of the environment holds; other than ``env_fallback`` does, empty counts as not set."""
    for variable in variables:
        if os.environ.get(variable):
            return os.environ[variable]
    raise AnsibleFallbackNotFound


CONNECTION_OPTIONS: Options = {
    "api_url": {
        "description": """
            Address of the IONOS Cloud APIs, shared by all of them.

            A path is cut off and a missing scheme means C(https), as the vendor's own client does it.

            Plain C(http) is accepted for this machine only. A username or password in it is refused.
        """,
        "type": "str",
        "default": DEFAULT_API_URL,
        "fallback": (_first_filled_variable, ["IONOS_API_URL"]),
    },
    "username": {
        "description": """
            Name of the user, for Basic Authentication. Needs O(password).

            Basic Authentication has ended; O(policy) says what happens with it. Use O(token).

            The environment variable E(IONOS_USERNAME) is the fallback.
        """,
        "type": "str",
    },
    "password": {
        "description": """
            Password of the user, for Basic Authentication. Needs O(username).

            The environment variable E(IONOS_PASSWORD) is the fallback.
        """,
        "type": "str",
        "no_log": True,
    },
    "token": {
        "description": """
            Token that authenticates the requests. White space around it is cut off.

            It takes precedence over O(username) and O(password) in the same place, and an option over the environment.

            The environment variable E(IONOS_TOKEN) is the fallback.
        """,
        "type": "str",
        "no_log": True,
    },
    "contract_number": {
        "description": """
            Number of the contract. Users with several contracts need it with O(username) and O(password).

            A token is bound to its contract, which is the default.
        """,
        "type": "int",
        "fallback": (_first_filled_variable, ["IONOS_CONTRACT_NUMBER"]),
    },
    "validate_certs": {
        "description": """
            Whether the server's TLS certificate has to be trusted.

            Without it, only O(certificate_fingerprint) protects the credentials.
        """,
        "type": "bool",
        "default": True,
    },
    "ca_path": {
        "description": """
            File or directory with the certificates of the authorities that are trusted, instead of the usual ones.
        """,
        "type": "path",
    },
    "certificate_fingerprint": {
        "description": """
            SHA-256 fingerprint of the server's TLS certificate, 64 hexadecimal digits, with or without colons.

            Another certificate is refused.
        """,
        "type": "str",
        "fallback": (_first_filled_variable, ["IONOS_CERTIFICATE_FINGERPRINT", "IONOS_PINNED_CERT"]),
    },
    "timeout": {
        "description": "Seconds that one call to the API may take in total, with all its repetitions.",
        "type": "int",
        "default": 60,
    },
    "policy": {
        "description": """
            What happens with a request that the vendor's deprecation policy forbids.

            With V(enforce) it is not sent, and the task fails with the rule, its date and what to do.

            With V(warn) it is sent all the same, with a warning.
        """,
        "type": "str",
        "choices": [*get_args(Mode)],
        "default": "enforce",
    },
    "two_factor": {
        "description": """
            State of the two-factor authentication of the account, which the policy depends on.

            V(auto) asks the Cloud API where it matters, at most once. Where that is not allowed, the state is unknown.

            No API shows V(configuring), so it has to be said.
        """,
        "type": "str",
        "choices": ["auto", *TWO_FACTOR_STATES],
        "default": "auto",
    },
}


def connection_argument_spec() -> Options:
    """Return the connection options as an argument spec for modules; ``ansible-test`` wants no descriptions in one."""
    return {
        name: {key: value for key, value in option.items() if key != "description"}
        for name, option in CONNECTION_OPTIONS.items()
    }
