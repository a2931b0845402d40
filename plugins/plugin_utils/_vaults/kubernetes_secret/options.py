# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of Kubernetes Secrets."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options

DEFAULT_KEY = "token"
DEFAULT_TIMEOUT = 30

KIND = "kubernetes_secret"
READABLE = True

DESCRIPTION = """
    Secrets of Kubernetes. Other keys of a Secret, its labels, annotations and owners are kept. A Secret that is missing
    is created; a namespace is not.

    The record is kept in the same Secret, in a key of the same name with C(_record) behind it. The token's id and
    expiry are in the annotations C(tokenops.ionos/KEY.token-id) and C(tokenops.ionos/KEY.expires-at).

    The login needs C(get), C(create) and C(update) on Secrets of the namespace, and C(delete) to remove a Secret that
    was created here once its last token is decommissioned; without that, it is left empty.

    Without options, E(K8S_AUTH_HOST), E(K8S_AUTH_KUBECONFIG), E(KUBECONFIG), the file C(~/.kube/config) and the service
    account of the pod are tried, in this order.
"""

CONNECTION_OPTIONS: Options = {
    "kubeconfig": {
        "description": """
            File that says how to reach the cluster and how to log in: with a client certificate, a token, a file with a
            token, a username and password, or an exec plugin, which is run without a terminal and with the time-out of
            this vault. E(K8S_AUTH_KUBECONFIG) and E(KUBECONFIG) are the fallbacks; the latter may name several files.
        """,
        "type": "path",
    },
    "context": {
        "description": "Context of the kubeconfig, by default its current one. E(K8S_AUTH_CONTEXT) is the fallback.",
        "type": "str",
    },
    "in_cluster": {
        "description": "Whether to use the service account of the pod that this runs in, and nothing else.",
        "type": "bool",
        "default": False,
    },
    "host": {
        "description": "Address of the API server, instead of a kubeconfig. E(K8S_AUTH_HOST) is the fallback.",
        "type": "str",
    },
    "api_key": {
        "description": """
            Bearer token for O(vaults[].kubernetes_secret.host). E(K8S_AUTH_API_KEY) is the fallback.
        """,
        "type": "str",
        "no_log": True,
    },
    "ca_path": {
        "description": """
            File with the certificates of trusted authorities, instead of those that the kubeconfig names.
            E(K8S_AUTH_SSL_CA_CERT) is the fallback.
        """,
        "type": "path",
    },
    "validate_certs": {
        "description": """
            Whether the server's TLS certificate has to be trusted. E(K8S_AUTH_VERIFY_SSL) is the fallback, and then
            what the kubeconfig says.
        """,
        "type": "bool",
    },
    "timeout": {
        "description": "Seconds that one request may take.",
        "type": "int",
        "default": DEFAULT_TIMEOUT,
    },
}

PLACE_OPTIONS: Options = {
    "namespace": {
        "description": "The namespace of the Secret.",
        "type": "str",
        "required": True,
    },
    "secret": {
        "description": "The name of the Secret.",
        "type": "str",
        "required": True,
        "no_log": False,
    },
    "key": {
        "description": "The key of the Secret that holds the token.",
        "type": "str",
        "default": DEFAULT_KEY,
        "no_log": False,
    },
}
