# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""AWX and Ansible Automation Platform: a token in one input of a credential, which AWX never gives back.

What stands there is known by its id alone. There is no check-and-set either: ``modified`` tells of a change between a
reading and a write, and a change in the milliseconds between the last look and the write is overwritten.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    VaultConflict,
    VaultCorrupt,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import Transport
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.api import BASES, Answer, AwxApi
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.credential import (
    Credential,
    Slot,
    objection_to_inputs,
    parse_credential,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.failures import (
    failure,
    failure_of_change,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.options import (
    CONNECTION_OPTIONS,
    DEFAULT_INPUT,
    DESCRIPTION,
    KIND,
    PLACE_OPTIONS,
    READABLE,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.settings import (
    AwxSettings,
    awx_settings,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Reading, Version


class Kind:
    """Credentials of AWX."""

    KIND: ClassVar[str] = KIND
    DESCRIPTION: ClassVar[str] = DESCRIPTION
    CONNECTION_OPTIONS: ClassVar[Options] = CONNECTION_OPTIONS
    PLACE_OPTIONS: ClassVar[Options] = PLACE_OPTIONS
    READABLE: ClassVar[bool] = READABLE

    def connect(self, name: str, options: Mapping[str, Any], controller: Controller) -> Awx:
        """Return the vault; see the protocol. Nothing is sent yet, so that AWX keeps no other vault waiting."""
        settings = awx_settings(name, options, controller.environ)
        if not settings.connection.validate_certs:
            controller.warn(f"The TLS certificate of the vault {name} is not verified.")
        return Awx(name, settings)


class Awx:
    """One server and login."""

    def __init__(self, name: str, settings: AwxSettings) -> None:
        self.name = name
        self.settings = settings
        self._api = AwxApi(settings.url, Transport(settings.connection), settings.authorization)
        self._search_lock = threading.Lock()
        self._is_found = False
        self._search_error: VaultError | None = None
        self._locks: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)
        self._own_changes: dict[tuple[int, str], str] = {}

    def place(self, options: Mapping[str, Any]) -> AwxPlace:
        """Return the input of a credential that the options name."""
        credential, number = options.get("credential"), options.get("id")
        if not credential and number is None:
            expected = "Give the name of the credential, or its id."
            raise ConfigurationError("vault_option_invalid", where=self.name, option="credential", expected=expected)
        slot = Slot(
            str(options.get("input") or DEFAULT_INPUT), options.get("token_id_input"), options.get("expires_input")
        )
        names = [name for name in (slot.input, slot.token_id_input, slot.expires_input) if name]
        if len(set(names)) != len(names):
            expected = "Name another input than the one that holds the token."
            raise ConfigurationError("vault_option_invalid", where=self.name, option="input", expected=expected)
        filters = {
            "name": str(credential or ""),
            "organization__name": str(options.get("organization") or ""),
            "credential_type__name": str(options.get("credential_type") or ""),
        }
        return AwxPlace(
            self,
            slot,
            filters={key: value for key, value in filters.items() if value},
            credential_id=number,
            overwrites_unknown=bool(options.get("overwrite_unknown")),
        )

    def outlasts(self, seconds: int) -> bool:
        """Return True: nothing is minted that only this vault would hold."""
        return True

    def login_again(self) -> bool:
        """Return False: every request logs in by itself."""
        return False

    def api(self, where: str) -> AwxApi:
        """Return the API, at the path at which it was found; a search that failed is not repeated in this run.

        :param where: the place, for the message.
        :raises VaultDenied, VaultUnavailable: if there is no API at any path.
        """
        with self._search_lock:
            if not self._is_found and self._search_error is None:
                self._find_api(where)
        if self._search_error is not None:
            raise self._search_error
        return self._api

    def lock(self, credential_id: int) -> threading.Lock:
        """Return what is held while a credential is looked at and changed."""
        return self._locks[credential_id]

    def note_change(self, credential_id: int, before: str, after: str) -> None:
        """Remember a change of our own: two places of one credential must not take each other for somebody else."""
        self._own_changes[credential_id, after] = before

    def has_changed(self, credential_id: int, since: str, now: str) -> bool:
        """Tell whether anybody else has changed a credential since it was modified at ``since``."""
        while now != since:
            before = self._own_changes.get((credential_id, now))
            if before is None:
                return True
            now = before
        return False

    def _find_api(self, where: str) -> None:
        if self.settings.base is not None:
            self._api.base, self._is_found = self.settings.base, True
            return
        for base in BASES:
            answer = self._api.ping(base)
            if answer.status == 200 and "version" in answer.body:
                self._api.base, self._is_found = base, True
                return
            if answer.failure is not None or answer.status == 401 or (answer.status or 0) >= 500:
                self._search_error = failure(answer, where)
                return
        self._search_error = VaultUnavailable("awx_not_found", rejected=True, where=where)


class AwxPlace:
    """One input of a credential."""

    proves_writes: ClassVar[bool] = False

    def __init__(
        self,
        vault: Awx,
        slot: Slot,
        *,
        filters: Mapping[str, str],
        credential_id: int | None,
        overwrites_unknown: bool,
    ) -> None:
        self._vault = vault
        self._slot = slot
        self._filters = filters
        self._id = credential_id
        self._overwrites_unknown = overwrites_unknown

    @property
    def identity(self) -> tuple[str, ...]:
        """Server, what the credential is found by, and the input."""
        found_by = [str(self._id)] if self._id is not None else [f"{key}={self._filters[key]}" for key in self._filters]
        return (KIND, self._vault.settings.url, *found_by, self._slot.input)

    def describe(self) -> str:
        """Return vault, credential and input for people."""
        credential = self._filters.get("name") if self._id is None else f"with the id {self._id}"
        return f"{self._vault.name} (credential {credential}, input {self._slot.input})"

    def read(self) -> Reading:
        """Return the id of the token that the input holds; see the protocol."""
        credential = self._credential()
        self._require_no_source(credential)
        token_id = self._slot.token_id(credential)
        if self._slot.is_filled(credential) and token_id is None and not self._overwrites_unknown:
            raise VaultCorrupt("awx_value_unknown", where=self.describe(), note=self._where_id_stands())
        return Reading(
            token=None,
            record=None,
            version=self._version(credential),
            token_id=token_id,
            token_user_id=self._slot.user_id(credential),
        )

    def write(self, record: Record, expected_version: Version) -> Version:
        """Put the token into the input, and its id beside it; see the protocol."""
        current = record.current
        if current is None or current.token is None:
            raise ValueError("a replica is written with a token")
        with self._vault.lock(self._found_id()):
            before = self._require_unchanged(expected_version)
            self._require_fitting_inputs(before)
            return self._version(self._change(before, self._slot.filled(before, current, str(current.token.value))))

    def erase(self, expected_version: Version) -> None:
        """Leave out the input, and what is said of the token in it; see the protocol. AWX keeps no older versions."""
        with self._vault.lock(self._found_id()):
            before = self._require_unchanged(expected_version)
            changes = self._slot.emptied(before)
            if changes != {"inputs": dict(before.inputs)}:
                self._change(before, changes)

    def _found_id(self) -> int:
        return self._credential().id if self._id is None else self._id

    def _credential(self) -> Credential:
        api, where = self._vault.api(self.describe()), self.describe()
        if self._id is not None:
            return self._parsed(api.credential(self._id))
        answer = api.find_credentials(self._filters)
        results = answer.body.get("results")
        if answer.status != 200 or not isinstance(results, list):
            raise failure(answer, where)
        if not results:
            raise VaultUnavailable("awx_credential_unknown", rejected=True, where=where)
        if len(results) > 1:
            ids = ", ".join(str(result.get("id")) for result in results if isinstance(result, Mapping))
            raise VaultUnavailable("awx_credential_ambiguous", rejected=True, where=where, ids=ids)
        return self._parsed(Answer(200, results[0] if isinstance(results[0], Mapping) else {}))

    def _parsed(self, answer: Answer) -> Credential:
        credential = parse_credential(answer.body) if answer.status == 200 else None
        if credential is None:
            raise failure(answer, self.describe())
        return credential

    def _require_no_source(self, credential: Credential) -> None:
        for page in self._vault.api(self.describe()).input_sources(credential.id):
            results = page.body.get("results")
            if page.status != 200 or not isinstance(results, list):
                raise failure(page, self.describe())
            names = [source.get("input_field_name") for source in results if isinstance(source, Mapping)]
            if self._slot.input in names:
                raise VaultCorrupt("awx_input_has_source", where=self.describe(), input=self._slot.input)

    def _require_fitting_inputs(self, credential: Credential) -> None:
        answer = self._vault.api(self.describe()).credential_type(credential.type_id)
        if answer.status != 200:
            raise failure(answer, self.describe())
        objection = objection_to_inputs(self._slot, answer.mapping("inputs").get("fields"))
        if objection is not None:
            option, expected = objection
            raise VaultCorrupt("vault_option_invalid", where=self.describe(), option=option, expected=expected)

    def _require_unchanged(self, expected_version: Version) -> Credential:
        credential = self._credential()
        since, _space, state = str(expected_version).partition(" ")
        if state != self._state(credential) or self._vault.has_changed(credential.id, since, credential.modified):
            raise VaultConflict("vault_changed_meanwhile", where=self.describe())
        return credential

    def _change(self, before: Credential, changes: Mapping[str, Any]) -> Credential:
        api = self._vault.api(self.describe())
        answer = api.change_credential(before.id, changes)
        if answer.status != 200:
            raise failure_of_change(answer, self.describe(), is_editable=before.is_editable)
        after = self._parsed(answer)
        self._vault.note_change(before.id, before.modified, after.modified)
        return after

    def _version(self, credential: Credential) -> str:
        return f"{credential.modified} {self._state(credential)}"

    def _state(self, credential: Credential) -> str:
        return f"{'filled' if self._slot.is_filled(credential) else 'empty'} {self._slot.token_id(credential) or ''}"

    def _where_id_stands(self) -> str:
        if self._slot.token_id_input is not None:
            return f"the input {self._slot.token_id_input}"
        return f"the description of the credential, as [tokenops.ionos {self._slot.input}=ID]"
