# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""OpenBao and HashiCorp Vault: tokens in secrets of a KV version 2 engine, one key a token."""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultConflict,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import parse_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import Transport
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.entry import (
    METADATA_SUFFIX,
    VaultEntry,
    names_of_tokens,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.api import Answer, HashiVaultApi
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.options import (
    CONNECTION_OPTIONS,
    DEFAULT_KEY,
    DESCRIPTION,
    KIND,
    PLACE_OPTIONS,
    READABLE,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.secret import (
    NEVER_WRITTEN,
    SecretVersion,
    failure,
    is_absent,
    is_kv2,
    is_of_another_version,
    read_version,
    written_version,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.hashi_vault.settings import (
    HashiVaultSettings,
    hashi_vault_settings,
    normal_path,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Reading, Version

WRITE_ATTEMPTS = 30
"""How often a write is tried again while others change other keys of the same secret."""

SECONDS_BETWEEN_LOGINS = 5
"""A denial that several workers meet at once leads to one login, since each may use up a secret id."""

_KEY = re.compile(r"[0-9A-Za-z._-]{1,128}")


class Kind:
    """KV version 2 of OpenBao or HashiCorp Vault.

    :param monotonic: a clock that never goes back, in seconds.
    """

    KIND: ClassVar[str] = KIND
    DESCRIPTION: ClassVar[str] = DESCRIPTION
    CONNECTION_OPTIONS: ClassVar[Options] = CONNECTION_OPTIONS
    PLACE_OPTIONS: ClassVar[Options] = PLACE_OPTIONS
    READABLE: ClassVar[bool] = READABLE

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic

    def connect(self, name: str, options: Mapping[str, Any], controller: Controller) -> HashiVault:
        """Log in and return the vault; see the protocol. A login by token is first used by the first read."""
        settings = hashi_vault_settings(name, options, controller.environ)
        if not settings.connection.validate_certs:
            controller.warn(f"The TLS certificate of the vault {name} is not verified.")
        vault = HashiVault(name, settings, controller.warn, self._monotonic)
        vault.log_in()
        return vault


class HashiVault:
    """One server and login."""

    def __init__(
        self,
        name: str,
        settings: HashiVaultSettings,
        warn: Callable[[str], None],
        monotonic: Callable[[], float],
    ) -> None:
        self.name = name
        self.settings = settings
        self.api = HashiVaultApi(settings.url, Transport(settings.connection), namespace=settings.namespace)
        self._warn = warn
        self._monotonic = monotonic
        self._login_lock = threading.Lock()
        self._logged_in_at = 0.0
        self._lease_seconds: int | None = None
        self._lasts_until = -math.inf
        self._kv2_mounts: set[str] = set()

    def place(self, options: Mapping[str, Any]) -> KvPlace:
        """Return the key of a secret that the options name."""
        key = str(options.get("key") or DEFAULT_KEY)
        if _KEY.fullmatch(key) is None or key.endswith(METADATA_SUFFIX):
            expected = f"Give letters, digits, dots, dashes and underscores, not ending in {METADATA_SUFFIX}."
            raise ConfigurationError("vault_option_invalid", where=self.name, option="key", expected=expected)
        mount = normal_path(options.get("mount") or self.settings.mount, self.name, "mount")
        return KvPlace(self, mount=mount, path=normal_path(options.get("path") or "", self.name, "path"), key=key)

    def log_in(self) -> None:
        """Log in as the settings say.

        :raises VaultDenied: ``vault_login_refused``.
        :raises VaultUnavailable: for every other answer.
        """
        self._lasts_until = -math.inf
        if self.settings.approle is None:
            self.api.use_token(self.settings.token or "")
            return
        role_id, secret_id = self.settings.approle
        answer = self.api.log_in_by_approle(role_id, secret_id, self.settings.auth_mount)
        token = answer.mapping("auth").get("client_token")
        if not isinstance(token, str) or not token:
            raise self._login_failure(answer)
        self.api.use_token(token)
        self._logged_in_at = self._monotonic()
        self._lease_seconds = _whole_seconds(answer.mapping("auth").get("lease_duration"))

    def outlasts(self, seconds: int) -> bool:
        """Make sure that the login is good for ``seconds`` more: as it is, renewed, or by a new login (R20).

        What was once found out counts for as long as it lasts: a login that is revoked before is refused by the write.
        Where a login may not look itself up, the lease that it was given counts (R38); a token that was given passes
        with a warning.

        :raises VaultUnavailable: if the vault does not answer.
        """
        asked_at = self._monotonic()
        if self._lasts_until - asked_at >= seconds:
            return True
        answer = self.api.look_up_token()
        if answer.status == 403 and self.settings.approle is None:
            self._warn(f"The login to the vault {self.name} may not look itself up, so how long it lasts is unknown.")
            return True
        if answer.status == 403 and self._lease_lasts(seconds):
            return True
        if self._lasts(answer, seconds):
            self._lasts_until = asked_at + _seconds_left(answer)
            return True
        return self._renewed(answer, seconds) or self._lasts_anew(seconds)

    def login_again(self) -> bool:
        """Log in anew by AppRole. A token that was given cannot be renewed once it is refused (R20)."""
        if self.settings.approle is None:
            return False
        with self._login_lock:
            if self._monotonic() - self._logged_in_at < SECONDS_BETWEEN_LOGINS:
                return True
            try:
                self.log_in()
            except VaultError:
                return False
        return True

    def require_kv2(self, mount: str, where: str) -> None:
        """Return once it is proven that a mount is a KV version 2 engine; asked once per mount (R6).

        :raises VaultUnavailable: ``vault_not_kv2``, ``vault_mount_unproven``, or what the vault answered.
        """
        if mount in self._kv2_mounts:
            return
        description = self.api.describe_mount(mount)
        if description.status == 200 and not is_kv2(description, mount):
            raise VaultUnavailable("vault_not_kv2", where=where)
        if description.status != 200:
            self._require_kv2_configuration(mount, where, description)
        self._kv2_mounts.add(mount)

    def _require_kv2_configuration(self, mount: str, where: str, description: Answer) -> None:
        if description.status not in (403, 404):
            raise failure(description, where, mount)
        configuration = self.api.read_kv2_configuration(mount)
        if configuration.status == 200 and "max_versions" in configuration.mapping("data"):
            return
        raise VaultUnavailable("vault_mount_unproven", where=where, mount=mount)

    def _login_failure(self, answer: Answer) -> VaultError:
        if answer.status in (400, 401, 403):
            return VaultDenied("vault_login_refused", name=self.name, method="AppRole", status=answer.status)
        where = f"{self.name} (login at {self.settings.auth_mount})"
        return failure(answer, where, f"auth/{self.settings.auth_mount}/login")

    def _lasts(self, answer: Answer, seconds: int) -> bool:
        if answer.status == 403:
            return False
        data = answer.mapping("data")
        if not answer.ok or "ttl" not in data:
            raise failure(answer, f"{self.name} (its own login)", "auth/token/lookup-self")
        return _seconds_left(answer) >= seconds

    def _renewed(self, answer: Answer, seconds: int) -> bool:
        if answer.mapping("data").get("renewable") is not True:
            return False
        return _at_least(self.api.renew_token().mapping("auth").get("lease_duration"), seconds)

    def _lasts_anew(self, seconds: int) -> bool:
        if not self.login_again():
            return False
        answer = self.api.look_up_token()
        return self._lease_lasts(seconds) if answer.status == 403 else self._lasts(answer, seconds)

    def _lease_lasts(self, seconds: int) -> bool:
        """Tell whether the lease of the login is that long; 0 is one without an end, and none says nothing."""
        lease = self._lease_seconds
        return lease is not None and (lease == 0 or lease - (self._monotonic() - self._logged_in_at) >= seconds)


class KvPlace:
    """One key of a secret, with the record's metadata in the key ``KEY_record`` beside it.

    The server compares the number of the version that a write builds on. Numbers begin anew where a secret is deleted
    with its history, and stay where a version is deleted, so one that was read long ago proves little. So a
    write reads first, unless it comes right after another one, whose answer it builds on. A secret that holds more than
    this key is read before each write, lest what others have deleted comes back.
    """

    proves_writes: ClassVar[bool] = True

    def __init__(self, vault: HashiVault, *, mount: str, path: str, key: str) -> None:
        self._vault = vault
        self._api = vault.api
        self._mount = mount
        self._path = path
        self._key = key
        self._metadata_key = key + METADATA_SUFFIX
        self._written: SecretVersion | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """Server, namespace, mount, path and key."""
        settings = self._vault.settings
        return (KIND, settings.url, settings.namespace or "", self._mount, self._path, self._key)

    def describe(self) -> str:
        """Return vault, mount, path and key for people."""
        return f"{self._vault.name} ({self._mount}/{self._path}, key {self._key})"

    def read(self) -> Reading:
        """Return what the key holds; see the protocol."""
        latest = self._latest()
        beside = names_of_tokens(self._others(latest))
        return replace(self._entry(latest).reading(self.describe()), beside=beside)

    def write(self, record: Record, expected_version: Version) -> Version:
        """Write a new version of the secret with our two keys replaced; see the protocol.

        A version that the vault would delete before the record's time is taken back (R27).
        """
        before, landed = self._replace(expected_version, lambda entry: entry.replaced_by(record))
        deleted_at = parse_instant(landed.deletion_time)
        if deleted_at is not None and deleted_at < record.needed_until:
            raise self._put_back(before, landed)
        return self._entry(before).replaced_by(record).version

    def read_text(self) -> tuple[str | None, Version]:
        """Return the text under the key; see the protocol."""
        entry = self._entry(self._latest())
        return entry.text(self.describe()), entry.version

    def write_text(self, text: str, expected_version: Version) -> Version:
        """Write a new version of the secret with the text under the key; see the protocol."""
        before, _landed = self._replace(expected_version, lambda entry: replace(entry, value=text))
        return replace(self._entry(before), value=text).version

    def erase(self, expected_version: Version) -> None:
        """Write a version of the secret without our keys, then destroy all that hold them; see the protocol.

        What is left of a secret with nothing but our keys is an empty version, since only a write can be check-and-set.
        """
        if self._require_unchanged(self._latest(), expected_version).is_empty:
            self._destroy_versions_with_our_keys()
            return
        self._replace(expected_version, lambda entry: VaultEntry())
        self._destroy_versions_with_our_keys()

    def _latest(self) -> SecretVersion:
        self._written = None
        answer = self._api.read(self._mount, self._path)
        version = read_version(answer)
        if version is None and not is_absent(answer):
            raise self._failure(answer)
        if version is None:
            self._vault.require_kv2(self._mount, self.describe())
        return version or NEVER_WRITTEN

    def _replace(
        self, expected_version: Version, change: Callable[[VaultEntry], VaultEntry]
    ) -> tuple[SecretVersion, SecretVersion]:
        """Write a version with our two keys changed. Return the version that it builds on, and the new one.

        The version of the secret is what the server compares; it also changes with keys that are not ours. So a refused
        write is tried again on the new version for as long as our own keys are what the caller expects.

        A refusal does not prove that nothing has landed: a proxy may have sent the write twice, and may pass on the
        answer to the second one alone. What stands there tells.
        """
        refused: SecretVersion | None = None
        refusal: VaultError | None = None
        for _attempt in range(WRITE_ATTEMPTS):
            before = self._just_written(expected_version) or self._latest_before_write(refused is not None)
            if refused is not None and self._entry(before).version == change(self._entry(refused)).version:
                return refused, before
            entry = self._require_unchanged(before, expected_version)
            if refused is not None and refusal is not None and before.number == refused.number:
                raise refusal
            data = self._with(before, change(entry))
            self._written = None
            answer = self._api.write(self._mount, self._path, data, before.number)
            landed = written_version(answer)
            if landed is not None:
                return before, self._proven(landed, before, data)
            if answer.status != 400:
                raise self._failure(answer)
            refused, refusal = before, self._refusal(answer)
        raise VaultConflict("vault_changed_meanwhile", where=self.describe())

    def _refusal(self, answer: Answer) -> VaultUnavailable:
        """Return the error that a refused write is if the secret is still read as it was.

        If the server says that it is not, what is read is outdated, as from a standby that lags.
        """
        if is_of_another_version(answer):
            return VaultUnavailable("vault_write_unproven", where=self.describe())
        return VaultUnavailable("vault_write_refused", rejected=True, where=self.describe(), status=400)

    def _just_written(self, expected_version: Version) -> SecretVersion | None:
        """Return the version that the last write has made, if nothing was read since and the next may build on it."""
        written = self._written
        if written is None or self._others(written) or self._entry(written).version != expected_version:
            return None
        return written

    def _proven(self, landed: SecretVersion, before: SecretVersion, data: Mapping[str, Any]) -> SecretVersion:
        """Return the version that a write has made, with its data.

        :raises VaultUnavailable: ``vault_write_unproven`` if it is not the one after the version that it builds on, as
            where a server takes no notice of the check-and-set.
        """
        if landed.number != before.number + 1:
            raise VaultUnavailable("vault_write_unproven", where=self.describe())
        self._written = replace(landed, data=data)
        return self._written

    def _latest_before_write(self, may_have_landed: bool) -> SecretVersion:
        try:
            return self._latest()
        except VaultError as error:
            failed = error
        failed.rejected = not may_have_landed
        raise failed

    def _require_unchanged(self, version: SecretVersion, expected_version: Version) -> VaultEntry:
        entry = self._entry(version)
        if entry.version != expected_version:
            raise VaultConflict("vault_changed_meanwhile", where=self.describe())
        return entry

    def _entry(self, version: SecretVersion) -> VaultEntry:
        return VaultEntry(value=version.data.get(self._key), metadata=version.data.get(self._metadata_key))

    def _with(self, version: SecretVersion, entry: VaultEntry) -> dict[str, Any]:
        ours = {self._key: entry.value, self._metadata_key: entry.metadata}
        return {**self._others(version), **{key: value for key, value in ours.items() if value is not None}}

    def _others(self, version: SecretVersion) -> dict[str, Any]:
        """Return what stands in the secret beside our two keys."""
        return {key: value for key, value in version.data.items() if key not in (self._key, self._metadata_key)}

    def _put_back(self, before: SecretVersion, landed: SecretVersion) -> VaultUnavailable:
        self._written = None
        answer = self._api.write(self._mount, self._path, before.data, landed.number)
        return VaultUnavailable(
            "vault_forgets_too_early",
            rejected=written_version(answer) is not None,
            where=self.describe(),
            deletion_time=landed.deletion_time,
        )

    def _destroy_versions_with_our_keys(self) -> None:
        versions = list(self._versions_with_our_keys())
        if not versions:
            return
        answer = self._api.destroy(self._mount, self._path, versions)
        if not answer.ok:
            kind = VaultDenied if answer.status == 403 else VaultUnavailable
            numbers = ", ".join(str(number) for number in sorted(versions))
            path = f"{self._mount}/destroy/{self._path}"
            raise kind("vault_versions_left", rejected=False, where=self.describe(), versions=numbers, path=path)

    def _versions_with_our_keys(self) -> Iterator[int]:
        """Yield the versions to destroy; a deleted one cannot be read, so it may hold our keys."""
        for number in range(self._latest().number, 0, -1):
            answer = self._api.read(self._mount, self._path, number)
            version = read_version(answer)
            if version is None and is_absent(answer):
                return
            if version is None:
                raise self._failure(answer)
            if not self._entry(version).is_empty or (answer.status == 404 and not version.destroyed):
                yield number

    def _failure(self, answer: Answer) -> VaultError:
        return failure(answer, self.describe(), f"{self._mount}/data/{self._path}")


def _whole_seconds(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _seconds_left(looked_up: Answer) -> float:
    """Return for how long a login is good by the answer to its look-up; one that does not expire has no end."""
    data = looked_up.mapping("data")
    if data.get("expire_time") is None:
        return math.inf
    return data["ttl"] if isinstance(data["ttl"], int) else -math.inf


def _at_least(seconds: object, wanted: int) -> bool:
    return isinstance(seconds, int) and seconds >= wanted
