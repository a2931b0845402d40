# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads kubeconfig files as kubectl does; keys that are written in them stay in memory."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from ansible_collections.tokenops.ionos.plugins.module_utils._http.connection import ClientCertificate
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.access import (
    AccessError,
    Cluster,
    Login,
    basic,
    bearer,
    beside,
    inline_text,
    text_of,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.exec_plugin import ExecPlugin

_REFUSED_OF_A_USER = {
    "auth-provider": "the user logs in by an auth-provider, which Kubernetes has given up for exec plugins",
    "as": "the user acts as somebody else",
    "as-uid": "the user acts as somebody else",
    "as-groups": "the user acts as somebody else",
}


@dataclass(frozen=True)
class Kubeconfig:
    """What one context of kubeconfig files says.

    :ivar directory: of the file that describes the user, which paths in it start at.
    """

    cluster: Cluster
    user: Mapping[str, Any] = field(repr=False)
    directory: str
    cluster_for_plugins: Mapping[str, Any] = field(repr=False)

    @property
    def is_renewable(self) -> bool:
        """Whether logging in anew may give another login."""
        return bool(self.user.get("exec") or self.user.get("tokenFile"))

    def log_in(self, environ: Mapping[str, str], timeout: float) -> Login:
        """Return what the user shows, running the exec plugin if there is one.

        :param timeout: seconds for the exec plugin.
        :raises AccessError: if the user cannot log in.
        """
        certificate = self._certificate()
        if self.user.get("tokenFile"):
            path = beside(str(self.user["tokenFile"]), self.directory)
            return Login(bearer(text_of(path, "the file with the token")), certificate)
        if self.user.get("token"):
            return Login(bearer(str(self.user["token"])), certificate)
        if self.user.get("username"):
            return Login(basic(str(self.user["username"]), str(self.user.get("password") or "")), certificate)
        if self.user.get("exec"):
            return ExecPlugin(_mapping(self.user["exec"]), self.directory, self.cluster_for_plugins).run(
                environ, timeout
            )
        if certificate is None:
            raise AccessError("the user of the context has no token, no certificate and no plugin")
        return Login(None, certificate)

    def _certificate(self) -> ClientCertificate | None:
        texts = [_material(self.user, name, self.directory) for name in ("client-certificate", "client-key")]
        if texts == [None, None]:
            return None
        if None in texts:
            raise AccessError("the user has a client certificate or a key, and not both")
        return ClientCertificate(*(str(text) for text in texts))


def read_kubeconfig(paths: Sequence[str], context: str | None) -> Kubeconfig:
    """Return what a context says.

    :param paths: of the files, of which the first that says something counts.
    :param context: its name, or None for the current one.
    :raises AccessError: if that cannot be had.
    """
    files = [(os.path.dirname(os.path.abspath(path)), _loaded(path)) for path in paths]
    name = context or next(
        (str(file["current-context"]) for _directory, file in files if file.get("current-context")), ""
    )
    if not name:
        raise AccessError("there is no current context")
    chosen, _directory = _named(files, "contexts", "context", name)
    cluster, cluster_directory = _named(files, "clusters", "cluster", str(chosen.get("cluster")))
    user, user_directory = _named(files, "users", "user", str(chosen.get("user")))
    for option, problem in _REFUSED_OF_A_USER.items():
        if user.get(option):
            raise AccessError(problem)
    described = _cluster(cluster, cluster_directory)
    return Kubeconfig(described, user, user_directory, _for_plugins(cluster, described))


def _loaded(path: str) -> Mapping[str, Any]:
    text = text_of(path, "the file")
    try:
        loaded = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        loaded = None
    if not isinstance(loaded, Mapping):
        raise AccessError("the file is no kubeconfig")
    return loaded


def _named(
    files: Sequence[tuple[str, Mapping[str, Any]]], items: str, item: str, name: str
) -> tuple[Mapping[str, Any], str]:
    """Return an entry by its name, and the directory of the file that has it."""
    for directory, file in files:
        entries = file.get(items)
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, Mapping) and str(entry.get("name")) == name:
                return _mapping(entry.get(item)), directory
    raise AccessError(f"there is no {item} of the name that is asked for")


def _cluster(cluster: Mapping[str, Any], directory: str) -> Cluster:
    if not cluster.get("server"):
        raise AccessError("the cluster has no server")
    if cluster.get("proxy-url"):
        raise AccessError("the cluster has a proxy-url; give the proxy in the environment")
    server_name = cluster.get("tls-server-name")
    return Cluster(
        server=str(cluster["server"]),
        authorities=_material(cluster, "certificate-authority", directory),
        validate_certs=not cluster.get("insecure-skip-tls-verify"),
        server_name=str(server_name) if server_name else None,
    )


def _for_plugins(cluster: Mapping[str, Any], described: Cluster) -> dict[str, Any]:
    """Return what a plugin that asks for it is told of the cluster."""
    told = {
        name: cluster[name] for name in ("server", "tls-server-name", "insecure-skip-tls-verify") if cluster.get(name)
    }
    if cluster.get("certificate-authority-data"):
        told["certificate-authority-data"] = cluster["certificate-authority-data"]
    elif described.authorities is not None:
        told["certificate-authority-data"] = base64.b64encode(described.authorities.encode()).decode()
    extensions = cluster.get("extensions")
    for extension in extensions if isinstance(extensions, list) else []:
        if _mapping(extension).get("name") == "client.authentication.k8s.io/exec":
            told["config"] = extension.get("extension")
    return told


def _material(mapping: Mapping[str, Any], name: str, directory: str) -> str | None:
    """Return a PEM text that is written here, or in the file that is named here; the former counts."""
    if mapping.get(f"{name}-data"):
        return inline_text(mapping[f"{name}-data"], f"{name}-data")
    if mapping.get(name):
        return text_of(beside(str(mapping[name]), directory), f"the file of {name}")
    return None


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
