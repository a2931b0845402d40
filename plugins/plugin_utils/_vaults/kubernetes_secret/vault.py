# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Kubernetes: tokens in keys of Secrets, which is where controllers look for them."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultConflict,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import Transport
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Current, Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.entry import METADATA_SUFFIX, VaultEntry
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.access import AccessError, Login
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.api import Answer, KubernetesApi
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.options import (
    CONNECTION_OPTIONS,
    DEFAULT_KEY,
    DESCRIPTION,
    KIND,
    PLACE_OPTIONS,
    READABLE,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.secret import (
    NO_SECRET,
    WRITTEN,
    Secret,
    failure,
    new_secret,
    secret_in,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kubernetes_secret.settings import (
    SERVICE_ACCOUNT_DIRECTORY,
    Access,
    cluster_access,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Reading, Version

WRITE_ATTEMPTS = 30
"""How often a write is tried again while others change other parts of the same Secret."""

_NAMESPACE = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
# With what stands behind it in the name of an annotation, a key must be no longer than 63 characters.
_KEY = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,50}[A-Za-z0-9])?")


class Kind:
    """Secrets of Kubernetes.

    :param wall_clock: seconds since the epoch.
    :param service_account: the directory in which a pod finds its service account.
    """

    KIND: ClassVar[str] = KIND
    DESCRIPTION: ClassVar[str] = DESCRIPTION
    CONNECTION_OPTIONS: ClassVar[Options] = CONNECTION_OPTIONS
    PLACE_OPTIONS: ClassVar[Options] = PLACE_OPTIONS
    READABLE: ClassVar[bool] = READABLE

    def __init__(
        self, wall_clock: Callable[[], float] = time.time, service_account: str = SERVICE_ACCOUNT_DIRECTORY
    ) -> None:
        self._wall_clock = wall_clock
        self._service_account = service_account

    def connect(self, name: str, options: Mapping[str, Any], controller: Controller) -> KubernetesSecrets:
        """Log in and return the vault; see the protocol. What the login is worth shows at the first request."""
        access = cluster_access(name, options, controller, self._service_account)
        if not access.cluster.validate_certs:
            controller.warn(f"The TLS certificate of the vault {name} is not verified.")
        return KubernetesSecrets(name, access, self._wall_clock)


@dataclass(frozen=True)
class _Session:
    login: Login
    api: KubernetesApi


class KubernetesSecrets:
    """One cluster and login."""

    def __init__(self, name: str, access: Access, wall_clock: Callable[[], float]) -> None:
        self.name = name
        self._access = access
        self._wall_clock = wall_clock
        self._login_lock = threading.Lock()
        self._session = self._opened()

    @property
    def url(self) -> str:
        """The address of the API server."""
        return self._access.url

    @property
    def api(self) -> KubernetesApi:
        """The calls, with the login that is in use now."""
        return self._session.api

    def place(self, options: Mapping[str, Any]) -> SecretPlace:
        """Return the key of a Secret that the options name."""
        namespace, secret = str(options.get("namespace") or ""), str(options.get("secret") or "")
        key = str(options.get("key") or DEFAULT_KEY)
        if _NAMESPACE.fullmatch(namespace) is None:
            raise self._invalid("namespace", "Give the name of a namespace, such as external-dns.")
        if _NAME.fullmatch(secret) is None:
            raise self._invalid("secret", "Give the name of a Secret, such as ionos-token.")
        if _KEY.fullmatch(key) is None or key.endswith(METADATA_SUFFIX):
            expected = (
                "Give at most 52 letters, digits, dots, dashes and underscores, beginning and ending with a letter or "
                f"digit, and not ending in {METADATA_SUFFIX}."
            )
            raise self._invalid("key", expected)
        return SecretPlace(self, namespace, secret, key)

    def outlasts(self, seconds: int) -> bool:
        """Make sure that the login is good for ``seconds`` more, as far as it says how long that is (R20)."""
        return self._lasts(seconds) or (self.login_again() and self._lasts(seconds))

    def login_again(self) -> bool:
        """Run the exec plugin or read the token's file anew; return whether that gave another login (R20)."""
        if not self._access.is_renewable:
            return False
        before = self._session
        with self._login_lock:
            if self._session is not before:
                return True
            try:
                session = self._opened()
            except (ConfigurationError, VaultError):
                return False
            self._session = session
            return session.login != before.login

    def _opened(self) -> _Session:
        try:
            login = self._access.log_in()
        except AccessError as error:
            problem = error.problem
        else:
            transport = Transport(self._access.connection(login))
            return _Session(login, KubernetesApi(self._access.url, transport, login.authorization))
        raise VaultDenied("vault_cluster_login_failed", name=self.name, problem=problem)

    def _lasts(self, seconds: int) -> bool:
        expires_at = self._session.login.expires_at
        return expires_at is None or expires_at - self._wall_clock() >= seconds

    def _invalid(self, option: str, expected: str) -> ConfigurationError:
        return ConfigurationError("vault_option_invalid", where=self.name, option=option, expected=expected)


class SecretPlace:
    """One key of a Secret, with the record's metadata in the key ``KEY_record`` beside it."""

    proves_writes: ClassVar[bool] = False

    def __init__(self, vault: KubernetesSecrets, namespace: str, name: str, key: str) -> None:
        self._vault = vault
        self._namespace = namespace
        self._name = name
        self._key = key

    @property
    def identity(self) -> tuple[str, ...]:
        """API server, namespace, Secret and key."""
        return (KIND, self._vault.url, self._namespace, self._name, self._key)

    def describe(self) -> str:
        """Return vault, namespace, Secret and key for people."""
        return f"{self._vault.name} ({self._namespace}/{self._name}, key {self._key})"

    def read(self) -> Reading:
        """Return what the key holds; see the protocol."""
        secret = self._latest()
        if not secret.exists:
            self._require_namespace()
        reading = secret.entry(self._key).reading(self.describe())
        return replace(reading, beside=secret.names_beside(self._key))

    def write(self, record: Record, expected_version: Version) -> Version:
        """Replace the Secret by one with our two keys set, or create it; see the protocol."""
        landed = self._replace(expected_version, lambda entry: entry.replaced_by(record), record.current)
        return landed.entry(self._key).version

    def read_text(self) -> tuple[str | None, Version]:
        """Return the text under the key; see the protocol."""
        secret = self._latest()
        if not secret.exists:
            self._require_namespace()
        entry = secret.entry(self._key)
        return entry.text(self.describe()), entry.version

    def write_text(self, text: str, expected_version: Version) -> Version:
        """Replace the Secret by one with the text under the key, or create it; see the protocol."""
        landed = self._replace(expected_version, lambda entry: replace(entry, value=text), None)
        return landed.entry(self._key).version

    def erase(self, expected_version: Version) -> None:
        """Remove our keys; delete a Secret that was created here and has nothing else. See the protocol."""
        for _attempt in range(WRITE_ATTEMPTS):
            secret = self._unchanged_before_write(expected_version)
            if not secret.is_ours_alone(self._key):
                break
            answer = self._vault.api.delete(self._namespace, self._name, secret.uid, secret.resource_version)
            if answer.status in WRITTEN or self._is_missing(answer):
                return
            error = self._failure(answer, "delete")
            if not answer.is_conflict:
                # Whoever may not delete Secrets may empty them.
                if isinstance(error, VaultDenied):
                    break
                raise error
        if not self._unchanged_before_write(expected_version).entry(self._key).is_empty:
            self._replace(expected_version, lambda entry: VaultEntry(), None)

    def _latest(self) -> Secret:
        answer = self._vault.api.read(self._namespace, self._name)
        secret = secret_in(answer, self._namespace, self._name, (200,))
        if secret is not None:
            return secret
        if not self._is_missing(answer):
            raise self._failure(answer, "get")
        return NO_SECRET

    def _require_namespace(self) -> None:
        """Raise the error of a missing namespace: of a Secret in it, a server only says that the Secret is missing.

        Whoever may not read the namespace finds out by the first write.
        """
        answer = self._vault.api.namespace(self._namespace)
        if answer.missing is not None:
            raise self._failure(answer, "get")

    def _replace(
        self, expected_version: Version, change: Callable[[VaultEntry], VaultEntry], current: Current | None
    ) -> Secret:
        """Write the Secret with our two keys changed and return it as it then is.

        The version of the Secret is what the server compares; it also changes with parts that are not ours. So a
        refused write is tried again on the new version for as long as our own keys are what the caller expects.
        """
        for _attempt in range(WRITE_ATTEMPTS):
            before = self._unchanged_before_write(expected_version)
            self._require_changeable(before)
            base = before if before.exists else new_secret(self._namespace, self._name)
            manifest = base.with_entry(self._key, change(before.entry(self._key)), current)
            answer = self._send(before, manifest)
            landed = secret_in(answer, self._namespace, self._name, WRITTEN)
            if landed is not None:
                return landed
            if not answer.is_conflict and not self._is_missing(answer):
                raise self._failure(answer, "update" if before.exists else "create")
        raise self._conflict()

    def _send(self, before: Secret, manifest: Mapping[str, Any]) -> Answer:
        if before.exists:
            return self._vault.api.replace(self._namespace, self._name, manifest)
        return self._vault.api.create(self._namespace, manifest)

    def _unchanged_before_write(self, expected_version: Version) -> Secret:
        try:
            secret = self._latest()
        except VaultUnavailable as error:
            unavailable = error
        else:
            if secret.entry(self._key).version != expected_version:
                raise self._conflict()
            return secret
        # Nothing has been written yet.
        unavailable.rejected = True
        raise unavailable

    def _require_changeable(self, secret: Secret) -> None:
        if secret.is_immutable:
            raise VaultDenied("vault_secret_immutable", where=self.describe())
        if secret.is_being_deleted:
            raise VaultUnavailable("vault_secret_ending", rejected=True, where=self.describe())

    def _is_missing(self, answer: Answer) -> bool:
        return answer.missing == ("secrets", self._name)

    def _conflict(self) -> VaultConflict:
        return VaultConflict("vault_changed_meanwhile", where=self.describe())

    def _failure(self, answer: Answer, verb: str) -> VaultError:
        verbs = "delete" if verb == "delete" else "get, create and update"
        return failure(answer, self.describe(), self._namespace, verbs)
