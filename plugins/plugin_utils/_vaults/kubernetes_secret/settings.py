# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which cluster, and which way to log in to it: from the options, the usual environment variables, or the pod."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.controller import absolute_path
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.access import (
    AccessError,
    Cluster,
    Login,
    bearer,
    text_of,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.kubeconfig import read_kubeconfig
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.options import DEFAULT_TIMEOUT
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.server import (
    MAXIMUM_BODY_LENGTH,
    seconds_option,
    server_url,
)

SERVICE_ACCOUNT_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount"
_FALSE = frozenset(("0", "f", "false", "n", "no", "off"))


@dataclass(frozen=True)
class Access:
    """A cluster and how to log in to it.

    :ivar url: scheme, host, port and perhaps a path.
    :ivar log_in: returns what to show; raises :class:`AccessError`.
    :ivar is_renewable: whether logging in anew may give another login.
    """

    url: str
    cluster: Cluster
    timeout: int
    log_in: Callable[[], Login]
    is_renewable: bool

    def connection(self, login: Login) -> ConnectionOptions:
        """Return how to connect with a login."""
        return ConnectionOptions(
            validate_certs=self.cluster.validate_certs,
            authorities=self.cluster.authorities,
            client_certificate=login.certificate,
            server_name=self.cluster.server_name,
            connect_timeout=self.timeout,
            read_timeout=self.timeout,
            deadline=self.timeout,
            maximum_body=MAXIMUM_BODY_LENGTH,
        )


def cluster_access(name: str, options: Mapping[str, Any], controller: Controller, service_account: str) -> Access:
    """Return the access that options and environment make; an option beats the environment.

    :param name: what the user called this vault, for messages.
    :param options: checked against ``CONNECTION_OPTIONS``.
    :param service_account: the directory in which a pod finds its service account.
    :raises ConfigurationError: if that cannot be had.
    """
    try:
        return _Finder(name, options, controller, service_account).access()
    except AccessError as error:
        problem = error.problem
    raise ConfigurationError("vault_cluster_access_unusable", name=name, problem=problem)


class _Finder:
    def __init__(self, name: str, options: Mapping[str, Any], controller: Controller, service_account: str) -> None:
        self._name = name
        self._options = options
        self._controller = controller
        self._environ = controller.environ
        self._service_account = service_account
        self._timeout = seconds_option(name, options.get("timeout"), DEFAULT_TIMEOUT)

    def access(self) -> Access:
        given = [option for option in ("in_cluster", "host", "kubeconfig") if self._options.get(option)]
        if len(given) > 1:
            expected = "Give one of in_cluster, host and kubeconfig."
            raise ConfigurationError("vault_option_invalid", where=self._name, option=given[-1], expected=expected)
        if self._options.get("in_cluster"):
            return self._of_pod()
        host = None if given == ["kubeconfig"] else self._option("host", "K8S_AUTH_HOST")
        if host:
            return self._of_host(host)
        paths = self._kubeconfigs()
        if paths:
            return self._of_kubeconfig(paths)
        if self._environ.get("KUBERNETES_SERVICE_HOST"):
            return self._of_pod()
        raise ConfigurationError("vault_cluster_missing", name=self._name)

    def _option(self, option: str, variable: str) -> str | None:
        value = self._options.get(option) or self._environ.get(variable)
        return str(value) if value else None

    def _kubeconfigs(self) -> list[str]:
        """Return the files to read. Of those that a variable lists, kubectl leaves out what does not exist."""
        named = self._option("kubeconfig", "K8S_AUTH_KUBECONFIG")
        if named:
            return [absolute_path(named, self._controller)]
        listed = self._environ.get("KUBECONFIG", "").split(os.pathsep)
        paths = [absolute_path(path, self._controller) for path in listed if path]
        if not paths:
            paths = [absolute_path("~/.kube/config", self._controller)] if self._environ.get("HOME") else []
        return [path for path in paths if os.path.exists(path)]

    def _of_kubeconfig(self, paths: list[str]) -> Access:
        kubeconfig = read_kubeconfig(paths, self._option("context", "K8S_AUTH_CONTEXT"))
        return self._access(
            kubeconfig.cluster,
            lambda: kubeconfig.log_in(self._environ, self._timeout),
            is_renewable=kubeconfig.is_renewable,
        )

    def _of_host(self, host: str) -> Access:
        api_key = self._option("api_key", "K8S_AUTH_API_KEY")
        if not api_key:
            raise ConfigurationError("vault_cluster_login_missing", name=self._name)
        login = Login(bearer(api_key))
        return self._access(Cluster(host), lambda: login, is_renewable=False)

    def _of_pod(self) -> Access:
        host, port = (self._environ.get(f"KUBERNETES_SERVICE_{part}") for part in ("HOST", "PORT"))
        if not host or not port:
            raise AccessError("this runs in no pod that has a service account")
        authorities = text_of(os.path.join(self._service_account, "ca.crt"), "ca.crt of the service account")
        bracketed = f"[{host}]" if ":" in host else host
        return self._access(Cluster(f"https://{bracketed}:{port}", authorities), self._pod_login, is_renewable=True)

    def _pod_login(self) -> Login:
        """Read the token, which the kubelet replaces before it expires."""
        path = os.path.join(self._service_account, "token")
        return Login(bearer(text_of(path, "the token of the service account")))

    def _access(self, cluster: Cluster, log_in: Callable[[], Login], *, is_renewable: bool) -> Access:
        ca_path = self._option("ca_path", "K8S_AUTH_SSL_CA_CERT")
        authorities = text_of(absolute_path(ca_path, self._controller), "ca_path") if ca_path else cluster.authorities
        return Access(
            url=server_url(self._name, "host", cluster.server),
            cluster=Cluster(cluster.server, authorities, self._validates(cluster), cluster.server_name),
            timeout=self._timeout,
            log_in=log_in,
            is_renewable=is_renewable,
        )

    def _validates(self, cluster: Cluster) -> bool:
        given = self._options.get("validate_certs")
        if given is not None:
            return bool(given)
        named = self._environ.get("K8S_AUTH_VERIFY_SSL")
        return named.strip().lower() not in _FALSE if named else cluster.validate_certs
