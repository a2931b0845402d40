# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exec credential plugins: programs that a kubeconfig names and that print a login (client.authentication.k8s.io)."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import parse_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._http.connection import ClientCertificate
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.access import (
    AccessError,
    Login,
    bearer,
)

MAXIMUM_OUTPUT_LENGTH = 1024 * 1024


@dataclass(frozen=True)
class ExecPlugin:
    """A plugin.

    :ivar description: as it is in the kubeconfig.
    :ivar directory: that a command with a slash in it starts at.
    :ivar cluster: what the plugin is told if it asks for that.
    """

    description: Mapping[str, Any] = field(repr=False)
    directory: str
    cluster: Mapping[str, Any] = field(repr=False)

    def run(self, environ: Mapping[str, str], timeout: float) -> Login:
        """Run it and return the login that it prints. It has no terminal to ask a person at.

        :param timeout: seconds.
        :raises AccessError: without one. What the program says about that is not repeated: it may hold a secret.
        """
        if self.description.get("interactiveMode") == "Always":
            raise AccessError("the exec plugin wants a terminal")
        return self._login(self._output(environ, timeout))

    def _output(self, environ: Mapping[str, str], timeout: float) -> bytes:
        command = str(self.description.get("command") or "")
        if not command:
            raise AccessError("the exec plugin has no command")
        if os.sep in command:
            command = os.path.join(self.directory, command)
        arguments = [str(argument) for argument in _list(self.description.get("args"))]
        problem = "cannot be started"
        try:
            finished = subprocess.run(  # noqa: S603 - the user's own kubeconfig names it, as for kubectl
                [command, *arguments],
                env=self._environment(environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=timeout,
                check=False,
            )
            if finished.returncode == 0 and len(finished.stdout) <= MAXIMUM_OUTPUT_LENGTH:
                return finished.stdout
            problem = f"has failed with the exit code {finished.returncode}"
        except subprocess.TimeoutExpired:
            problem = "did not end in time"
        except (OSError, ValueError):
            pass
        raise AccessError(f"the exec plugin {os.path.basename(command)} {problem}")

    def _environment(self, environ: Mapping[str, str]) -> dict[str, str]:
        spec: dict[str, Any] = {"interactive": False}
        if self.description.get("provideClusterInfo"):
            spec["cluster"] = self.cluster
        info = {"apiVersion": self.description.get("apiVersion"), "kind": "ExecCredential", "spec": spec}
        items = [item for item in _list(self.description.get("env")) if isinstance(item, Mapping)]
        own = {str(item.get("name")): str(item.get("value")) for item in items}
        return {**environ, **own, "KUBERNETES_EXEC_INFO": json.dumps(info, default=str)}

    def _login(self, output: bytes) -> Login:
        try:
            credential = json.loads(output)
        except (ValueError, RecursionError):
            credential = None
        status = credential.get("status") if isinstance(credential, Mapping) else None
        if not isinstance(status, Mapping) or credential.get("apiVersion") != self.description.get("apiVersion"):
            raise AccessError("the exec plugin gave something else than an ExecCredential of its apiVersion")
        pair = status.get("clientCertificateData"), status.get("clientKeyData")
        certificate = ClientCertificate(str(pair[0]), str(pair[1])) if all(pair) else None
        token = status.get("token")
        if not token and certificate is None:
            raise AccessError("the exec plugin gave neither a token nor a certificate with its key")
        return Login(
            bearer(str(token)) if token else None, certificate, parse_instant(status.get("expirationTimestamp"))
        )


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
